"""A staging job and its upload meet in either order; whichever comes second starts the work, exactly once.

Both are committed before their event leaves, and both are read consistently here, so the second event always sees the
first. When more jobs are ready than may be at work, they take turns (`vitrine.jobs.fair_queue`): a job then starts when
another ends. An event that was lost all the same is made up for by the sweep: within minutes, or within the hour when
the job is older than that.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, TypeVar

from vitrine.assets.models import AssetState
from vitrine.jobs import service as jobs
from vitrine.jobs.fair_queue import service as fair_queue
from vitrine.jobs.fair_queue.models import Holder
from vitrine.jobs.models import Job, JobEventType, JobKind, JobState
from vitrine.jobs.rules import WAIT_FOR_UPLOAD, WORK, JobIsOver
from vitrine.kernel.environment import StagingMachine
from vitrine.kernel.observability import crash_fields, logger
from vitrine.staging import machine, rules, service
from vitrine.staging.models import Reason

RECENT = timedelta(minutes=15)

T = TypeVar("T", Job, Holder)


def jobs_of(detail_type: str, detail: dict[str, Any]) -> list[str]:
    """The jobs that an event may have made ready."""
    if detail_type == JobEventType.QUEUED:
        return [detail["job_id"]] if detail["kind"] == JobKind.STAGE else []
    return jobs.waiting_for(detail["tenant"], detail["asset_id"])


def begin(tenant: str, job_id: str, staging: StagingMachine, now: datetime) -> str:
    """Start the job if its upload is good, end it if the upload was rejected, else let it wait. Key: the job."""
    job = jobs.seek(tenant, job_id)
    if job is not None and job.held:
        return "held by its batch"
    asset = service.readiness(job) if job else None
    if job is None or asset is None:
        return "nothing to do"
    if asset.state is AssetState.ACCEPTED:
        return _take_turn(job, staging, now)
    reason = asset.reason or rules.UPLOAD_REJECTED
    service.give_up(tenant, job_id, Reason(code=reason.code, message=reason.message), now)
    return "upload rejected"


def make_room(tenant: str, job_id: str, staging: StagingMachine, now: datetime) -> int:
    """A job is over: start those whose turn it is now, and say how many. Key: the job."""
    return _start_all(fair_queue.end(tenant, job_id, staging.staging_jobs_at_once, now), staging, now)


def _take_turn(job: Job, staging: StagingMachine, now: datetime) -> str:
    others = {holder.job_id: holder for holder in fair_queue.take(job, staging.staging_jobs_at_once, now)}
    own = others.pop(job.id, None)
    if own is not None:
        _start(job, staging, now)
    _start_all(others.values(), staging, now)
    return "started" if own else "in line"


def _start_all(holders: Iterable[Holder], staging: StagingMachine, now: datetime) -> int:
    found = [job for holder in holders if (job := jobs.seek(holder.tenant, holder.job_id)) is not None]
    queued = [job for job in found if job.state is JobState.QUEUED]
    for job in queued:
        _start(job, staging, now)
    return len(queued)


def _start(job: Job, staging: StagingMachine, now: datetime) -> None:
    machine.start(job, staging)
    _start_clock(job, now)


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
    """End every job past its deadline, try again to start those that have been queued for a while, mend the turns."""
    late = _each(jobs.past_deadline(now), lambda job: _expire(job, staging, now))
    since = WAIT_FOR_UPLOAD if now.minute == 0 else RECENT
    in_line = {place.job_id for place in fair_queue.waiting()}
    queued = (job for job in jobs.queued_a_while(now, since) if job.kind is JobKind.STAGE)
    waiting = (job for job in queued if not job.held and job.id not in in_line)
    idle = _each(waiting, lambda job: begin(job.tenant, job.id, staging, now))
    return {"expired": late, "nudged": idle, "mended": _mend_turns(staging, now)}


def _mend_turns(staging: StagingMachine, now: datetime) -> int:
    """Start or free what events were lost for: holders that did not start, or that are over, and slots left free."""
    idle = (holder for holder in fair_queue.holders() if fair_queue.is_idle(holder, now))
    mended = _each(idle, lambda holder: _mend(holder, staging, now))
    return mended + _start_all(fair_queue.fill_free_slots(staging.staging_jobs_at_once, now), staging, now)


def _mend(holder: Holder, staging: StagingMachine, now: datetime) -> None:
    job = jobs.seek(holder.tenant, holder.job_id)
    is_over = job is None or job.state.is_over
    holders = fair_queue.pass_on_slot(holder, staging.staging_jobs_at_once, now) if is_over else (holder,)
    _start_all(holders, staging, now)


def _expire(job: Job, staging: StagingMachine, now: datetime) -> None:
    is_waiting = job.state is JobState.QUEUED and service.readiness(job) is None
    reason = rules.NEVER_UPLOADED if is_waiting else rules.TOO_LATE
    try:
        service.give_up(job.tenant, job.id, reason, now)
    except JobIsOver:
        return
    machine.stop(job, staging)


def _each(found: Iterable[T], act: Callable[[T], object]) -> int:
    """One job that cannot be dealt with must not keep the others waiting."""
    count = 0
    for each in found:
        try:
            act(each)
            count += 1
        except Exception as error:
            job_id = each.id if isinstance(each, Job) else each.job_id
            logger.error("job could not be swept", job_id=job_id, **crash_fields(error))
    return count
