"""Whether two pictures show the vehicle from one place: a duplicate, whatever was done to its bytes.

Between two frames of a turn points at different depths move differently, and a flat side narrows by the cosine of the
step while its height stays. A copy that was shifted, scaled, encoded again, lightened or made noisy does neither. That
tells what pictures' distances cannot: from the side, a true step changes a picture less than a shift of 1 % does.
"""

from dataclasses import dataclass

import numpy as np

from vitrine.set_qc.features import Features
from vitrine.set_qc.tracks import Matches
from vitrine.set_qc.turn import PIXEL, Array

_LEAST_POINTS = 20
_STIR, _NARROWING = 0.26, 0.35


@dataclass(frozen=True)
class Motion:
    """`stir` is the median distance of shared points from where one affine map puts them (shares of the frame's longer
    side), `narrowing` by how much that map is no similarity."""

    stir: float
    narrowing: float


def motion(one: Features, other: Features, matches: Matches) -> Motion | None:
    """None where they share too few points."""
    if len(matches.first) < _LEAST_POINTS:
        return None
    first = one.points[matches.first].astype(np.float64)
    moved = other.points[matches.second] - first
    design = np.column_stack([np.ones(len(first)), first - first.mean(axis=0)])
    fit, left = _affine(design, moved)
    return Motion(float(np.median(left)), float(np.hypot(fit[1, 0] - fit[2, 1], fit[2, 0] + fit[1, 1])))


def _affine(design: Array, moved: Array) -> tuple[Array, Array]:
    """The map, and how far each point lies from it; what does not agree fades out."""
    weights: Array = np.ones(len(design))
    for _ in range(10):
        weighted = (design * weights[:, None]).T
        fit = np.linalg.solve(weighted @ design + 1e-12 * np.eye(3), weighted @ moved)
        left = np.hypot(*(moved - design @ fit).T)
        scale = max(1.4826 * float(np.median(left)), 0.2 * PIXEL)
        weights = 1 / (1 + (left / (2 * scale)) ** 2) ** 2
    return np.asarray(fit, np.float64), np.asarray(left, np.float64)


def turned(found: Motion | None, usual: float, step: float) -> float | None:
    """How clearly something turned between two frames: below 1 nothing did. `usual` is the set's median stir, `step`
    its step in radians."""
    if found is None:
        return None
    return max(found.stir / max(usual, PIXEL) / _STIR, found.narrowing / (1 - float(np.cos(step))) / _NARROWING)
