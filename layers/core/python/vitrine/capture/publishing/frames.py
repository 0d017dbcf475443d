"""One frame published on its own, while its reviewer waits: decided and committed here, made by a function that carries
the imaging layer (`alone`), which this one has no room for."""

import time
from collections.abc import Mapping
from typing import Any

from vitrine.capture import service as sessions
from vitrine.capture.frames import keys as frame_keys
from vitrine.capture.models import Image, Review, Session
from vitrine.capture.publishing import naming, rules
from vitrine.capture.publishing.models import LoneFrame, LoneMade, Refusal
from vitrine.capture.telling import service as telling
from vitrine.capture.telling.models import FramePublished
from vitrine.identity.organisations import service as organisations
from vitrine.identity.organisations.models import Redaction
from vitrine.kernel import invocations, tables
from vitrine.kernel.call import Call
from vitrine.kernel.errors import AppError, Conflict, Unavailable
from vitrine.kernel.idempotency import Repeated

AGAIN_WITHIN_S = 5.0
"""Who has waited longer is told to ask again: with another call of the maker the gateway's 29 s would be over."""
RETRY_AFTER_S = 5
_TRIES = 5


def publish(call: Call, image_id: str, reason: str | None, maker: str) -> Image:
    """Idempotency key: the frame; one that is public stays as it is.

    `maker` is the function that makes it. It reads what the organisation wants done with plates, and the transaction
    holds only if that is still so. Raises `NotFound`, `Conflict` for what is no picture, `Invalid` for a frame that
    needs a reason, and `Unavailable` where plates could not be looked for or the frame was not made in time: what was
    begun goes on then, and the next call finds it.
    """
    began = time.monotonic()
    for _ in range(_TRIES):
        found, image = sessions.image_for(call, image_id)
        if image.published_key is not None:
            return image
        rules.check_may_publish_frame(image, reason)
        if time.monotonic() - began > AGAIN_WITHIN_S:
            break
        key, how = _made(found.session, image, maker)
        after = rules.public(image, key, call.now, _override(image, reason, call))
        try:
            _commit(call, after, how)
            return after
        except Repeated:
            return image
        except (sessions.StaleImage, organisations.StaleOrganisation):
            continue
    raise _late()


def _commit(call: Call, after: Image, how: Redaction) -> None:
    holds = organisations.redacts(after.tenant, how.value)
    tables.commit(sessions.replace_image(after), holds, telling.put(_told(after)), *call.key_writes)


def _override(image: Image, reason: str | None, call: Call) -> Review | None:
    """The reviewer's word, where it was needed."""
    if not reason or not rules.wants_word(image):
        return None
    return Review(passed=True, reason=reason, by=call.principal.actor, at=call.now)


def _made(session: Session, image: Image, maker: str) -> tuple[str, Redaction]:
    """Where the frame lies, and what was done about its plates."""
    name = naming.still_name(naming.identifier(session.vehicle), image.position.shot_name or image.id, set())
    asked = LoneFrame(
        tenant=image.tenant,
        session_id=session.id,
        image_id=image.id,
        original_key=frame_keys.original_key(image.storage_key),
        original_sha256=image.content_sha256.lower(),
        name=name,
    )
    try:
        made = LoneMade.model_validate(invocations.ask(maker, asked.model_dump(mode="json")))
    except invocations.NoAnswer:
        raise _late() from None
    if made.key is None:
        raise _REFUSED[made.refused]()
    return made.key, made.redaction


def _late() -> Unavailable:
    return Unavailable(
        "The frame is not ready yet, and is not published. Send the request again; what was made of it is kept.",
        code="frame_not_ready",
        retry_after_s=RETRY_AFTER_S,
    )


def _plates_unknown() -> AppError:
    return Unavailable(
        "Nobody has looked for number plates on this frame yet, and your organisation hides them. Try again when its "
        "set is judged.",
        code="plates_unknown",
        retry_after_s=60,
    )


def _unusable() -> AppError:
    return Conflict("The frame's original is missing or damaged.", code="frame_not_usable")


_REFUSED: Mapping[Refusal | None, Any] = {Refusal.PLATES_UNKNOWN: _plates_unknown, Refusal.UNUSABLE: _unusable}


def _told(image: Image) -> FramePublished:
    return FramePublished(
        tenant=image.tenant,
        session_id=image.session_id,
        image_id=image.id,
        version=image.version,
        at=image.updated_at,
    )
