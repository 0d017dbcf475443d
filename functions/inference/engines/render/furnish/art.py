"""Pictures for the walls: sRGB drawings in a style's palette, low in contrast, without letters or faces."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from functions.inference.engines.render.furnish.textures import fractal, mix, unit_grid
from functions.inference.vision.arrays import Array, Floats

Rng = np.random.Generator
SIZE = 288
Palette = Sequence[Array]


def paint(kind: str, palette: Palette, rng: Rng) -> Array:
    """A picture (n x n x 3 sRGB) of a kind; `palette` is ground, two strong and two quiet colours, and a dark."""
    image = np.ones((SIZE, SIZE, 3), np.float32) * palette[0]
    image = _PAINTERS[kind](image, palette, rng)
    grain = 1 + 0.02 * rng.normal(size=(SIZE, SIZE, 1))
    return np.asarray(np.clip(image * grain, 0, 1), np.float32)


def _stroke(image: Array, path: NDArray[np.floating], colour: Array, width: float) -> Array:
    """A polyline (n x 2, in shares of the picture) in one colour."""
    mask = np.zeros(image.shape[:2], np.uint8)
    points = np.round(path * SIZE * 16).astype(np.int32)[:, None]
    cv2.polylines(mask, [points], False, 255, max(1, round(width * SIZE)), cv2.LINE_AA, 4)
    return mix(image, colour, mask.astype(np.float32) / 255)


def _filled(image: Array, path: NDArray[np.floating], colour: Array, share: float = 1.0) -> Array:
    mask = np.zeros(image.shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.round(path * SIZE * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    return mix(image, colour, mask.astype(np.float32) / 255 * share)


def _wander(rng: Rng, knots: int, spread: float = 0.3) -> Floats:
    """A smooth closed-ish curve through random points about the middle."""
    points = 0.5 + rng.normal(size=(knots, 2)) * spread * 0.6
    t, at = np.arange(knots), np.linspace(0, knots - 1, knots * 24)
    dense = np.stack([np.interp(at, t, points[:, k]) for k in range(2)], 1)
    kernel = np.hanning(37)
    kernel /= kernel.sum()
    padded = np.pad(dense, ((18, 18), (0, 0)), mode="edge")
    return np.clip(np.stack([np.convolve(padded[:, k], kernel, "valid") for k in range(2)], 1), 0.06, 0.94)


def _line(image: Array, palette: Palette, rng: Rng) -> Array:
    """One unbroken line over one or two flat shapes."""
    for k in range(int(rng.integers(1, 3))):
        a = np.linspace(0, 2 * np.pi, 60)
        radius = rng.uniform(0.15, 0.26) * (1 + 0.16 * np.sin(2 * a + rng.uniform(0, 6)) + 0.07 * np.sin(3 * a))
        blob = rng.uniform(0.32, 0.68, 2) + np.c_[np.cos(a), np.sin(a)] * radius[:, None]
        image = _filled(image, blob, palette[1 + (k + int(rng.integers(2))) % 4], 0.55)
    return _stroke(image, _loop(rng), palette[5], 0.008)


def _loop(rng: Rng) -> Floats:
    """One long line that swings and crosses itself: a few harmonics, not quite closed."""
    t = np.linspace(0, 1.9 * np.pi, 260)
    swing = [rng.normal(size=2)[:, None] * np.sin(k * t + rng.uniform(0, 6, (2, 1))) / k**0.9 for k in (1, 2, 3, 4)]
    path = np.sum(swing, 0).T
    path = (path - path.min(0)) / np.ptp(path, axis=0)
    return np.asarray(0.18 + 0.64 * path, np.float64)


def _fields(image: Array, palette: Palette, rng: Rng) -> Array:
    """Two to four soft blocks of colour, one above another."""
    x, y = unit_grid(SIZE)
    cuts = np.r_[0.07, np.sort(rng.uniform(0.2, 0.8, int(rng.integers(1, 4)))), 0.93]
    order = 1 + rng.permutation(4)
    for k, (low, high) in enumerate(pairwise(cuts)):
        ragged = 0.012 * fractal(SIZE, rng, 5, 4, (1, 3))
        box = np.minimum(np.minimum(y - low - 0.012, high - 0.012 - y), np.minimum(x - 0.08, 0.92 - x)) + ragged
        brush = 0.80 + 0.10 * fractal(SIZE, rng, 4, 2, (8, 0.7))
        image = mix(image, palette[order[k % 4]], np.clip(box / 0.025, 0, 1) * np.clip(brush, 0.3, 0.97))
    return image


def _horizon(image: Array, palette: Palette, rng: Rng) -> Array:
    """Sky, a low land and water."""
    _, y = unit_grid(SIZE)
    level = float(rng.uniform(0.45, 0.68))
    sky = mix(image, palette[2], np.clip(0.75 - y / level, 0, 1) * 0.55)
    cloud = np.clip(0.35 * fractal(SIZE, rng, 5, 2, (2.5, 1)) - 0.15, 0, 0.6) * np.clip(1.1 - y / level, 0, 1)
    sky = mix(sky, palette[0] * 0.98, cloud)
    sky = mix(sky, palette[1], 0.35 * np.exp(-(((y - level) / 0.10) ** 2)))
    water = palette[2] * 0.75 + palette[0] * 0.25
    ripple = 1 + 0.05 * fractal(SIZE, rng, 4, 3, (6, 0.6)) * np.clip((y - level) * 4, 0.2, 1)
    sea = np.clip(water * ripple[..., None], 0, 1)
    image = np.where((y > level)[..., None], mix(sea, palette[0], np.clip(0.5 - (y - level) * 2, 0, 1) * 0.6), sky)
    for k in range(int(rng.integers(1, 4))):
        crest = level - 0.012 * (k + 1) - 0.02 * np.abs(_ridge(rng, 0.6))
        land = (y > crest[None]) & (y < level + 0.006)
        image = mix(image, palette[3 + k % 2] * (0.75 - 0.1 * k), land * 0.85)
    return np.asarray(image, np.float32)


def _ridge(rng: Rng, rough: float) -> Array:
    """A skyline along the picture's width, of about unit height."""
    t = np.linspace(0, 1, SIZE)
    waves = sum(rng.normal() * np.sin(2 * np.pi * f * t + rng.uniform(0, 6)) / f**rough for f in (1, 2, 3, 5, 8, 13))
    return np.asarray(waves, np.float32)


