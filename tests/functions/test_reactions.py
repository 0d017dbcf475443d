"""Jobs start, wait, are recovered and end, by events of the bus and of the clock."""

import json
from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from functions.reactions import call_off, pass_on_slots, start_work, sweep_deadlines
from tests.support.builders import any_job
from tests.support.logs import Logs
from tests.support.requests import CONTEXT
from tests.support.work import WORK, at_once
from tests.support.work_events import an_asset, inspected, queued
from vitrine.assets.models import Rejection
from vitrine.billing import service as billing
from vitrine.jobs import rules as job_rules
from vitrine.jobs import service as jobs
from vitrine.jobs.fair_queue import service as fair_queue
from vitrine.jobs.fair_queue.models import Holder
from vitrine.jobs.models import Job, JobKind, JobState
from vitrine.jobs.rules import WORK as MAY_WORK
from vitrine.kernel import clients, metrics, tables
from vitrine.kernel.clock import utc_now
from vitrine.staging import kinds
from vitrine.work import ending, recovery
from vitrine.work import machine as work_machine
from vitrine.work.kinds import UnknownKind

ROLE = "arn:aws:iam::123456789012:role/any"


@pytest.fixture(autouse=True)
def machine(_cloud: None) -> str:
    states = boto3.client("stepfunctions")
    definition = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 60, "End": True}}}
    arn: str = states.create_state_machine(name="staging", definition=json.dumps(definition), roleArn=ROLE)[
        "stateMachineArn"
    ]
    return arn


@pytest.fixture
def batch_machine(machine: str) -> str:
    states = boto3.client("stepfunctions")
    definition = states.describe_state_machine(stateMachineArn=machine)["definition"]
    arn: str = states.create_state_machine(name="batch", definition=definition, roleArn=ROLE)["stateMachineArn"]
    return arn


def executions(machine: str) -> list[str]:
    found = boto3.client("stepfunctions").list_executions(stateMachineArn=machine)["executions"]
    return [execution["name"] for execution in found]


def test_a_job_queued_before_its_upload_starts_when_that_is_inspected(machine: str) -> None:
    asset = an_asset("ten_a")
    job, job_queued = queued(asset)
    start_work.handler(job_queued, CONTEXT)
    assert executions(machine) == []
    start_work.handler(inspected(asset), CONTEXT)
    assert executions(machine) == [job.id]


def test_a_job_queued_after_its_upload_starts_at_once(machine: str) -> None:
    asset = an_asset("ten_a")
    start_work.handler(inspected(asset), CONTEXT)
    job, job_queued = queued(asset)
    start_work.handler(job_queued, CONTEXT)
    assert executions(machine) == [job.id]


def test_events_that_come_twice_and_out_of_order_start_a_job_once(machine: str) -> None:
    asset = an_asset("ten_a")
    job, job_queued = queued(asset)
    upload_inspected = inspected(asset)
    for event in (upload_inspected, job_queued, upload_inspected, job_queued):
        start_work.handler(event, CONTEXT)
    assert executions(machine) == [job.id]


def test_all_jobs_of_one_upload_start(machine: str) -> None:
    asset = an_asset("ten_a")
    made = [queued(asset)[0].id for _ in range(3)]
    start_work.handler(inspected(asset), CONTEXT)
    assert sorted(executions(machine)) == sorted(made)


def test_a_job_whose_upload_is_rejected_ends_with_its_reason_and_a_refund(machine: str) -> None:
    asset = an_asset("ten_a")
    job, job_queued = queued(asset)
    start_work.handler(inspected(asset, Rejection(code="truncated", message="The file ends early.")), CONTEXT)
    start_work.handler(job_queued, CONTEXT)
    ended = jobs.find(job.tenant, job.id)
    assert ended.error is not None
    assert ended.error.message == "The file ends early."
    assert billing.account(job.tenant).balances.held == 0
    assert executions(machine) == []


