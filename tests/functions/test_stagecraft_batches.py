"""Batches, through stagecraft's handlers; AWS is moto."""

from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from functions.pipeline import queue_photos
from functions.stagecraft_api import batches as api
from functions.stagecraft_api import staging
from tests.functions.batches import PHOTO, ask, ids, made, read, uploaded
from tests.support.agency import Agency, code
from tests.support.requests import CONTEXT
from vitrine.assets import service as assets
from vitrine.billing.usage import service as usage
from vitrine.jobs import service as jobs
from vitrine.jobs.models import JobState
from vitrine.kernel import clients, operations
from vitrine.kernel.clock import utc_now
from vitrine.kernel.errors import Unavailable
from vitrine.kernel.health import EndpointState, Snapshot, Tally
from vitrine.staging import batches, listings, rules
from vitrine.staging.models import BatchInput, StageInput


@pytest.fixture
def ann() -> Agency:
    return Agency.open()


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
    answered = [StageInput.model_validate(jobs.find(ann.tenant, one).input) for one in (*ids(first), *ids(second))]
    assert len({stage.plan_seed for stage in answered[:3]}) == len({stage.plan_seed for stage in answered[3:]}) == 1
    assert answered[0].plan_seed != answered[3].plan_seed
    assert len({stage.seed for stage in answered}) == 6


@pytest.mark.usefixtures("held_clock")
def test_a_batch_counts_one_request_and_as_many_photos_as_it_has(ann: Agency) -> None:
    made(ann, 5)
    counts = usage.of(ann.tenant, "professional", utc_now()).counts
    assert (counts.hour, counts.day, counts.month) == (1, 5, 5)


def test_a_batch_that_no_limit_has_room_for_is_refused_whole(ann: Agency) -> None:
    trial = Agency.open("trial")
    assert code(ask(trial, 26)) == (422, "BATCH_EXCEEDS_PLAN")
    assert listings.recent(trial.tenant, 50) == []


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
    (batch_id,) = {item["pk"]["S"].split("#")[1] for item in items if "#batch_" in item["pk"]["S"]}
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


def test_an_estimate_is_shown_to_the_half_minute_and_an_end_as_it_was(ann: Agency) -> None:
    now = utc_now().replace(second=0, microsecond=0)
    assert api._shown(now + timedelta(seconds=1), now) == now + timedelta(seconds=30)
    assert api._shown(now + timedelta(seconds=30), now) == now + timedelta(seconds=30)
    assert api._shown(now - timedelta(seconds=1), now) == now - timedelta(seconds=1)


def test_a_batch_of_one_photo_by_a_field_without_brackets_is_taken(ann: Agency) -> None:
    reply = ann.post_form(api, "/api/stage/batch", ("images", PHOTO), ("style", "hamptons"))
    assert reply.status == 202
    answered = BatchInput.model_validate(jobs.find(ann.tenant, reply.json()["batch_id"]).input)
    assert len(answered.photos) == 1


def test_a_photo_whose_storing_failed_though_it_is_there_is_not_ended(
    ann: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = clients.s3().put_object

    def answer_lost(**sent: Any) -> None:
        put(**sent)
        raise ClientError({"Error": {"Code": "RequestTimeout", "Message": ""}}, "PutObject")

    monkeypatch.setattr(clients.s3(), "put_object", answer_lost)
    assert {photo["status"] for photo in made(ann)["individual_stagings"]} == {"queued"}
