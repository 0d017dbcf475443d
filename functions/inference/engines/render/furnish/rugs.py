"""Rug patterns: n x n sRGB pictures, of which the long side of the rug is the first axis of texture."""

from collections.abc import Callable
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from functions.inference.engines.render.furnish.styles.spec import RugSpec
from functions.inference.engines.render.furnish.textures import GAMMA, fractal, mix, unit_grid
from functions.inference.vision.arrays import Array
from functions.inference.vision.colour import bytes_to_linear, hex_colour

Rng = np.random.Generator
ASPECT = 1.42  # of the usual rug: patterns are drawn so that circles come out round on it
SIZE = 640


class Canvas:
    """A rug under the brush: `u`, `v` are its coordinates (0 to ASPECT, 0 to 1), `edge` the distance to its border.

    `quarter`: only the quarter about the origin, of a pattern that mirrors in both axes.
    """

    def __init__(self, spec: RugSpec, rng: Rng, n: int = SIZE, quarter: bool = False) -> None:
        x, y = (grid * 0.5 for grid in unit_grid(n // 2)) if quarter else unit_grid(n)
        n = n // 2 if quarter else n
        self.n, self.rng, self.u, self.v = n, rng, x * np.float32(ASPECT), y
        self.edge = np.minimum(np.minimum(self.u, ASPECT - self.u), np.minimum(y, 1 - y))
        self.ground, self.figure, self.accent = (hex_colour(c) for c in (spec.ground, spec.figure, spec.accent))
        self.image = np.ones((n, n, 3), np.float32) * self.ground

    def paint(self, colour: Array, share: NDArray[np.floating]) -> None:
        self.image = mix(self.image, colour, share)

    def ring(self, low: float, high: float) -> Array:
        """1 between two distances from the edge."""
        return _soft(self.edge - low) * _soft(high - self.edge)


def _soft(distance: Array, width: float = 0.004) -> Array:
    """0 below, 1 above, over `width`."""
    return np.asarray(np.clip(distance / width + 0.5, 0, 1), np.float32)


def _cells(u: Array, v: Array, pitch: float, offset: bool = True) -> tuple[Array, Array]:
    """Coordinates about the nearest centre of a (half-dropped) lattice."""
    column = np.floor(u / pitch)
    v = v + (column % 2) * pitch / 2 if offset else v
    return u - (column + 0.5) * pitch, (v / pitch) % 1 * pitch - pitch / 2


def _rosettes(u: Array, v: Array, pitch: float, petals: int, size: float, offset: bool = True) -> Array:
    du, dv = _cells(u, v, pitch, offset)
    radius, angle = np.hypot(du, dv), np.arctan2(dv, du)
    return _soft(pitch * size * (0.72 + 0.28 * np.cos(petals * angle)) - radius, 0.006)


def _tendrils(u: Array, v: Array, pitch: float) -> Array:
    wave = np.sin(2 * np.pi * u / pitch) * 0.22 * pitch
    away = np.abs((v + wave) / pitch % 1 - 0.5) * pitch
    across = np.abs((u + np.sin(2 * np.pi * v / pitch) * 0.22 * pitch) / pitch % 1 - 0.5) * pitch
    return np.maximum(
        _soft(0.0035 - np.abs(away - 0.1 * pitch), 0.004), _soft(0.0035 - np.abs(across - 0.1 * pitch), 0.004)
    )


def _persian(c: Canvas) -> None:
    """A lobed medallion with pendants on a field of flowers, corner pieces, and borders of rosettes."""
    lobes, pitch = int(c.rng.choice([8, 12, 16])), float(c.rng.uniform(0.075, 0.105))
    du, dv = np.abs(c.u - ASPECT / 2), np.abs(c.v - 0.5)
    c.paint(c.accent, 0.45 * _tendrils(du, dv, pitch))
    c.paint(c.figure, 0.75 * _rosettes(du, dv, pitch, 5, 0.30))
    c.paint(c.accent, 0.8 * _rosettes(du, dv, pitch, 5, 0.13))
    angle, radius = np.arctan2(dv, du * 0.8), np.hypot(du * 0.8, dv)
    for size, colour, flower in ((0.30, c.figure, c.accent), (0.19, c.ground, c.figure), (0.09, c.accent, c.figure)):
        outline = size * (1 + 0.07 * np.abs(np.cos(lobes / 2 * angle)))
        inside = _soft(outline - radius)
        c.paint(c.accent, _soft(outline + 0.008 - radius))
        c.paint(colour, inside)
        c.paint(flower, 0.6 * inside * _rosettes(radius * 1.0, angle * size * 0.8, 0.062, 4, 0.33))
    pendant = np.abs(du - 0.47) / 0.075 + dv / 0.05
    c.paint(c.figure, _soft(1 - pendant, 0.08))
    corner = np.hypot((0.14 - np.minimum(c.u, ASPECT - c.u)) * 0.9, 0.14 - np.minimum(c.v, 1 - c.v))
    spandrel = _soft(0.30 - np.hypot(np.minimum(c.u, ASPECT - c.u) * 0.85, np.minimum(c.v, 1 - c.v)) + 0 * corner)
    c.paint(c.figure, 0.95 * spandrel)
    c.paint(c.accent, 0.55 * spandrel * _rosettes(du, dv, 0.075, 5, 0.32))
    _flower_border(c)


def _flower_border(c: Canvas) -> None:
    c.paint(c.figure * 0.92, _soft(0.115 - c.edge))
    along = np.where(np.minimum(c.v, 1 - c.v) < np.minimum(c.u, ASPECT - c.u), c.u, c.v)
    c.paint(c.accent, 0.7 * c.ring(0.035, 0.105) * _rosettes(along, c.edge + 0.005, 0.075, 6, 0.36, False))
    c.paint(c.ground, 0.8 * c.ring(0.035, 0.105) * _rosettes(along, c.edge + 0.005, 0.075, 6, 0.15, False))
    for at in (0.030, 0.110):
        c.paint(c.accent, 0.85 * c.ring(at - 0.004, at + 0.004))
    c.paint(c.ground, 0.7 * c.ring(0.010, 0.024))


def _trellis(c: Canvas) -> None:
    """Moroccan diamonds, drawn by hand."""
    across, steep = int(c.rng.integers(4, 7)), float(c.rng.uniform(1.3, 1.9))
    wobble = 0.010 * fractal(c.n, c.rng, 3, 6)
    s, t = c.u * across / ASPECT * 1.4, c.v * across / steep * 1.4
    one, two = np.abs((s + t + wobble * 4) % 1 - 0.5), np.abs((s - t - wobble * 4) % 1 - 0.5)
    thick = 0.030 + 0.006 * fractal(c.n, c.rng, 3, 10)
    c.paint(c.figure, 0.8 * np.clip((thick - np.minimum(one, two)) / 0.02 + 0.5, 0, 1))
    if c.rng.random() < 0.25:
        c.paint(c.accent, 0.6 * _soft(0.06 - np.abs(one - 0.5) - np.abs(two - 0.5), 0.04))


def _stripes(c: Canvas) -> None:
    """Bands of several widths across the rug."""
    at = 0.0
    while at < ASPECT:
        wide = float(c.rng.choice([0.02, 0.035, 0.06, 0.10]))
        colour = [c.figure, c.figure, c.accent][int(c.rng.integers(3))]
        ragged = 0.0009 * fractal(c.n, c.rng, 2, 40, (2, 0.1)) if wide > 0.03 else 0.0
        c.paint(colour, 0.65 * _soft(c.u - at + ragged) * _soft(at + wide - c.u + ragged))
        at += wide + float(c.rng.choice([0.04, 0.07, 0.11]))


def _plain(c: Canvas) -> None:
    """One colour, carved or streaked a little."""
    c.paint(c.figure, np.clip(0.22 + 0.12 * fractal(c.n, c.rng, 5, 8, (0.3, 4)), 0, 0.5))
    if c.rng.random() < 0.5:
        c.paint(c.accent, 0.28 * c.ring(0.055, 0.063))
    else:
        wave = np.abs((c.v * 7 + 0.25 * np.sin(c.u * 7) + 0.06 * fractal(c.n, c.rng, 3, 3)) % 1 - 0.5)
        c.paint(c.accent, 0.22 * np.clip((0.05 - wave) / 0.03, 0, 1))


def _border(c: Canvas) -> None:
    wide = float(c.rng.uniform(0.045, 0.085))
    c.paint(c.figure, 0.25 * np.clip(0.5 + 0.5 * fractal(c.n, c.rng, 4, 10, (0.3, 4)), 0, 1) * 0.5)
    c.paint(c.figure, 0.88 * c.ring(0.05, 0.05 + wide))
    c.paint(c.accent, 0.8 * c.ring(0.065 + wide, 0.075 + wide))


def _checks(c: Canvas) -> None:
    """Gingham or tartan."""
    pitch, lines = float(c.rng.uniform(0.13, 0.20)), c.rng.random() < 0.6
    for s in (c.u, c.v):
        c.paint(c.figure, 0.36 * _soft(0.21 - np.abs((s / pitch) % 1 - 0.5), 0.03))
        if lines:
            c.paint(c.accent, 0.45 * _soft(0.025 - np.abs((s / pitch) % 1 - 0.04), 0.02))


def _abstract(c: Canvas) -> None:
    """Clouds and erased strokes."""
    stretch = ((1, 3), (2, 1), (1, 1))[int(c.rng.integers(3))]
    a, b = fractal(c.n, c.rng, 6, 2, stretch), fractal(c.n, c.rng, 6, 2, stretch)
    c.paint(c.figure, 0.5 / (1 + np.exp(-(a - 0.1) * 4)))
    c.paint(c.accent, 0.32 / (1 + np.exp(-(b - 0.9) * 5)))
    scratch = np.abs(fractal(c.n, c.rng, 5, 2, (1.5, 1)))
    c.paint(c.ground * 1.04, 0.5 * np.clip((0.05 - scratch) / 0.04, 0, 1))


def _fan(c: Canvas) -> None:
    """Overlapping fans in rows."""
    pitch = ASPECT / int(c.rng.integers(5, 8))
    row = np.floor(c.v / (pitch / 2))
    du = (c.u / pitch + 0.5 * (row % 2)) % 1 * pitch - pitch / 2
    dv = c.v - row * pitch / 2
    radius, rays = np.hypot(du, dv), np.abs((np.arctan2(dv, du) / np.pi * 9) % 1 - 0.5)
    c.paint(c.ground * 1.08, 0.9 * (row % 2) * _soft(pitch / 2 - radius))
    for share in (0.98, 0.74, 0.50, 0.26):
        line = 0.006 if share > 0.9 else 0.003
        c.paint(c.figure, 0.75 * _soft(line - np.abs(radius - pitch / 2 * share), 0.003))
    c.paint(c.figure, 0.45 * _soft(0.06 - rays, 0.03) * _soft(radius - pitch * 0.25) * _soft(pitch * 0.37 - radius))
    c.paint(c.ground * 0.9, _soft(0.055 - c.edge))
    c.paint(c.accent, 0.75 * c.ring(0.040, 0.046))
    c.paint(c.figure, 0.9 * c.ring(0.055, 0.062))


def _jute(c: Canvas) -> None:
    """Braids side by side, bound at the edge."""
    braid = np.abs(np.sin(np.pi * (c.v * 34 + 0.35 * np.sin(c.u * 110))))
    c.paint(c.accent, 0.55 * (1 - braid) ** 1.5)
    c.paint(c.figure, np.clip(0.25 + 0.16 * fractal(c.n, c.rng, 5, 12, (3, 0.5)), 0, 0.6))
    if c.rng.random() < 0.6:
        c.paint(c.accent * 0.8, 0.7 * _soft(0.03 - c.edge))


def _kilim(c: Canvas) -> None:
    """Bands of stepped diamonds and saw teeth."""
    bands = int(c.rng.integers(4, 7))
    step = ASPECT / bands
    band = np.minimum(np.floor(c.u[:1] / step), bands - 1).astype(int)
    du, dv = np.abs(c.u - (band + 0.5) * step), np.abs((c.v / (step * 0.85)) % 1 - 0.5) * step * 0.85
    ground = np.stack([c.figure, c.accent, c.ground * 0.86])[(np.arange(bands) + int(c.rng.integers(3))) % 3]
    figure = np.stack([c.figure, c.accent])[(np.arange(bands) + int(c.rng.integers(2))) % 2]
    c.paint(ground[band], np.full_like(c.u, 0.8))
    steps = (np.floor(du / 0.014) + np.floor(dv / 0.014)) * 0.014
    for reach, colour in ((0.42, c.ground), (0.27, figure[band]), (0.12, c.ground)):
        c.paint(colour, 0.85 * (steps < step * reach))
    saw = step / 2 - du - 0.5 * np.abs((c.v / 0.05) % 1 - 0.5) * 0.05
    c.paint(c.ground, 0.7 * _soft(0.010 - np.abs(saw - 0.006)))


def _key(c: Canvas) -> None:
    """A plain field in a border of Greek keys."""
    unit, low = float(c.rng.uniform(0.0095, 0.0125)), 0.045
    along = np.where(np.minimum(c.v, 1 - c.v) < np.minimum(c.u, ASPECT - c.u), c.u, c.v)
    i, j = np.floor(along / unit) % 8, np.floor((c.edge - low) / unit)
    motif = np.array([
        [1, 1, 1, 1, 1, 1, 1, 1], [1, 0, 0, 0, 0, 0, 0, 0], [1, 0, 1, 1, 1, 1, 0, 0], [1, 0, 1, 0, 0, 1, 0, 0],
        [1, 0, 1, 1, 0, 1, 0, 0], [1, 0, 0, 0, 0, 1, 0, 0], [1, 1, 1, 1, 1, 1, 1, 1],
    ], np.float32)  # fmt: skip
    drawn = motif[np.clip(j, 0, 6).astype(int), i.astype(int)] * ((j >= 0) & (j < 7))
    c.paint(c.figure, 0.85 * cv2.GaussianBlur(drawn.astype(np.float32), (0, 0), 0.8))
    c.paint(c.accent, 0.8 * c.ring(0.030, 0.037))
    c.paint(c.accent, 0.8 * c.ring(low + 7.9 * unit, low + 8.4 * unit))
    if c.rng.random() < 0.5:
        c.paint(c.figure, 0.12 * _rosettes(c.u, c.v, 0.09, 4, 0.36) * _soft(c.edge - 0.16))


def _lines(c: Canvas) -> None:
    """A few long lines that meet at angles, as if drawn with a ruler."""
    for k in range(int(c.rng.integers(6, 10))):
        angle, at = c.rng.uniform(0, np.pi), c.rng.uniform(0.1, 0.9)
        away = np.cos(angle) * (c.u - ASPECT * at) + np.sin(angle) * (c.v - c.rng.uniform(0.2, 0.8))
        if k < 2:
            c.paint(c.accent if k else c.figure, 0.22 * _soft(away))
        c.paint(c.figure, 0.65 * _soft(0.0035 - np.abs(away), 0.004))


def _berber(c: Canvas) -> None:
    """A shaggy ground with a few loose lines across it."""
    c.paint(c.figure, np.clip(0.2 + 0.14 * fractal(c.n, c.rng, 5, 16), 0, 0.6))
    for _ in range(int(c.rng.integers(3, 6))):
        at, amplitude, wave = c.rng.uniform(0.1, ASPECT - 0.1), c.rng.uniform(0.02, 0.07), c.rng.integers(2, 6)
        zigzag = np.abs((c.v * wave + c.rng.uniform()) % 1 - 0.5) * 4 * amplitude + 0.006 * fractal(c.n, c.rng, 3, 8)
        c.paint(c.accent, 0.6 * _soft(0.007 - np.abs(c.u - at - zigzag), 0.006))


_PATTERNS: dict[str, Callable[[Canvas], None]] = {
    "abstract": _abstract, "trellis": _trellis, "persian": _persian, "stripes": _stripes, "plain": _plain,
    "border": _border, "checks": _checks, "fan": _fan, "jute": _jute, "kilim": _kilim, "key": _key, "lines": _lines,
    "berber": _berber,
}  # fmt: skip


_MIRRORED = ("persian", "key")
_WORN = {"persian": 0.30, "kilim": 0.10}


def _worn(image: Array, accent: Array, rng: Rng, amount: float) -> Array:
    """Patches where the pile has faded towards its mean."""
    fade = np.clip(amount + 0.12 * fractal(len(image), rng, 5, 3), 0.02, 0.5)
    return mix(image, image.mean((0, 1)) * 0.5 + accent * 0.5, fade)


def _drawn(spec: RugSpec, rng: Rng) -> Array:
    """The pattern (SIZE x SIZE x 3 sRGB), without its pile."""
    mirrored = spec.pattern in _MIRRORED
    canvas = Canvas(spec, rng, quarter=mirrored)
    _PATTERNS[spec.pattern](canvas)
    image = cv2.copyMakeBorder(canvas.image, *(0, SIZE // 2) * 2, cv2.BORDER_REFLECT) if mirrored else canvas.image
    wear = _WORN.get(spec.pattern)
    return _worn(np.asarray(image, np.float32), canvas.accent, rng, wear) if wear else np.asarray(image, np.float32)


@lru_cache(maxsize=3)
def _pile(coarse: bool) -> tuple[Array, Array]:
    """What a pile multiplies linear colour with, and its bump map."""
    rng = np.random.default_rng(17 + coarse)
    tufts = cv2.GaussianBlur(rng.normal(size=(SIZE, SIZE)).astype(np.float32), (0, 0), 0.9 if coarse else 0.6)
    tufts = tufts / tufts.std()
    rows = np.sin(np.arange(SIZE, dtype=np.float32) / SIZE * 2 * np.pi * (90 if coarse else 150))[:, None]
    value = 1 + (0.035 if coarse else 0.028) * tufts + 0.025 * rows + 0.03 * fractal(SIZE, rng, 5, 6)
    bump = 0.5 + (0.35 if coarse else 0.13) * tufts + 0.16 * rows
    return np.asarray(np.clip(value, 0.4, 1.5) ** GAMMA, np.float32), np.asarray(bump, np.float32)[..., None]


def rug(spec: RugSpec, rng: Rng) -> tuple[Array, Array]:
    """A rug's linear colour (n x n x 3) and its bump map; `rng` varies the drawing."""
    gain, bump = _pile(spec.pattern in ("berber", "jute", "trellis"))
    drawn = bytes_to_linear((np.clip(_drawn(spec, rng), 0, 1) * 255).astype(np.uint8))
    return np.clip(drawn * gain[..., None], 0, 1), bump
