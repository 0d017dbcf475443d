"""A person's word on a frame: it passes whatever the checks say, or it is to be shot again."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from vitrine.capture import rules, service, store
from vitrine.capture.judging.rules import overruled
from vitrine.capture.models import Image, Review, Session
from vitrine.capture.telling import service as telling
from vitrine.capture.telling.models import FrameReviewed
from vitrine.kernel import tables
from vitrine.kernel.call import Call
from vitrine.kernel.errors import BadRequest
from vitrine.kernel.idempotency import Repeated
from vitrine.kernel.record import Record

_TRIES = 5


class Decision(StrEnum):
    PASS = "pass"  # noqa: S105 - a decision
    RESHOOT = "reshoot"


class ReviewRequest(Record):
    """`reason` is kept with the frame: why a check does not count, or what the photographer is to do better."""

    decision: Decision
    reason: Annotated[str, Field(min_length=1, max_length=500)]


def review(call: Call, image_id: str, said: ReviewRequest) -> Image:
    """Note the word of a person; the set is judged again once the bus has told of it.

    Idempotency key: the person, the decision and the reason; a repeat changes nothing.
    Raises `NotFound`, and `BadRequest` for a frame that is no picture.
    """
    for _ in range(_TRIES):
        found, before = service.image_for(call, image_id)
        after = _reviewed(before, said, call)
        if after is before:
            return before
        try:
            _commit(call, after, found.session)
            return after
        except Repeated:
            return before
        except store.StaleImage:
            continue
    raise store.StaleImage("The image kept changing. Try again.")


def _commit(call: Call, after: Image, session: Session) -> None:
    changed = (store.replace_image(after), store.set_changed(session))
    tables.commit(*changed, telling.put(_told(after)), *call.key_writes)


def _reviewed(image: Image, said: ReviewRequest, call: Call) -> Image:
    if not rules.is_seen(image):
        raise BadRequest("Only a frame that is processed can be reviewed.", code="not_processed")
    passed, by = said.decision is Decision.PASS, call.principal.actor
    last = image.review
    if last is not None and (last.passed, last.reason, last.by) == (passed, said.reason, by):
        return image
    noted = Review(passed=passed, reason=said.reason, by=by, at=call.now)
    return rules.image_changed(image, call.now, review=noted)


def _told(image: Image) -> FrameReviewed:
    assert image.review, "it was reviewed just now"
    return FrameReviewed(
        tenant=image.tenant,
        session_id=image.session_id,
        image_id=image.id,
        version=image.version,
        passed=image.review.passed,
        overruled=overruled(image, image.qc),
        at=image.updated_at,
    )
