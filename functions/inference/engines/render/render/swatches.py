"""All materials of a scene in one texture, so that all furniture shares a handful of BSDFs.

Dr.Jit traces and compiles every BSDF instance of a process into every kernel: forty materials of their own cost
150 ms of tracing per pass and twice the time in the kernel. A swatch is found by its texture coordinates: swatch n
owns a square of STRIDE units in a grid of them, and repeats in each unit of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import drjit as dr
import mitsuba as mi
import numpy as np
from numpy.typing import NDArray

from functions.inference.engines.render.furnish.materials import Material
from functions.inference.vision.arrays import Array, Floats

STRIDE = 32
CACHE_LINE = 64
COLUMNS = 8  # of the grid: small coordinates leave more digits for the place within a swatch


def placed(uv: Floats, number: int) -> Floats:
    """Texture coordinates moved into the square of swatch `number`. Raises ValueError when they do not fit."""
    local = uv - np.floor(uv.min(0)) if len(uv) else uv
    if len(local) and local.max() >= STRIDE:
        raise ValueError(f"texture coordinates span {local.max():.1f}, more than {STRIDE}")
    return np.asarray(local + STRIDE * np.array(divmod(number, COLUMNS)[::-1]), np.float64)


def aligned(values: NDArray[Any], kind: type[np.generic]) -> NDArray[Any]:
    """A flat copy that starts on a cache line. Dr.Jit uses numpy's memory as it lies, and compiles other code for what
    lies askew: without this, chance decides which kernels a scene needs."""
    flat = np.asarray(values).ravel()
    item = np.dtype(kind).itemsize
    room = np.empty(flat.size * item + CACHE_LINE, np.uint8)
    start = -room.ctypes.data % CACHE_LINE
    place = room[start : start + flat.size * item].view(kind)
    place[:] = flat
    return place


@dataclass(frozen=True)
class _Sheet:
    """Bitmaps of any size end to end: their pixels, and the first pixel, width and height of each."""

    pixels: Any
    first: Any
    width: Any
    height: Any


def _sheet(bitmaps: Sequence[Array]) -> _Sheet:
    sizes = np.array([bitmap.shape[:2] for bitmap in bitmaps])
    first = np.r_[0, np.cumsum(sizes.prod(1))[:-1]]
    flat = np.concatenate([np.asarray(bitmap, np.float32).ravel() for bitmap in bitmaps])
    sizes_first = (_padded(v, np.uint32) for v in (first, sizes[:, 1], sizes[:, 0]))
    return _Sheet(mi.Float(aligned(flat, np.float32)), *(mi.UInt32(v) for v in sizes_first))


def _padded(values: Any, kind: type[np.generic]) -> NDArray[Any]:
    """At least two entries: Dr.Jit takes an array of one for a constant, which would be compiled in."""
    return aligned(np.resize(np.asarray(values), max(2, len(values))), kind)


def _number(uv: Any) -> Any:
    column, row = mi.UInt32(uv.x * (1 / STRIDE)), mi.UInt32(uv.y * (1 / STRIDE))
    return row * COLUMNS + column


def _taps(sheet: _Sheet, uv: Any, active: Any) -> tuple[list[Any], Any, Any]:
    """The four pixels around a point, the weight of the right and lower ones, and the bitmap's size."""
    number = _number(uv)
    first, width, height = (dr.gather(mi.UInt32, v, number, active) for v in (sheet.first, sheet.width, sheet.height))
    size = mi.Vector2f(mi.Float(width), mi.Float(height))
    at = (uv - dr.floor(uv)) * size - 0.5
    floor = dr.floor(at)
    x0, y0 = mi.Int32(floor.x), mi.Int32(floor.y)
    columns = [dr.select(x0 < 0, width - 1, mi.UInt32(x0)), dr.select(x0 + 1 < mi.Int32(width), mi.UInt32(x0 + 1), 0)]
    lines = [dr.select(y0 < 0, height - 1, mi.UInt32(y0)), dr.select(y0 + 1 < mi.Int32(height), mi.UInt32(y0 + 1), 0)]
    return [first + y * width + x for y in lines for x in columns], at - floor, size


