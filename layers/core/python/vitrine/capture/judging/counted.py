"""The frames that a verdict is about."""

from vitrine.capture import places, store
from vitrine.capture.judging import rules
from vitrine.capture.models import Image, Session


def read(tenant: str, session_id: str) -> tuple[Session, tuple[Image, ...]]:
    """A session and those of its images that count, each in its place. By one read. Raises `NotFound`."""
    captured = store.read(tenant, session_id)
    if captured is None:
        raise store.no_session()
    return captured.session, rules.counting(places.arrange(captured.session, captured.images))
