"""What a report and people's words mean for a session."""

from tests.support.captures import any_frame, any_session
from tests.support.clock import NOW
from vitrine.capture import places
from vitrine.capture.judging import rules
from vitrine.capture.models import Image, ImageStatus, Review, SetStatus
from vitrine.set_qc.models import Check, CheckStatus, ReshootItem

FAILS = Check(score=1, threshold=2, status=CheckStatus.FAIL, code="blurred", message="m", remedy="Hold still.")
PASSES = FAILS.model_copy(update={"status": CheckStatus.PASS, "code": "sharp"})
SESSION = any_session(12)


def turn(**changes: Image) -> tuple[Image, ...]:
    images = [any_frame(number) for number in range(12)]
    return rules.counting(
        places.arrange(SESSION, [changes.get(f"frame_{at}", image) for at, image in enumerate(images)])
    )


def said(passed: bool, reason: str = "why") -> Review:
    return Review(passed=passed, reason=reason, by="person", at=NOW)


def test_a_set_is_complete_incomplete_or_failed() -> None:
    whole, checks = turn(), {any_frame(3).id: {"sharpness": FAILS}}
    assert rules.status(SESSION, whole, {}, {}) is SetStatus.COMPLETE
    assert rules.status(SESSION, whole, checks, {}) is SetStatus.FAILED
    assert rules.status(SESSION, whole, {}, {"seam": FAILS}) is SetStatus.FAILED
    gone = turn(frame_5=any_frame(5, status=ImageStatus.FAILED))
    assert rules.status(SESSION, gone, checks, {}) is SetStatus.INCOMPLETE


def test_a_persons_word_comes_before_the_checks() -> None:
    checks = {any_frame(3).id: {"sharpness": FAILS, "exposure": PASSES}}
    passed = turn(frame_3=any_frame(3, review=said(True)))
    assert rules.status(SESSION, passed, checks, {}) is SetStatus.COMPLETE
    frame = next(image for image in passed if image.review)
    assert rules.overruled(frame, checks[frame.id]) == ("sharpness",)
    refused = turn(frame_4=any_frame(4, review=said(False)))
    assert rules.status(SESSION, refused, {}, {}) is SetStatus.FAILED


def test_the_reshoot_list_shrinks_by_what_passes_and_grows_by_what_a_person_refuses() -> None:
    three, gap = any_frame(3), ReshootItem(id=None, index=7, angle_deg=210, station="s", codes=("missing",), remedy="r")
    found = (gap, ReshootItem(id=three.id, index=3, angle_deg=90, station="s", codes=("blurred",), remedy="r"))
    checks = {three.id: {"sharpness": FAILS}}
    again = rules.reshoot(SESSION, turn(frame_9=any_frame(9, review=said(False, "The door is open."))), checks, found)
    assert [item.index for item in again] == [3, 7, 9]
    assert (again[2].codes, again[2].remedy, again[2].angle_deg) == (("reviewer",), "The door is open.", 270)
    passed = rules.reshoot(SESSION, turn(frame_3=any_frame(3, review=said(True))), checks, found)
    assert [item.index for item in passed] == [7]
