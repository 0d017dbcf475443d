"""What customers hear of, per surface and in its own words.

Payloads carry no URLs: signed ones would have ended long before the last attempt, and would lie in the log of
deliveries. Whoever wants the picture asks the API for it, by the id.
"""

import json
from enum import StrEnum
from typing import Any

from vitrine.engagement.models import Announcement
from vitrine.jobs.models import Job, JobEvent, JobEventType, JobKind
from vitrine.kernel.clock import timestamp
from vitrine.staging.models import BatchInput, BatchOutcome, StagedImage, StageInput, Surface

TEST = "webhook.test"


class ImageEventType(StrEnum):
    PROCESSING = "image.processing"
    READY = "image.ready"
    ERROR = "image.error"


class StagingEventType(StrEnum):
    PROCESSING = "staging.processing"
    COMPLETED = "staging.completed"
    FAILED = "staging.failed"
    BATCH_COMPLETED = "batch.completed"


TYPES: dict[Surface, type[StrEnum]] = {
    Surface.REALSTAGING: ImageEventType,
    Surface.STAGECRAFT: StagingEventType,
}
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


def type_of(event: JobEvent) -> tuple[Surface, str] | None:
    """The surface that an event belongs to, and its name there; None for what customers do not hear of."""
    if event.kind is JobKind.BATCH:
        over = event.type is JobEventType.COMPLETED
        return (Surface.STAGECRAFT, StagingEventType.BATCH_COMPLETED) if over else None
    if event.kind is not JobKind.STAGE or event.type is JobEventType.QUEUED:
        return None
    if event.job_id.startswith("stg_"):
        return Surface.STAGECRAFT, _STAGING[event.type]
    return Surface.REALSTAGING, _IMAGE[event.type]


def announcement(event: JobEvent, job: Job, surface: Surface, name: str) -> Announcement:
    """The event's id is the job's with the number of the change, which the event stream (SSE) carries too."""
    return Announcement(
        event_id=f"{event.job_id}_{event.number}",
        surface=surface,
        type=name,
        payload=payload(name, timestamp(event.at), _data(event, job, surface, name)),
        at=event.at,
    )


def payload(name: str, at: str, data: dict[str, Any]) -> str:
    return json.dumps({"type": name, "timestamp": at, "data": data}, separators=(",", ":"), ensure_ascii=False)


def _data(event: JobEvent, job: Job, surface: Surface, name: str) -> dict[str, Any]:
    if event.kind is JobKind.BATCH:
        return _batch(event, job)
    status = name.partition(".")[2]
    return _image(event, job, status) if surface is Surface.REALSTAGING else _staging(event, job, status)


def _batch(event: JobEvent, job: Job) -> dict[str, Any]:
    told, outcome = BatchInput.model_validate(job.input), BatchOutcome.model_validate(job.result)
    return {
        "batch_id": job.id,
        "processing_status": "completed",
        "total_images": len(told.photos),
        "completed_images": outcome.completed,
        "failed_images": outcome.failed,
        "property_name": told.property_name,
        "created_at": timestamp(job.created_at),
        "completed_at": timestamp(event.at),
    }


def _image(event: JobEvent, job: Job, status: str) -> dict[str, Any]:
    wish = StageInput.model_validate(job.input)
    error = event.error
    return {
        "id": job.id,
        "status": status,
        "projectId": job.subject,
        "roomType": wish.room_type,
        "style": wish.style,
        "quality": wish.quality,
        "error": error.message if error else None,
        "errorCode": error.code if error else None,
        "createdAt": timestamp(job.created_at),
        "updatedAt": timestamp(event.at),
    }


def _staging(event: JobEvent, job: Job, status: str) -> dict[str, Any]:
    wish = StageInput.model_validate(job.input)
    data: dict[str, Any] = {
        "id": job.id,
        "status": status,
        "style": wish.style,
        "room_type": wish.room_type,
        "quality_mode": wish.quality,
        "property_name": wish.property_name,
        "batch_id": job.batch,
        "created_at": timestamp(job.created_at),
    }
    if event.type is JobEventType.COMPLETED and job.result:
        staged = StagedImage.model_validate(job.result)
        data |= {"room_type": staged.room_type, "quality_score": staged.scores.quality}
    if event.type is not JobEventType.STARTED:
        data["completed_at"] = timestamp(event.at)
        data["error_message"] = event.error.message if event.error else None
    return data
