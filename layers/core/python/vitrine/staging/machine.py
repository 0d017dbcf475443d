"""The state machines from outside: one execution a job, named after it, so that it starts exactly once."""

from vitrine.jobs.models import Job
from vitrine.kernel import executions
from vitrine.kernel.environment import BatchMachine, StagingMachine


def start(job: Job, machine: StagingMachine) -> None:
    """Key: the job's id."""
    told = {"tenant": job.tenant, "job_id": job.id, "attempt": 1}
    executions.start(machine.staging_state_machine_arn, job.id, told)


def stop(job: Job, machine: StagingMachine) -> None:
    """Stop a job's execution, if it has one that still runs."""
    executions.stop(machine.staging_state_machine_arn, job.id)


def stop_batch(batch_id: str, machine: BatchMachine) -> None:
    """Stop a batch's execution, if it has one that still runs: no more photos get their turn."""
    executions.stop(machine.batch_state_machine_arn, batch_id)
