"""Smooth curves and outlines as fields that are cheap to ask: sampled once, then interpolated by cubic B-splines.

A cubic B-spline is twice differentiable, so that reflections on a surface made of such fields have no kinks.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import ArrayLike

from functions.inference.vision.arrays import Floats

STEP_M = 0.01
MARGIN_M = 0.5

Outline = Sequence[tuple[float, float]]
"""Corners in metres, in order."""


def _weights(t: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """The four weights of a uniform cubic B-spline at `t` from 0 to 1."""
    u = 1 - t
    t2, u2 = t * t, u * u  # powers by ** take ten times as long
    return u2 * u / 6, (0.5 * t - 1) * t2 + 2 / 3, (0.5 * u - 1) * u2 + 2 / 3, t2 * t / 6


def _smoothed(values: Floats, sigma: float) -> Floats:
    size = (0, 0) if values.ndim == 2 else (1, 0)
    if sigma <= 0:
        return values
    if values.ndim == 1:
        return np.asarray(_smoothed(np.repeat(values[:, None], 3, 1), sigma)[:, 1], np.float64)
    assert size
    return np.asarray(cv2.GaussianBlur(values, (0, 0), sigma / STEP_M, borderType=cv2.BORDER_REPLICATE), np.float64)


class Curve:
    """A function of one coordinate through knots (at, value), its corners smoothed over `sigma` metres."""

    def __init__(self, knots: Outline, sigma: float = 0.03) -> None:
        at, value = np.asarray(knots, float).T
        order = np.argsort(at)
        self._low = float(at.min()) - MARGIN_M
        samples = np.arange(self._low, float(at.max()) + MARGIN_M, STEP_M)
        self._values = _smoothed(_extended(samples, at[order], value[order]), sigma)

    def __call__(self, x: Floats) -> Floats:
        place = np.clip((x - self._low) / STEP_M, 1, len(self._values) - 3 - 1e-6)
        cell = place.astype(np.int64)
        return np.asarray(sum(w * self._values[cell + k - 1] for k, w in enumerate(_weights(place - cell))), np.float64)


def _extended(x: Floats, at: Floats, value: Floats) -> Floats:
    """Linear between the knots and beyond them."""
    inside = np.interp(x, at, value)
    left = (value[1] - value[0]) / (at[1] - at[0])
    right = (value[-1] - value[-2]) / (at[-1] - at[-2])
    beyond = np.where(x < at[0], (x - at[0]) * left, np.where(x > at[-1], (x - at[-1]) * right, 0))
    return np.asarray(inside + beyond, np.float64)


def distance_to_outline(points: Floats, outline: ArrayLike) -> Floats:
    """Metres from points (n x 2) to a closed outline: negative inside."""
    corners = np.asarray(outline, float)
    inside = np.zeros(len(points), bool)
    nearest = np.full(len(points), np.inf)
    for a, b in zip(corners, np.roll(corners, -1, 0), strict=True):
        nearest = np.minimum(nearest, _to_segment(points, a, b))
        crosses = (points[:, 1] < a[1]) != (points[:, 1] < b[1])
        slope = (b[0] - a[0]) / (b[1] - a[1]) if b[1] != a[1] else 0.0
        inside ^= crosses & (points[:, 0] < a[0] + (points[:, 1] - a[1]) * slope)
    return np.where(inside, -nearest, nearest)


def _to_segment(points: Floats, a: Floats, b: Floats) -> Floats:
    along = b - a
    share = np.clip((points - a) @ along / max(float(along @ along), 1e-12), 0, 1)
    return np.asarray(np.linalg.norm(points - a - share[:, None] * along, axis=1), np.float64)


@dataclass(frozen=True)
class _Grid:
    low: Floats
    values: Floats


class Region:
    """The signed distance to a closed outline in a plane, its corners rounded by about `sigma` metres."""

    def __init__(self, outline: Outline, sigma: float = 0.015) -> None:
        corners = np.asarray(outline, float)
        low, high = corners.min(0) - MARGIN_M, corners.max(0) + MARGIN_M
        axes = [np.arange(a, b, STEP_M) for a, b in zip(low, high, strict=True)]
        points = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 2)
        field = distance_to_outline(points, corners).reshape(len(axes[0]), len(axes[1]))
        self._grid = _Grid(low, _smoothed(field, sigma))

    def __call__(self, u: Floats, v: Floats) -> Floats:
        """Negative inside; beyond half a metre from the outline no larger than there."""
        (rows, columns), values = self._grid.values.shape, self._grid.values.ravel()
        p = np.clip((u - self._grid.low[0]) / STEP_M, 1, rows - 3 - 1e-6)
        q = np.clip((v - self._grid.low[1]) / STEP_M, 1, columns - 3 - 1e-6)
        i, j = p.astype(np.int64), q.astype(np.int64)
        across = _weights(q - j)
        total = np.zeros(np.broadcast(p, q).shape)
        for k, weight in enumerate(_weights(p - i)):
            row = (i + k - 1) * columns + j
            total = total + weight * sum(w * values[row + m - 1] for m, w in enumerate(across))
        return np.asarray(total, np.float64)


def ramp(t: Floats, width: float) -> Floats:
    """max(t, 0) with a rounded corner."""
    return np.asarray(0.5 * (t + np.sqrt(t * t + width * width)), np.float64)


def smoothstep(t: Floats, low: Floats | float, high: Floats | float) -> Floats:
    s = np.clip((t - low) / (high - low), 0, 1)
    return np.asarray(s * s * (3 - 2 * s), np.float64)


def both(a: Floats, b: Floats, radius: float) -> Floats:
    """The intersection of two solids given by distances, its edge rounded."""
    corner = np.hypot(np.maximum(a + radius, 0), np.maximum(b + radius, 0))
    return np.asarray(np.minimum(np.maximum(a, b), -radius) + corner, np.float64)


def either(a: Floats, b: Floats, radius: float) -> Floats:
    """The union of two solids, its groove filled."""
    return -both(-a, -b, radius)
