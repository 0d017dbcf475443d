"""The report: what is judged, put together, and what to shoot again."""

from collections.abc import Iterator, Mapping, Sequence

from vitrine.set_qc import checks
from vitrine.set_qc.models import Check, ReshootItem, SetFrame, SetReport
from vitrine.set_qc.places import claimed, places
from vitrine.set_qc.set_checks import Findings
from vitrine.set_qc.stations import from_front, station
from vitrine.set_qc.thresholds import Thresholds
from vitrine.set_qc.words import counted

_NOT_TO_SHOOT = {"order"}
_MISSING = "Shoot this station."


def report(
    frames: Sequence[SetFrame],
    each: Mapping[str, Mapping[str, Check]],
    found: Findings,
    thresholds: Thresholds,
) -> SetReport:
    return SetReport(
        status=_status(each, found),
        thresholds=thresholds.version,
        frames={frame: dict(of_frame) for frame, of_frame in each.items()},
        checks=found.checks,
        order=found.order,
        missing=found.missing,
        duplicates=found.duplicates,
        swapped=found.swapped,
        foreign=found.foreign,
        direction=found.direction,
        front_frame=found.front,
        differences=found.differences,
        reshoot=tuple(_reshoot(frames, each, found)),
        confidence=found.confidence,
    )


def _status(each: Mapping[str, Mapping[str, Check]], found: Findings) -> str:
    if any(checks.fails(check) for of_frame in each.values() for check in of_frame.values()):
        return "failed"
    if any(checks.fails(check) for name, check in found.checks.items() if name != "missing"):
        return "failed"
    return "incomplete" if checks.fails(found.checks["missing"]) else "complete"


def _reshoot(
    frames: Sequence[SetFrame], each: Mapping[str, Mapping[str, Check]], found: Findings
) -> Iterator[ReshootItem]:
    """In the order of the walk, which is that of the places."""
    line = claimed(frames)
    where = dict(zip((frame.id for frame in line), places(line), strict=True))
    front = where.get(found.front) if found.front else None
    wanted = [*_missing(found, where), *_weak(each, where)]
    for place, frame, codes, remedy in sorted(wanted, key=lambda one: (one[0], one[1] or "")):
        angle = round(place * 360 / found.around, 1)
        turned = from_front(angle, None if front is None else front * 360 / found.around, found.direction)
        yield ReshootItem(
            id=frame, index=place, angle_deg=angle, station=station(place, angle, turned), codes=codes, remedy=remedy
        )


def _missing(found: Findings, where: Mapping[str, int]) -> Iterator[tuple[int, str | None, tuple[str, ...], str]]:
    """Only what is sure enough: a place that no frame claims, or a gap that the pixels show clearly."""
    for gap in found.missing:
        if gap.by_names:
            start = where[gap.after] + 1 if gap.after else 0
            yield from ((start + far, None, ("missing",), _MISSING) for far in range(gap.count))
        elif gap.confidence > 0.6 and gap.after is not None:
            words = f"Shoot {counted(gap.count, 'frame', 'frames')} more between this station and the next."
            yield where[gap.after], None, ("missing",), words


def _weak(
    each: Mapping[str, Mapping[str, Check]], where: Mapping[str, int]
) -> Iterator[tuple[int, str | None, tuple[str, ...], str]]:
    for frame, of_frame in each.items():
        bad = [check for name, check in of_frame.items() if name not in _NOT_TO_SHOOT and checks.fails(check)]
        if bad and frame in where:
            yield where[frame], frame, tuple(check.code for check in bad), bad[0].remedy or _MISSING
