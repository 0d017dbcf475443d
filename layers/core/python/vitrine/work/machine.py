"""State machines from outside: one execution a job, named after it, so that the job starts exactly once."""

from vitrine.jobs.models import Job
from vitrine.kernel import executions
from vitrine.work.models import Work


def start(job: Job, work: Work) -> None:
    """Idempotency key: the job's id. Raises `UnknownKind`."""
    given = {"tenant": job.tenant, "job_id": job.id, "attempt": 1}
    executions.start(work.machine_of(job), job.id, given)


def stop(job: Job, work: Work) -> None:
    """Stop a job's execution, if it has one that still runs. Raises `UnknownKind`."""
    executions.stop(work.machine_of(job), job.id)
