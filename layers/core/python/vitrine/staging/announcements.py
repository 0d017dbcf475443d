"""What customers hear of stagings and batches, in the words of the surface that queued them."""

from collections.abc import Callable, Mapping
from typing import Any

from vitrine.contracts.announcements import Announcement, ImageEventType, StagingEventType
from vitrine.jobs.models import Job, JobEvent, JobEventType
from vitrine.kernel.clock import timestamp
from vitrine.staging import failures
from vitrine.staging.models import BatchInput, BatchOutcome, StagedImage, StageInput

_IMAGE = {
    JobEventType.STARTED: ImageEventType.PROCESSING,
    JobEventType.COMPLETED: ImageEventType.READY,
    JobEventType.FAILED: ImageEventType.ERROR,
    JobEventType.CANCELLED: ImageEventType.ERROR,
}
_STAGING = {
    JobEventType.STARTED: StagingEventType.PROCESSING,
    JobEventType.COMPLETED: StagingEventType.COMPLETED,
    JobEventType.FAILED: StagingEventType.FAILED,
    JobEventType.CANCELLED: StagingEventType.FAILED,
}
_BATCH = {
    JobEventType.COMPLETED: StagingEventType.BATCH_COMPLETED,
    JobEventType.FAILED: StagingEventType.BATCH_FAILED,
    JobEventType.CANCELLED: StagingEventType.BATCH_FAILED,
}


def of_staging(event: JobEvent, job: Job) -> Announcement | None:
    """None for what customers do not hear of: a staging that was queued, or that no surface has words for."""
    words = _WORDS.get(job.input.get("surface", ""))
    return words(event, job) if words and event.type is not JobEventType.QUEUED else None


def of_batch(event: JobEvent, job: Job) -> Announcement | None:
    """A batch is told of when it is over: completed, cancelled, or ended since it took too long.

    How many photos are done is known of a completed one alone; the others are still told of one by one.
    """
    name = _BATCH.get(event.type)
    if name is None:
        return None
    shared, error = BatchInput.model_validate(job.input), failures.of(event)
    outcome = BatchOutcome.model_validate(job.result) if name is StagingEventType.BATCH_COMPLETED else None
    data = {
        "batch_id": job.id,
        "processing_status": _status(name),
        "total_images": len(shared.photos),
        "completed_images": outcome.completed if outcome else None,
        "failed_images": outcome.failed if outcome else None,
        "error_message": error.message if error else None,
        "property_name": shared.property_name,
        "created_at": timestamp(job.created_at),
        "completed_at": timestamp(event.at),
    }
    return _announcement(event, shared.surface, name, data)


def _image(event: JobEvent, job: Job) -> Announcement:
    options, error, name = StageInput.model_validate(job.input), failures.of(event), _IMAGE[event.type]
    data: dict[str, Any] = {
        "id": job.id,
        "status": _status(name),
        "projectId": job.subject,
        "roomType": options.room_type,
        "style": options.style,
        "seed": options.seed,
        "quality": options.quality,
        "error": error.message if error else None,
        "errorCode": error.code if error else None,
        "createdAt": timestamp(job.created_at),
        "updatedAt": timestamp(event.at),
    }
    if staged := _result(event, job):
        data |= {
            "roomType": staged.room_type,
            "style": staged.style,
            "seed": staged.seed,
            "width": staged.width,
            "height": staged.height,
            "scores": staged.scores.model_dump(mode="json"),
            "warnings": [warning.model_dump(mode="json") for warning in staged.warnings],
            "engine": f"{staged.engine.name} {staged.engine.version}",
        }
    return _announcement(event, options.surface, name, data)


def _staging(event: JobEvent, job: Job) -> Announcement:
    options, error, name = StageInput.model_validate(job.input), failures.of(event), _STAGING[event.type]
    data: dict[str, Any] = {
        "id": job.id,
        "status": _status(name),
        "style": options.style,
        "room_type": options.room_type,
        "quality_mode": options.quality,
        "property_name": options.property_name,
        "batch_id": job.batch,
        "created_at": timestamp(job.created_at),
    }
    if staged := _result(event, job):
        data |= {
            "room_type": staged.room_type,
            "quality_score": staged.scores.quality,
            "architectural_integrity": True,  # what did not leave the room untouched is never published
        }
    if event.type is not JobEventType.STARTED:
        data["completed_at"] = timestamp(event.at)
        data["error_message"] = error.message if error else None
    return _announcement(event, options.surface, name, data)


def _result(event: JobEvent, job: Job) -> StagedImage | None:
    is_staged = event.type is JobEventType.COMPLETED and job.result
    return StagedImage.model_validate(job.result) if is_staged else None


_WORDS: Mapping[str, Callable[[JobEvent, Job], Announcement]] = {"realstaging": _image, "stagecraft": _staging}
"""By the surface that queued the job."""


def _status(name: str) -> str:
    return name.partition(".")[2]


def _announcement(event: JobEvent, surface: str, name: str, data: dict[str, Any]) -> Announcement:
    """The event's id is the job's with the number of the change, which the event stream (SSE) carries too."""
    return Announcement(
        tenant=event.tenant,
        event_id=f"{event.job_id}_{event.number}",
        surface=surface,
        type=name,
        at=event.at,
        data=data,
    )
