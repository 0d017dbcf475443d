"""What is public of a session, for whoever has its address. By one read each."""

from vitrine.assets import service as assets
from vitrine.assets.addresses import no_picture
from vitrine.capture import service as sessions
from vitrine.capture.publishing import storage
from vitrine.capture.publishing.models import MANIFEST, Live, Manifest
from vitrine.kernel.errors import Unavailable


def live(tenant: str, session_id: str) -> Live:
    """Raises `NotFound` where nothing is public, or not any more."""
    publication = sessions.publication_of(tenant, session_id)
    if publication is None or publication.live is None:
        raise no_picture()
    return publication.live


def manifest(shown: Live, bucket: str) -> bytes:
    """Raises `NotFound` for one that was withdrawn a moment ago, and `Unavailable`."""
    try:
        return storage.get(bucket, f"{shown.prefix}{MANIFEST}")
    except storage.Gone:
        raise no_picture() from None
    except storage.StorageUnavailable:
        raise Unavailable("The file could not be read. Try again.") from None


def parsed(shown: Live, bucket: str) -> Manifest:
    return Manifest.model_validate_json(manifest(shown, bucket))


def link(bucket: str, key: str, method: str) -> str:
    """A signed link, which holds for 15 minutes."""
    return assets.download_url(bucket, key, method=method)
