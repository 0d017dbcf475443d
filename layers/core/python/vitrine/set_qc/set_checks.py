"""What is said of the set: missing frames, duplicates, order, direction, front, seam, vehicle."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vitrine.set_qc.checks import judged, passed
from vitrine.set_qc.models import (
    Axis,
    Check,
    CheckStatus,
    Difference,
    Direction,
    Gap,
    Pair,
    SetFrame,
    SetMeasures,
    Step,
)
from vitrine.set_qc.places import claimed
from vitrine.set_qc.scores import foreignness, is_copy, is_gap, outlined
from vitrine.set_qc.thresholds import Thresholds
from vitrine.set_qc.words import counted

_SWAP_GAIN = 0.1
_PAIRS = ("pair of frames fits", "pairs of frames fit")
_RED, _RED_SHARE, _LESS_RED = 0.005, 0.3, 0.05
"""How much redder one end must be: of the lamps' places, and of both ends' red, which red paint makes large."""


@dataclass(frozen=True)
class Findings:
    """Everything that concerns more than one frame. `around` is how many frames the whole turn has."""

    order: tuple[str, ...]
    around: int
    missing: tuple[Gap, ...]
    duplicates: tuple[Pair, ...]
    swapped: tuple[Pair, ...]
    foreign: tuple[str, ...]
    direction: Direction
    front: str | None
    differences: tuple[Difference, ...]
    checks: dict[str, Check]
    confidence: float


def findings(
    frames: Sequence[SetFrame], expected: int | None, relations: SetMeasures, thresholds: Thresholds
) -> Findings:
    line = claimed(frames)
    around = expected or max(len(frames), 1 + max((frame.index or 0 for frame in frames), default=0))
    swapped = _swapped(relations, thresholds)
    foreign = _foreign(relations, thresholds)
    duplicates = _duplicates(relations, thresholds)
    missing = (*_by_names(line, expected), *_by_pixels(relations, around, thresholds))
    direction, directed = _direction(relations, thresholds)
    front, fronted = _front(relations, thresholds)
    differences = _differences(relations, front, thresholds)
    order, ordered = _order(relations, swapped, thresholds)
    found = {
        "missing": _missing(missing, len(frames), expected),
        "duplicates": _count(
            duplicates, "duplicates", ("frame is there twice", "frames are there twice"), CheckStatus.WARN
        ),
        "order": ordered,
        "foreign": _count(
            foreign, "foreign", ("frame shows something else", "frames show something else"), CheckStatus.FAIL
        ),
        "direction": directed,
        "front": fronted,
        "seam": _seam(relations, around, thresholds),
        "vehicle": _vehicle(relations),
        "sides": _sides(differences, thresholds),
    }
    sure = 1.0 if relations.masked else 0.8
    return Findings(order, around, missing, duplicates, swapped, foreign, direction, front, differences, found, sure)


def _swapped(relations: SetMeasures, thresholds: Thresholds) -> tuple[Pair, ...]:
    return tuple(pair for pair in relations.swaps if pair.score > _SWAP_GAIN)


def _foreign(relations: SetMeasures, thresholds: Thresholds) -> tuple[str, ...]:
    scores = {one.id: foreignness(one.nearest, one.shared, one.paint, outlined(one)) for one in relations.frames}
    return tuple(frame for frame, score in scores.items() if score >= thresholds.foreign.warn)


def _duplicates(relations: SetMeasures, thresholds: Thresholds) -> tuple[Pair, ...]:
    copies = (pair for pair in relations.close if is_copy(pair, thresholds.duplicate))
    return tuple(Pair(first=pair.first, second=pair.second, score=pair.distance) for pair in copies)


def _by_names(line: Sequence[SetFrame], expected: int | None) -> Iterator[Gap]:
    """Places that no frame claims. Sure, whatever the pixels show."""
    taken = {frame.index: frame.id for frame in line if frame.index is not None}
    if not taken:
        return
    last, after, missing = max(max(taken) + 1, expected or 0), None, 0
    for place in range(last + 1):
        if place < last and place not in taken:
            missing += 1
            continue
        if missing:
            yield Gap(after=after, count=missing, confidence=1.0, by_names=True)
        after, missing = taken.get(place), 0


def _by_pixels(relations: SetMeasures, around: int, thresholds: Thresholds) -> Iterator[Gap]:
    for step in relations.steps:
        if not step.seam and _is_gap(step, thresholds):
            yield Gap(
                after=step.first, count=step.gap_count, confidence=_sureness(step, around, thresholds), by_names=False
            )


def _is_gap(step: Step, thresholds: Thresholds) -> bool:
    return is_gap(step, thresholds.gap.warn, thresholds.gap_size)


def _sureness(step: Step, around: int, thresholds: Thresholds) -> float:
    """By the odds; at wide steps neighbours share too little for more than a hint."""
    sure = 1 / (1 + math.exp(-min(step.gap_score - thresholds.gap.warn / 2, 30)))
    return round(min(sure, 0.5) if 360 / around > thresholds.sure_step_deg else sure, 2)


def _missing(missing: Sequence[Gap], count: int, expected: int | None) -> Check:
    if missing:
        total, sure = sum(gap.count for gap in missing), max(gap.confidence for gap in missing)
        status = CheckStatus.FAIL if any(gap.by_names for gap in missing) or sure > 0.6 else CheckStatus.WARN
        bad = (
            "missing_frames",
            f"{counted(total, 'frame is', 'frames are')} missing.",
            "Shoot the stations that are named in the reshoot list.",
        )
        return judged(float(total), (status, 1.0), bad, ("all_there", ""), sure)
    if expected is not None and count < expected:
        bad = (
            "missing_frames",
            f"{counted(expected - count, 'frame is', 'frames are')} missing; where is not known.",
            "Compare with the shot list.",
        )
        return judged(float(expected - count), (CheckStatus.FAIL, 1.0), bad, ("all_there", ""))
    return passed("all_there", "No frame is missing.", 0.0, 1.0)


def _count(found: Sequence[object], name: str, words: tuple[str, str], status: CheckStatus) -> Check:
    if not found:
        return passed(f"no_{name}", "None was found.", 0.0, 1.0)
    remedy = "Look at the frames that are named, and remove or replace what does not belong."
    return judged(float(len(found)), (status, 1.0), (name, f"{counted(len(found), *words)}.", remedy), ("", ""))


def _order(relations: SetMeasures, swapped: Sequence[Pair], thresholds: Thresholds) -> tuple[tuple[str, ...], Check]:
    remedy = "Check how the frames were named or numbered."
    if swapped:
        order = list(relations.order)
        for pair in swapped:
            one, other = order.index(pair.first), order.index(pair.second)
            order[one], order[other] = order[other], order[one]
        bad = ("swapped", f"{counted(len(swapped), *_PAIRS)} better the other way round.", remedy)
        return tuple(order), judged(swapped[0].score, (CheckStatus.WARN, _SWAP_GAIN), bad, ("", ""))
    if relations.tour_gain >= thresholds.tour_gain and len(relations.order) >= 12 and not _one_way(relations):
        bad = ("order_differs", "Another order fits the pictures better than the names.", remedy)
        return relations.tour, judged(relations.tour_gain, (CheckStatus.WARN, thresholds.tour_gain), bad, ("", ""), 0.6)
    good = "The pictures agree with the claimed order."
    return relations.order, passed("in_order", good, relations.tour_gain, thresholds.tour_gain)


def _one_way(relations: SetMeasures) -> bool:
    """Nearly all steps go the same way: then the order is right, however short another round would be. At wide steps a
    car's two sides look more alike than neighbours do."""
    share = relations.rightward
    return share is not None and max(share, 1 - share) > 0.9


