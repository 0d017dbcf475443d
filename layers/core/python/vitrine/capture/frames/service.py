"""Frames on their way: found by their key, recorded once they were looked at."""

from datetime import datetime

from vitrine.capture import store
from vitrine.capture.frames import keys, rules
from vitrine.capture.frames.models import Inspection, Outcome
from vitrine.capture.frames.refusals import INSPECTION_FAILED
from vitrine.capture.judging import queueing
from vitrine.capture.models import Image, Session
from vitrine.capture.telling import service as telling
from vitrine.capture.telling.models import FrameInspected
from vitrine.kernel import tables

_TRIES = 5


def find(frame: keys.FrameKey) -> tuple[Session, Image] | None:
    """The session and the image that a key was signed for; None for a key that nobody was given."""
    session, image = store.get_with_image(frame.tenant, frame.session_id, frame.image_id)
    if session is None or image is None or image.storage_key != str(frame):
        return None
    return session, image


def failed(key: str) -> Inspection:
    """What is recorded when the inspection itself failed for good."""
    return Inspection(key=key, outcome=Outcome.REFUSED, error=INSPECTION_FAILED)


def record(frame: keys.FrameKey, found: Inspection, now: datetime) -> Image | None:
    """Settle a frame by its inspection, once, and have its set judged if that is due. None when nobody awaits it.

    Idempotency key: the image, whose first verdict on the promised bytes stays. What a try that died left to do, the
    next one does: the set is looked at whether or not the frame is news. Raises `StaleImage`.
    """
    image = _recorded(frame, found, now)
    if image is not None:
        queueing.consider(frame.tenant, frame.session_id, now)
    return image


def _recorded(frame: keys.FrameKey, found: Inspection, now: datetime) -> Image | None:
    for _ in range(_TRIES):
        known = find(frame)
        if known is None:
            return None
        session, before = known
        after = rules.inspected(before, found, now)
        if after is before:
            return before
        try:
            tables.commit(store.replace_image(after), store.set_changed(session), telling.put(_told(after)))
        except store.StaleImage:
            continue
        return after
    raise store.StaleImage("The image kept changing. Try again.")


def _told(image: Image) -> FrameInspected:
    return FrameInspected(
        tenant=image.tenant,
        session_id=image.session_id,
        image_id=image.id,
        version=image.version,
        status=image.status,
        error=image.error,
        at=image.updated_at,
    )