# Mitsuba has the base class only once a variant is chosen, hence classes made by functions.


@lru_cache(maxsize=1)
def _colours() -> Any:
    class Colours(mi.Texture):
        def __init__(self, sheet: _Sheet) -> None:
            super().__init__(mi.Properties())
            self.sheet = sheet

        def eval(self, si: Any, active: Any = True) -> Any:
            taps, weight, _ = _taps(self.sheet, si.uv, active)
            a, b, c, d = (dr.gather(mi.Color3f, self.sheet.pixels, tap, active) for tap in taps)
            return dr.lerp(dr.lerp(a, b, weight.x), dr.lerp(c, d, weight.x), weight.y)

    return Colours


@lru_cache(maxsize=1)
def _bumps() -> Any:
    class Bumps(mi.Texture):
        def __init__(self, sheet: _Sheet) -> None:
            super().__init__(mi.Properties())
            self.sheet = sheet

        def eval_1_grad(self, si: Any, active: Any = True) -> Any:
            taps, weight, size = _taps(self.sheet, si.uv, active)
            a, b, c, d = (dr.gather(mi.Float, self.sheet.pixels, tap, active) for tap in taps)
            across, down = dr.lerp(b - a, d - c, weight.y), dr.lerp(c - a, d - b, weight.x)
            return mi.Vector2f(across, down) * size

    return Bumps


@lru_cache(maxsize=1)
def _numbers() -> Any:
    class Numbers(mi.Texture):
        def __init__(self, values: Sequence[float]) -> None:
            super().__init__(mi.Properties())
            self.values = mi.Float(_padded(values, np.float32))

        def eval_1(self, si: Any, active: Any = True) -> Any:
            return dr.gather(mi.Float, self.values, _number(si.uv), active)

        def eval(self, si: Any, active: Any = True) -> Any:
            return mi.Color3f(self.eval_1(si, active))

    return Numbers


@dataclass(frozen=True)
class Finish:
    """What costs a BSDF of its own: Mitsuba takes no texture for `specular`, and even a flat bump map needs texture
    coordinates, which some plain parts lack."""

    bumped: bool
    specular: float


FINISHES = (Finish(True, 0.1), Finish(True, 0.25), Finish(False, 0.1), Finish(False, 0.25), Finish(False, 0.5))
NO_BUMP = np.full((2, 2, 1), 0.5, np.float32)


def finish_of(look: Material) -> int:
    """The number of the finish that comes closest to a material's."""
    bumped = look.bump is not None
    return min(
        (i for i, finish in enumerate(FINISHES) if finish.bumped == bumped),
        key=lambda i: abs(FINISHES[i].specular - look.specular),
    )


def bsdfs(looks: Sequence[Material], bump_scale: float) -> list[Any]:
    """One BSDF for each of FINISHES; swatch n is look n."""
    bump = _bumps()(_sheet([NO_BUMP if look.bump is None else look.bump for look in looks]))
    textures = {
        "base_color": colours([look.colour for look in looks]),
        "roughness": numbers([look.roughness for look in looks]),
        "sheen": numbers([look.sheen for look in looks]),
        "metallic": numbers([look.metallic for look in looks]),
        "sheen_tint": 0.5,
    }
    bumping = {"type": "bumpmap", "arbitrary": bump, "scale": bump_scale}
    return [bsdf({"type": "principled", **textures, "specular": f.specular}, bumping if f.bumped else None)
            for f in FINISHES]  # fmt: skip


def colours(bitmaps: Sequence[Array]) -> Any:
    """A texture of linear colours: bitmap n fills swatch n."""
    return _colours()(_sheet(bitmaps))


def numbers(values: Sequence[float]) -> Any:
    """A texture of one number per swatch."""
    return _numbers()(values)


def bsdf(principled: dict[str, Any], bumping: dict[str, Any] | None = None) -> Any:
    inner = {**bumping, "bsdf": principled} if bumping else principled
    return mi.load_dict({"type": "twosided", "bsdf": inner})
