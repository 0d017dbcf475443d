"""The lifecycle: queued → processing → ready, or error or cancelled from either. What is over stays as it is.

Every change returns the job as it should be, or the same object when it is already there: a repeated message then
writes nothing.
"""

from datetime import datetime, timedelta
from typing import Any

from vitrine.jobs.models import Job, JobError, JobEvent, JobEventType, JobState
from vitrine.kernel.errors import Conflict

WAIT_FOR_UPLOAD = timedelta(hours=24)
WORK = timedelta(minutes=60)
KEPT = timedelta(days=400)
SETTLES = timedelta(minutes=25)
"""How long pictures may still come for a job that was cancelled: an upload's URL holds for 15 minutes, and the engine,
which cannot be called back, puts results down for 24."""

_EVENT_OF = {
    JobState.QUEUED: JobEventType.QUEUED,
    JobState.PROCESSING: JobEventType.STARTED,
    JobState.READY: JobEventType.COMPLETED,
    JobState.ERROR: JobEventType.FAILED,
    JobState.CANCELLED: JobEventType.CANCELLED,
}


class JobIsOver(Conflict):
    """The job has ended otherwise. Its name is a Step Functions error name."""

    code = "job_is_over"


def start(job: Job, now: datetime, may_work: timedelta = WORK) -> Job:
    """From here on the deadline is that of the work, no longer that of the upload."""
    if job.state is JobState.PROCESSING:
        return job
    return _move(job, JobState.PROCESSING, now, deadline=now + may_work, started_at=now)


def complete(job: Job, result: dict[str, Any], now: datetime) -> Job:
    if job.state is JobState.READY:
        return job
    return _move(job, JobState.READY, now, result=result)


def fail(job: Job, error: JobError, now: datetime) -> Job:
    if job.state is JobState.ERROR:
        return job
    return _move(job, JobState.ERROR, now, error=error)


def cancel(job: Job, now: datetime) -> Job:
    if job.state is JobState.CANCELLED:
        return job
    return _move(job, JobState.CANCELLED, now)


def withdraw_images(job: Job, now: datetime) -> Job:
    """Its owner wants the pictures gone: an open job is cancelled, one that is over keeps its state and version."""
    if job.images_withdrawn_at is not None:
        return job
    over = job if job.state.is_over else cancel(job, now)
    return over.model_copy(update={"images_withdrawn_at": now})


def images_due(job: Job) -> datetime | None:
    """When the pictures of a job that is over are to be deleted; None while it is not, for ever, or done already.

    Withdrawn ones at once, and once more when nothing can come any more.
    """
    if job.images_withdrawn_at is not None:
        return _withdrawn_images_due(job.images_withdrawn_at, job.images_deleted_at)
    if not job.state.is_over or job.pictures_kept_days is None or job.images_deleted_at is not None:
        return None
    return job.updated_at + timedelta(days=job.pictures_kept_days)


def event_of(job: Job) -> JobEvent:
    """The event that tells of the job's latest change."""
    return JobEvent(
        job_id=job.id,
        tenant=job.tenant,
        kind=job.kind,
        subject=job.subject,
        batch=job.batch,
        asset_id=job.asset_id,
        number=job.version,
        type=_EVENT_OF[job.state],
        state=job.state,
        at=job.updated_at,
        queued_at=job.created_at,
        started_at=job.started_at,
        error=job.error,
    )


def _withdrawn_images_due(withdrawn_at: datetime, deleted_at: datetime | None) -> datetime | None:
    if deleted_at is None:
        return withdrawn_at
    settled_at = withdrawn_at + SETTLES
    return settled_at if deleted_at < settled_at else None


def _move(job: Job, state: JobState, now: datetime, **changes: Any) -> Job:
    if job.state.is_over:
        raise JobIsOver(f"This job has ended: {job.state}.")
    return job.model_copy(update={"state": state, "version": job.version + 1, "updated_at": now, **changes})
