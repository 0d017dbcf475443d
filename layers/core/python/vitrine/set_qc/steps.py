"""How large the steps of a turn are, from all that says so, and where one is too large."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vitrine.set_qc import turn
from vitrine.set_qc.features import Features
from vitrine.set_qc.thumbs import Matrix
from vitrine.set_qc.tracks import Matches
from vitrine.set_qc.turn import Array, Middle

MOST_MISSING = 4
_TAIL = 3.0
"""Degrees of freedom of Student's distribution: one cue alone, however sure, cannot decide."""


@dataclass(frozen=True)
class Cue:
    """What one measurement says of each step: ln(size in median steps), its deviation; NaN where it says nothing."""

    log_size: Array
    deviation: Array


@dataclass(frozen=True)
class Sizes:
    """`size` in median steps (NaN: unknown), and per step the best count of missing frames with its log odds."""

    size: Array
    score: Array
    count: Array


def sizes(cues: Sequence[Cue], claimed: Array) -> Sizes:
    """`claimed` is how many places each step covers by the claimed order: a step that is announced is no gap."""
    odds = np.stack([_odds(cues, claimed, missing) for missing in range(1, MOST_MISSING + 1)])
    best = odds.argmax(axis=0)
    return Sizes(_fused(cues), odds.max(axis=0), best + 1)


def _odds(cues: Sequence[Cue], claimed: Array, missing: int) -> Array:
    nothing, gap = np.log(claimed), np.log(claimed + missing)
    each = [_density(cue.log_size - gap, cue) - _density(cue.log_size - nothing, cue) for cue in cues]
    return np.asarray(np.nan_to_num(np.stack(each)).sum(axis=0), np.float64)


def _density(left: Array, cue: Cue) -> Array:
    return -(_TAIL + 1) / 2 * np.log1p((left / cue.deviation) ** 2 / _TAIL)


def _fused(cues: Sequence[Cue]) -> Array:
    """The weighted mean, weights by deviation; outliers among the cues fade."""
    values = np.stack([cue.log_size for cue in cues])
    precision = np.where(np.isnan(values), 0.0, 1 / np.stack([cue.deviation for cue in cues]) ** 2)
    values = np.nan_to_num(values)
    mean, weights = np.zeros(values.shape[1]), precision
    for _ in range(10):
        total = weights.sum(axis=0)
        mean = (weights * values).sum(axis=0) / np.maximum(total, 1e-12)
        weights = precision / (1 + precision * (values - mean) ** 2 / _TAIL)
    return np.where(precision.sum(axis=0) > 0, np.exp(mean), np.nan)


def cues_of(middles: Sequence[Middle | None], rises: tuple[Array, Array], between: Matrix, claimed: Array) -> list[Cue]:
    """`middles[i]` is the frame at which step i begins, between its neighbours; `between` the distances of pictures in
    the steps' order."""
    return [*_ratios(middles, claimed), _rise(*rises), _picture(between, claimed)]


def _ratios(middles: Sequence[Middle | None], claimed: Array) -> list[Cue]:
    """Each ratio speaks of the step before it and of the one after it."""
    logs = np.array([np.nan if one is None else one.log_ratio for one in middles])
    own = np.array([np.nan if one is None else one.deviation for one in middles])
    before, after = np.log(np.roll(claimed, 1)), np.log(claimed)
    deviation = np.sqrt(own**2 + max(_usual(logs - before + after), 0.03) ** 2)
    return [Cue(before - logs, deviation), Cue(np.roll(logs + after, -1), np.roll(deviation, -1))]


def _rise(size: Array, deviation: Array) -> Cue:
    with np.errstate(invalid="ignore"):
        logs = np.where(size > 0.1, np.log(np.maximum(size, 0.1)), np.nan)
        return Cue(logs, np.sqrt((deviation / np.maximum(size, 0.3)) ** 2 + max(_usual(logs), 0.05) ** 2))


def _picture(between: Matrix, claimed: Array) -> Cue:
    """By how much the pictures differ, against the two steps beside; a double step's usual excess is the set's own."""
    count = len(between)
    here = np.arange(count)
    one, two = (np.log(np.maximum(between[here, (here + far) % count], 1e-4)) for far in (1, 2))
    excess = max(float(np.median(two - (one + np.roll(one, -1)) / 2)), 0.3) / np.log(2)
    announced = (np.log(np.roll(claimed, 1)) + np.log(np.roll(claimed, -1))) / 2
    beside = (np.roll(one, 1) + np.roll(one, -1)) / 2 - excess * announced
    logs = (one - beside) / excess
    return Cue(logs, np.full(count, max(_usual(logs - np.log(claimed)), 0.08)))


def _usual(values: Array) -> float:
    """The deviation of what is usual: by the median, so that gaps do not widen it."""
    known = values[~np.isnan(values)]
    return 1.4826 * float(np.median(np.abs(known))) if len(known) else 1.0


def middles_of(frames: Sequence[Features], matches: Sequence[Matches], step: float) -> list[Middle | None]:
    """`matches[i]` are those of frame i and the next; the turn is closed."""
    count = len(frames)
    return [
        turn.middle((frames[at - 1], frames[at], frames[(at + 1) % count]), matches[at - 1], matches[at], step)
        for at in range(count)
    ]


def rises_of(frames: Sequence[Features], matches: Sequence[Matches]) -> tuple[Array, Array]:
    following = [*frames[1:], frames[0]]
    return turn.proportions([turn.slopes(*three) for three in zip(frames, following, matches, strict=True)])
