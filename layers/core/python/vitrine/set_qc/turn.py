"""The geometry of a turn: how large each step is, and where the neighbours' points put a frame.

Three frames: of a point turning about an upright axis, x in the middle frame is a·x before + b·x after + c, with
b/a = sin(step before)/sin(step after) and a + b = cos of half the steps' difference over cos of half their sum. Fitted
with a prior on a + b, which alone makes it hold with few points. Two frames: the same point rises or sinks by
tan(step/2) · (x + x') · (its height / distance - the camera's pitch), so the two slopes of that regression are in
proportion to the step. Both were derived here for cameras far away; perspective leaves them nearly so.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vitrine.set_qc.features import Features
from vitrine.set_qc.tracks import Matches, chained, moving

Array = NDArray[np.float64]

PIXEL = 1 / 640
_LEAST_POINTS = 4
_LEAST_PAIRS = 8
_PRIOR = np.array([[1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], np.float64)
_PRIOR_DEVIATION = 0.02


@dataclass(frozen=True)
class Middle:
    """A frame between its two neighbours. `log_ratio` is ln(step before / step after), `deviation` its own.

    Shifts are shares of the frame's longer side, `scale` is 1 and `turn` (radians) 0 where it stands as they do;
    `doubts` are the deviations of shift_x, shift_y, scale and turn.
    """

    log_ratio: float
    deviation: float
    shift_x: float
    shift_y: float
    scale: float
    turn: float
    doubts: tuple[float, float, float, float]


def middle(frames: tuple[Features, Features, Features], before: Matches, after: Matches, step: float) -> Middle | None:
    """None where they share too few points that move. `step` is the set's median, in radians."""
    places = chained(before, after)
    found = [frame.points[place].astype(np.float64) for frame, place in zip(frames, places, strict=True)]
    live = moving(frames[0].points[places[0]], frames[1].points[places[1]])
    live |= moving(frames[1].points[places[1]], frames[2].points[places[2]])
    first, second, third = (points[live] for points in found)
    if len(second) < _LEAST_POINTS:
        return None
    return _fitted(first, second, third, 1 / float(np.cos(step)))


def _fitted(first: Array, second: Array, third: Array, total: float) -> Middle | None:
    design = np.stack([first[:, 0], third[:, 0], np.ones(len(second)), second[:, 1]], axis=1)
    start = _start(first[:, 0], second[:, 0], third[:, 0], total)
    fit, weights, covariance = _ridge(design, second[:, 0], start, total)
    before, after = float(fit[0]), float(fit[1])
    if min(before, after) <= 0.02:
        return None
    slope = np.array([-1 / before, 1 / after, 0, 0])
    deviation = float(np.sqrt(slope @ covariance @ slope))
    placed = (before * first + after * third) / (before + after)
    return Middle(float(np.log(after / before)), deviation, *_placed(placed, second, weights, total))


def _start(x0: Array, x1: Array, x2: Array, total: float) -> Array:
    """The share of the way that the middle frame stands at, tried in 61 places; the most points in agreement win."""
    shares = np.linspace(0.04, total - 0.04, 61)
    left = (x1 - total * x0)[None] - shares[:, None] * (x2 - x0)[None]
    offsets = np.median(left, axis=1)
    agreement = (1 / (1 + ((left - offsets[:, None]) / (2 * PIXEL)) ** 2)).sum(axis=1)
    best = int(agreement.argmax())
    return np.array([total - shares[best], shares[best], offsets[best], 0.0])


def _ridge(design: Array, goal: Array, fit: Array, total: float) -> tuple[Array, Array, Array]:
    """Least squares with weights that fade out what does not agree, and with the prior."""
    scale, wanted = 2 * PIXEL, np.array([total, 0, 0])
    weights: Array = np.ones(len(goal))
    inverse: Array = np.eye(4)
    for _ in range(10):
        weights = 1 / (1 + ((goal - design @ fit) / (1.5 * scale)) ** 2) ** 2
        pull = (scale / _PRIOR_DEVIATION) ** 2
        weighted = (design * weights[:, None]).T
        inverse = np.asarray(np.linalg.inv(weighted @ design + pull * _PRIOR.T @ _PRIOR), np.float64)
        fit = inverse @ (weighted @ goal + pull * _PRIOR.T @ wanted)
        spread = 1.4826 * float(np.median(np.abs(goal - design @ fit)))
        scale = max(0.3 * PIXEL, min(scale, spread))
    return fit, weights, inverse * scale**2