def _direction(relations: SetMeasures, thresholds: Thresholds) -> tuple[Direction, Check]:
    share = relations.rightward
    if share is None or max(share, 1 - share) < thresholds.direction_share:
        words = "The pictures do not tell in which direction the turn goes."
        return Direction.UNKNOWN, passed("direction_unknown", words, share, thresholds.direction_share, 0.3)
    found = Direction.CLOCKWISE if share > 0.5 else Direction.COUNTER_CLOCKWISE
    agreed = max(share, 1 - share)
    if thresholds.direction in (None, found):
        words = f"The camera goes round the vehicle {found.replace('_', '-')}, seen from above."
        return found, passed("direction_found", words, agreed, thresholds.direction_share, agreed)
    words = f"The set goes {found.replace('_', '-')}, the other way round than wanted."
    bad = ("reversed", words, "Walk the other way round, or have the set turned round.")
    return found, judged(agreed, (CheckStatus.WARN, thresholds.direction_share), bad, ("", ""), agreed)


def _front(relations: SetMeasures, thresholds: Thresholds) -> tuple[str | None, Check]:
    """Of the axis' two ends, the one with less red where tail lamps are; else the one nearer to the first frame."""
    axis = relations.axis
    if axis is None or axis.margin < thresholds.front_margin:
        margin = axis.margin if axis else None
        return None, passed("front_unknown", "The vehicle's axis was not found.", margin, thresholds.front_margin, 0.2)
    front, sure = _redder_is_rear(axis) or (None, 0.2)
    if front is None and thresholds.front_first:
        front, sure = min((axis.first, axis.second), key=lambda end: _from_start(relations, end)), 0.5
    words = "The front was found by the vehicle's mirror symmetry and its lamps."
    return front, passed("front_found", words, axis.margin, thresholds.front_margin, sure)


