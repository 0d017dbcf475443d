"""What the bus carries about jobs, of every kind of work. Names follow `<Thing><Happened>`."""

from typing import Any

from vitrine.jobs.models import JobEvent, JobEventType
from vitrine.kernel import metrics
from vitrine.kernel.events import EventType

SOURCE = "vitrine.jobs"
QUEUED, STARTED, COMPLETED, FAILED, CANCELLED = EVENT_TYPES = tuple(
    EventType(SOURCE, each.value, JobEvent)
    for each in (
        JobEventType.QUEUED,
        JobEventType.STARTED,
        JobEventType.COMPLETED,
        JobEventType.FAILED,
        JobEventType.CANCELLED,
    )
)
ENDED = (COMPLETED, FAILED, CANCELLED)


def entry(event: JobEvent, bus: str) -> dict[str, Any]:
    """A PutEvents entry. Consumers deduplicate by `job_id` and `number`."""
    return {
        "EventBusName": bus,
        "Source": SOURCE,
        "DetailType": event.type.value,
        "Detail": event.model_dump_json(),
        "Time": event.at,
        "Resources": [],
    }


METRICS = {
    JobEventType.QUEUED: metrics.JOBS_QUEUED,
    JobEventType.STARTED: metrics.JOBS_STARTED,
    JobEventType.COMPLETED: metrics.JOBS_COMPLETED,
    JobEventType.FAILED: metrics.JOBS_FAILED,
    JobEventType.CANCELLED: metrics.JOBS_CANCELLED,
}