def _mountains(image: Array, palette: Palette, rng: Rng) -> Array:
    """Ranges behind ranges in haze."""
    _, y = unit_grid(SIZE)
    image = mix(image, palette[2], np.clip(0.4 - y * 0.6, 0, 1) * 0.6)
    many = int(rng.integers(4, 6))
    for k in range(many):
        near = (k + 1) / many
        crest = 0.34 + 0.52 * k / many - 0.075 * (1 - 0.4 * near) * _ridge(rng, 0.75)
        depth = np.clip((y - crest[None]) * 4, 0, 1)
        colour = palette[4] * (1 - near) + palette[5] * near * 0.75 + palette[3] * near * 0.25
        below = np.clip((y - crest[None]) * SIZE, 0, 1)
        image = mix(image, colour, below * (0.85 - 0.35 * depth))
    return image


def _botanical(image: Array, palette: Palette, rng: Rng) -> Array:
    """A pressed branch with leaves in pairs."""
    bend, lean = float(rng.uniform(-0.25, 0.25)), float(rng.uniform(-0.08, 0.08))
    t = np.linspace(0, 1, 40)
    stem = np.c_[0.5 + lean * (t - 0.5) + bend * (t - 0.5) ** 2, 0.92 - 0.80 * t]
    colour = np.asarray(palette[3] * 0.3 + np.array([0.42, 0.50, 0.36]) * 0.7, np.float32)
    size, wide, pairs = float(rng.uniform(0.15, 0.24)), float(rng.uniform(0.12, 0.27)), int(rng.integers(4, 8))
    for k in range(pairs):
        at, shrink = stem[int(4 + 34 * k / pairs)], 1 - 0.5 * abs(k / pairs - 0.4)
        for side in (-1, 1):
            angle = -np.pi / 2 + side * rng.uniform(0.6, 1.0)
            image = _leaf(image, at, float(angle), size * shrink, wide, colour * float(rng.uniform(0.85, 1.15)))
    image = _leaf(image, stem[-1], -np.pi / 2, size * 0.8, wide, colour)
    return _stroke(image, stem, colour * 0.75, 0.008)


