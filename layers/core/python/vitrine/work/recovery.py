"""Every minute: find what an event was lost for, or what died on its way, and put it right. The same for all kinds.

A job past its deadline ends and is refunded, and so does one whose upload comes no more. One that has been queued for a
while is started again: every minute while it is young, once an hour after that. Slots of the fair queue are compared
with the jobs that hold them.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TypeVar

from vitrine.assets import service as assets
from vitrine.jobs import service as jobs
from vitrine.jobs.fair_queue import service as fair_queue
from vitrine.jobs.fair_queue.models import Holder
from vitrine.jobs.models import Job
from vitrine.jobs.rules import JobIsOver
from vitrine.kernel.observability import crash_fields, logger
from vitrine.work import ending, machine, rules, start
from vitrine.work.kinds import Kinds
from vitrine.work.models import Work

RECENT = assets.LAST_ARRIVAL + timedelta(minutes=5)
"""How long a job that does not start is looked at every minute; from then on once an hour, as long as it may wait.
Long enough to see that the upload of a job comes no more, with some minutes left for sweeps that failed."""

T = TypeVar("T", Job, Holder)


def sweep(work: Work, now: datetime) -> dict[str, int]:
    """End what is late, start what still waits, repair the fair queue; says how many of each, and how many it could not
    deal with: those are logged one by one. May be repeated."""
    expired, late = _each(jobs.due_by(now), lambda job: _expire(job, work, now))
    restarted, stuck = _restart(work, now)
    repaired, broken = _repair_queue(work, now)
    return {"expired": expired, "restarted": restarted, "repaired": repaired, "failed": late + stuck + broken}


def oldest_at_work(kinds: Kinds, now: datetime) -> datetime | None:
    """Since when the longest-running job that takes a slot has had all it needs; jobs that wait do not count."""
    soon = jobs.due_by(now + kinds.longest_at_work)
    working = ((job, kind) for job in soon if (kind := kinds.find(job.kind)) and kind.takes_slot)
    return min((began for job, kind in working if (began := rules.work_began(job, kind))), default=None)


def _restart(work: Work, now: datetime) -> tuple[int, int]:
    waiting = {place.job_id for place in fair_queue.waiting()}
    idle = (job for job in _queued_a_while(work.kinds, now) if not job.held and job.id not in waiting)
    return _each(idle, lambda job: _start_or_give_up(job, work, now))


def _start_or_give_up(job: Job, work: Work, now: datetime) -> None:
    outcome = start.begin(job.tenant, job.id, work, now)
    if outcome == start.WAITS_FOR_UPLOAD and start.waits_in_vain(job, now):
        failures = work.kind_of(job).failures
        with suppress(JobIsOver):
            ending.fail(job.tenant, job.id, failures.upload_missing or failures.too_late, now)


def _queued_a_while(kinds: Kinds, now: datetime) -> Iterator[Job]:
    """Jobs of all kinds that were queued some minutes ago. The index knows them by how long they may wait."""
    for may_wait in sorted({kind.may_wait for kind in kinds}):
        names = {kind.name for kind in kinds if kind.may_wait == may_wait}
        found = jobs.queued_a_while(now, rules.look_back(may_wait, RECENT, now), may_wait)
        yield from (job for job in found if job.kind in names)


def _repair_queue(work: Work, now: datetime) -> tuple[int, int]:
    """Start holders that did not start, pass on slots of jobs that are over, and fill slots that were left free."""
    idle = (holder for holder in fair_queue.holders() if fair_queue.is_idle(holder, now))
    repaired, failed = _each(idle, lambda holder: _repair(holder, work, now))
    return repaired + start.start_holders(fair_queue.fill_free_slots(work.at_once, now), work, now), failed


def _repair(holder: Holder, work: Work, now: datetime) -> None:
    job = jobs.seek(holder.tenant, holder.job_id)
    is_over = job is None or job.state.is_over
    holders = fair_queue.pass_on_slot(holder, work.at_once, now) if is_over else (holder,)
    start.start_holders(holders, work, now)


def _expire(job: Job, work: Work, now: datetime) -> None:
    error = rules.expiry(job, work.kind_of(job), start.upload_of(job))
    with suppress(JobIsOver):
        ending.fail(job.tenant, job.id, error, now)
        machine.stop(job.kind, job.id, work)


def _each(found: Iterable[T], act: Callable[[T], object]) -> tuple[int, int]:
    """How many it went well for, and how many not: one job that cannot be dealt with keeps no other waiting."""
    done = failed = 0
    for each in found:
        try:
            act(each)
            done += 1
        except Exception as error:
            failed += 1
            job_id = each.id if isinstance(each, Job) else each.job_id
            logger.error("job could not be recovered", job_id=job_id, **crash_fields(error))
    return done, failed
