"""What others call of a session and its images: read arranged, and the writes of their transactions."""

from vitrine.capture import places, store
from vitrine.capture.models import Image, Session

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
    return Captured(found.session, places.arrange(found.session, found.images), found.verdict)


def find(tenant: str, session_id: str) -> Session | None:
    return store.get(tenant, session_id)


def find_image(tenant: str, session_id: str, image_id: str) -> Image | None:
    """One image as it was stored: without its place, which only all images of the session tell."""
    return store.get_with_image(tenant, session_id, image_id)[1]
