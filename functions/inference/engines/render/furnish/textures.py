"""Procedural textures: what multiplies a material's linear colour (n x n), and bump maps (n x n x 1).

All tile. Maps that hold no colour are drawn once per process: a plan's palette only multiplies them.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import cv2
import numpy as np

from functions.inference.vision.arrays import Array

Rng = np.random.Generator
SIZE = 320
GAMMA = 2.2


def fractal(n: int, rng: Rng, octaves: int = 5, period: int = 4, stretch: tuple[float, float] = (1, 1)) -> Array:
    """Smooth tiling noise of zero mean and unit deviation; `stretch` multiplies the detail down and across."""
    total, amplitude = np.zeros((n, n), np.float32), 1.0
    for octave in range(octaves):
        cells = [max(2, int(period * 2**octave * s)) for s in stretch]
        if max(cells) > n:
            break
        lattice = np.pad(rng.normal(size=cells).astype(np.float32), 2, mode="wrap")
        fine = cv2.resize(lattice, None, fx=n / cells[1], fy=n / cells[0], interpolation=cv2.INTER_CUBIC)
        y, x = (2 * n // c for c in cells)
        total += amplitude * fine[y : y + n, x : x + n]
        amplitude *= 0.5
    return np.asarray((total - total.mean()) / max(float(total.std()), 1e-6), np.float32)


def unit_grid(n: int) -> tuple[Array, Array]:
    """x and y of pixels, 0 to 1."""
    y, x = np.mgrid[0:n, 0:n].astype(np.float32) / n
    return x, y


def mix(base: Array, colour: Array, share: Any) -> Array:
    """`colour` over `base` by `share` (n x n, 0 to 1)."""
    out = np.asarray(colour, np.float32) - base
    out *= np.asarray(share, np.float32)[..., None]
    out += base
    return out


def _white(n: int, rng: Rng, sigma: float) -> Array:
    """Tiling noise without structure, blurred, of unit deviation."""
    noise = rng.normal(size=(n, n)).astype(np.float32)
    padded = np.pad(noise, 12, mode="wrap")
    soft = cv2.GaussianBlur(padded, (0, 0), sigma)[12:-12, 12:-12]
    return np.asarray(soft / max(float(soft.std()), 1e-6), np.float32)


def _weave(n: int, rng: Rng, threads: int) -> Array:
    """Height of a plain weave with uneven yarn, about -1 to 1; `threads` to the side."""
    x, y = unit_grid(n)
    u, v = x * np.float32(2 * np.pi * threads), y * np.float32(2 * np.pi * threads)
    slub = fractal(n, rng, 3, threads // 4, (0.25, 2.0)) + fractal(n, rng, 3, threads // 4, (2.0, 0.25))
    return np.asarray(0.62 * np.sin(u) * np.sin(v) + 0.16 * slub + 0.2 * _white(n, rng, 0.7), np.float32)


def _linen(n: int, rng: Rng) -> tuple[Array, Array]:
    height = _weave(n, rng, 48)
    return 0.075 * height + 0.014 * fractal(n, rng, 4, 3), height


def _cotton(n: int, rng: Rng) -> tuple[Array, Array]:
    height = _weave(n, rng, 80)
    return 0.03 * height + 0.010 * fractal(n, rng, 4, 3), 0.6 * height


def _wool(n: int, rng: Rng) -> tuple[Array, Array]:
    """A heathered twill."""
    x, y = unit_grid(n)
    twill = np.sin(2 * np.pi * 40 * (x + y)) * 0.5
    heather = _white(n, rng, 1.0)
    return 0.04 * twill + 0.055 * heather + 0.018 * fractal(n, rng, 4, 3), 0.5 * twill + 0.5 * heather


def _velvet(n: int, rng: Rng) -> tuple[Array, Array]:
    """A nap brushed this way and that."""
    nap = fractal(n, rng, 4, 3, (1.0, 0.5))
    return 0.018 * nap + 0.010 * _white(n, rng, 0.8), 0.12 * _white(n, rng, 0.8)


def _boucle(n: int, rng: Rng) -> tuple[Array, Array]:
    """Curly loops about a centimetre wide."""
    loops = np.abs(_white(n, rng, 3.2)) + 0.5 * np.abs(_white(n, rng, 1.7))
    loops = (loops - loops.mean()) / loops.std()
    return 0.075 * loops, 0.8 * loops


def _leather(n: int, rng: Rng) -> tuple[Array, Array]:
    """A pebbled hide with darker clouds."""
    pebble = -np.abs(_white(n, rng, 1.6))
    pebble = (pebble - pebble.mean()) / pebble.std()
    return 0.026 * pebble + 0.034 * fractal(n, rng, 5, 2), 0.45 * pebble


def _knit(n: int, rng: Rng) -> tuple[Array, Array]:
    """Chunky stitches in columns."""
    x, y = unit_grid(n)
    column = np.abs((x * 16) % 1 - 0.5)
    stitch = np.sin(2 * np.pi * (y * 22 + column)) * np.cos(np.pi * column)
    return 0.10 * stitch + 0.05 * _white(n, rng, 1.0), 1.6 * stitch


def _quilt(n: int, rng: Rng) -> tuple[Array, Array]:
    """Cotton stitched in diamonds 8 cm wide."""
    x, y = unit_grid(n)
    seams = np.minimum(np.abs((4 * (x + y)) % 1 - 0.5), np.abs((4 * (x - y)) % 1 - 0.5))
    pad = np.minimum(seams / 0.30, 1) ** 0.5
    dark = -0.14 * np.exp(-((seams / 0.035) ** 2))
    return dark + 0.02 * _weave(n, rng, 80) + 0.03 * (pad - pad.mean()), 5.0 * (pad - 0.5)


def _cane(n: int, rng: Rng) -> tuple[Array, Array]:
    """Open basketwork: strands over and under, dark between."""
    x, y = unit_grid(n)
    u, v = np.abs((x * 26) % 1 - 0.5), np.abs((y * 26) % 1 - 0.5)
    strand = np.maximum(np.clip((0.36 - u) / 0.1, 0, 1), np.clip((0.36 - v) / 0.1, 0, 1))
    over = np.sin(np.pi * 26 * x) * np.sin(np.pi * 26 * y)
    height = strand * (0.7 + 0.3 * over)
    return 0.62 * (height - 0.85) + 0.05 * fractal(n, rng, 4, 6), 1.8 * (height - 0.5)


_CLOTHS: dict[str, Callable[[int, Rng], tuple[Array, Array]]] = {
    "linen": _linen, "cotton": _cotton, "wool": _wool, "velvet": _velvet, "boucle": _boucle, "leather": _leather,
    "knit": _knit, "quilt": _quilt, "cane": _cane,
}  # fmt: skip


@lru_cache(maxsize=16)
def cloth(kind: str) -> tuple[Array, Array]:
    """What a cloth's weave multiplies its linear colour with (n x n), and its bump map (n x n x 1)."""
    value, height = _CLOTHS[kind](SIZE, np.random.default_rng([len(kind), 3]))
    gain = np.clip(1 + value, 0.05, 1.6) ** GAMMA
    return gain.astype(np.float32), (0.5 + 0.3 * height)[..., None].astype(np.float32)


