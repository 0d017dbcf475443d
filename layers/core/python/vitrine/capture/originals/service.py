"""A frame's original, for those who may see it; each time is written down."""

from datetime import datetime, timedelta

from vitrine.assets import service as assets
from vitrine.capture.frames import keys
from vitrine.capture.models import Image
from vitrine.capture.originals import store
from vitrine.capture.originals.models import OriginalAccess
from vitrine.kernel import tables
from vitrine.kernel.call import Call
from vitrine.kernel.cursors import Position
from vitrine.kernel.errors import Conflict
from vitrine.kernel.observability import logger

HOLDS = timedelta(seconds=900)


def open_(call: Call, image: Image, bucket: str) -> tuple[str, datetime]:
    """A link to the original, which holds for 15 minutes, and until when. No link without its note.

    Raises `Conflict` for a frame of which nothing was kept.
    """
    if image.etag is None:
        raise Conflict("No original of this frame was kept.", code="no_original")
    access = OriginalAccess(
        id=call.ids.uuid(),
        tenant=call.tenant,
        image_id=image.id,
        session_id=image.session_id,
        site_id=image.site_id,
        actor=call.principal.actor,
        role=call.principal.role,
        request_id=call.request_id,
        at=call.now,
    )
    tables.commit(store.put(access))
    logger.info("original opened", image_id=image.id, actor=access.actor, role=access.role)
    return assets.download_url(bucket, keys.original_key(image.storage_key)), call.now + HOLDS


def newest(call: Call, limit: int, after: Position | None) -> tuple[list[OriginalAccess], Position | None]:
    """A page of who opened originals, the newest first, of sites that the caller may use; so it may be short."""
    found, rest = store.newest(call.tenant, limit, after)
    return [access for access in found if call.principal.may_use(access.site_id)], rest
