"""Work that its owner calls off, by the service and the reactions to its event; AWS is moto."""

from typing import Any

import boto3
import pytest

from functions.reactions import call_off
from tests.functions.batches import States, ids, made
from tests.support.agency import Agency
from tests.support.builders import any_call
from tests.support.requests import CONTEXT
from tests.support.work_events import an_asset, queued, stream_records
from vitrine.billing import service as billing
from vitrine.billing.usage import service as usage
from vitrine.jobs import service as jobs
from vitrine.jobs.models import Job, JobState
from vitrine.jobs.rules import JobIsOver
from vitrine.kernel import clients, tables
from vitrine.kernel.clock import utc_now
from vitrine.kernel.errors import NotFound
from vitrine.kernel.ids import Ids
from vitrine.staging import batches, cancelling
from vitrine.staging import service as staging
from vitrine.staging.models import StageCommand
from vitrine.work import ending

pytestmark = pytest.mark.usefixtures("held_clock")
"""Usage is counted by the hour, the day and the month, and none of them ends meanwhile."""


@pytest.fixture
def ann() -> Agency:
    return Agency.open()


@pytest.fixture
def states(monkeypatch: pytest.MonkeyPatch) -> States:
    found = States()
    monkeypatch.setattr(clients, "states", lambda: found)
    return found


def an_image(tenant: str) -> Job:
    job, _ = queued(an_asset(tenant), id=Ids.random(utc_now()).new("img"))
    return job


def heard(tenant: str, job_id: str) -> dict[str, Any]:
    """The bus event of the job's latest change."""
    event = jobs.events_after(tenant, job_id, 0)[-1]
    return {"detail-type": event.type.value, "detail": event.model_dump(mode="json")}


def counted(ann: Agency) -> tuple[int, int]:
    counts = usage.of(ann.tenant, "professional", utc_now()).counts
    return counts.hour, counts.month


def test_a_cancelled_image_gives_its_credit_back_once_and_its_machine_is_stopped(states: States) -> None:
    job = an_image("ten_cancel")
    assert billing.account(job.tenant).balances.held == 1
    before = tables.round_trips()
    assert cancelling.image(any_call(job.tenant), job.id).state is JobState.CANCELLED
    assert tables.round_trips() - before == 2
    assert cancelling.image(any_call(job.tenant), job.id).version == 2
    balances = billing.account(job.tenant).balances
    assert (balances.available, balances.held) == (10, 0)
    assert [event.state for event in jobs.events_after(job.tenant, job.id, 0)] == ["queued", "cancelled"]
    call_off.handler(heard(job.tenant, job.id), CONTEXT)
    assert states.stopped == [job.id]


def test_what_is_over_cannot_be_cancelled_and_what_is_somebody_elses_is_not_there(states: States) -> None:
    job = an_image("ten_over")
    absent = [(cancelling.image, job.id), (cancelling.staging, "stg_none"), (cancelling.batch, "bat_none")]
    for known, what in absent:
        with pytest.raises(NotFound):
            known(any_call("ten_other"), what)
    ending.complete(job.tenant, job.id, {}, utc_now())
    with pytest.raises(JobIsOver):
        cancelling.image(any_call(job.tenant), job.id)
    assert billing.account(job.tenant).balances.spent == 1


def test_a_cancelled_batch_cancels_its_photos_and_the_whole_request_counts_no_more(ann: Agency, states: States) -> None:
    batch = made(ann, 3)
    assert counted(ann) == (1, 3)
    cancelling.batch(any_call(ann.tenant), batch["batch_id"])
    for _ in range(2):
        call_off.handler(heard(ann.tenant, batch["batch_id"]), CONTEXT)
    assert {jobs.find(ann.tenant, job_id).state for job_id in ids(batch)} == {JobState.CANCELLED}
    assert counted(ann) == (0, 0)
    with pytest.raises(JobIsOver):
        batches.finish(ann.tenant, batch["batch_id"], utc_now())


