"""Batches, through stagecraft's handlers and those of the batch machine's states; AWS is moto."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from functions.pipeline import finish_batch, queue_photos, release_photo
from functions.reactions import resume_batch, start_work
from functions.stagecraft_api import batches as api
from functions.stagecraft_api import staging, uploads
from tests.support import pictures
from tests.support.agency import Agency, code
from tests.support.requests import CONTEXT, Reply
from tests.support.work import WORK
from vitrine.assets import service as assets
from vitrine.assets.models import Rejection
from vitrine.billing.usage import service as usage
from vitrine.jobs import service as jobs
from vitrine.jobs.models import Job, JobError, JobKind, JobState, TaskToken
from vitrine.kernel import clients, operations
from vitrine.kernel.clock import utc_now
from vitrine.kernel.errors import Unavailable
from vitrine.kernel.health import EndpointState, Snapshot, Tally
from vitrine.staging import batches, rules, service
from vitrine.staging.models import BatchInput, StageInput
from vitrine.work import ending, machine, recovery, start
from vitrine.work.models import Work

PHOTO = pictures.file(pictures.room(320, 256))
TRUNCATED = Rejection(code="truncated", message="The file ends early.")


@pytest.fixture
def ann() -> Agency:
    return Agency.open()


@pytest.fixture
def states(monkeypatch: pytest.MonkeyPatch) -> "States":
    found = States()
    monkeypatch.setattr(clients, "states", lambda: found)
    return found


class States:
    """Step Functions, as far as it is asked: what was started, and what tokens were answered."""

    def __init__(self) -> None:
        self.started: list[tuple[str, Any]] = []
        self.answered: list[str] = []

    def start_execution(self, *, name: str, input: str, **_: str) -> None:  # noqa: A002 - boto3's name
        self.started.append((name, json.loads(input)))

    def stop_execution(self, **_: str) -> None:
        pass

    def send_task_success(self, *, taskToken: str, output: str) -> None:  # noqa: N803 - boto3's name
        self.answered.append(taskToken)


def ask(ann: Agency, photos: int = 3, **fields: str) -> Reply:
    wish = {"style": "art_deco", "quality_mode": "standard", **fields}
    return ann.post_form(api, "/api/stage/batch", *[("images[]", PHOTO)] * photos, *wish.items())


def made(ann: Agency, photos: int = 3, **fields: str) -> Any:
    reply = ask(ann, photos, **fields)
    assert reply.status == 202, reply.text
    return reply.json()


def lost_batches(ann: Agency, batch: Any, later: Callable[[datetime], datetime]) -> int:
    queued_at = jobs.find(ann.tenant, batch["batch_id"]).created_at
    return recovery.sweep(WORK, later(queued_at))["restarted"]


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
    ending.cancel(ann.tenant, over["batch_id"], WORK, utc_now())
    begin = machine.start

    def fail_once(job: Job, work: Work) -> None:
        if job.id == stuck["batch_id"]:
            raise RuntimeError("stuck")
        begin(job, work)

    monkeypatch.setattr(machine, "start", fail_once)
    assert lost_batches(ann, fine, lambda queued_at: queued_at + timedelta(minutes=4)) == 1
    assert [name for name, _ in states.started] == [fine["batch_id"]]


def ids(batch: Any) -> list[str]:
    return [photo["id"] for photo in batch["individual_stagings"]]


def read(ann: Agency, batch: Any) -> Any:
    return ann.get(api, f"/api/stage/batch/{batch['batch_id']}").json()


def uploaded(ann: Agency, number: int) -> list[Any]:
    wish = {"filename": "room.jpg", "content_type": "image/jpeg", "file_size": 1000}
    return [ann.post(uploads, "/api/uploads/presign", wish).json() for _ in range(number)]


def release(ann: Agency, job_id: str, token: str = "token") -> None:
    release_photo.handler({"tenant": ann.tenant, "job_id": job_id, "task_token": token}, CONTEXT)


def inspected(ann: Agency, job_id: str, reason: Rejection | None = None) -> None:
    asset_id = jobs.find(ann.tenant, job_id).asset_id
    assert asset_id is not None
    ann.inspected(asset_id, reason)


def finish(ann: Agency, batch: Any) -> int:
    answer = finish_batch.handler({"tenant": ann.tenant, "job_id": batch["batch_id"]}, CONTEXT)
    assert answer.keys() == {"tenant", "job_id", "open"}
    return int(answer["open"])


def fail(ann: Agency, job_id: str, reason: str = "engine_failed") -> None:
    ending.fail(ann.tenant, job_id, JobError(code=reason, message="What happened."), utc_now())


def test_a_batch_is_answered_with_its_photos_in_order_and_an_estimate(ann: Agency) -> None:
    batch = made(ann, property_name="12 Elm Street")
    assert (batch["total_images"], batch["processing_status"], batch["property_name"]) == (3, "queued", "12 Elm Street")
    assert [photo["status"] for photo in batch["individual_stagings"]] == ["queued"] * 3
    assert batch["estimated_completion_time"] > batch["created_at"]
    assert read(ann, batch) | {"estimated_completion_time": ""} == batch | {"estimated_completion_time": ""}
    for staging_id in ids(batch):
        state = ann.get(staging, f"/api/stage/{staging_id}").json()
        assert (state["status"], state["progress"]) == ("processing", 0.0)


def test_all_photos_of_a_batch_share_one_furniture_plan_and_have_seeds_of_their_own(ann: Agency) -> None:
    first, second = made(ann), made(ann)
    told = [StageInput.model_validate(jobs.find(ann.tenant, one).input) for one in (*ids(first), *ids(second))]
    assert len({stage.plan_seed for stage in told[:3]}) == len({stage.plan_seed for stage in told[3:]}) == 1
    assert told[0].plan_seed != told[3].plan_seed
    assert len({stage.seed for stage in told}) == 6


@pytest.mark.usefixtures("held_clock")
def test_a_batch_counts_one_request_and_as_many_photos_as_it_has(ann: Agency) -> None:
    made(ann, 5)
    counts = usage.of(ann.tenant, "professional", utc_now()).counts
    assert (counts.hour, counts.day, counts.month) == (1, 5, 5)


def test_a_batch_that_no_limit_has_room_for_is_refused_whole(ann: Agency) -> None:
    trial = Agency.open("trial")
    assert code(ask(trial, 26)) == (429, "USAGE_LIMIT_EXCEEDED")
    assert service.recent(trial.tenant, 50) == []


def test_more_photos_than_one_transaction_takes_are_one_batch(ann: Agency) -> None:
    keys = [upload["file_key"] for upload in uploaded(ann, 20)]
    reply = ann.post(api, "/api/stage/batch", {"images": keys, "style": "hamptons"})
    assert reply.status == 202, reply.text
    assert len(set(ids(reply.json()))) == 20
    assert [photo["status"] for photo in read(ann, reply.json())["individual_stagings"]] == ["queued"] * 20


def test_500_photos_may_be_in_a_batch_and_no_more(ann: Agency) -> None:
    keys = [f"uploads/{ann.tenant}/ast_{number:026}/room.jpg" for number in range(501)]
    too_many = ann.post(api, "/api/stage/batch", {"images": keys, "style": "hamptons"})
    assert "at most 500" in too_many.json()["error"]["details"]
    unknown = ann.post(api, "/api/stage/batch", {"images": keys[:500], "style": "hamptons"})
    assert "There is no such upload" in unknown.json()["error"]["details"]


def test_a_form_takes_40_photos_and_names_the_presigned_upload_for_more(ann: Agency) -> None:
    reply = ask(ann, 41)
    assert reply.status == 422
    assert "POST /api/uploads/presign" in reply.json()["error"]["details"]


def test_an_empty_file_of_a_batch_is_taken_and_left_to_its_inspection(ann: Agency) -> None:
    fields: list[tuple[str, str | bytes]] = [("images", PHOTO), ("images", b""), ("style", "hamptons")]
    reply = ann.post_form(api, "/api/stage/batch", *fields)
    assert reply.status == 202, reply.text
    assert reply.json()["total_images"] == 2


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"images": []}, (422, "INVALID_REQUEST")),
        ({"images": ["uploads/ten_x/ast_y/room.jpg"]}, (422, "INVALID_REQUEST")),
        ({"images": "not a list"}, (422, "INVALID_REQUEST")),
        ({"style": "baroque"}, (422, "INVALID_STYLE")),
    ],
)
def test_what_does_not_hold_is_refused(ann: Agency, change: dict[str, Any], expected: tuple[int, str]) -> None:
    (upload,) = uploaded(ann, 1)
    body = {"images": [upload["file_key"]], "style": "hamptons", **change}
    assert code(ann.post(api, "/api/stage/batch", body)) == expected


def test_a_file_key_that_comes_twice_or_names_nothing_is_refused_with_its_place(ann: Agency) -> None:
    (upload,) = uploaded(ann, 1)
    twice = ann.post(api, "/api/stage/batch", {"images": [upload["file_key"]] * 2, "style": "hamptons"})
    assert code(twice) == (422, "INVALID_REQUEST")
    absent = upload["file_key"].replace(upload["asset_id"], "ast_" + "0" * 26)
    reply = ann.post(api, "/api/stage/batch", {"images": [upload["file_key"], absent], "style": "hamptons"})
    assert "body.images.1" in reply.json()["error"]["details"]


def test_another_accounts_batch_is_not_found(ann: Agency) -> None:
    batch = made(ann)
    path = f"/api/stage/batch/{batch['batch_id']}"
    assert code(Agency.open().get(api, path)) == (404, "BATCH_NOT_FOUND")
    assert code(ann.get(api, "/api/stage/batch/x")) == (404, "BATCH_NOT_FOUND")


@pytest.mark.usefixtures("held_clock")
def test_a_repeated_request_under_one_key_is_the_same_batch(ann: Agency) -> None:
    fields = (("images", PHOTO), ("images", PHOTO), ("style", "hamptons"))
    first, again = (
        ann.post_form(api, "/api/stage/batch", *fields, **{"idempotency-key": "k"}).json() for _ in range(2)
    )
    assert ids(first) == ids(again)
    counts = usage.of(ann.tenant, "professional", utc_now()).counts
    assert (counts.hour, counts.month) == (1, 2)


def test_photos_that_the_dying_first_try_did_not_queue_are_queued_by_the_machine(
    ann: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as dying:
        dying.setattr(batches, "_queue", dies)
        reply = ask(ann, 20)
    assert reply.status == 500
    items = boto3.client("dynamodb").scan(TableName="jobs")["Items"]
    (batch_id,) = {item["pk"]["S"].split("#")[1] for item in items if "#bat_" in item["pk"]["S"]}
    unborn = batches.find(ann.tenant, batch_id)
    assert list(unborn.photos.values()).count(None) == 8
    event = {"tenant": ann.tenant, "job_id": batch_id}
    for _ in range(2):
        assert queue_photos.handler(event, CONTEXT) == {**event, "photos": list(unborn.photos)}
    assert {job.state for job in jobs.of_batch(ann.tenant, batch_id)} == {JobState.QUEUED}
    assert len(jobs.of_batch(ann.tenant, batch_id)) == 20


def test_photos_that_the_machine_queues_before_the_request_does_keep_their_uploads(
    ann: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = batches._queue

    def overtaken(photos: Any) -> None:
        queue(photos)
        queue(photos)

    monkeypatch.setattr(batches, "_queue", overtaken)
    photos = ids(made(ann, 20))
    uploads = [ann.asset(jobs.find(ann.tenant, photo).asset_id or "") for photo in photos]
    stored = boto3.client("s3").list_objects_v2(Bucket="uploads")["Contents"]
    assert {found["Key"] for found in stored} == {upload.key for upload in uploads}


def test_a_batch_that_was_queued_is_answered_as_queued_though_its_later_photos_wait_for_the_machine(
    ann: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> None:
        raise Unavailable("Too much at once.")

    monkeypatch.setattr(batches, "_queue", busy)
    batch = made(ann, 20)
    assert {photo["status"] for photo in batch["individual_stagings"]} == {"queued"}
    assert ids(read(ann, batch)) == ids(batch)


def dies(*_: object) -> None:
    raise RuntimeError("the process ends here")


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


def test_a_photo_that_cannot_be_stored_fails_alone(ann: Agency, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = assets.put
    tried: list[str] = []

    def put(asset: Any, photo: Any) -> None:
        tried.append(asset.id)
        if len(tried) == 1:
            raise Unavailable("busy")
        kept(asset, photo)

    monkeypatch.setattr(assets, "put", put)
    batch = made(ann)
    assert sorted(photo["status"] for photo in batch["individual_stagings"]) == ["failed", "queued", "queued"]


def test_an_estimate_before_the_first_photo_counts_what_waits_at_the_measured_average(ann: Agency) -> None:
    now, none, hour = utc_now(), Tally(), Tally(completed=10, processing_ms=200_000)
    operations.keep(
        Snapshot(
            as_of=now,
            jobs_waiting=4,
            jobs_at_work=1,
            last_minutes=none,
            last_hour=hour,
            last_day=hour,
            endpoint=EndpointState.IN_SERVICE,
        )
    )
    batch = batches.find(ann.tenant, made(ann)["batch_id"])
    assert api._estimate(batch, now) == now + timedelta(seconds=20 * 8)


def test_an_estimate_follows_the_pace_once_photos_are_over(ann: Agency) -> None:
    now = utc_now()
    since = now - timedelta(seconds=40)
    assert rules.estimate_by_pace(now, since, ended=2, left=3) == now + timedelta(seconds=60)
    assert rules.estimate_by_average(now, timedelta(seconds=20), left=5, at_once=4) == now + timedelta(seconds=40)


def test_a_batch_of_one_photo_by_a_field_without_brackets_is_taken(ann: Agency) -> None:
    reply = ann.post_form(api, "/api/stage/batch", ("images", PHOTO), ("style", "hamptons"))
    assert reply.status == 202
    told = BatchInput.model_validate(jobs.find(ann.tenant, reply.json()["batch_id"]).input)
    assert len(told.photos) == 1


def test_a_photo_whose_storing_failed_though_it_is_there_is_not_ended(
    ann: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = clients.s3().put_object

    def answer_lost(**sent: Any) -> None:
        put(**sent)
        raise ClientError({"Error": {"Code": "RequestTimeout", "Message": ""}}, "PutObject")

    monkeypatch.setattr(clients.s3(), "put_object", answer_lost)
    assert {photo["status"] for photo in made(ann)["individual_stagings"]} == {"queued"}
