"""What others call of a session and its images: read arranged, and the writes of their transactions."""

from collections.abc import Mapping
from dataclasses import replace as replace_fields

from vitrine.capture import places, rules, store
from vitrine.capture.listings import store as listings
from vitrine.capture.models import Image, Session, SessionChange
from vitrine.capture.telling import service as telling
from vitrine.capture.telling.models import SessionChanged
from vitrine.kernel import tables
from vitrine.kernel.call import Call
from vitrine.kernel.ids import uuid_in
from vitrine.set_qc.models import Check

# Other contexts and handlers know this module, never the store.
Captured = store.Captured
StaleSession, StaleImage = store.StaleSession, store.StaleImage
StalePublication = store.StalePublication
session_of, publication_of, put_publication = store.session_of, store.publication_of, store.put_publication
replace, replace_image, set_changed, put_verdict, unchanged = (
    store.replace,
    store.replace_image,
    store.set_changed,
    store.put_verdict,
    store.unchanged,
)

_TRIES = 8


def read(tenant: str, session_id: str) -> Captured | None:
    """A session, its images arranged (each with its place, and whether it is current), and its last verdict."""
    found = store.read(tenant, session_id)
    if found is None:
        return None
    judged = (_judged(image, found.checks.get(image.id, {})) for image in found.images)
    return replace_fields(found, images=places.arrange(found.session, judged))


def _judged(image: Image, checks: Mapping[str, Check]) -> Image:
    """With what the last verdict says of it, beside what its own inspection said."""
    return image.model_copy(update={"qc": {**image.qc, **checks}}) if checks else image


def find(tenant: str, session_id: str) -> Session | None:
    return store.get(tenant, session_id)


def find_image(tenant: str, session_id: str, image_id: str) -> Image | None:
    """One image as it was stored: without its place, which only all images of the session tell."""
    return store.get_with_image(tenant, session_id, image_id)[1]


def read_for(call: Call, session_id: str) -> Captured:
    """A session that the caller may see. Raises `NotFound` for any other, whoever's it is."""
    known = uuid_in(session_id)
    found = read(call.tenant, known) if known else None
    if found is None or not call.principal.may_use(found.session.site_id):
        raise store.no_session()
    return found


def image_for(call: Call, image_id: str) -> tuple[Captured, Image]:
    """An image that the caller may see, among all of its session. Raises `NotFound` for any other."""
    known = uuid_in(image_id)
    session_id = store.session_of(call.tenant, known) if known else None
    found = read(call.tenant, session_id) if session_id else None
    image = next((each for each in found.images if each.id == known), None) if found else None
    if found is None or image is None or not call.principal.may_use(image.site_id):
        raise store.no_image()
    return found, image


def change(call: Call, session_id: str, asked: SessionChange) -> Captured:
    """A session in its next status; its set is judged once the bus has told of it.

    Idempotency key: the status; a repeat changes nothing, `completed_at` neither.
    Raises `NotFound`, `Forbidden`, and `BadRequest` for a change that cannot be.
    """
    for _ in range(_TRIES):
        found = read_for(call, session_id)
        rules.check_owner(found.session, call.principal)
        after = rules.close(found.session, asked.status, asked.completed_at, call.now)
        if after is found.session:
            return found
        try:
            tables.commit(store.replace(after), *listings.moved(found.session, after), telling.put(_told(after)))
        except store.StaleSession:
            continue
        return replace_fields(found, session=after)
    raise store.StaleSession("The session kept changing. Try again.")


def _told(session: Session) -> SessionChanged:
    return SessionChanged(
        tenant=session.tenant,
        session_id=session.id,
        version=session.version,
        status=session.status,
        at=session.updated_at,
    )
