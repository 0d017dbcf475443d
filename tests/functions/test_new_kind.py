"""Follows "Adding a kind of work" of layers/core/README.md with a throw-away kind: what is written once serves it."""

import json
from datetime import timedelta
from typing import Any

import boto3
import pytest

from functions.reactions import pass_on_slots, start_work, sweep_deadlines, tell_customers
from tests.support.builders import any_call
from tests.support.requests import CONTEXT
from vitrine.billing import service as billing
from vitrine.contracts.announcements import Announcement
from vitrine.engagement import service as engagement
from vitrine.jobs import service as jobs
from vitrine.jobs.models import Job, JobError, JobEvent, JobEventType, JobKind, JobState
from vitrine.kernel.call import Call
from vitrine.kernel.clock import utc_now
from vitrine.kernel.environment import WorkMachines
from vitrine.kinds_of_work import KINDS
from vitrine.work import queueing
from vitrine.work import rules as work_rules
from vitrine.work.kinds import Failures, Kind, Kinds
from vitrine.work.models import Work


def of_sync(event: JobEvent, job: Job) -> Announcement | None:
    if event.type is not JobEventType.FAILED or event.error is None:
        return None
    return Announcement(
        tenant=event.tenant,
        event_id=f"{event.job_id}_{event.number}",
        surface=job.input["surface"],
        type="sync.failed",
        at=event.at,
        data={"id": job.id, "errorCode": event.error.code},
    )


# Step 1 of the document: the value. Step 2: its place in the list.
SYNC = Kind(
    name=JobKind.SYNC,
    machine="sync",
    failures=Failures(
        failed=JobError(code="sync_failed", message="The store could not be synchronised."),
        too_late=JobError(code="sync_too_late", message="The store took too long."),
    ),
    may_wait=timedelta(hours=1),
    may_work=timedelta(minutes=10),
    most_credits=1,
    announce=of_sync,
)
ALL = Kinds(*KINDS, SYNC)


@pytest.fixture(autouse=True)
def machines(_cloud: None, monkeypatch: pytest.MonkeyPatch) -> str:
    """Step 3: a state machine of that name, here one that only waits. Gives its ARN."""
    states = boto3.client("stepfunctions")
    definition = json.dumps({"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 600, "End": True}}})
    role = "arn:aws:iam::123456789012:role/any"
    for name in ("sync", "webhook"):
        states.create_state_machine(name=name, definition=definition, roleArn=role)
    work = Work(ALL, WorkMachines.load())
    for reaction in (start_work, pass_on_slots, sweep_deadlines):
        monkeypatch.setattr(reaction, "WORK", work)
        monkeypatch.setattr(tell_customers, "KINDS", ALL)
    return work.machines.arn("sync")


def queued() -> tuple[Call, Job]:
    call = any_call()
    billing.forget_provisioned()
    billing.provision(call)
    job = work_rules.new_job(
        SYNC, call.ids.new("syn"), call.tenant, call.now, subject="shop", credits=1, input={"surface": "shop"}
    )
    return call, queueing.queue(job, SYNC)


def last_event(job: Job) -> dict[str, Any]:
    """The bus event that tells of the job's last change."""
    event = jobs.events_after(job.tenant, job.id, 0)[-1]
    return {"detail-type": event.type.value, "detail": event.model_dump(mode="json")}


def executions(arn: str) -> list[tuple[str, str, Any]]:
    states = boto3.client("stepfunctions")
    found = [
        states.describe_execution(executionArn=run["executionArn"])
        for run in states.list_executions(stateMachineArn=arn)["executions"]
    ]
    return [(run["name"], run["status"], json.loads(run["input"])) for run in found]


def put_deadline_in_the_past(job: Job) -> None:
    jobs.hasten(jobs.find(job.tenant, job.id), utc_now() - timedelta(seconds=1))


def test_a_new_kind_is_queued_started_ended_by_the_sweep_with_its_refund_and_announced(machines: str) -> None:
    call, job = queued()
    hook = engagement.register(call, "shop", "https://hooks.example.com/", ("sync.failed",), None, loopback=False)
    assert billing.account(job.tenant).balances.held == 1
    for _ in range(2):
        start_work.handler(last_event(job), CONTEXT)
    given = {"tenant": job.tenant, "job_id": job.id, "attempt": 1}
    assert executions(machines) == [(job.id, "RUNNING", given)]
    assert jobs.find(job.tenant, job.id).deadline <= utc_now() + SYNC.may_work
    put_deadline_in_the_past(job)
    assert sweep_deadlines.handler({}, CONTEXT)["expired"] == 1
    ended = jobs.find(job.tenant, job.id)
    assert (ended.state, ended.error) == (JobState.ERROR, SYNC.failures.too_late)
    balances = billing.account(job.tenant).balances
    assert (balances.held, balances.available) == (0, balances.granted)
    assert executions(machines) == [(job.id, "ABORTED", given)]
    tell_customers.handler(last_event(job), CONTEXT)
    (delivery,), _ = engagement.deliveries(call, "shop", hook.id, 10, None)
    assert json.loads(delivery.payload)["data"] == {"id": job.id, "errorCode": "sync_too_late"}
    pass_on_slots.handler(last_event(job), CONTEXT)


def test_a_new_kind_whose_event_was_lost_is_started_by_the_sweep(
    machines: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, job = queued()
    later = utc_now() + timedelta(minutes=3)
    monkeypatch.setattr(sweep_deadlines, "utc_now", lambda: later)
    assert sweep_deadlines.handler({}, CONTEXT)["restarted"] == 1
    assert [name for name, _, _ in executions(machines)] == [job.id]


def test_a_job_of_a_kind_that_is_not_in_the_list_is_not_started(machines: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _, job = queued()
    monkeypatch.setattr(start_work, "WORK", Work(KINDS, WorkMachines.load()))
    with pytest.raises(LookupError, match="sync"):
        start_work.handler(last_event(job), CONTEXT)
    assert executions(machines) == []
