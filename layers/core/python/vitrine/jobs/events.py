"""What the bus carries about jobs: detail types and their schema. Names follow `<Thing><Happened>`."""

from typing import Any

from vitrine.jobs.models import JobEvent, JobEventType
from vitrine.kernel import metrics

SOURCE = "vitrine.jobs"


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
