"""A batch's way through its state machine, by the handlers of its states; AWS is moto."""

from datetime import datetime, timedelta

import pytest

from functions.reactions import resume_batch, start_work
from functions.stagecraft_api import batches as api
from tests.functions.batches import (
    TRUNCATED,
    States,
    fail,
    finish,
    ids,
    inspected,
    lost_batches,
    made,
    read,
    release,
    uploaded,
)
from tests.support.agency import Agency
from tests.support.requests import CONTEXT
from tests.support.work import WORK
from vitrine.billing.usage import service as usage
from vitrine.jobs import service as jobs
from vitrine.jobs.models import Job, JobKind, JobState, TaskToken
from vitrine.kernel import clients
from vitrine.kernel.clock import utc_now
from vitrine.staging import batches
from vitrine.work import ending, machine, start
from vitrine.work.models import Work


@pytest.fixture
def ann() -> Agency:
    return Agency.open()


@pytest.fixture
def states(monkeypatch: pytest.MonkeyPatch) -> States:
    found = States()
    monkeypatch.setattr(clients, "states", lambda: found)
    return found


@pytest.mark.parametrize(("minutes", "started"), [(1, 0), (3, 1), (14, 1)])
def test_a_batch_whose_event_was_lost_is_started_by_the_sweep(
    ann: Agency, states: "States", minutes: int, started: int
) -> None:
    batch = made(ann)
    assert lost_batches(ann, batch, lambda queued_at: queued_at + timedelta(minutes=minutes)) == started
    assert [name for name, _ in states.started] == [batch["batch_id"]] * started


@pytest.mark.parametrize(("minute", "started"), [(0, 1), (30, 0)])
def test_an_old_batch_is_tried_again_once_an_hour(ann: Agency, states: "States", minute: int, started: int) -> None:
    batch = made(ann)
    for hours in (2, 25):

        def later(at: datetime, hours: int = hours) -> datetime:
            return (at + timedelta(hours=hours)).replace(minute=minute)

        assert lost_batches(ann, batch, later) == started


def test_a_batch_that_is_over_is_not_started_again_and_one_that_cannot_be_keeps_no_other_waiting(
    ann: Agency, states: "States", monkeypatch: pytest.MonkeyPatch
) -> None:
    over, stuck, fine = made(ann), made(ann), made(ann)
    ending.cancel(ann.tenant, over["batch_id"], utc_now())
    begin = machine.start

    def fail_once(job: Job, work: Work) -> None:
        if job.id == stuck["batch_id"]:
            raise RuntimeError("stuck")
        begin(job, work)

    monkeypatch.setattr(machine, "start", fail_once)
    assert lost_batches(ann, fine, lambda queued_at: queued_at + timedelta(minutes=4)) == 1
    assert [name for name, _ in states.started] == [fine["batch_id"]]


def test_a_batch_that_is_queued_starts_its_machine_once_under_its_own_name(ann: Agency, states: States) -> None:
    batch = made(ann)
    detail = {"tenant": ann.tenant, "job_id": batch["batch_id"], "kind": "batch"}
    start_work.handler({"detail-type": "JobQueued", "detail": detail}, CONTEXT)
    given = {"tenant": ann.tenant, "job_id": batch["batch_id"], "attempt": 1}
    assert states.started == [(batch["batch_id"], given)]


def test_photos_wait_until_the_batch_lets_them_go(ann: Agency, states: States, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, _ = ids(made(ann))
    started: list[str] = []
    monkeypatch.setattr(machine, "start", lambda job, _work: started.append(job.id))
    for job_id in (first, second):
        inspected(ann, job_id)
        assert start.begin(ann.tenant, job_id, WORK, utc_now()) == "held by its batch"
    release(ann, first)
    assert started == [first]
    assert jobs.find(ann.tenant, second).held


def test_the_batch_hears_of_a_photos_end_whether_it_comes_before_or_after_its_turn(ann: Agency, states: States) -> None:
    first, second, third = ids(made(ann))
    fail(ann, first)
    release(ann, first, "first")
    assert states.answered == ["first"]
    release(ann, second, "second")
    fail(ann, second)
    for job_id in (second, third):
        resume_batch.handler({"detail": {"tenant": ann.tenant, "job_id": job_id}}, CONTEXT)
    assert states.answered == ["first", "second"]


def test_a_photo_that_was_rejected_ends_at_its_turn_and_alone(ann: Agency, states: States) -> None:
    batch = made(ann)
    bad, *_ = ids(batch)
    inspected(ann, bad, TRUNCATED)
    release(ann, bad)
    statuses = {
        photo["id"]: (photo["status"], photo["error_code"]) for photo in read(ann, batch)["individual_stagings"]
    }
    assert statuses[bad] == ("failed", "INVALID_IMAGE_FORMAT")
    assert list(statuses.values()).count(("queued", None)) == 2


def test_an_upload_that_can_come_no_more_does_not_keep_a_place_in_the_batch(ann: Agency, states: States) -> None:
    keys = [upload["file_key"] for upload in uploaded(ann, 2)]
    batch = ann.post(api, "/api/stage/batch", {"images": keys, "style": "hamptons"}).json()
    first, second = ids(batch)
    release(ann, first)
    assert not jobs.find(ann.tenant, first).state.is_over
    late = utc_now() + timedelta(minutes=30)
    token = TaskToken(tenant=ann.tenant, job_id=second, attempt=0, token="t")
    batches.release(token, WORK, late)
    error = jobs.find(ann.tenant, second).error
    assert error is not None
    assert error.code == "upload_missing"
    assert states.answered == ["t"]


@pytest.mark.usefixtures("held_clock")
def test_a_batch_is_over_when_all_its_photos_are_and_tells_how_many_failed(ann: Agency) -> None:
    batch = made(ann)
    first, *others = ids(batch)
    fail(ann, first)
    assert finish(ann, batch) == 2
    assert jobs.find(ann.tenant, batch["batch_id"]).state is JobState.QUEUED
    for job_id in others:
        fail(ann, job_id)
    assert (finish(ann, batch), finish(ann, batch)) == (0, 0)
    job = jobs.find(ann.tenant, batch["batch_id"])
    assert (job.kind, job.state, job.result) == (JobKind.BATCH, JobState.READY, {"completed": 0, "failed": 3})
    seen = read(ann, batch)
    assert (seen["processing_status"], seen["failed_images"]) == ("failed", 3)
    assert usage.of(ann.tenant, "professional", utc_now()).counts.hour == 0
