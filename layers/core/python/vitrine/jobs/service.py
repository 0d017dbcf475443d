"""What other contexts do with jobs. Ending a job moves money, so it is `vitrine.billing.service.end_job`."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from vitrine.jobs import rules, store
from vitrine.jobs.models import Job, TaskToken
from vitrine.jobs.rules import WORK
from vitrine.kernel import tables
from vitrine.kernel.errors import NotFound
from vitrine.kernel.tables import Write

# What other contexts read, under the store's own names: they know this module, never the store.
JobExists = store.JobExists
StaleJob = store.StaleJob
event_from_image = store.event_from_image
find_all = store.get_all
events_after = store.events_after
count_images_past_due = store.count_images_past_due
images_past_due = store.images_past_due
latest_attempt = store.latest_attempt
of_batch = store.of_batch
search = store.search
due_by = store.due_by
queued_a_while = store.queued_a_while
seek = store.get
token_of = store.get_token
waiting_for = store.waiting_for

Change = Callable[[Job], Job]
Also = Callable[[Job, Job], tuple[Write, ...]]

_TRIES = 5


def queueing(job: Job) -> tuple[Write, ...]:
    """The writes that queue a job, for the transaction that also reserves its credits.

    Idempotency key: the job's id.
    """
    return store.insert(job)


def find(tenant: str, job_id: str) -> Job:
    job = store.get(tenant, job_id)
    if job is None:
        raise NotFound("There is no such job.")
    return job


def withdraw_images(tenant: str, job_id: str, now: datetime, also: Also) -> Job:
    """Its owner wants the job's pictures gone, and an open job cancelled; `also` learns how it was before and is after.

    Idempotency key: the job. Raises `NotFound`.
    """
    return _apply(tenant, job_id, lambda job: rules.withdraw_images(job, now), also)


def change(tenant: str, job_id: str, to: Change, also: Callable[[Job], tuple[Write, ...]] = lambda _: ()) -> Job:
    """Apply a rule to the stored job, with whatever must be written with it, in one transaction.

    Read again and retried when somebody else changed the job meanwhile. A change that leads nowhere new writes nothing
    at all, so duplicates are free. Raises `NotFound`, and whatever the rule raises (`JobIsOver`).
    """
    return _apply(tenant, job_id, to, lambda _, after: also(after))


def _apply(tenant: str, job_id: str, to: Change, also: Also) -> Job:
    for _ in range(_TRIES):
        before = find(tenant, job_id)
        after = to(before)
        if after is before:
            return before
        written = store.replace(after) if after.version > before.version else (store.rewrite(after),)
        try:
            tables.commit(*written, *also(before, after))
        except store.StaleJob:
            continue
        return after
    raise store.StaleJob("The job kept changing. Try again.")


def hasten(job: Job, deadline: datetime) -> None:
    """From now on the job has until `deadline`, unless it had less already. Idempotency key: the job's version."""
    if deadline < job.deadline:
        tables.commit(store.hasten(job, deadline))


def images_deleted(job: Job, now: datetime) -> None:
    """The job's pictures are gone, and its record says so. Idempotency key: the job's version."""
    tables.commit(store.images_deleted(job, now))


def postpone_images(job: Job, due: datetime) -> None:
    """Let the job's pictures go later: behind those that are overdue by then. Raises `StaleJob` if they are gone."""
    tables.commit(store.postpone_images(job, due))


def release(tenant: str, job_id: str) -> Job:
    """Let a held job go; one that nothing holds stays as it is.

    Idempotency key: the job's version. Raises `NotFound`.
    """
    for _ in range(_TRIES):
        job = find(tenant, job_id)
        if not job.held or job.state.is_over:
            return job
        with suppress(store.StaleJob):
            tables.commit(store.release(job))
            return job.model_copy(update={"held": False})
    raise store.StaleJob("The job kept changing. Try again.")


def await_end(token: TaskToken, now: datetime) -> None:
    """Note who is to be told when the job is over (attempt 0).

    Idempotency key: the job; the last token wins. Raises `NotFound`.
    """
    tables.commit(*store.put_token(token, now))


def begin_attempt(token: TaskToken, now: datetime, may_work: timedelta = WORK) -> Job:
    """Note that an attempt's inference starts, and the token it answers to.

    Idempotency key: job and attempt; the last token wins.

    Raises `JobIsOver` when the job has ended, cancelled for instance, and `NotFound`.
    """
    job = change(token.tenant, token.job_id, lambda job: rules.start(job, now, may_work))
    tables.commit(*store.put_token(token, now))
    return job
