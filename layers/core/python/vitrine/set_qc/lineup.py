"""A set's frames in the claimed order, and which of them a turn is measured by."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from vitrine.set_qc import colours, same, thumbs, tracks
from vitrine.set_qc.features import Features
from vitrine.set_qc.models import Close, SetFrame
from vitrine.set_qc.outline import Silhouette
from vitrine.set_qc.scores import foreignness, is_copy, unlike

LEAST = 6
"""Below so many frames there is no turn to speak of."""
_CLOSE, _CLOSE_ELSEWHERE = 1.0, 0.6
"""In median steps. A copy that was shifted by 1 % can be as far as .8, but comparing all such pairs of a walk-around
would take longer than all the rest; a second shot of a station stands beside the first."""
_BESIDE = 2
_COPIED = 0.42
_SWAP_GAIN = 0.1


@dataclass(frozen=True, eq=False)
class Lineup:
    """Frames in the claimed order, with what was measured between them."""

    frames: list[SetFrame]
    features: list[Features]
    places: list[int]
    distances: thumbs.Matrix
    mirror: thumbs.Matrix
    shared: dict[tuple[int, int], tracks.Matches]

    @property
    def count(self) -> int:
        return len(self.frames)

    def matches(self, one: int, other: int) -> tracks.Matches:
        if (one, other) not in self.shared:
            self.shared[one, other] = tracks.matched(self.features[one], self.features[other])
        return self.shared[one, other]

    def ids(self, at: Sequence[int]) -> tuple[str, ...]:
        return tuple(self.frames[one].id for one in at)

    @property
    def usual(self) -> float:
        """The median distance of a frame's picture to the next one's."""
        at = np.arange(self.count)
        return max(float(np.median(self.distances[at, (at + 1) % self.count])), 1e-4)


@dataclass(frozen=True)
class Alone:
    """Per frame: distance to the most like it, points shared with its neighbours against those that these share, how
    far its colours are from theirs, and how far its paint is (stops), where an outline says what is painted."""

    nearest: list[float]
    shared: list[float]
    paint: list[float]
    tone: list[float]


def isolation(whole: Lineup, seen: Sequence[Silhouette | None]) -> Alone:
    count = whole.count
    others = whole.distances + np.diag(np.full(count, np.inf))
    paints = colours.paints([one.small for one in whole.features])
    tones = [
        np.full(2, np.nan) if on is None else colours.tone(one.small, on.mask)
        for one, on in zip(whole.features, seen, strict=True)
    ]
    shared, paint, tone = [], [], []
    for at in range(count):
        before, after = (at - 1) % count, (at + 1) % count
        beside = len(whole.matches(before, at).first) + len(whole.matches(at, after).first)
        shared.append(beside / (2 * len(whole.matches(before, after).first) + 8))
        paint.append(colours.apart(paints[before], paints[at], paints[after]))
        tone.append(colours.apart(tones[before], tones[at], tones[after]))
    return Alone([float(one) for one in others.min(axis=1) / whole.usual], shared, paint, tone)


def _is_foreign(alone: Alone, at: int) -> bool:
    return foreignness(alone.nearest[at], alone.shared[at], alone.paint[at], unlike(alone.tone[at])) > 1.0


def close(whole: Lineup) -> tuple[Close, ...]:
    """Pairs of frames whose pictures are nearer than a usual step, with what turned between them."""
    step = 2 * np.pi / max(whole.count, LEAST)
    following = [(at, (at + 1) % whole.count) for at in range(whole.count)]
    stirs = [found.stir for pair in following if (found := _motion(whole, *pair)) is not None]
    usual = float(np.median(stirs)) if stirs else 0.0
    ratio = whole.distances / whole.usual
    return tuple(
        Close(
            first=whole.frames[one].id,
            second=whole.frames[other].id,
            distance=round(max(0.0, float(ratio[one, other])), 4),
            turned=_rounded(same.turned(_copied(whole, one, other), usual, step)),
        )
        for one, other in np.argwhere(np.triu(ratio < _limits(whole.count), 1)).tolist()
    )


def _limits(count: int) -> thumbs.Matrix:
    apart = np.abs(np.arange(count)[:, None] - np.arange(count))
    return np.where(np.minimum(apart, count - apart) <= _BESIDE, _CLOSE, _CLOSE_ELSEWHERE)


def _motion(whole: Lineup, one: int, other: int) -> same.Motion | None:
    return same.motion(whole.features[one], whole.features[other], whole.matches(one, other))


def _copied(whole: Lineup, one: int, other: int) -> same.Motion | None:
    """Only where they share as many points as copies do, of whichever has fewer: opposite sides of a vehicle share the
    pattern of its wheels, in the same places."""
    fewer = min(len(whole.features[one].points), len(whole.features[other].points))
    return _motion(whole, one, other) if len(whole.matches(one, other).first) >= _COPIED * fewer else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def kept(whole: Lineup, near: Sequence[Close], alone: Alone, swapped: Sequence[tuple[int, float]]) -> list[int]:
    """The frames that steps are measured between: without second copies and foreign ones, swapped ones put right."""
    line = list(range(whole.count))
    for at, gain in swapped:
        if gain > _SWAP_GAIN and at + 1 < whole.count:
            line[at], line[at + 1] = line[at + 1], line[at]
    copies = {pair.second for pair in near if is_copy(pair)}
    return [one for one in line if whole.frames[one].id not in copies and not _is_foreign(alone, one)]


def claimed_steps(whole: Lineup, line: Sequence[int], alone: Alone) -> list[int]:
    """Places from each frame of the line to the next. Where frames have no index, a foreign one between them holds a
    place, and a copy takes none of its own."""
    if any(frame.index is not None for frame in whole.frames):
        return [max(1, whole.places[after] - whole.places[before]) for before, after in pairwise(line)] + [1]
    foreign = [at for at in range(whole.count) if _is_foreign(alone, at)]
    return [1 + sum(before < one < after for one in foreign) for before, after in pairwise(line)] + [1]