def test_the_sweeper_ends_and_refunds_what_passed_its_deadline() -> None:
    asset = an_asset("ten_a")
    past = utc_now() - timedelta(minutes=1)
    late, _ = queued(asset, deadline=past)
    in_time, _ = queued(asset, deadline=utc_now() + timedelta(hours=20))
    assert sweep_deadlines.handler({}, CONTEXT)["expired"] == 1
    ended = jobs.find(late.tenant, late.id)
    assert ended.error is not None
    assert ended.error.code == "upload_missing"
    assert jobs.find(in_time.tenant, in_time.id).state is JobState.QUEUED
    assert billing.account("ten_a").balances.held == 1


def test_a_job_whose_upload_never_came_holds_its_credit_no_longer_than_the_url_lasts(machine: str) -> None:
    asset = an_asset("ten_a")
    job, _ = queued(asset)
    for minutes, held in ((20, 1), (26, 0), (27, 0)):
        recovery.sweep(WORK, asset.created_at + timedelta(minutes=minutes))
        assert billing.account("ten_a").balances.held == held, minutes
    ended = jobs.find(job.tenant, job.id)
    assert ended.error is not None
    assert ended.error.code == "upload_missing"


def test_a_photo_that_lies_there_and_waits_for_its_inspection_is_not_given_up(machine: str) -> None:
    asset = an_asset("ten_a")
    job, _ = queued(asset)
    boto3.client("s3").put_object(Bucket="uploads", Key=asset.key, Body=b"photo")
    recovery.sweep(WORK, asset.created_at + timedelta(minutes=28))
    assert jobs.find(job.tenant, job.id).state is JobState.QUEUED


