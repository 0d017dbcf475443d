"""A frame with its session, as whoever publishes it or opens its original needs it."""

from vitrine.capture import service as sessions
from vitrine.capture.models import Image, Session
from vitrine.kernel.call import Call
from vitrine.kernel.errors import NotFound


def find(call: Call, image_id: str) -> tuple[Session, Image]:
    """A frame with all checks, and its session. By two reads. Raises `NotFound`, whoever else's it is."""
    session_id = sessions.session_of(call.tenant, image_id)
    captured = sessions.read(call.tenant, session_id) if session_id else None
    image = next((image for image in captured.images if image.id == image_id), None) if captured else None
    if captured is None or image is None or not call.principal.may_use(image.site_id):
        raise no_image()
    return captured.session, image


def no_image() -> NotFound:
    return NotFound("There is no such image.", code="image_not_found")