def _leaf(image: Array, at: NDArray[np.floating], angle: float, size: float, wide: float, colour: Array) -> Array:
    t = np.linspace(0, 1, 14)
    half = wide * size * np.sin(np.pi * t**0.8) ** 0.9
    along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    right = at + t[:, None] * size * along + half[:, None] * across
    left = at + t[::-1, None] * size * along - half[::-1, None] * across
    image = _filled(image, np.r_[right, left], colour, 0.85)
    return _stroke(image, np.array([at, at + along * size * 0.9]), colour * 0.8, 0.004)


def _strokes(image: Array, palette: Palette, rng: Rng) -> Array:
    """Broad dry brushstrokes, thrown."""
    for k in range(int(rng.integers(5, 9))):
        path, wide = _wander(rng, int(rng.integers(3, 5)), 0.4), float(rng.uniform(0.05, 0.15))
        mask = np.zeros((SIZE, SIZE), np.uint8)
        cv2.polylines(
            mask, [np.round(path * SIZE).astype(np.int32)[:, None]], False, 255, round(wide * SIZE), cv2.LINE_AA
        )
        angle = np.arctan2(*(path[-1] - path[0])[::-1])
        stretch = (7, 0.7) if abs(np.sin(angle)) < 0.7 else (0.7, 7)
        dry = np.clip(0.75 + 0.35 * fractal(SIZE, rng, 4, 3, stretch), 0, 1)
        colour = palette[5] if k == 3 else palette[1 + int(rng.integers(4))]
        image = mix(image, colour, mask.astype(np.float32) / 255 * dry * 0.8)
    return image


def _arches(image: Array, palette: Palette, rng: Rng) -> Array:
    """Nested arches, a disc, a ground line."""
    x, y = unit_grid(SIZE)
    order, foot = 1 + rng.permutation(4), float(rng.uniform(0.78, 0.88))
    for cx, size in ((rng.uniform(0.34, 0.46), 0.30), (rng.uniform(0.58, 0.72), 0.18)):
        top = foot - size * rng.uniform(1.0, 1.5)
        for k in range(3):
            r = size * (1 - 0.27 * k)
            outside = np.where(y < top, np.hypot(x - cx, y - top), np.abs(x - cx))
            image = mix(image, palette[order[k % 4]], np.clip((r - outside) * SIZE, 0, 1) * (y < foot) * 0.9)
    disc = np.hypot(x - rng.uniform(0.2, 0.8), y - rng.uniform(0.16, 0.26))
    return mix(image, palette[order[3]], np.clip((rng.uniform(0.06, 0.11) - disc) * SIZE, 0, 1) * 0.9)


def _grid(image: Array, palette: Palette, rng: Rng) -> Array:
    """Blocks, half discs and triangles in a grid, as in a printed poster."""
    many = int(rng.integers(3, 5))
    x, y = unit_grid(SIZE)
    step = 0.84 / many
    for i in range(many):
        for j in range(many):
            u, v = (x - 0.08 - i * step) / step, (y - 0.08 - j * step) / step
            inside = (u > 0) & (u < 1) & (v > 0) & (v < 1)
            image = mix(image, palette[int(rng.integers(5))], inside * 0.9)
            turn = int(rng.integers(4))
            p, q = ((u, v), (v, u), (1 - u, v), (u, 1 - v))[turn]
            shape = (np.hypot(p - 0.5, q) < 0.5, np.hypot(p, q) < 1.0, p + q < 1, np.abs(p - 0.5) < 0.18)[
                int(rng.integers(4))
            ]
            image = mix(image, palette[1 + int(rng.integers(5))], (inside & shape) * 0.9)
    return image


