"""How often people overrule a check, over the last sets."""

from datetime import timedelta
from typing import Any

from tests.support.captures import TENANT, uuid
from tests.support.clock import NOW
from vitrine.capture.models import SetStatus, SetVerdict
from vitrine.capture.overrules import rules
from vitrine.capture.overrules.models import UNSEEN, WINDOW, Decided, Window
from vitrine.set_qc.models import Check, CheckStatus, Mode

FAILS = Check(score=1, threshold=2, status=CheckStatus.FAIL, code="blurred", message="m")
PASSES = FAILS.model_copy(update={"status": CheckStatus.PASS})
EMPTY = Window(tenant=TENANT, scope="ORG", mode=Mode.STUDIO360)


def verdict(**reviews: bool) -> SetVerdict:
    return SetVerdict(
        set_version=1, status=SetStatus.FAILED, thresholds="1", reviews=reviews, report_key="key", judged_at=NOW
    )


def judged(number: int, *overruled: str, **changes: Any) -> Decided:
    """The set of that number, judged so many minutes after the first."""
    known: dict[str, Any] = {"thresholds": "1", "judged_at": NOW + timedelta(minutes=number), "failed": overruled}
    return Decided(session_id=uuid(number), overruled=overruled, **{**known, **changes})


def window(*sets: Decided) -> Window:
    found = EMPTY
    for each in sets:
        found = rules.counted(found, each)
    return found


def test_a_check_is_overruled_where_a_person_lets_its_failure_pass_and_missed_where_none_saw_the_fault() -> None:
    checks = {"a": {"sharpness": FAILS, "exposure": PASSES}, "b": {"exposure": FAILS}, "c": {"sharpness": PASSES}}
    found = rules.decided("session", verdict(a=True, b=False, c=False), checks)
    assert (found.failed, found.overruled) == (("exposure", "sharpness"), ("sharpness", UNSEEN))
    assert rules.decided("session", verdict(c=True), checks).overruled == ()


def test_a_rate_is_the_share_of_sets_in_which_people_overruled() -> None:
    found = window(judged(1, "sharpness"), judged(2), judged(3, failed=("sharpness",)), judged(4))
    (rate,) = rules.rates(found)
    assert (rate.check, rate.failed, rate.overruled, rate.rate, rate.often) == ("sharpness", 2, 1, 0.25, False)
    assert rules.rates(EMPTY) == ()


def test_the_window_keeps_the_last_sets_by_their_verdicts_in_whatever_order_they_come() -> None:
    sets = [judged(number) for number in range(WINDOW + 3)]
    assert window(*sets).sets == window(*reversed(sets)).sets == tuple(sets[-WINDOW:])
    full = window(*sets)
    assert rules.counted(full, sets[0]) is full
    assert rules.counted(full, sets[-1]) is full


def test_a_set_counts_once_as_its_last_verdict_has_it() -> None:
    first, later = judged(1, failed=("sharpness",)), judged(1, "sharpness", judged_at=NOW + timedelta(hours=1))
    for order in ((first, later), (later, first)):
        (found,) = window(*order).sets
        assert found.overruled == ("sharpness",)


def test_a_failure_is_remembered_after_the_retake_but_not_under_other_thresholds() -> None:
    failed = judged(1, failed=("sharpness",))
    hour = {"judged_at": NOW + timedelta(hours=1)}
    assert window(failed, judged(1, **hour)).sets[0].failed == ("sharpness",)
    assert window(failed, judged(1, thresholds="2", **hour)).sets[0].failed == ()


def test_a_check_is_told_of_once_when_it_goes_over_a_fifth_of_a_whole_window() -> None:
    ten = window(*(judged(number, *(["sharpness"] if number < 10 else [])) for number in range(WINDOW)))
    assert ten.often == ()
    eleven = rules.counted(ten, judged(20, "sharpness", judged_at=NOW + timedelta(hours=2)))
    (rate,) = rules.newly_often(ten, eleven)
    assert (rate.check, rate.overruled, rate.rate, rate.often) == ("sharpness", 11, 0.22, True)
    twelve = rules.counted(eleven, judged(21, "sharpness", judged_at=NOW + timedelta(hours=2)))
    assert rules.newly_often(eleven, twelve) == ()
    fewer = twelve
    for number in range(4):
        fewer = rules.counted(fewer, judged(100 + number, judged_at=NOW + timedelta(hours=3)))
    assert fewer.often == ()
    more = fewer
    for number in range(30, 33):
        more = rules.counted(more, judged(number, "sharpness", judged_at=NOW + timedelta(hours=4)))
    assert [rate.check for rate in rules.newly_often(fewer, more)] == ["sharpness"]


def test_few_sets_are_no_rate_to_tell_of() -> None:
    assert window(*(judged(number, "sharpness") for number in range(WINDOW - 1))).often == ()