def _oak(n: int, rng: Rng) -> Array:
    """Straight pores with a few broad cathedrals."""
    coarse, fine = fractal(n, rng, 3, 2, (3, 0.5)), fractal(n, rng, 4, 3, (10, 0.4))
    rings = np.sin(4.5 * coarse + 1.2 * fine)
    return np.asarray(0.045 * rings + 0.050 * fine, np.float32)


def _walnut(n: int, rng: Rng) -> Array:
    """Dark smoky streaks."""
    broad, fine = fractal(n, rng, 3, 2, (4, 0.35)), fractal(n, rng, 4, 3, (10, 0.4))
    return np.asarray(0.10 * np.tanh(1.4 * broad) + 0.045 * fine, np.float32)


def _ebony(n: int, rng: Rng) -> Array:
    return np.asarray(0.09 * fractal(n, rng, 4, 3, (8, 0.3)), np.float32)


def _pine(n: int, rng: Rng) -> Array:
    """Strong growth rings, knots here and there."""
    x, y = unit_grid(n)
    warp = 0.06 * fractal(n, rng, 3, 2, (1, 0.7))
    for _ in range(3):
        cx, cy = rng.uniform(0, 1, 2)
        dx, dy = np.abs(x - cx), np.abs(y - cy)
        warp += 0.05 * np.exp(-(((np.minimum(dx, 1 - dx) / 0.10) ** 2) + ((np.minimum(dy, 1 - dy) / 0.035) ** 2)))
    rings = np.sin(2 * np.pi * (y * 9 + warp * 9))
    knots = np.clip((warp - 0.10) * 6, 0, 0.5)
    return np.asarray(0.085 * rings + 0.04 * fractal(n, rng, 4, 3, (10, 0.4)) - knots, np.float32)


def _painted(n: int, rng: Rng) -> Array:
    return np.asarray(0.012 * fractal(n, rng, 4, 3, (6, 0.3)), np.float32)


_WOODS: dict[str, Callable[[int, Rng], Array]] = {
    "oak": _oak, "walnut": _walnut, "ebony": _ebony, "pine": _pine, "painted": _painted,
}  # fmt: skip


@lru_cache(maxsize=16)
def wood(kind: str, board: int) -> Array:
    """What a wood's grain, along the first texture axis, multiplies its linear colour with (n x n)."""
    value = _WOODS[kind](SIZE, np.random.default_rng([len(kind), board, 5]))
    return np.asarray(np.clip(1 + value, 0.1, 1.6) ** GAMMA, np.float32)


@lru_cache(maxsize=4)
def veins(block: int) -> Array:
    """How far a stone is vein rather than ground (n x n)."""
    rng = np.random.default_rng([block, 9])
    a, b = fractal(SIZE, rng, 6, 3), fractal(SIZE, rng, 6, 2)
    share = np.exp(-np.abs(a + 0.25 * b) * 9) * 0.75 + np.exp(-np.abs(b - 0.4 + 0.3 * a) * 22) * 0.5
    return np.asarray(np.clip(share + 0.05 * fractal(SIZE, rng, 4, 4), 0, 1), np.float32)


def printed(kind: str) -> Array:
    """Where a cushion's second colour is (n x n, 0 to 1)."""
    x, y = unit_grid(SIZE)
    if kind == "stripe":
        return np.asarray(np.clip((0.22 - np.abs((x * 6) % 1 - 0.5)) / 0.03, 0, 1), np.float32)
    if kind == "check":
        return np.asarray(0.45 * ((x * 5) % 1 < 0.5) + 0.45 * ((y * 5) % 1 < 0.5), np.float32)
    if kind == "dots":
        u, v = (x * 7) % 1 - 0.5, (y * 7 + 0.5 * np.floor(x * 7)) % 1 - 0.5
        return np.asarray(np.clip((0.2 - np.hypot(u, v)) / 0.04, 0, 1), np.float32)
    ragged = 0.03 * fractal(SIZE, np.random.default_rng(4), 3, 24, (0.3, 2.0))
    bands = np.abs(((np.abs((x * 3) % 1 - 0.5) + np.abs((y * 3 + ragged) % 1 - 0.5)) * 3) % 1 - 0.5)
    return np.asarray(np.clip((0.17 - bands) / 0.06, 0, 1), np.float32)