def _placed(
    placed: Array, found: Array, weights: Array, total: float
) -> tuple[float, float, float, float, tuple[float, float, float, float]]:
    """Shift, scale and turn from where the neighbours put the points to where they are, and the deviations of these, by
    weighted least squares."""
    ones, none = np.ones(len(found)), np.zeros(len(found))
    across = np.stack([placed[:, 0] * total, -placed[:, 1], ones, none], axis=1)
    along = np.stack([placed[:, 1], placed[:, 0] * total, none, ones], axis=1)
    design, goal = np.concatenate([across, along]), np.concatenate([found[:, 0], found[:, 1]])
    twice = np.concatenate([weights, weights])
    pull = np.diag([PIXEL / 0.02, PIXEL / 0.02, 0, 0]) ** 2
    inverse = np.linalg.inv((design * twice[:, None]).T @ design + pull + 1e-9 * np.eye(4))
    solved = inverse @ ((design * twice[:, None]).T @ goal + pull @ np.array([1.0, 0, 0, 0]))
    left = np.abs(goal - design @ solved)
    spread = max(1.4826 * float(np.median(left)), 0.3 * PIXEL)
    of_scale, of_turn, of_x, of_y = (float(one) for one in spread * np.sqrt(np.diag(inverse)))
    scale, turn, shift_x, shift_y = (float(one) for one in solved)
    return shift_x, shift_y, scale, turn, (of_x, of_y, of_scale, of_turn)


def slopes(one: Features, other: Features, matches: Matches) -> tuple[Array, Array] | None:
    """Of the rise of shared points, over x + x' and over that times y; and their inverse covariance."""
    first = one.points[matches.first].astype(np.float64)
    second = other.points[matches.second].astype(np.float64)
    live = moving(first.astype(np.float32), second.astype(np.float32))
    first, second = first[live], second[live]
    if len(first) < _LEAST_PAIRS:
        return None
    across, height = first[:, 0] + second[:, 0], (first[:, 1] + second[:, 1]) / 2
    design = np.stack([across, across * height, height, np.ones(len(across))], axis=1)
    fit, covariance = _robust(design, second[:, 1] - first[:, 1])
    return fit[:2], np.asarray(np.linalg.inv(covariance[:2, :2]), np.float64)


def _robust(design: Array, goal: Array) -> tuple[Array, Array]:
    calm, scale = 1e-9 * np.eye(design.shape[1]), PIXEL
    weights: Array = np.ones(len(goal))
    fit: Array = np.zeros(design.shape[1])
    inverse: Array = calm
    for _ in range(12):
        weighted = (design * weights[:, None]).T
        inverse = np.asarray(np.linalg.inv(weighted @ design + calm), np.float64)
        fit = inverse @ (weighted @ goal)
        left = goal - design @ fit
        scale = max(1.4826 * float(np.median(np.abs(left))), 0.15 * PIXEL)
        weights = 1 / (1 + (left / (2 * scale)) ** 2) ** 2
    return fit, inverse * scale**2


def proportions(found: list[tuple[Array, Array] | None]) -> tuple[Array, Array]:
    """Steps in medians of the set and their deviations, from all pairs' slopes: the one direction in which the pairs of
    slopes lie, then how far each goes along it. NaN where a pair had none."""
    known = [pair for pair in found if pair is not None]
    if len(known) < _LEAST_POINTS:
        nothing = np.full(len(found), np.nan)
        return nothing, nothing
    direction = _direction(known)
    along, spread = np.array([_along(direction, pair) for pair in found]).T
    usual = float(np.nanmedian(along)) or 1.0
    return along / usual, spread / abs(usual)


def _along(direction: Array, pair: tuple[Array, Array] | None) -> tuple[float, float]:
    """How far a pair's slopes go along the direction, and the deviation of that."""
    if pair is None:
        return float("nan"), float("nan")
    slopes_, precision = pair
    weight = float(direction @ precision @ direction)
    return float(direction @ precision @ slopes_) / weight, weight**-0.5


def _direction(known: list[tuple[Array, Array]]) -> Array:
    fits, precisions = np.stack([pair[0] for pair in known]), np.stack([pair[1] for pair in known])
    direction = _unit(np.median(fits, axis=0))
    for _ in range(30):
        weighted = precisions @ direction
        along = (weighted * fits).sum(axis=1) / (weighted @ direction)
        near = np.abs(along) < 4 * np.median(np.abs(along))
        left = (precisions[near] * (along[near] ** 2)[:, None, None]).sum(axis=0)
        right = (np.einsum("nij,nj->ni", precisions[near], fits[near]) * along[near][:, None]).sum(axis=0)
        direction = _unit(np.linalg.solve(left, right))
    return direction


def _unit(vector: Array) -> Array:
    return np.asarray(vector / (np.linalg.norm(vector) + 1e-12), np.float64)