def test_when_s3_cannot_say_whether_a_photo_came_the_job_goes_on_waiting(
    machine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, _ = queued(an_asset("ten_a"))

    def broken(**_: str) -> None:
        raise ClientError({"Error": {"Code": "503"}}, "HeadObject")

    monkeypatch.setattr(clients.s3(), "head_object", broken)
    assert recovery.sweep(WORK, utc_now() + timedelta(minutes=28))["failed"] == 1
    assert jobs.find(job.tenant, job.id).state is JobState.QUEUED


def test_a_photo_that_comes_after_its_image_was_given_up_can_be_staged_by_another(machine: str) -> None:
    asset = an_asset("ten_a")
    first, _ = queued(asset)
    recovery.sweep(WORK, asset.created_at + timedelta(minutes=28))
    start_work.handler(inspected(asset), CONTEXT)
    second, second_queued = queued(asset)
    start_work.handler(second_queued, CONTEXT)
    assert jobs.find(first.tenant, first.id).state is JobState.ERROR
    assert executions(machine) == [second.id]


def a_batch(created: datetime) -> Job:
    """One whose event was lost; it waits for no upload and takes no slot."""
    job = any_job(
        kind=JobKind.BATCH, asset_id=None, credits=0, created_at=created, deadline=created + kinds.BATCH.may_wait
    )
    tables.commit(*jobs.queueing(job))
    return job


def test_a_batch_past_its_deadline_took_too_long_and_its_own_machine_is_stopped(batch_machine: str) -> None:
    batch = a_batch(utc_now() - kinds.BATCH.may_wait - timedelta(minutes=1))
    work_machine.start(batch, WORK)
    assert sweep_deadlines.handler({}, CONTEXT)["expired"] == 1
    ended = jobs.find(batch.tenant, batch.id)
    assert ended.error is not None
    assert ended.error.code == "deadline_passed"
    (execution,) = boto3.client("stepfunctions").list_executions(stateMachineArn=batch_machine)["executions"]
    assert execution["status"] == "ABORTED"


def test_a_kind_that_waits_for_nothing_starts_at_once_on_its_own_machine(machine: str, batch_machine: str) -> None:
    batch = a_batch(utc_now())
    (event,) = jobs.events_after(batch.tenant, batch.id, 0)
    start_work.handler({"detail-type": event.type.value, "detail": event.model_dump(mode="json")}, CONTEXT)
    assert (executions(machine), executions(batch_machine)) == ([], [batch.id])
    assert fair_queue.holders() == []


def test_a_job_of_a_kind_that_nobody_declared_is_not_started_silently(logs: Logs) -> None:
    late = utc_now() - timedelta(minutes=1)
    job, job_queued = queued(an_asset("ten_a"), kind=JobKind.SYNC, deadline=late)
    with pytest.raises(UnknownKind):
        start_work.handler(job_queued, CONTEXT)
    swept = sweep_deadlines.handler({}, CONTEXT)
    assert (swept["expired"], swept["failed"]) == (0, 1)
    said = logs.read()
    assert job.id in said and metrics.JOBS_NOT_RECOVERED in said
    assert jobs.find(job.tenant, job.id).state is JobState.QUEUED


def test_the_sweeper_starts_what_should_have_been_started_long_ago(machine: str) -> None:
    asset = an_asset("ten_a")
    inspected(asset)
    created = utc_now() - timedelta(minutes=5)
    job, _ = queued(asset, created_at=created, deadline=created + timedelta(hours=24))
    assert sweep_deadlines.handler({}, CONTEXT)["restarted"] == 1
    assert executions(machine) == [job.id]


def test_a_start_that_died_before_its_execution_is_made_by_the_next_sweep(
    machine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Death(BaseException):
        pass

    def die(*_: Any) -> None:
        raise Death

    asset = an_asset("ten_a")
    inspected(asset)
    created = utc_now() - timedelta(minutes=5)
    job, job_queued = queued(asset, created_at=created, deadline=created + timedelta(hours=24))
    with monkeypatch.context() as dying:
        dying.setattr(work_machine, "start", die)
        with pytest.raises(Death):
            start_work.handler(job_queued, CONTEXT)
    assert sweep_deadlines.handler({}, CONTEXT)["restarted"] == 1
    assert executions(machine) == [job.id]


def test_a_start_that_the_execution_overtakes_changes_nothing_more(
    machine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = an_asset("ten_a")
    inspected(asset)
    job, job_queued = queued(asset)
    start = work_machine.start

    def start_and_begin(job: Job, *args: Any) -> None:
        start(job, *args)
        jobs.change(job.tenant, job.id, lambda job: job_rules.start(job, utc_now()))

    monkeypatch.setattr(work_machine, "start", start_and_begin)
    start_work.handler(job_queued, CONTEXT)
    assert jobs.find(job.tenant, job.id).state is JobState.PROCESSING
    assert executions(machine) == [job.id]


def test_a_start_that_came_to_nothing_is_noticed_within_the_hour(machine: str) -> None:
    asset = an_asset("ten_a")
    inspected(asset)
    job, job_queued = queued(asset)
    start_work.handler(job_queued, CONTEXT)
    assert jobs.find(job.tenant, job.id).deadline <= utc_now() + MAY_WORK
    recovery.sweep(WORK, utc_now() + MAY_WORK + timedelta(minutes=1))
    ended = jobs.find(job.tenant, job.id)
    assert ended.error is not None
    assert ended.error.code == "deadline_passed"


def test_old_jobs_are_tried_again_once_an_hour(machine: str) -> None:
    asset = an_asset("ten_a")
    inspected(asset)
    created = utc_now().replace(minute=1) - timedelta(hours=5)
    job, _ = queued(asset, created_at=created, deadline=created + timedelta(hours=24))
    on_the_hour = utc_now().replace(minute=0)
    assert recovery.sweep(WORK, on_the_hour.replace(minute=30))["restarted"] == 0
    assert recovery.sweep(WORK, on_the_hour)["restarted"] == 1
    assert executions(machine) == [job.id]


def test_cancelling_gives_the_credit_back_and_stops_the_execution(machine: str) -> None:
    asset = an_asset("ten_a")
    inspected(asset)
    job, job_queued = queued(asset)
    start_work.handler(job_queued, CONTEXT)
    for _ in range(2):
        call_off.handler(is_over(job), CONTEXT)
    assert billing.account(job.tenant).balances.held == 0
    (execution,) = boto3.client("stepfunctions").list_executions(stateMachineArn=machine)["executions"]
    assert execution["status"] == "ABORTED"


def test_one_job_that_cannot_be_swept_does_not_keep_the_others_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    asset = an_asset("ten_a")
    past = utc_now() - timedelta(minutes=1)
    first, _ = queued(asset, deadline=past)
    second, _ = queued(asset, deadline=past)
    end_job = billing.end_job

    def fail_once(tenant: str, job_id: str, *args: Any) -> Job:
        if job_id == first.id:
            raise RuntimeError("stuck")
        return end_job(tenant, job_id, *args)

    monkeypatch.setattr(billing, "end_job", fail_once)
    assert sweep_deadlines.handler({}, CONTEXT)["expired"] == 1
    assert jobs.find(second.tenant, second.id).state is JobState.ERROR


def one_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the functions were told so."""
    for module in (start_work, pass_on_slots, sweep_deadlines):
        monkeypatch.setattr(module, "WORK", at_once(1))


def two_that_want_one_slot(monkeypatch: pytest.MonkeyPatch) -> tuple[Job, Job]:
    """The first is at work, the second waits in the queue."""
    one_at_once(monkeypatch)
    asset = an_asset("ten_a")
    inspected(asset)
    (first, first_queued), (second, second_queued) = queued(asset), queued(asset)
    for event in (first_queued, second_queued):
        start_work.handler(event, CONTEXT)
    return first, second


def is_over(job: Job) -> dict[str, Any]:
    """Cancel the job, and give the bus event that tells of it."""
    ending.cancel(job.tenant, job.id, utc_now())
    event = jobs.events_after(job.tenant, job.id, 0)[-1]
    return {"detail-type": event.type.value, "detail": event.model_dump(mode="json")}


def test_a_job_that_finds_no_slot_starts_when_another_ends(machine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = two_that_want_one_slot(monkeypatch)
    assert executions(machine) == [first.id]
    ended = is_over(first)
    for _ in range(2):
        pass_on_slots.handler(ended, CONTEXT)
    assert sorted(executions(machine)) == sorted([first.id, second.id])
    assert jobs.find(second.tenant, second.id).deadline <= utc_now() + MAY_WORK


def test_who_waits_for_a_slot_is_not_restarted_and_can_be_cancelled(
    machine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = two_that_want_one_slot(monkeypatch)
    assert recovery.sweep(sweep_deadlines.WORK, utc_now() + timedelta(minutes=10))["restarted"] == 0
    pass_on_slots.handler(is_over(second), CONTEXT)
    pass_on_slots.handler(is_over(first), CONTEXT)
    assert executions(machine) == [first.id]
    assert (fair_queue.holders(), fair_queue.waiting()) == ([], [])


@pytest.mark.parametrize("dies_in", ["machine.start", "fair_queue.end"])
def test_a_slot_whose_passing_on_died_is_found_by_the_sweep(
    machine: str, monkeypatch: pytest.MonkeyPatch, dies_in: str
) -> None:
    """Before the slot changed hands, and after it, when the next job has not been started."""

    class Death(BaseException):
        pass

    def die(*_: Any) -> None:
        raise Death

    first, second = two_that_want_one_slot(monkeypatch)
    ended = is_over(first)
    with monkeypatch.context() as dying:
        dying.setattr(f"vitrine.work.start.{dies_in}", die)
        with pytest.raises(Death):
            pass_on_slots.handler(ended, CONTEXT)
    assert executions(machine) == [first.id]
    recovery.sweep(sweep_deadlines.WORK, utc_now() + timedelta(minutes=3))
    assert sorted(executions(machine)) == sorted([first.id, second.id])
    assert [holder.job_id for holder in fair_queue.holders()] == [second.id]


def test_a_slot_whose_job_is_gone_goes_to_the_next(machine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = two_that_want_one_slot(monkeypatch)
    key = {"pk": {"S": f"{first.tenant}#{first.id}"}, "sk": {"S": "JOB"}}
    boto3.client("dynamodb").delete_item(TableName="jobs", Key=key)
    assert recovery.sweep(sweep_deadlines.WORK, utc_now() + timedelta(minutes=3))["repaired"] == 1
    assert [holder.job_id for holder in fair_queue.holders()] == [second.id]


def test_a_slot_costs_a_start_one_round_trip(machine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asset = an_asset("ten_a")
    inspected(asset)

    def start() -> int:
        _, job_queued = queued(asset)
        before = tables.round_trips()
        start_work.handler(job_queued, CONTEXT)
        return tables.round_trips() - before

    with_slot = start()
    taken = lambda job, limit, now: (Holder(tenant="t", job_id=job.id, slot=0, since=now),)  # noqa: E731
    monkeypatch.setattr(fair_queue, "take", taken)
    assert with_slot - start() == 1
