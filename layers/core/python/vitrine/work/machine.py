"""State machines from outside: one execution a job, named after it, so that the job starts exactly once."""

from vitrine.jobs.models import Job, JobKind
from vitrine.kernel import executions
from vitrine.work.models import Work


def start(job: Job, work: Work) -> None:
    """Idempotency key: the job's id. Raises `UnknownKind`."""
    given = {"tenant": job.tenant, "job_id": job.id, "attempt": 1}
    executions.start(work.machine_of(job.kind), job.id, given)


def stop(kind: JobKind, job_id: str, work: Work) -> None:
    """Stop a job's execution, if it has one that still runs. Raises `UnknownKind`."""
    executions.stop(work.machine_of(kind), job_id)
