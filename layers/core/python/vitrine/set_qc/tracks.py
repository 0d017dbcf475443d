"""Points that two or three frames of a turn share."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

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
_ALIKE = 0.8
_LEAST_FRAMES = 8


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


def without_stage(frames: Sequence[Features]) -> list[Features]:
    """Each frame without the points that stand at the same place in a frame a third and a half of a turn away: floor,
    walls and lamps stand still while the vehicle turns, and would make two opposite views look shared."""
    count = len(frames)
    if count < _LEAST_FRAMES:
        return list(frames)
    return [
        _without(frame, [frames[(at + count // 3) % count], frames[(at + count // 2) % count]])
        for at, frame in enumerate(frames)
    ]


def _without(frame: Features, others: Sequence[Features]) -> Features:
    stays = np.zeros(len(frame.points), bool)
    for other in others:
        if len(other.points) and len(frame.points):
            stays |= _stays(frame, other)
    return replace(
        frame, points=frame.points[~stays], descriptors=frame.descriptors[~stays], colours=frame.colours[~stays]
    )


def _stays(frame: Features, other: Features) -> NDArray[np.bool_]:
    apart = np.abs(frame.points[:, None] - other.points[None]).max(axis=2)
    one, two = np.nonzero(apart < 2 * _STILL)
    first, second = frame.descriptors[one].astype(np.float32), other.descriptors[two].astype(np.float32)
    alike = (first * second).sum(axis=1) > _ALIKE * np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    stays = np.zeros(len(frame.points), bool)
    stays[one[alike]] = True
    return stays


def chained(before: Matches, after: Matches) -> tuple[Indices, Indices, Indices]:
    """Points seen in three frames, from the matches of the first two and of the last two."""
    middle, left, right = np.intersect1d(before.second, after.first, return_indices=True)
    return before.first[left], middle, after.second[right]


def moving(one: Floats, other: Floats) -> NDArray[np.bool_]:
    return np.asarray(np.abs(one - other).max(axis=-1) > _STILL, np.bool_)
