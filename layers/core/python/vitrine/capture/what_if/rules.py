"""Two reports on the same numbers, compared with each other and with what people said. Pure."""

from collections.abc import Iterable, Mapping
from functools import reduce

from vitrine.capture.judging.rules import concluded
from vitrine.capture.models import Session, SetStatus, SetVerdict
from vitrine.capture.what_if.models import (
    BY_CHECK,
    COUNTS,
    NUMBERS,
    Compared,
    Counts,
    FrameChange,
    Moved,
    SetChange,
    Totals,
)
from vitrine.set_qc.models import Check, CheckStatus, SetReport

Checks = Mapping[str, Check]


def compared(session: Session, verdict: SetVerdict, before: SetReport, after: SetReport) -> Compared:
    """What the change of thresholds would do to one set."""
    said, published = verdict.reviews, session.published_version == verdict.set_version
    frames = sorted({*before.frames, *after.frames})
    each = {frame: (before.frames.get(frame, {}), after.frames.get(frame, {})) for frame in frames}
    statuses = _status(verdict, before), _status(verdict, after)
    sound = {frame: said.get(frame, True if published else None) for frame in frames}
    totals = Totals(
        judged=1,
        sets=_counts(*(status is SetStatus.FAILED for status in statuses), said=None, sound=published),
        frames=_sum(_of_frame(*each[frame], said.get(frame), bool(sound[frame])) for frame in frames),
        frame_checks=_counted(_by_check(each, said, sound)),
        set_checks=_counted(
            {
                name: _counts(*failing, said=None, sound=published)
                for name, failing in _failing(before.checks, after.checks).items()
            }
        ),
    )
    return Compared(change=_change(session, verdict, statuses, (before.checks, after.checks), each), totals=totals)


def added(first: Totals, second: Totals) -> Totals:
    """Totals of both."""
    both = {name: (getattr(first, name), getattr(second, name)) for name in Totals.model_fields}
    return Totals(
        **{name: sum(both[name]) for name in NUMBERS},
        **{name: _sum(both[name]) for name in COUNTS},
        **{name: _merged(*both[name]) for name in BY_CHECK},
    )


def _status(verdict: SetVerdict, report: SetReport) -> SetStatus:
    """No thresholds fill a place that is empty."""
    whole = verdict.status is not SetStatus.INCOMPLETE
    return concluded(whole, verdict.reviews, report.frames, report.checks)


def _change(
    session: Session,
    verdict: SetVerdict,
    statuses: tuple[SetStatus, SetStatus],
    of_set: tuple[Checks, Checks],
    each: Mapping[str, tuple[Checks, Checks]],
) -> SetChange | None:
    moved = {frame: _moved(*checks) for frame, checks in each.items()}
    frames = tuple(
        FrameChange(image_id=frame, let_pass=verdict.reviews.get(frame), checks=checks)
        for frame, checks in moved.items()
        if checks
    )
    checks = _moved(*of_set)
    if not frames and not checks and statuses[0] is statuses[1]:
        return None
    return SetChange(
        session_id=session.id,
        site_id=session.site_id,
        opened_at=session.started_at,
        set_version=verdict.set_version,
        status_before=statuses[0],
        status_after=statuses[1],
        checks=checks,
        frames=frames,
    )


def _moved(before: Checks, after: Checks) -> dict[str, Moved]:
    names = sorted({*before, *after})
    found = {name: Moved(before=_of(before.get(name)), after=_of(after.get(name))) for name in names}
    return {name: moved for name, moved in found.items() if moved.before is not moved.after}


def _of(check: Check | None) -> CheckStatus | None:
    return check.status if check else None


def _failing(before: Checks, after: Checks) -> dict[str, tuple[bool, bool]]:
    """By check, whether it fails before and after."""
    fails = CheckStatus.FAIL
    return {name: (_of(before.get(name)) is fails, _of(after.get(name)) is fails) for name in {*before, *after}}


def _of_frame(before: Checks, after: Checks, said: bool | None, sound: bool) -> Counts:
    found = _failing(before, after).values()
    return _counts(any(one for one, _ in found), any(other for _, other in found), said=said, sound=sound)


def _by_check(
    each: Mapping[str, tuple[Checks, Checks]], said: Mapping[str, bool], sound: Mapping[str, bool | None]
) -> dict[str, Counts]:
    return reduce(
        _merged,
        (
            {name: _counts(*failing, said=said.get(frame), sound=bool(sound[frame]))}
            for frame, checks in each.items()
            for name, failing in _failing(*checks).items()
        ),
        dict[str, Counts](),
    )


def _counts(before: bool, after: bool, *, said: bool | None, sound: bool) -> Counts:
    return Counts(
        failed=before,
        newly_failed=after and not before,
        no_longer_failed=before and not after,
        overruled=before and said is True,
        overrules_avoided=before and not after and said is True,
        sound_newly_failed=after and not before and sound,
        reshoots_missed=before and not after and said is False,
    )


def _counted(checks: Mapping[str, Counts]) -> dict[str, Counts]:
    """Those that fail before or after."""
    return {name: counts for name, counts in checks.items() if counts != Counts()}


def _merged(first: Mapping[str, Counts], second: Mapping[str, Counts]) -> dict[str, Counts]:
    none = Counts()
    return {name: _sum([first.get(name, none), second.get(name, none)]) for name in sorted({*first, *second})}


def _sum(many: Iterable[Counts]) -> Counts:
    found = list(many)
    return Counts(**{name: sum(getattr(each, name) for each in found) for name in Counts.model_fields})
