"""How much of each pixel along the outline is product: closed-form matting, confined to a band.

Source: Levin, Lischinski, Weiss, "A closed-form solution to natural image matting", IEEE PAMI 2008: in every 3 x 3
window alpha is a linear function of colour. The matrix has 25 entries a row, one for each place of a 5 x 5
neighbourhood, so it is kept as a table of that width; conjugate gradients with the diagonal as preconditioner solve it.
Only unknown pixels have a row: the costs grow with the outline's length, not with the picture.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from functions.inference.vision.arrays import Array, Bools

SMOOTHNESS = 1e-5
"""Keeps a window of one colour solvable (epsilon of the source), for colours from 0 to 1."""
PRIOR = 2e-4
"""Least weight of the given alpha beside the windows' (each pixel is in nine): it decides where these say nothing."""
ROUNDS, ENOUGH = 60, 1e-3
_WINDOW = [(y, x) for y in (-1, 0, 1) for x in (-1, 0, 1)]
_PLACES = [(y, x) for y in range(-2, 3) for x in range(-2, 3)]


@dataclass(frozen=True)
class _Rows:
    """The unknown pixels' rows: `weights` (n x 25) towards `neighbours` (n x 25, flat indices into the picture)."""

    weights: Array
    neighbours: NDArray[np.int64]
    pixels: NDArray[np.int64]


def solve(colours: Array, start: Array, unknown: Bools, trust: Array) -> Array:
    """Alpha (h x w, 0 to 1): `start` where it is known, solved where `unknown`, with `trust` (h x w) in `start` there.

    `colours` are h x w x 3, 0 to 1. The picture's rim is never unknown.
    """
    unknown = unknown.copy()
    unknown[[0, 1, -2, -1]] = unknown[:, [0, 1, -2, -1]] = False
    if not unknown.any():
        return start
    rows = _rows(colours, unknown)
    alpha = start.astype(np.float32).ravel().copy()
    alpha[rows.pixels] = np.clip(_solved(rows, alpha, trust.ravel()[rows.pixels]), 0, 1)
    return alpha.reshape(start.shape)


def _rows(colours: Array, unknown: Bools) -> _Rows:
    height, width = unknown.shape
    pixels = np.flatnonzero(unknown)
    number = np.full(height * width, -1, np.int64)
    number[pixels] = np.arange(len(pixels))
    windows = np.flatnonzero(_around(unknown))[:, None] + np.array([y * width + x for y, x in _WINDOW])
    weights = np.zeros((len(pixels), 25), np.float32)
    likeness = _likeness(colours.reshape(-1, 3)[windows])
    for i, here in enumerate(_WINDOW):
        row = number[windows[:, i]]
        inside = row >= 0
        for j, there in enumerate(_WINDOW):
            # Each window reaches a pixel by one of its nine places, so no row occurs twice here.
            place = (there[0] - here[0] + 2) * 5 + there[1] - here[1] + 2
            weights[row[inside], place] += likeness[inside, i, j]
    return _Rows(weights, pixels[:, None] + np.array([y * width + x for y, x in _PLACES]), pixels)


def _around(unknown: Bools) -> Bools:
    """Centres of the windows that hold an unknown pixel; none is on the picture's rim."""
    near = unknown.copy()
    near[1:] |= unknown[:-1]
    near[:-1] |= unknown[1:]
    near[:, 1:], near[:, :-1] = near[:, 1:] | near[:, :-1], near[:, :-1] | near[:, 1:]
    near[[0, -1]] = near[:, [0, -1]] = False
    return near


def _likeness(windows: Array) -> Array:
    """n x 9 x 9: how much two pixels of a window share their alpha (equation 12 of the source, without its delta)."""
    apart = windows - windows.mean(1, keepdims=True)
    spread = np.einsum("nij,nik->njk", apart, apart) / 9 + np.eye(3, dtype=np.float32) * (SMOOTHNESS / 9)
    turned = apart @ np.linalg.inv(spread.astype(np.float64)).astype(np.float32)
    return np.asarray((1 + turned @ apart.transpose(0, 2, 1)) / 9, np.float32)


def _solved(rows: _Rows, alpha: Array, trust: Array) -> Array:
    """Conjugate gradients from `alpha`, which also holds the known pixels' values (flat)."""
    known = alpha.copy()
    known[rows.pixels] = 0
    total = rows.weights.sum(1) + trust
    target = _gathered(rows, known) + trust * alpha[rows.pixels]
    field = np.zeros_like(alpha)

    def apply(values: Array) -> Array:
        field[rows.pixels] = values
        return np.asarray(total * values - _gathered(rows, field), np.float32)

    diagonal = np.maximum(total - rows.weights[:, 12], 1e-6)
    return _conjugate(apply, target, diagonal, alpha[rows.pixels])


def _gathered(rows: _Rows, field: Array) -> Array:
    return np.asarray(np.einsum("nk,nk->n", rows.weights, field[rows.neighbours]), np.float32)


def _conjugate(apply: Callable[[Array], Array], target: Array, diagonal: Array, start: Array) -> Array:
    found = start.copy()
    rest = target - apply(found)
    scaled = rest / diagonal
    way, size = scaled, float(rest @ scaled)
    enough = ENOUGH**2 * max(float(target @ (target / diagonal)), 1e-12)
    for _ in range(ROUNDS):
        if size <= enough:
            break
        pushed = apply(way)
        step = size / max(float(way @ pushed), 1e-20)
        found, rest = found + step * way, rest - step * pushed
        scaled = rest / diagonal
        size, before = float(rest @ scaled), size
        way = scaled + (size / before) * way
    return found
