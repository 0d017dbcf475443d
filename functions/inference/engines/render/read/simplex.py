"""Nelder-Mead for many starts at once: one call of the loss per move serves them all.

J. A. Nelder, R. Mead, "A Simplex Method for Function Minimization" (1965), with the usual coefficients: reflect 1,
expand 2, contract and shrink 1/2.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from functions.inference.vision.arrays import Bools, Floats

Indices = NDArray[np.intp]
Loss = Callable[[Floats, Indices], Floats]
"""Values of m x d points; the second argument says which of the k problems each point belongs to."""


def around(starts: Floats, steps: Floats) -> Floats:
    """k simplices (k x d + 1 x d) that reach `steps` (d, or k x d) from each of k starts along every axis."""
    spread = np.zeros((*starts.shape, starts.shape[1]))
    diagonal = np.arange(starts.shape[1])
    spread[:, diagonal, diagonal] = steps
    return np.concatenate([starts[:, None], starts[:, None] + spread], 1)


def minimise(loss: Loss, simplices: Floats, iterations: int, near: float, flat: float) -> tuple[Floats, Floats]:
    """The least value and its point for each of k simplices.

    A simplex rests once its points lie within `near` of the best one and their values within `flat`.
    """
    points = simplices.astype(np.float64)
    count, corners, _ = points.shape
    values = loss(points.reshape(count * corners, -1), np.repeat(np.arange(count), corners)).reshape(count, corners)
    moving = np.arange(count)
    for _ in range(iterations):
        _sort(points, values, moving)
        moving = moving[~_at_rest(points[moving], values[moving], near, flat)]
        if not len(moving):
            break
        _move(loss, points, values, moving)
    _sort(points, values, np.arange(count))
    return values[:, 0], points[:, 0]


def _sort(points: Floats, values: Floats, which: Indices) -> None:
    order = np.argsort(values[which], axis=1, kind="stable")
    values[which] = np.take_along_axis(values[which], order, 1)
    points[which] = np.take_along_axis(points[which], order[..., None], 1)


def _at_rest(points: Floats, values: Floats, near: float, flat: float) -> Bools:
    close = np.abs(points[:, 1:] - points[:, :1]).max((1, 2)) <= near
    return np.asarray(close & (np.abs(values[:, 1:] - values[:, :1]).max(1) <= flat))


def _move(loss: Loss, points: Floats, values: Floats, which: Indices) -> None:
    """One reflection, expansion, contraction or shrinking of each simplex, whose corners are sorted."""
    middle, worst = points[which, :-1].mean(1), points[which, -1]
    reflected = 2 * middle - worst
    found = loss(reflected, which)
    best, second, last = values[which, 0], values[which, -2], values[which, -1]
    further = np.where(found < best, 2.0, np.where(found < last, 0.5, -0.5))
    tries = np.flatnonzero((found < best) | (found >= second))
    tried = middle[tries] + further[tries, None] * (middle[tries] - worst[tries])
    value = loss(tried, which[tries])
    limit = np.where(found < best, found, np.where(found < last, np.nextafter(found, np.inf), last))[tries]
    better = value < limit
    reflected[tries[better]], found[tries[better]] = tried[better], value[better]
    stuck = np.zeros(len(which), np.bool_)
    stuck[tries[~better]] = (found >= second)[tries[~better]]
    points[which[~stuck], -1], values[which[~stuck], -1] = reflected[~stuck], found[~stuck]
    if stuck.any():
        _shrink(loss, points, values, which[stuck])


def _shrink(loss: Loss, points: Floats, values: Floats, which: Indices) -> None:
    points[which, 1:] = (points[which, :1] + points[which, 1:]) / 2
    corners = points.shape[1] - 1
    flat = points[which, 1:].reshape(len(which) * corners, -1)
    values[which, 1:] = loss(flat, np.repeat(which, corners)).reshape(len(which), corners)
