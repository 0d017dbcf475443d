"""The staging state machine from outside: one execution a job, named after it, so that it starts exactly once."""

import json

from botocore.exceptions import ClientError

from vitrine.jobs.models import Job
from vitrine.kernel import clients
from vitrine.kernel.environment import StagingMachine

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
    arn = machine.staging_state_machine_arn.replace(":stateMachine:", ":execution:") + f":{job.id}"
    try:
        clients.states().stop_execution(executionArn=arn, error="JobIsOver", cause="The job was ended from outside.")
    except ClientError as error:
        if error.response["Error"]["Code"] not in _NOTHING_TO_STOP:
            raise
