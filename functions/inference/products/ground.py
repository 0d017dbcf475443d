"""What the product stands before: a smooth model of a plain ground, and how well it holds.

A studio's paper is one colour with slow changes, and often a horizon between wall and floor: so a polynomial over the
frame, and what every row has more or less than it. Fitted robustly to what surely is no product.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from functions.inference.vision.arrays import Array, Bools, Floats

DEGREE = 3
ROUNDS = 6
LEAST_NOISE = 1.5 / 255
PLAIN_NOISE, PLAIN_SHARE = 0.02, 0.75
"""A ground is plain when its noise is below this (0 to 1) and this share of it lies within three times the noise."""
BESIDE = 0.35
"""Rows are measured this far (share of the width) from the middle and farther: shadows lie by the product."""
MOST_SAMPLES = 20_000
_LEAST_SAMPLES = 50


@dataclass(frozen=True)
class Ground:
    """`weights` of the polynomial (terms x 3) and `rows` (n x 3), both over the frame; `noise` is a deviation (3)."""

    weights: Floats
    rows: Array
    noise: Floats
    is_plain: bool

    def at(self, height: int, width: int, box: tuple[float, float, float, float] = (0, 0, 1, 1)) -> Array:
        """The bare ground (height x width x 3, 0 to 1) in a `box` of the frame (left, top, right, bottom, shares)."""
        left, top, right, bottom = box
        x = left + (right - left) * (np.arange(width) + 0.5) / width
        y = top + (bottom - top) * (np.arange(height) + 0.5) / height
        smooth = np.einsum("yxt,tc->yxc", _terms(*np.meshgrid(x, y)), self.weights)
        place = y * len(self.rows) - 0.5
        rows = np.stack([np.interp(place, np.arange(len(self.rows)), self.rows[:, c]) for c in range(3)], 1)
        return np.asarray(np.clip(smooth + rows[:, None], 0, 1), np.float32)


def fit(colours: Array, outside: Bools) -> Ground | None:
    """Of a small picture (h x w x 3, 0 to 1) and where it surely shows ground; None where that is hardly anywhere."""
    if int(outside.sum()) < _LEAST_SAMPLES:
        return None
    height, width = outside.shape
    y, x = np.nonzero(outside)
    step = max(1, len(y) // MOST_SAMPLES)
    terms, seen = _terms((x + 0.5) / width, (y + 0.5) / height), colours[y, x].astype(np.float64)
    weights = _robust(terms[::step], seen[::step])
    rest = seen - terms @ weights
    beside = np.abs((x + 0.5) / width - 0.5) > BESIDE
    rows = _rows(rest[beside], y[beside], height)
    rest -= rows[y]
    noise = np.maximum(1.4826 * np.median(np.abs(rest), 0), LEAST_NOISE)
    within = float((np.abs(rest) < 3 * noise + 0.01).all(1).mean())
    is_plain = float(noise.max()) < PLAIN_NOISE and within > PLAIN_SHARE
    return Ground(weights, rows.astype(np.float32), noise, is_plain)


def _terms(x: Floats, y: Floats) -> Floats:
    powers = [x**i * y**j for i in range(DEGREE + 1) for j in range(DEGREE + 1 - i)]
    return np.asarray(np.stack(powers, -1), np.float64)


def _robust(terms: Floats, seen: Floats) -> Floats:
    """Least squares, repeated with less weight for what lies far off (Cauchy's weights)."""
    trust = np.ones(len(seen))
    for _ in range(ROUNDS):
        part = terms * trust[:, None]
        weights = np.linalg.solve(part.T @ terms + 1e-7 * np.eye(terms.shape[1]), part.T @ seen)
        off = np.abs(seen - terms @ weights).max(1)
        trust = 1 / (1 + (off / max(2 * float(np.median(off)), 0.004)) ** 2)
    return np.asarray(weights, np.float64)


def _rows(rest: Floats, y: np.ndarray, height: int) -> Floats:
    """The middle of what each row's pixels have besides (height x 3), between rows where one has none."""
    found = np.full((height, 3), np.nan)
    for row, part in zip(*_by_row(rest, y), strict=True):
        found[row] = np.median(part, 0)
    known = np.flatnonzero(~np.isnan(found[:, 0]))
    if not len(known):
        return np.zeros((height, 3))
    filled = np.stack([np.interp(np.arange(height), known, found[known, c]) for c in range(3)], 1)
    return np.asarray(cv2.medianBlur(filled.astype(np.float32)[:, None], 3)[:, 0], np.float64)


def _by_row(rest: Floats, y: np.ndarray) -> tuple[np.ndarray, list[Floats]]:
    rows, starts = np.unique(y, return_index=True)
    return rows, np.split(rest, starts[1:]) if len(rows) else []