def _photo(image: Array, palette: Palette, rng: Rng) -> Array:
    """A misty monochrome view: soft gradients, bare trees or dunes."""
    x, y = unit_grid(SIZE)
    tone, dark = palette[0] * 0.9, palette[5] * 0.8 + 0.1
    image = mix(image * 0 + tone, dark, np.clip(0.10 + 0.5 * (np.hypot(x - 0.5, y - 0.4)) ** 1.5, 0, 0.6))
    for k in range(3):
        crest = 0.52 + 0.14 * k - 0.035 * _ridge(rng, 0.8)
        image = mix(image, dark, np.clip((y - crest[None]) * 30, 0, 1) * (0.22 + 0.14 * k) * np.clip(1.3 - y, 0.3, 1))
    for _ in range(int(rng.integers(0, 8))):
        cx, height, foot = rng.uniform(0.1, 0.9), rng.uniform(0.15, 0.38), rng.uniform(0.60, 0.72)
        image = _stroke(image, np.array([[cx, foot], [cx + rng.uniform(-0.02, 0.02), foot - height]]), dark, 0.007)
        for _ in range(7):
            at = np.array([cx, foot - height * rng.uniform(0.35, 1)])
            tip = at + np.array([rng.uniform(-0.09, 0.09), -rng.uniform(0.03, 0.10)])
            image = _stroke(image, np.array([at, tip]), dark * 0.6 + tone * 0.4, 0.004)
    return image


def _dunes(image: Array, palette: Palette, rng: Rng) -> Array:
    """Layered hills in flat colours."""
    _, y = unit_grid(SIZE)
    order = 1 + rng.permutation(4)
    for i in range(5):
        crest = 0.32 + 0.13 * i - 0.035 * _ridge(rng, 1.2)
        shade = (1 + 0.03 * fractal(SIZE, rng, 4, 4))[..., None]
        below = np.clip((y - crest[None]) * SIZE, 0, 1)
        image = mix(image, np.clip(palette[order[i % 4]] * shade, 0, 1), below * 0.92)
    return image


def _deco(image: Array, palette: Palette, rng: Rng) -> Array:
    """Sunbursts and stepped arcs in metal on a dark ground."""
    x, y = unit_grid(SIZE)
    image = image * 0 + palette[5] * 0.75 + palette[2] * 0.25
    cx, cy = ((0.5, 0.95), (0.5, 0.5), (0.08, 0.95))[int(rng.integers(3))]
    radius, angle = np.hypot(x - cx, y - cy), np.arctan2(y - cy, x - cx)
    rays = np.abs((angle / np.pi * int(rng.integers(8, 15))) % 1 - 0.5)
    image = mix(image, palette[1], np.clip((0.10 - rays) / 0.03, 0, 1) * (radius > 0.26) * 0.7)
    for r in np.arange(0.08, 0.8, float(rng.uniform(0.07, 0.11))):
        image = mix(image, palette[1], np.clip((0.007 - np.abs(radius - r)) * SIZE * 0.7, 0, 1) * 0.85)
    image = mix(image, palette[3], np.clip((0.20 - radius) * SIZE, 0, 1) * 0.9)
    return mix(image, palette[1], np.clip((0.12 - radius) * SIZE, 0, 1) * 0.9)


_PAINTERS: dict[str, Callable[[Array, Palette, Rng], Array]] = {
    "line": _line, "fields": _fields, "horizon": _horizon, "botanical": _botanical, "strokes": _strokes,
    "arches": _arches, "grid": _grid, "photo": _photo, "dunes": _dunes, "deco": _deco, "mountains": _mountains,
}  # fmt: skip
