"""Procedural textures: square sRGB arrays (n x n x 3, 0 to 1) and bump maps (n x n x 1)."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from functions.inference.engines.render.colour import Array, hex_colour
from functions.inference.engines.render.styles import RugSpec

Rng = np.random.Generator


def fractal(n: int, rng: Rng, octaves: int = 5, period: int = 4, stretch: tuple[float, float] = (1, 1)) -> Array:
    """Smooth noise of zero mean and unit deviation; `stretch` multiplies the detail down and across."""
    total, amplitude = np.zeros((n, n), np.float32), 1.0
    for octave in range(octaves):
        cells = [max(2, int(period * 2**octave * s)) for s in stretch]
        lattice = np.pad(rng.normal(size=cells).astype(np.float32), 2, mode="wrap")
        fine = cv2.resize(lattice, None, fx=n / cells[1], fy=n / cells[0], interpolation=cv2.INTER_CUBIC)
        y, x = (2 * n // c for c in cells)
        total += amplitude * fine[y : y + n, x : x + n]
        amplitude *= 0.5
    return np.asarray((total - total.mean()) / max(float(total.std()), 1e-6), np.float32)


def _unit_grid(n: int) -> tuple[Array, Array]:
    y, x = np.mgrid[0:n, 0:n].astype(np.float32) / n
    return x, y


def _shaded(colour: Array, value: Any) -> Array:
    return np.asarray(np.clip(colour * value[..., None], 0, 1), np.float32)


def weave(n: int, rng: Rng, threads: int) -> Array:
    """Height of a plain weave with uneven yarn, about -1 to 1; `threads` to the side."""
    x, y = _unit_grid(n)
    u, v = x * np.float32(2 * np.pi * threads), y * np.float32(2 * np.pi * threads)
    slub = fractal(n, rng, 3, threads // 4, (0.25, 2.0)) + fractal(n, rng, 3, threads // 4, (2.0, 0.25))
    height = 0.62 * np.sin(u) * np.sin(v) + 0.10 * slub + 0.28 * rng.normal(size=(n, n))
    return np.asarray(height, np.float32)


def fabric(colour: Array, rng: Rng, contrast: float, threads: int, n: int = 384) -> tuple[Array, Array]:
    """A woven cloth and its bump map; tiles."""
    height = weave(n, rng, threads)
    value = 1 + contrast * height + contrast * 0.12 * fractal(n, rng, 5, 4)
    return _shaded(colour, value), (height * 0.3 + 0.5)[..., None]


def wood(colour: Array, rng: Rng, n: int = 384, contrast: float = 0.10) -> Array:
    """Straight grain along the first texture axis."""
    fine, coarse = fractal(n, rng, 5, 2, (12, 0.5)), fractal(n, rng, 3, 2, (2, 1))
    ring = np.sin(fine * 2.2 + coarse * 1.1) * 0.5 + fine * 0.35
    out = _shaded(colour, 1 + contrast * ring)
    out[..., 2] *= 1 - 0.06 * ring
    return np.clip(out, 0, 1)


def marble(ground: Array, vein: Array, rng: Rng, n: int = 384) -> Array:
    a, b = fractal(n, rng, 6, 3), fractal(n, rng, 6, 2)
    veins = np.exp(-np.abs(a + 0.25 * b) * 9) * 0.75 + np.exp(-np.abs(b - 0.4 + 0.3 * a) * 22) * 0.5
    share = np.clip(veins, 0, 1)[..., None]
    cloud = (0.012 * fractal(n, rng, 4, 4))[..., None]
    return np.asarray(np.clip(ground * (1 - share) + vein * share + cloud, 0, 1), np.float32)


def _mix(base: Array, colour: Array, share: Any) -> Array:
    weight = np.asarray(share, np.float32)[..., None]
    return np.asarray(base * (1 - weight) + colour * weight, np.float32)


def _rug_abstract(base: Array, figure: Array, accent: Array, rng: Rng) -> Array:
    n = len(base)
    a, b = fractal(n, rng, 6, 2, (1, 3)), fractal(n, rng, 6, 2, (1, 3))
    base = _mix(base, figure, 0.45 / (1 + np.exp(-(a - 0.1) * 3)))
    return _mix(base, accent, 0.28 / (1 + np.exp(-(b - 0.9) * 4)))


def _rug_diamond(base: Array, figure: Array, accent: Array, rng: Rng) -> Array:
    x, y = _unit_grid(len(base))
    one = np.abs((x * 4 + y * 6 + 0.02 * np.sin(y * 60)) % 1 - 0.5)
    two = np.abs((x * 4 - y * 6 + 0.02 * np.sin(x * 50)) % 1 - 0.5)
    return _mix(base, figure, np.clip((0.045 - np.minimum(one, two)) / 0.02, 0, 1) * 0.85)


def _rug_stripes(base: Array, figure: Array, accent: Array, rng: Rng) -> Array:
    x, _ = _unit_grid(len(base))
    wide = np.abs((x * 9) % 1 - 0.5)
    base = _mix(base, figure, np.clip((0.20 - wide) / 0.02, 0, 1) * 0.55)
    return _mix(base, accent, np.clip((0.035 - np.abs(wide - 0.30)) / 0.01, 0, 1) * 0.6)


def _rug_plain(base: Array, figure: Array, accent: Array, rng: Rng) -> Array:
    n = len(base)
    return _mix(base, figure, np.clip(0.22 + 0.12 * fractal(n, rng, 5, 8, (0.3, 4)), 0, 0.5))


def _rug_border(base: Array, figure: Array, accent: Array, rng: Rng) -> Array:
    x, y = _unit_grid(len(base))
    edge = np.minimum(np.minimum(x, 1 - x) * 1.45, np.minimum(y, 1 - y))
    base = _mix(base, figure, ((edge > 0.055) & (edge < 0.105)) * 0.85)
    return _mix(base, accent, (np.abs(edge - 0.125) < 0.006) * 0.8)


def _rug_checks(base: Array, figure: Array, accent: Array, rng: Rng) -> Array:
    x, y = _unit_grid(len(base))
    base = _mix(base, figure, ((x * 7) % 1 < 0.42) * 0.35)
    base = _mix(base, figure, ((y * 5) % 1 < 0.42) * 0.35)
    return _mix(base, accent, ((np.abs((x * 7) % 1 - 0.7) < 0.03) | (np.abs((y * 5) % 1 - 0.7) < 0.03)) * 0.5)


def _arabesque(u: Array, v: Array, f: float) -> Array:
    a = np.sin(u * f) * np.sin(v * f)
    b = np.sin((u + v) * f * 0.5 + 1) * np.sin((u - v) * f * 0.5)
    return np.asarray(a + 0.8 * b + 0.5 * np.sin(u * f * 2.1) * np.sin(v * f * 1.9), np.float32)


def _rug_persian(base: Array, figure: Array, accent: Array, rng: Rng) -> Array:
    """A medallion, corner pieces and a border of arabesques, unevenly worn."""
    n, ground = len(base), base[0, 0].copy()
    x, y = _unit_grid(n)
    u, v = np.abs(x - 0.5) * 2, np.abs(y - 0.5) * 2
    edge = np.minimum((1 - u) * 1.45, 1 - v) / 2
    radius, angle = np.hypot(u * 1.25, v), np.arctan2(v, u * 1.25)
    fine, finer = _arabesque(u * 1.45, v, 74), _arabesque(u * 1.45 + 0.4, v + 0.2, 118)
    medallion = radius < 0.50 + 0.035 * np.cos(12 * angle)
    core = radius < 0.22 + 0.03 * np.cos(8 * angle)
    corner = np.hypot((1 - u) * 1.25, 1 - v) < 0.50
    border = edge < 0.085
    layers: list[tuple[NDArray[np.bool_], Array, float]] = [
        (fine > 0.75, accent, 0.6), (finer > 1.0, figure, 0.75),
        (medallion, figure, 0.95), (medallion & (finer > 0.7), accent, 0.6),
        (core, ground, 0.95), (core & (fine > 0.5), accent, 0.6),
        (np.abs(radius - 0.50 - 0.035 * np.cos(12 * angle)) < 0.010, accent, 0.8),
        (np.abs(radius - 0.22 - 0.03 * np.cos(8 * angle)) < 0.008, accent, 0.8),
        (corner, figure, 0.9), (corner & (finer > 0.6), accent, 0.6),
        (border, figure * 0.9, 1.0), (border & (_arabesque(u * 1.45, v, 60) > 0.45), accent, 0.65),
        (border & (_arabesque(u * 1.45 + 0.3, v + 0.1, 90) > 1.0), ground, 0.8),
        *[(np.abs(edge - at) < width, accent if width > 0.003 else ground, 0.9)
          for at, width in ((0.085, 0.005), (0.066, 0.003), (0.022, 0.004), (0.008, 0.006))],
    ]  # fmt: skip
    for where, colour, share in layers:
        base = _mix(base, colour, cv2.GaussianBlur(where.astype(np.float32), (0, 0), 0.8) * share)
    wear = np.clip(0.16 + 0.10 * fractal(n, rng, 5, 3), 0.02, 0.45)
    return _mix(base, accent * 0.6 + 0.4 * base.mean(), wear)


_RUGS = {
    "abstract": _rug_abstract, "diamond": _rug_diamond, "persian": _rug_persian, "stripes": _rug_stripes,
    "plain": _rug_plain, "border": _rug_border, "checks": _rug_checks,
}  # fmt: skip


def rug(spec: RugSpec, rng: Rng, n: int = 1024) -> tuple[Array, Array]:
    """A rug with pile and its bump map."""
    ground, figure, accent = hex_colour(spec.ground), hex_colour(spec.figure), hex_colour(spec.accent)
    pattern = _RUGS[spec.pattern](np.ones((n, n, 3), np.float32) * ground, figure, accent, rng)
    pile = rng.normal(size=(n, n)).astype(np.float32)
    rows = np.sin(np.arange(n, dtype=np.float32) / n * 2 * np.pi * 150)[:, None]
    value = 1 + 0.06 * pile + 0.03 * rows + 0.035 * fractal(n, rng, 5, 6)
    bump = (0.5 + 0.13 * pile + 0.2 * rows)[..., None]
    return _shaded(pattern, value), np.asarray(bump, np.float32)


def art(palette: list[Array], rng: Rng, n: int = 320) -> Array:
    """An abstract painting: dunes, discs or brushed fields, as chance has it."""
    image = np.ones((n, n, 3), np.float32) * palette[0]
    painter = (_dunes, _discs, _fields)[int(rng.integers(3))]
    image = painter(image, palette[1:], rng)
    grain = 1 + 0.02 * rng.normal(size=(n, n, 1))
    return np.clip(image * grain, 0, 1).astype(np.float32)


def _dunes(image: Array, colours: list[Array], rng: Rng) -> Array:
    n = len(image)
    _, y = _unit_grid(n)
    t = np.arange(n) / n
    for i in range(5):
        walk = 0.10 * np.cumsum(rng.normal(size=n)) / np.sqrt(n)
        ridge = 0.30 + 0.14 * i + walk + 0.04 * np.sin(t * 2 * np.pi * rng.uniform(0.6, 1.6) + rng.uniform(0, 6))
        shade = (1 + 0.05 * fractal(n, rng, 4, 4))[..., None]
        image = np.where((y > ridge[None])[..., None], colours[i % len(colours)] * shade, image).astype(np.float32)
    return image


def _discs(image: Array, colours: list[Array], rng: Rng) -> Array:
    n = len(image)
    x, y = _unit_grid(n)
    for i in range(6):
        cx, cy, r = rng.uniform(0.2, 0.8), rng.uniform(0.2, 0.8), rng.uniform(0.1, 0.28)
        distance = np.hypot(x - cx, (y - cy) * rng.uniform(0.6, 1.2)) + 0.02 * fractal(n, rng, 4, 3)
        image = _mix(image, colours[i % len(colours)], np.clip((r - distance) / 0.006, 0, 1) * 0.85)
    return image


def _fields(image: Array, colours: list[Array], rng: Rng) -> Array:
    n = len(image)
    x, y = _unit_grid(n)
    for i in range(4):
        low, high = 0.10 + 0.2 * i, 0.10 + 0.2 * i + rng.uniform(0.12, 0.2)
        ragged = 0.03 * fractal(n, rng, 5, 4, (1, 3))
        inside = (y + ragged > low) & (y + ragged < high) & (x + 0.4 * ragged > 0.1) & (x + 0.4 * ragged < 0.9)
        brush = 0.75 + 0.2 * fractal(n, rng, 4, 2, (8, 0.7))
        image = _mix(image, colours[i % len(colours)], inside * np.clip(brush, 0.2, 0.97))
    return image
