"""What the bus carries about projects."""

from typing import Any

from vitrine.kernel.events import EventType
from vitrine.staging.models import ProjectEvent

PROJECT_DELETED = EventType("vitrine.staging", "ProjectDeleted", ProjectEvent)
EVENT_TYPES = (PROJECT_DELETED,)


def entry(event: ProjectEvent, bus: str) -> dict[str, Any]:
    """A PutEvents entry. Consumers look at whether the project is still deleted."""
    return {
        "EventBusName": bus,
        "Source": PROJECT_DELETED.source,
        "DetailType": PROJECT_DELETED.detail_type,
        "Detail": event.model_dump_json(),
        "Time": event.at,
        "Resources": [],
    }
