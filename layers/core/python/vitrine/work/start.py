"""A job starts once it has all it needs: its upload, if it waits for one, and a slot, if its kind takes one.

Job and upload come in either order. Both are committed before their event leaves, and both are read consistently here,
so the second event always sees the first. An event that was lost all the same is made up for by `work.recovery`.
"""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any

from vitrine.assets import service as assets
from vitrine.assets.models import Asset, AssetState
from vitrine.jobs import service as jobs
from vitrine.jobs.fair_queue import service as fair_queue
from vitrine.jobs.fair_queue.models import Holder
from vitrine.jobs.models import Job, JobEventType, JobState
from vitrine.work import ending, machine, rules
from vitrine.work.kinds import Kind
from vitrine.work.models import Work

WAITS_FOR_UPLOAD = "waits for its upload"


def jobs_of(detail_type: str, detail: dict[str, Any]) -> list[str]:
    """The jobs that an event may have made ready: the one that was queued, or those that wait for the upload."""
    if detail_type == JobEventType.QUEUED:
        return [detail["job_id"]]
    return jobs.waiting_for(detail["tenant"], detail["asset_id"])


def begin(tenant: str, job_id: str, work: Work, now: datetime) -> str:
    """Start the job if it has all it needs, end it if its upload was rejected, else let it wait.

    Answers what became of it. Idempotency key: the job. Raises `UnknownKind`.
    """
    job = jobs.seek(tenant, job_id)
    if job is None or job.state is not JobState.QUEUED:
        return "nothing to do"
    kind = work.kind_of(job)
    if job.held:
        return "held by its batch"
    return _begin_with_upload(job, kind, work, now) if kind.waits_for_upload else _begin(job, kind, work, now)


def waits_in_vain(job: Job, now: datetime) -> bool:
    """Whether a job is queued for an upload that comes no more. Raises what botocore raises when S3 cannot say."""
    if job.state is not JobState.QUEUED or job.asset_id is None:
        return False
    upload = upload_of(job)
    return upload is None or assets.is_abandoned(upload, now)


def upload_of(job: Job) -> Asset | None:
    return assets.find(job.tenant, job.asset_id) if job.asset_id else None


def _begin_with_upload(job: Job, kind: Kind, work: Work, now: datetime) -> str:
    upload = upload_of(job)
    if upload is None or upload.state is AssetState.AWAITING_UPLOAD:
        return WAITS_FOR_UPLOAD
    if upload.state is AssetState.ACCEPTED:
        return _begin(job, kind, work, now)
    ending.fail(job.tenant, job.id, rules.rejection(upload, kind), now)
    return "upload rejected"


def _begin(job: Job, kind: Kind, work: Work, now: datetime) -> str:
    if kind.takes_slot:
        return _take_slot(job, work, now)
    _start(job, work, now)
    return "started"


def pass_on_slot(tenant: str, job_id: str, work: Work, now: datetime) -> int:
    """A job is over: start those that got its slot, and say how many. Idempotency key: the job."""
    return start_holders(fair_queue.end(tenant, job_id, work.at_once, now), work, now)


def _take_slot(job: Job, work: Work, now: datetime) -> str:
    others = {holder.job_id: holder for holder in fair_queue.take(job, work.at_once, now)}
    own = others.pop(job.id, None)
    if own is not None:
        _start(job, work, now)
    start_holders(others.values(), work, now)
    return "started" if own else "waits for a slot"


def start_holders(holders: Iterable[Holder], work: Work, now: datetime) -> int:
    """Start the jobs that hold a slot and have not begun yet, and say how many. Idempotency key: the jobs."""
    found = [job for holder in holders if (job := jobs.seek(holder.tenant, holder.job_id)) is not None]
    queued = [job for job in found if job.state is JobState.QUEUED]
    for job in queued:
        _start(job, work, now)
    return len(queued)


def _start(job: Job, work: Work, now: datetime) -> None:
    machine.start(job, work)
    _start_clock(job, work, now)


def _start_clock(job: Job, work: Work, now: datetime) -> None:
    """The time for the work counts from here, so that an execution that dies at once is noticed before the day is over.

    Not before the execution is there: until then the recovery knows by the old deadline that it has to start the job.
    """
    with suppress(jobs.StaleJob):  # the execution was faster, and has started the clock itself
        jobs.hasten(job, now + work.kind_of(job).may_work)
