"""What the bus carries about uploads."""

from typing import Any

from vitrine.assets.models import AssetEvent
from vitrine.kernel.events import EventType

UPLOAD_INSPECTED = EventType("vitrine.assets", "UploadInspected", AssetEvent)
EVENT_TYPES = (UPLOAD_INSPECTED,)


def entry(event: AssetEvent, bus: str) -> dict[str, Any]:
    """A PutEvents entry. Consumers deduplicate by `asset_id`."""
    return {
        "EventBusName": bus,
        "Source": UPLOAD_INSPECTED.source,
        "DetailType": UPLOAD_INSPECTED.detail_type,
        "Detail": event.model_dump_json(),
        "Time": event.at,
        "Resources": [],
    }