def test_a_photo_that_was_done_stays_done_and_counted_when_its_batch_is_cancelled(ann: Agency, states: States) -> None:
    batch = made(ann, 3)
    done, *others = ids(batch)
    ending.complete(ann.tenant, done, {}, utc_now())
    cancelling.batch(any_call(ann.tenant), batch["batch_id"])
    call_off.handler(heard(ann.tenant, batch["batch_id"]), CONTEXT)
    assert jobs.find(ann.tenant, done).state is JobState.READY
    assert {jobs.find(ann.tenant, job_id).state for job_id in others} == {JobState.CANCELLED}
    assert counted(ann) == (1, 1)


def test_photos_that_were_never_queued_give_back_their_share_too(
    ann: Agency, states: States, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "_FIRST", 1)
    monkeypatch.setattr(batches, "_queue", lambda photos: None)
    batch = made(ann, 3)
    monkeypatch.undo()
    monkeypatch.setattr(clients, "states", lambda: states)
    first, *missing = ids(batch)
    assert [jobs.seek(ann.tenant, job_id) for job_id in missing] == [None, None]
    cancelling.batch(any_call(ann.tenant), batch["batch_id"])
    call_off.handler(heard(ann.tenant, batch["batch_id"]), CONTEXT)
    assert {jobs.find(ann.tenant, job_id).state for job_id in (first, *missing)} == {JobState.CANCELLED}
    assert counted(ann) == (0, 0)


def test_a_cancelled_photo_of_a_batch_ends_alone(ann: Agency, states: States) -> None:
    batch = made(ann, 2)
    first, second = ids(batch)
    cancelling.staging(any_call(ann.tenant), first)
    assert jobs.find(ann.tenant, second).state is JobState.QUEUED
    assert counted(ann) == (1, 1)


def a_project_with_images(number: int) -> tuple[str, str, list[str]]:
    """Tenant, project and images; their uploads never come."""
    asset = an_asset("ten_project")
    billing.forget_provisioned()
    billing.provision(any_call(asset.tenant))
    project = staging.create_project(any_call(asset.tenant), "Elm Street 4", None)
    command = StageCommand(project_id=project.id, original_url=asset.key)
    made = [
        staging.create_image(any_call(asset.tenant), command, surface="realstaging", pictures_kept_days=None).id
        for _ in range(number)
    ]
    return asset.tenant, project.id, made


def deletion(tenant: str, project_id: str) -> dict[str, Any]:
    """Delete a project, and give the bus event that tells of it."""
    staging.delete_project(any_call(tenant), project_id)
    (record,) = stream_records("staging")["Records"]
    event = staging.event_from_image(record["dynamodb"]["NewImage"])
    return {"detail-type": "ProjectDeleted", "detail": event.model_dump(mode="json")}


def test_deleting_a_project_cancels_its_images_and_gives_their_credits_back(states: States) -> None:
    tenant, project_id, images = a_project_with_images(3)
    ending.complete(tenant, images[0], {}, utc_now())
    told = deletion(tenant, project_id)
    for _ in range(2):
        call_off.handler(told, CONTEXT)
    assert [jobs.find(tenant, job_id).state for job_id in images] == ["ready", "cancelled", "cancelled"]
    balances = billing.account(tenant).balances
    assert (balances.available, balances.held, balances.spent) == (9, 0, 1)


def test_a_project_that_was_restored_meanwhile_loses_nothing(states: States) -> None:
    tenant, project_id, images = a_project_with_images(1)
    told = deletion(tenant, project_id)
    boto3.client("dynamodb").delete_item(
        TableName="staging", Key={"pk": {"S": tenant}, "sk": {"S": f"DELETED#{project_id}"}}
    )
    call_off.handler(told, CONTEXT)
    assert jobs.find(tenant, images[0]).state is JobState.QUEUED
