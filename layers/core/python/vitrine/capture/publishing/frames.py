"""One frame published on its own, while its reviewer waits. Needs the imaging layer, which is loaded only then."""

from vitrine.capture import service as sessions
from vitrine.capture.frames import keys as frame_keys
from vitrine.capture.models import Image, ImageStatus, Session
from vitrine.capture.publishing import keys, naming, planning, rules, storage
from vitrine.capture.publishing.failures import FrameUnusable
from vitrine.capture.telling import service as telling
from vitrine.capture.telling.models import FramePublished
from vitrine.contracts.inference import Plate
from vitrine.identity.organisations import service as organisations
from vitrine.identity.organisations.models import Policies, Redaction
from vitrine.kernel import tables
from vitrine.kernel.call import Call
from vitrine.kernel.errors import Conflict, Unavailable

_TRIES = 5


def publish(call: Call, image_id: str, reason: str | None, bucket: str) -> Image:
    """Idempotency key: the frame; one that is public stays as it is.

    What the organisation wants done with plates is taken for the default, and the transaction holds only if it is that:
    so nobody pays a read for it, and nothing is published otherwise than is wanted at that moment.
    Raises `NotFound`, `Conflict` for what is no picture, `Invalid` for a frame that needs a reason, `Unavailable` where
    plates could not be looked for.
    """
    how = Policies().redaction
    for _ in range(_TRIES):
        found, image = sessions.image_for(call, image_id)
        if image.status is ImageStatus.PUBLISHED:
            return image
        rules.check_may_publish_frame(image, reason)
        plates = planning.plates_of(found.session, [image], bucket).get(image.id)
        if plates is None:
            how = _checked(image.tenant)
        after = rules.public(image, _made(found.session, image, plates, how, bucket), call.now)
        try:
            tables.commit(
                sessions.replace_image(after), organisations.redacts(image.tenant, how.value), telling.put(_told(after))
            )
            return after
        except organisations.StaleOrganisation:
            how = organisations.find(image.tenant).policies.redaction
        except sessions.StaleImage:
            continue
    raise sessions.StaleImage("The frame kept changing. Try again.")


def _checked(tenant: str) -> Redaction:
    """Without anybody having looked for plates a frame is published only where none are hidden."""
    how = organisations.find(tenant).policies.redaction
    if how is not Redaction.OFF:
        raise Unavailable(
            "Nobody has looked for number plates on this frame yet. Try again when its set is judged.",
            code="plates_unknown",
        )
    return how


def _made(session: Session, image: Image, plates: tuple[Plate, ...] | None, how: Redaction, bucket: str) -> str:
    """Render the frame and answer where it lies. A repeat writes the same bytes to the same place."""
    from vitrine.capture.publishing import making

    name = naming.still_name(naming.identifier(session.vehicle), image.position.shot_name or image.id, set())
    key = f"{keys.frame_prefix(image.tenant, session.id, image.id)}{name}"
    original = frame_keys.original_key(image.storage_key)
    try:
        made = making.rendered(original, image.content_sha256.lower(), plates, how, bucket)
        storage.put(bucket, key, made.jpeg, "image/jpeg")
    except FrameUnusable:
        raise Conflict("The frame's original is missing or damaged.", code="frame_not_usable") from None
    except storage.StorageUnavailable:
        raise Unavailable("The picture could not be stored. Try again.") from None
    return key


def _told(image: Image) -> FramePublished:
    return FramePublished(
        tenant=image.tenant,
        session_id=image.session_id,
        image_id=image.id,
        version=image.version,
        at=image.updated_at,
    )
