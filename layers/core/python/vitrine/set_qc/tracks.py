"""Points that two or three frames of a turn share."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vitrine.set_qc.features import Features, Floats

Indices = NDArray[np.int64]

_ROWS = 0.06
"""A point keeps its height within this share of the frame's longer side; a shifted or turned frame's too."""
_REACH = 0.3
_RATIO = 0.85
_STILL = 0.0016
"""What moves by less than one pixel of 640 is background."""


@dataclass(frozen=True, eq=False)
class Matches:
    """Places of the same points: `first` and `second` index the points of either frame."""

    first: Indices
    second: Indices


def matched(one: Features, other: Features) -> Matches:
    """Root-SIFT (Arandjelovic and Zisserman, CVPR 2012), gated by rows, mutual, by Lowe's ratio."""
    if min(len(one.points), len(other.points)) < 2:
        return Matches(np.zeros(0, np.int64), np.zeros(0, np.int64))
    alike = _rooted(one) @ _rooted(other).T
    far = np.abs(one.points[:, None] - other.points[None, :])
    alike[(far[..., 1] > _ROWS) | (far[..., 0] > _REACH)] = -1
    rows = np.arange(len(alike))
    best = alike.argmax(axis=1)
    score = alike[rows, best]
    mutual = alike.argmax(axis=0)[best] == rows
    alike[rows, best] = -1
    # Distances of unit vectors, so that the ratio means what Lowe's does.
    distance = np.sqrt(np.maximum(2 - 2 * score, 0))
    runner_up = np.sqrt(2 - 2 * alike.max(axis=1))
    good = mutual & (score > 0) & (distance < _RATIO * runner_up)
    return Matches(rows[good], best[good])


def _rooted(features: Features) -> Floats:
    described = features.descriptors.astype(np.float32)
    return np.asarray(np.sqrt(described / np.maximum(described.sum(axis=1, keepdims=True), 1)), np.float32)


def chained(before: Matches, after: Matches) -> tuple[Indices, Indices, Indices]:
    """Points seen in three frames, from the matches of the first two and of the last two."""
    middle, left, right = np.intersect1d(before.second, after.first, return_indices=True)
    return before.first[left], middle, after.second[right]


def moving(one: Floats, other: Floats) -> NDArray[np.bool_]:
    return np.asarray(np.abs(one - other).max(axis=-1) > _STILL, np.bool_)
