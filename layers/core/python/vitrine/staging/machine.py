"""The state machines from outside: one execution a job, named after it, so that it starts exactly once."""

import json

from botocore.exceptions import ClientError

from vitrine.jobs.models import Job
from vitrine.kernel import clients
from vitrine.kernel.environment import BatchMachine, StagingMachine

# The ARN is ours, so what StopExecution finds invalid is an execution that has ended.
_NOTHING_TO_STOP = ("ExecutionDoesNotExist", "ValidationException")


def start(job: Job, machine: StagingMachine) -> None:
    """Key: the job's id. Starting it again does nothing, even after it ended."""
    try:
        clients.states().start_execution(
            stateMachineArn=machine.staging_state_machine_arn,
            name=job.id,
            input=json.dumps({"tenant": job.tenant, "job_id": job.id, "attempt": 1}),
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ExecutionAlreadyExists":
            raise


def stop(job: Job, machine: StagingMachine) -> None:
    """Stop a job's execution, if it has one that still runs."""
    _stop(machine.staging_state_machine_arn, job.id)


def stop_batch(batch_id: str, machine: BatchMachine) -> None:
    """Stop a batch's execution, if it has one that still runs: no more photos get their turn."""
    _stop(machine.batch_state_machine_arn, batch_id)


def _stop(machine_arn: str, name: str) -> None:
    arn = machine_arn.replace(":stateMachine:", ":execution:") + f":{name}"
    try:
        clients.states().stop_execution(executionArn=arn, error="JobIsOver", cause="The job was ended from outside.")
    except ClientError as error:
        if error.response["Error"]["Code"] not in _NOTHING_TO_STOP:
            raise
