"""What the bus carries about projects, and about pictures whose owner wants them gone."""

from typing import Any

from vitrine.kernel.events import EventType
from vitrine.staging.models import ProjectEvent, WithdrawnEvent

PROJECT_DELETED = EventType("vitrine.staging", "ProjectDeleted", ProjectEvent)
IMAGES_WITHDRAWN = EventType("vitrine.staging", "ImagesWithdrawn", WithdrawnEvent)
EVENT_TYPES = (PROJECT_DELETED, IMAGES_WITHDRAWN)


def entry(event: ProjectEvent | WithdrawnEvent, bus: str) -> dict[str, Any]:
    """A PutEvents entry. Consumers look at whether the project is still deleted."""
    told = PROJECT_DELETED if isinstance(event, ProjectEvent) else IMAGES_WITHDRAWN
    return {
        "EventBusName": bus,
        "Source": told.source,
        "DetailType": told.detail_type,
        "Detail": event.model_dump_json(),
        "Time": event.at,
        "Resources": [],
    }
