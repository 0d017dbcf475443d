"""What others call of a session and its images: read arranged, and the writes of their transactions."""

from collections.abc import Mapping

from vitrine.capture import places, store
from vitrine.capture.models import Image, Session
from vitrine.set_qc.models import Check

# Other contexts and handlers know this module, never the store.
Captured = store.Captured
StaleSession, StaleImage = store.StaleSession, store.StaleImage
replace, replace_image, set_changed, put_verdict, unchanged = (
    store.replace,
    store.replace_image,
    store.set_changed,
    store.put_verdict,
    store.unchanged,
)


def read(tenant: str, session_id: str) -> Captured | None:
    """A session, its images arranged (each with its place, and whether it is current), and its last verdict."""
    found = store.read(tenant, session_id)
    if found is None:
        return None
    judged = (_judged(image, found.checks.get(image.id, {})) for image in found.images)
    return Captured(found.session, places.arrange(found.session, judged), found.verdict, found.checks)


def _judged(image: Image, checks: Mapping[str, Check]) -> Image:
    """With what the last verdict says of it, beside what its own inspection said."""
    return image.model_copy(update={"qc": {**image.qc, **checks}}) if checks else image


def find(tenant: str, session_id: str) -> Session | None:
    return store.get(tenant, session_id)


def find_image(tenant: str, session_id: str, image_id: str) -> Image | None:
    """One image as it was stored: without its place, which only all images of the session tell."""
    return store.get_with_image(tenant, session_id, image_id)[1]
