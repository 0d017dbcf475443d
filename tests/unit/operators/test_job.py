"""`vitrine job` on moto: a job's story, another start, and its end with a refund."""

import json
import os
from collections.abc import Iterator
from unittest.mock import patch

import pytest

from infra import cli
from tests.support.builders import any_call, any_job
from tests.support.cloud import ACCOUNT, aws, client
from tests.unit.operators.cloud import PROD, deploy
from vitrine.billing import service as billing
from vitrine.jobs import rules, service
from vitrine.jobs.models import Job, JobState
from vitrine.kernel import tables
from vitrine.kernel.clock import utc_now
from vitrine.kernel.ids import Ids
from vitrine.staging.kinds import STAGE

MACHINE = f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:vitrine-prod-staging"


@pytest.fixture(autouse=True)
def _cloud() -> Iterator[None]:
    with patch.dict(os.environ), aws():
        deploy()
        billing.forget_provisioned()
        # It ends at once: what moto's machine does is not what is tested.
        definition = json.dumps({"StartAt": "End", "States": {"End": {"Type": "Fail", "Error": "Engine.Away"}}})
        client("stepfunctions").create_state_machine(
            name="vitrine-prod-staging", definition=definition, roleArn=f"arn:aws:iam::{ACCOUNT}:role/any"
        )
        yield


def queued() -> Job:
    """A job that holds a credit, of an account that had ten."""
    job = any_job(created_at=utc_now(), updated_at=utc_now(), deadline=utc_now() + STAGE.may_wait)
    billing.provision(any_call(job.tenant))
    tables.commit(*service.queueing(job), *billing.reserving(job.tenant, job.id, job.credits, utc_now()))
    return job


def at_work() -> Job:
    job = queued()
    return service.change(job.tenant, job.id, lambda found: rules.start(found, utc_now()))


def run(capsys: pytest.CaptureFixture[str], *command: str) -> tuple[int, str]:
    code = cli.main(["job", *command, *PROD])
    said = capsys.readouterr()
    return code, said.out + said.err


def executions(job: Job) -> list[str]:
    found = client("stepfunctions").list_executions(stateMachineArn=MACHINE)["executions"]
    return sorted(each["name"] for each in found if each["name"].startswith(job.id))


def test_a_jobs_story_is_found_without_knowing_whose_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    job = at_work()
    client("stepfunctions").start_execution(stateMachineArn=MACHINE, name=job.id, input="{}")
    code, said = run(capsys, "show", job.id)
    assert code == 0
    assert f"{job.id} of {job.tenant}: processing" in said
    assert "JobQueued" in said and "JobStarted" in said
    assert f"{job.id} " in said.partition("executions")[2]
    assert f"reserve {job.credits}" in said.partition("ledger")[2]


def test_a_job_that_is_cancelled_gives_its_credits_back_and_cannot_be_cancelled_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    job = at_work()
    code, said = run(capsys, "cancel", job.id, "--tenant", job.tenant)
    assert (code, said.strip()) == (0, f"cancelled; {job.credits} credits given back")
    assert billing.account(job.tenant).balances.available == 10
    assert "The job is over" in run(capsys, "cancel", job.id)[1]


def test_a_job_whose_execution_is_over_is_started_again_as_its_next_attempt(capsys: pytest.CaptureFixture[str]) -> None:
    job = at_work()
    client("stepfunctions").start_execution(stateMachineArn=MACHINE, name=job.id, input="{}")
    client("stepfunctions").stop_execution(
        executionArn=f"{MACHINE.replace(':stateMachine:', ':execution:')}:{job.id}", error="Engine.Away"
    )
    code, said = run(capsys, "retry", job.id)
    assert (code, said.strip()) == (0, f"started as {job.id}-2")
    assert executions(job) == [job.id, f"{job.id}-2"]
    given = client("stepfunctions").describe_execution(
        executionArn=f"{MACHINE.replace(':stateMachine:', ':execution:')}:{job.id}-2"
    )["input"]
    assert json.loads(given) == {"tenant": job.tenant, "job_id": job.id, "attempt": 2}


def test_a_running_execution_is_left_alone_and_so_is_a_job_that_is_over(capsys: pytest.CaptureFixture[str]) -> None:
    job = at_work()
    client("stepfunctions").start_execution(stateMachineArn=MACHINE, name=job.id, input="{}")
    code, said = run(capsys, "retry", job.id)
    assert code == 1 and "is running" in said
    run(capsys, "cancel", job.id)
    assert service.find(job.tenant, job.id).state is JobState.CANCELLED
    assert "was settled" in run(capsys, "retry", job.id)[1]


def test_a_job_that_is_not_there_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert "There is no job" in run(capsys, "show", Ids.random(utc_now()).new("img"))[1]
