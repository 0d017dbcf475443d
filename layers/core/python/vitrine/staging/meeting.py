"""A staging job and its upload meet in either order; whichever comes second starts the work, exactly once.

Both are committed before their event leaves, and both are read consistently here, so the second event always sees the
first. An event that was lost all the same is made up for by the sweep: within minutes, or within the hour when the
job is older than that.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from vitrine.assets.models import AssetState
from vitrine.jobs import service as jobs
from vitrine.jobs.models import Job, JobEventType, JobKind, JobState
from vitrine.jobs.rules import WAIT_FOR_UPLOAD, WORK, JobIsOver
from vitrine.kernel.environment import StagingMachine
from vitrine.kernel.observability import crash_fields, logger
from vitrine.staging import machine, rules, service
from vitrine.staging.models import Reason

RECENT = timedelta(minutes=15)


def jobs_of(detail_type: str, detail: dict[str, Any]) -> list[str]:
    """The jobs that an event may have made ready."""
    if detail_type == JobEventType.QUEUED:
        return [detail["job_id"]] if detail["kind"] == JobKind.STAGE else []
    return jobs.waiting_for(detail["tenant"], detail["asset_id"])


def begin(tenant: str, job_id: str, staging: StagingMachine, now: datetime) -> str:
    """Start the job if its upload is good, end it if the upload was rejected, else let it wait. Key: the job."""
    job = jobs.seek(tenant, job_id)
    asset = service.readiness(job) if job else None
    if job is None or asset is None:
        return "nothing to do"
    if asset.state is AssetState.ACCEPTED:
        machine.start(job, staging)
        _start_clock(job, now)
        return "started"
    reason = asset.reason or rules.UPLOAD_REJECTED
    service.give_up(tenant, job_id, Reason(code=reason.code, message=reason.message), now)
    return "upload rejected"


def _start_clock(job: Job, now: datetime) -> None:
    """The clock of the work starts here, so that an execution that dies at once is noticed before the day is over.

    Not before the execution is there: until then the sweep knows by the old deadline that it has to start the job.
    """
    with suppress(jobs.StaleJob):  # the execution was faster, and has started the clock itself
        jobs.hasten(job, now + WORK)


def cancel(tenant: str, job_id: str, staging: StagingMachine, now: datetime) -> Job:
    """End the job with its credits back, and stop what works on it. Key: the job."""
    job = service.cancel(tenant, job_id, now)
    machine.stop(job, staging)
    return job


def sweep(staging: StagingMachine, now: datetime) -> dict[str, int]:
    """End every job past its deadline, and try again to start those that have been queued for a while."""
    late = _each(jobs.past_deadline(now), lambda job: _expire(job, staging, now))
    since = WAIT_FOR_UPLOAD if now.minute == 0 else RECENT
    idle = _each(jobs.queued_a_while(now, since), lambda job: begin(job.tenant, job.id, staging, now))
    return {"expired": late, "nudged": idle}


def _expire(job: Job, staging: StagingMachine, now: datetime) -> None:
    is_waiting = job.state is JobState.QUEUED and service.readiness(job) is None
    reason = rules.NEVER_UPLOADED if is_waiting else rules.TOO_LATE
    try:
        service.give_up(job.tenant, job.id, reason, now)
    except JobIsOver:
        return
    machine.stop(job, staging)


def _each(found: Iterable[Job], act: Callable[[Job], object]) -> int:
    """One job that cannot be dealt with must not keep the others waiting."""
    count = 0
    for job in found:
        try:
            act(job)
            count += 1
        except Exception as error:
            logger.error("job could not be swept", job_id=job.id, **crash_fields(error))
    return count
