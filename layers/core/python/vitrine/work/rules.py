"""When a job is to be started, and why one that is past its deadline ended."""

from datetime import datetime, timedelta
from typing import Any

from vitrine.assets.models import Asset, AssetState
from vitrine.jobs.models import Job, JobError, JobState
from vitrine.work.kinds import Kind


def new_job(kind: Kind, job_id: str, tenant: str, now: datetime, **values: Any) -> Job:
    """A queued job of a kind; `values` are its other fields."""
    return Job(
        id=job_id,
        tenant=tenant,
        kind=kind.name,
        state=JobState.QUEUED,
        version=1,
        created_at=now,
        updated_at=now,
        deadline=now + kind.may_wait,
        **values,
    )


def check(job: Job, kind: Kind) -> None:
    """Raises ValueError for a job that its kind does not allow: a defect of whoever queues it, not of a request."""
    if job.kind is not kind.name:
        raise ValueError(f"{job.id} is no {kind.name}.")
    if job.credits > kind.most_credits:
        raise ValueError(f"{job.id} costs more than a {kind.name} may.")
    if kind.waits_for_upload and job.asset_id is None:
        raise ValueError(f"{job.id} names no upload to wait for.")


def is_inspected(upload: Asset | None) -> bool:
    return upload is not None and upload.state is not AssetState.AWAITING_UPLOAD


def rejection(upload: Asset, kind: Kind) -> JobError:
    """Why a job ends whose upload was rejected: what the inspection said, if it said something."""
    if upload.reason is not None:
        return JobError(code=upload.reason.code, message=upload.reason.message)
    return kind.failures.upload_rejected or kind.failures.failed


def expiry(job: Job, kind: Kind, upload: Asset | None) -> JobError:
    """Why a job past its deadline ends: its upload never came, or it took too long."""
    waited = kind.waits_for_upload and job.state is JobState.QUEUED and not is_inspected(upload)
    return (waited and kind.failures.upload_missing) or kind.failures.too_late


def work_began(job: Job, kind: Kind) -> datetime | None:
    """Since when the job has had all it needs, by its deadline; None while it waits."""
    return None if job.deadline == job.created_at + kind.may_wait else job.deadline - kind.may_work


def look_back(kind_may_wait: timedelta, recent: timedelta, now: datetime) -> timedelta:
    """How old a queued job may be that the recovery looks at: a few minutes, and once an hour any age."""
    return kind_may_wait if now.minute == 0 else recent