def _redder_is_rear(axis: Axis) -> tuple[str, float] | None:
    """Sure where one end has hardly any red; less so of a red vehicle, whose head lamps alone are not."""
    if axis.red_first is None or axis.red_second is None:
        return None
    apart, both = abs(axis.red_first - axis.red_second), axis.red_first + axis.red_second
    sure = 0.9 if apart >= max(_RED, _RED_SHARE * both) else 0.7 if apart >= _LESS_RED else None
    return None if sure is None else (axis.second if axis.red_first > axis.red_second else axis.first, sure)


def _from_start(relations: SetMeasures, frame: str) -> int:
    at = relations.order.index(frame)
    return min(at, len(relations.order) - at)


def _seam(relations: SetMeasures, around: int, thresholds: Thresholds) -> Check:
    ends = {relations.order[0], relations.order[-1]} if len(relations.order) > 2 else set()
    for pair in _duplicates(relations, thresholds):
        if {pair.first, pair.second} == ends:
            bad = ("first_again", "The last frame is the first one again.", "Remove the last frame.")
            return judged(pair.score, (CheckStatus.WARN, thresholds.duplicate), bad, ("", ""))
    seam = next((step for step in relations.steps if step.seam), None)
    if seam is None or seam.size is None:
        return passed("seam_unknown", "Too few frames to tell whether the turn closes.", sure=0.3)
    return _closing(seam, seam.size, around, thresholds)


def _closing(seam: Step, size: float, around: int, thresholds: Thresholds) -> Check:
    if not _is_gap(seam, thresholds):
        return passed("seam_closed", "The turn closes.", size, thresholds.gap_size, 0.9)
    words = f"From the last frame to the first it is {size:.1f} of the usual steps."
    bad = ("seam_gap", words, "Shoot the last stations up to the first one.")
    sure = _sureness(seam, around, thresholds)
    return judged(size, (CheckStatus.WARN, thresholds.gap_size), bad, ("", ""), sure)


def _vehicle(relations: SetMeasures) -> Check:
    """A warning at most: wheels in side views count most, then the mirror axis and the ratio of widths."""
    if relations.wheels is None:
        return passed("vehicle_unknown", "Nothing tells the vehicle from its surroundings.", None, 0.5, 0.2)
    ratio = relations.width_ratio or 0.0
    axis = relations.axis is not None and relations.axis.margin >= 0.15
    score = 0.6 * relations.wheels + 0.2 * axis + 0.2 * (1.4 <= ratio <= 3.2)
    bad = ("vehicle_uncertain", "This may not be a vehicle.", "Check that the session holds the right frames.")
    good = ("vehicle", "Shows two wheels, a mirror axis and a vehicle's proportions.")
    return judged(score, (CheckStatus.WARN if score < 0.5 else CheckStatus.PASS, 0.5), bad, good, 0.7)


def _differences(relations: SetMeasures, front: str | None, thresholds: Thresholds) -> tuple[Difference, ...]:
    if front is None:
        return ()
    return tuple(one for one in relations.differences if one.score >= thresholds.difference)


def _sides(differences: Sequence[Difference], thresholds: Thresholds) -> Check:
    """Information: a dent, an open door or a sticker is no fault of the photographer."""
    words = (
        "Left and right side look alike."
        if not differences
        else f"The sides differ at {counted(len(differences), 'station', 'stations')}."
    )
    score = max((one.score for one in differences), default=0.0)
    return passed("sides_alike" if not differences else "sides_differ", words, score, thresholds.difference, 0.5)


def marks(found: Findings) -> Iterator[tuple[str, str, Check]]:
    """What the set's findings say of single frames: (frame, the check's name, the check)."""
    for pair in found.duplicates:
        bad = (
            "duplicate",
            "Shows the same as another frame.",
            "Remove one of the two, and shoot the station that is missing.",
        )
        yield pair.second, "duplicate", judged(pair.score, (CheckStatus.WARN, 0.25), bad, ("", ""))
    for pair in found.swapped:
        for frame in (pair.first, pair.second):
            bad = ("swapped", "Fits better in its neighbour's place.", "Check how the frames were numbered.")
            yield frame, "order", judged(pair.score, (CheckStatus.WARN, _SWAP_GAIN), bad, ("", ""))
