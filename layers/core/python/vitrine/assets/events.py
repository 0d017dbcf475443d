"""What the bus carries about uploads."""

from typing import Any

from vitrine.assets.models import AssetEvent

SOURCE = "vitrine.assets"
UPLOAD_INSPECTED = "UploadInspected"


def entry(event: AssetEvent, bus: str) -> dict[str, Any]:
    """A PutEvents entry. Consumers deduplicate by `asset_id`."""
    return {
        "EventBusName": bus,
        "Source": SOURCE,
        "DetailType": UPLOAD_INSPECTED,
        "Detail": event.model_dump_json(),
        "Time": event.at,
        "Resources": [],
    }
