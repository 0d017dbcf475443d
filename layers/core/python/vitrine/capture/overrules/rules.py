"""Which checks people overrule, and how often. Pure."""

from collections import Counter
from collections.abc import Mapping

from vitrine.capture.judging.rules import Checks, failing
from vitrine.capture.models import SetVerdict
from vitrine.capture.overrules.models import OFTEN, UNSEEN, WINDOW, Decided, Rate, Window


def decided(session_id: str, verdict: SetVerdict, checks: Checks) -> Decided:
    """What the checks of a set's frames said, and what people said against it.

    A check is overruled where it fails a frame that a person lets pass; none is there to be overruled (`UNSEEN`) where
    a person wants a frame again that passes all of them.
    """
    failed = {frame: failing(found) for frame, found in checks.items()}
    passed = {name for frame, names in failed.items() if verdict.reviews.get(frame) for name in names}
    unseen = {UNSEEN for frame, is_good in verdict.reviews.items() if not is_good and not failed.get(frame)}
    return Decided(
        session_id=session_id,
        thresholds=verdict.thresholds,
        judged_at=verdict.judged_at,
        failed=tuple(sorted({name for names in failed.values() for name in names})),
        overruled=tuple(sorted(passed | unseen)),
    )


def counted(window: Window, found: Decided) -> Window:
    """The window with a set as it stands now, in any order of verdicts; the same object when it knows that.

    A frame that a check failed may be replaced by a better one: while the thresholds are the same, the set stays one
    in which the check failed.
    """
    last = next((each for each in window.sets if each.session_id == found.session_id), None)
    if last is not None and last.judged_at >= found.judged_at:
        return window
    if last is not None and last.thresholds == found.thresholds:
        found = found.model_copy(update={"failed": tuple(sorted({*found.failed, *last.failed}))})
    others = [each for each in window.sets if each.session_id != found.session_id]
    newest = sorted([*others, found], key=lambda each: (each.judged_at, each.session_id))[-WINDOW:]
    if tuple(newest) == window.sets:
        return window
    after = window.model_copy(update={"sets": tuple(newest), "version": window.version + 1})
    return after.model_copy(update={"often": tuple(rate.check for rate in rates(after) if _is_often(rate, after))})


def newly_often(before: Window, after: Window) -> tuple[Rate, ...]:
    """The checks that went over the share with this change."""
    return tuple(rate for rate in rates(after) if rate.check in set(after.often) - set(before.often))


def rates(window: Window) -> tuple[Rate, ...]:
    """Of all checks that failed or were overruled, by name."""
    failed = Counter(name for each in window.sets for name in each.failed)
    overruled = Counter(name for each in window.sets for name in each.overruled)
    return tuple(_rate(name, failed, overruled, window) for name in sorted({*failed, *overruled}))


def _rate(name: str, failed: Mapping[str, int], overruled: Mapping[str, int], window: Window) -> Rate:
    count = overruled.get(name, 0)
    return Rate(
        check=name,
        failed=failed.get(name, 0),
        overruled=count,
        rate=round(count / len(window.sets), 4),
        often=name in window.often,
    )


def _is_often(rate: Rate, window: Window) -> bool:
    return len(window.sets) == WINDOW and rate.overruled > OFTEN * WINDOW
