"""Stagings of single photos through stagecraft's handlers; AWS is moto."""

import json
import time
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from functions.stagecraft_api import staging, uploads
from functions.stagecraft_api.errors import document_code
from tests.support import pictures
from tests.support.agency import Agency, code
from tests.support.requests import LambdaContext
from tests.support.staged import any_staged_image, finish
from vitrine.assets import service as assets
from vitrine.billing.usage import service as usage
from vitrine.contracts.inference import Progress, progress_key
from vitrine.jobs import service as jobs
from vitrine.jobs.models import Job, JobError, JobState, TaskToken
from vitrine.kernel import clients
from vitrine.kernel.clock import utc_now
from vitrine.staging import failures, following, keys, listings, rules, styles
from vitrine.work import ending

PHOTO = pictures.file(pictures.room(320, 256))


@pytest.fixture
def ann() -> Agency:
    return Agency.open()


def order(ann: Agency, photo: str | bytes = PHOTO, headers: dict[str, str] | None = None, **fields: Any) -> Any:
    options = {"style": "art_deco", **fields}
    return ann.post_form(staging, "/api/stage", ("image", photo), *options.items(), **(headers or {}))


def staged(ann: Agency, **fields: Any) -> str:
    reply = order(ann, **fields)
    assert reply.status == 202, reply.text
    return str(reply.json()["id"])


def job_of(ann: Agency, staging_id: str) -> Job:
    return jobs.find(ann.tenant, staging_id)


def read(ann: Agency, staging_id: str) -> Any:
    return ann.get(staging, f"/api/stage/{staging_id}").json()


def listed(ann: Agency) -> Any:
    """The only staging, as the list shows it."""
    (shown,) = ann.get(staging, "/api/stage").json()["items"]
    return shown


def begun(ann: Agency, staging_id: str, attempt: int = 1, at: datetime | None = None) -> None:
    token = TaskToken(tenant=ann.tenant, job_id=staging_id, attempt=attempt, token=f"token-{attempt}")
    jobs.begin_attempt(token, at or utc_now())


def test_a_photo_is_taken_stored_at_its_own_key_and_answered_with_what_is_known(ann: Agency) -> None:
    reply = order(ann, property_name="12 Elm Street", room_type="bedroom")
    answer = reply.json()
    assert reply.status == 202
    assert reply.headers["location"] == f"/api/stage/{answer['id']}"
    assert "/originals/" in answer["original_image_url"]
    assert answer["download_urls"].keys() == {"original"}
    assert answer | {"original_image_url": "", "created_at": "", "download_urls": {}} == {
        "id": answer["id"],
        "user_id": ann.user_id,
        "status": "processing",
        "original_image_url": "",
        "style": "art_deco",
        "room_type": "bedroom",
        "quality_mode": "premium",
        "staged_image_url": None,
        "mask_url": None,
        "download_urls": {},
        "processing_time_ms": None,
        "quality_score": None,
        "architectural_integrity": None,
        "created_at": "",
        "completed_at": None,
        "error_message": None,
        "error_code": None,
        "property_name": "12 Elm Street",
        "batch_id": None,
        "images_deleted_at": None,
    }
    job = job_of(ann, answer["id"])
    assert job.asset_id is not None
    asset = ann.asset(job.asset_id)
    stored = boto3.client("s3").get_object(Bucket="uploads", Key=asset.key)
    assert (stored["Body"].read(), stored["ContentType"]) == (PHOTO, "image/jpeg")
    assert (asset.size, asset.content_type) == (len(PHOTO), "image/jpeg")
    assert (job.credits, job.pictures_kept_days, job.metered.photos if job.metered else 0) == (0, 30, 1)
    (listed,) = listings.recent(ann.tenant, 10)
    assert (listed.id, listed.property_name) == (job.id, "12 Elm Street")


def test_an_upload_is_staged_by_its_file_key_in_json(ann: Agency) -> None:
    promised = ann.post(
        uploads, "/api/uploads/presign", {"filename": "r.jpg", "content_type": "image/jpeg", "file_size": 9_000_000}
    ).json()
    reply = ann.post(staging, "/api/stage", {"image": promised["file_key"], "style": "hamptons"})
    assert reply.status == 202
    assert job_of(ann, reply.json()["id"]).asset_id == promised["asset_id"]


def test_another_accounts_upload_is_unknown(ann: Agency) -> None:
    promised = Agency.open().post(
        uploads, "/api/uploads/presign", {"filename": "r.jpg", "content_type": "image/jpeg", "file_size": 9}
    )
    reply = ann.post(staging, "/api/stage", {"image": promised.json()["file_key"], "style": "hamptons"})
    assert code(reply) == (422, "INVALID_REQUEST")


@pytest.mark.parametrize(
    ("data", "received"),
    [
        (b"GIF89a" + bytes(100), "image/gif format"),
        (b"Dear Sir or Madam", "a file of no known picture format"),
        (b"", "an empty file"),
    ],
)
def test_a_file_that_is_no_photo_is_called_what_its_bytes_are_and_nothing_is_kept(
    ann: Agency, data: bytes, received: str
) -> None:
    reply = order(ann, data)
    assert code(reply) == (400, "INVALID_IMAGE_FORMAT")
    assert reply.json()["error"]["details"] == f"Received {received}"
    assert listings.recent(ann.tenant, 10) == []
    assert "Contents" not in boto3.client("s3").list_objects_v2(Bucket="uploads")


def test_a_photo_too_large_for_a_form_is_refused_and_the_answer_names_the_presigned_upload(ann: Agency) -> None:
    reply = order(ann, PHOTO + bytes(4_500_000))
    assert code(reply) == (413, "IMAGE_TOO_LARGE")
    assert "presign" in json.dumps(reply.json()["error"])


def test_a_file_too_large_for_any_upload_and_one_of_another_type_have_the_documents_codes(ann: Agency) -> None:
    options = {"filename": "room.jpg", "content_type": "image/jpeg", "file_size": 1000}
    too_large = ann.post(uploads, "/api/uploads/presign", {**options, "file_size": 101 * 2**20})
    assert code(too_large) == (422, "IMAGE_TOO_LARGE")
    other = ann.post(uploads, "/api/uploads/presign", {**options, "content_type": "image/gif"})
    assert code(other) == (422, "INVALID_IMAGE_FORMAT")


def test_a_style_that_never_was_one_is_refused_and_the_answer_says_which_there_are(ann: Agency) -> None:
    reply = order(ann, style="scandinavian")
    assert code(reply) == (422, "INVALID_STYLE")
    assert "modern_luxury" in reply.text


def test_a_retired_style_is_staged_as_what_replaced_it(ann: Agency, monkeypatch: pytest.MonkeyPatch) -> None:
    old = styles.CATALOGUE[0].model_copy(update={"id": "old", "active": False, "replaced_by": "quiet_luxury"})
    monkeypatch.setattr(styles.find, "__defaults__", ((old, *styles.CATALOGUE),))
    assert order(ann, style="old").json()["style"] == "quiet_luxury"


@pytest.mark.parametrize("fields", [{"quality_mode": "preview"}, {"room_type": "garage"}, {"property_name": "x" * 201}])
def test_fields_that_do_not_hold_are_refused(ann: Agency, fields: Any) -> None:
    assert code(order(ann, **fields)) == (422, "INVALID_REQUEST")


def test_empty_fields_of_a_form_say_nothing(ann: Agency) -> None:
    answer = order(ann, room_type="", property_name=" ").json()
    assert (answer["room_type"], answer["property_name"]) == (None, None)


def test_a_repeated_request_under_one_key_stages_once_even_from_a_form_with_another_boundary(ann: Agency) -> None:
    first, again = (order(ann, headers={"idempotency-key": "k-1"}) for _ in range(2))
    assert first.status == again.status == 202
    assert first.json()["id"] == again.json()["id"]
    assert len(listings.recent(ann.tenant, 10)) == 1
    assert code(order(ann, headers={"idempotency-key": "k-1"}, style="hamptons")) == (422, "INVALID_REQUEST")


def test_a_staging_waits_for_its_upload_then_for_the_engine_then_follows_the_engines_own_word(ann: Agency) -> None:
    staging_id = staged(ann)
    seen = [read(ann, staging_id)["progress"]]
    asset_id = job_of(ann, staging_id).asset_id
    assert asset_id is not None
    ann.inspected(asset_id)
    seen.append(read(ann, staging_id)["progress"])
    for attempt in (1, 2):
        begun(ann, staging_id, attempt)
        seen.append(read(ann, staging_id)["progress"])
        for share in (0.2, 0.8, 1.0):
            key = progress_key(keys.attempt_prefix(ann.tenant, staging_id, attempt), attempt)
            body = Progress(step="render", share=share).model_dump_json()
            boto3.client("s3").put_object(Bucket="media", Key=key, Body=body)
            seen.append(read(ann, staging_id)["progress"])
    assert seen[:3] == [0.0, rules.INSPECTED, rules.STARTED]
    assert seen == sorted(seen)
    assert seen[-1] < 1


def test_a_completed_staging_has_its_result_and_no_progress(ann: Agency) -> None:
    staging_id = staged(ann)
    finish(ann.tenant, staging_id, utc_now())
    state = read(ann, staging_id)
    result = state["result"]
    assert (state["status"], state["progress"], state["error"]) == ("completed", None, None)
    assert (result["room_type"], result["quality_score"], result["architectural_integrity"]) == ("bedroom", 0.91, True)
    assert "published/p.png" in result["staged_image_url"]
    assert result["processing_time_ms"] == 3000
    assert result["completed_at"] is not None


FAILURES = {
    "not_an_interior": "NOT_INTERIOR_IMAGE",
    "truncated": "INVALID_IMAGE_FORMAT",
    "too_many_pixels": "IMAGE_TOO_LARGE",
    "engine_failed": "AI_SERVICE_UNAVAILABLE",
    "engine_unavailable": "AI_SERVICE_UNAVAILABLE",
    "processing_timeout": "PROCESSING_TIMEOUT",
    "deadline_passed": "PROCESSING_TIMEOUT",
    "architecture_changed": "ARCHITECTURAL_INTEGRITY_FAILED",
    "staging_failed": "INTERNAL_ERROR",
    "no_floor_visible": "NO_FLOOR_VISIBLE",
}


@pytest.mark.parametrize(("reason", "document"), FAILURES.items())
def test_a_failed_staging_carries_the_documents_code_and_counts_no_more(
    ann: Agency, reason: str, document: str
) -> None:
    staging_id = staged(ann)
    ending.fail(ann.tenant, staging_id, JobError(code=reason, message="What happened."), utc_now())
    state = read(ann, staging_id)
    assert (state["status"], state["error"], state["error_code"]) == ("failed", "What happened.", document)
    assert state["result"] is None
    assert usage.of(ann.tenant, "professional", job_of(ann, staging_id).created_at).counts.month == 0


def test_every_reason_of_a_failed_machine_has_a_document_code_that_says_more_than_internal() -> None:
    codes = {document_code(reason.code) for reason in failures.OF_STAGING.by_error.values()}
    assert codes == {"PROCESSING_TIMEOUT", "AI_SERVICE_UNAVAILABLE"}


def test_a_staging_whose_architecture_changed_says_so(ann: Agency) -> None:
    staging_id = staged(ann)
    ending.fail(ann.tenant, staging_id, JobError(code="architecture_changed", message="No."), utc_now())
    assert listed(ann)["architectural_integrity"] is False


@pytest.mark.parametrize("staging_id", ["stg_01hx0000000000000000000000", "img_01hx0000000000000000000000", "x", ".."])
def test_what_is_no_staging_of_the_accounts_is_not_found(ann: Agency, staging_id: str) -> None:
    assert code(ann.get(staging, f"/api/stage/{staging_id}")) == (404, "STAGING_NOT_FOUND")


def test_another_accounts_staging_is_not_found(ann: Agency) -> None:
    assert code(Agency.open().get(staging, f"/api/stage/{staged(ann)}")) == (404, "STAGING_NOT_FOUND")


def test_who_prefers_to_wait_gets_the_result_when_it_comes_in_time(
    ann: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []

    def completes_meanwhile(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            (listed,) = listings.recent(ann.tenant, 1)
            ending.complete(ann.tenant, listed.id, any_staged_image().model_dump(mode="json"), utc_now())

    monkeypatch.setattr(following.until_over, "__kwdefaults__", {"sleep": completes_meanwhile, "clock": lambda: 0.0})
    reply = order(ann, headers={"prefer": "wait=20"})
    assert (reply.status, reply.json()["status"]) == (200, "completed")
    assert reply.headers["preference-applied"] == "wait=20"
    assert slept == [following.POLL_S] * 3


def test_who_waits_in_vain_is_told_that_it_goes_on(ann: Agency, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]

    def passes(seconds: float) -> None:
        now[0] += seconds

    monkeypatch.setattr(following.until_over, "__kwdefaults__", {"sleep": passes, "clock": lambda: now[0]})
    monkeypatch.setattr(LambdaContext, "get_remaining_time_in_millis", lambda _: 29_000)
    reply = order(ann, headers={"prefer": "respond-async, wait=900"})
    assert (reply.status, reply.json()["status"]) == (202, "processing")
    assert "preference-applied" not in reply.headers
    assert now[0] == pytest.approx(staging.LONGEST_WAIT_S, abs=2)


def failing_put(**_: object) -> None:
    raise ClientError({"Error": {"Code": "SlowDown", "Message": ""}}, "PutObject")


def test_a_photo_that_cannot_be_stored_is_answered_with_503_and_its_staging_ends(
    ann: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients.s3(), "put_object", failing_put)
    assert order(ann).status == 503
    (listed,) = listings.recent(ann.tenant, 1)
    assert job_of(ann, listed.id).state is JobState.ERROR
    assert read(ann, listed.id)["error_code"] == "INTERNAL_ERROR"


def test_links_are_gone_when_the_pictures_are(ann: Agency) -> None:
    staging_id = staged(ann)
    now = utc_now()
    ending.complete(ann.tenant, staging_id, any_staged_image().model_dump(mode="json"), now)
    jobs.images_deleted(job_of(ann, staging_id), now)
    view = listed(ann)
    assert (view["original_image_url"], view["staged_image_url"], view["mask_url"]) == (None, None, None)
    assert view["download_urls"] == {}
    assert view["images_deleted_at"] == now.isoformat().replace("+00:00", "Z")
    assert view["quality_score"] == 0.91


@pytest.mark.parametrize(("asked", "function_left_s", "waited"), [(25, 21, 17), (10, 27, 2), (5, 27, 0), (25, 6, 2)])
def test_a_wait_is_cut_by_what_has_passed_since_the_gateway_took_the_request_and_ends_before_the_function_does(
    ann: Agency, monkeypatch: pytest.MonkeyPatch, asked: int, function_left_s: int, waited: float
) -> None:
    now, seen = [time.time()], list[float]()
    put = assets.put

    def slow(*sent: Any) -> None:
        now[0] += 8
        put(*sent)

    def wait(job: Any, seconds: float) -> Any:
        seen.append(seconds)
        return job

    monkeypatch.setattr(staging, "utc_now", lambda: datetime.fromtimestamp(now[0], UTC))
    monkeypatch.setattr(LambdaContext, "get_remaining_time_in_millis", lambda _: function_left_s * 1000)
    monkeypatch.setattr(assets, "put", slow)
    monkeypatch.setattr(following, "until_over", wait)
    assert order(ann, headers={"prefer": f"wait={asked}"}).status == 202
    assert seen == [pytest.approx(waited, abs=0.5)] or (seen[0] < 0 and waited == 0)


@pytest.mark.parametrize("image", [{"content": "x"}, ["a", "b"], None, 4])
def test_what_is_no_photo_is_refused_in_words_for_its_sender(ann: Agency, image: Any) -> None:
    reply = ann.post(staging, "/api/stage", {"style": "art_deco", "image": image})
    assert code(reply) == (422, "INVALID_REQUEST")
    assert reply.json()["error"]["message"] == "body.image: Send one photo, or the file_key of an upload."


@pytest.mark.parametrize("room_type", ["garage", 4, {"a": 1}, False, []])
def test_what_is_no_room_type_is_refused_by_its_field_and_what_there_is(ann: Agency, room_type: Any) -> None:
    reply = ann.post(staging, "/api/stage", {"style": "art_deco", "image": "k", "room_type": room_type})
    assert code(reply) == (422, "INVALID_REQUEST")
    message = reply.json()["error"]["message"]
    assert message.startswith("body.room_type: There is no such room type. There are: living_room, bedroom")
    assert "Enum" not in message and "''" not in message


def test_a_photo_that_could_not_be_stored_is_staged_when_the_request_is_repeated_under_its_key(
    ann: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    repeated = {"idempotency-key": "k-1"}
    with monkeypatch.context() as down:
        down.setattr(clients.s3(), "put_object", failing_put)
        assert [order(ann, headers=repeated).status for _ in range(2)] == [503, 503]
    first, again = (order(ann, headers=repeated) for _ in range(2))
    assert (first.status, first.json()["status"]) == (202, "processing")
    assert again.json()["id"] == first.json()["id"]
    assert usage.of(ann.tenant, "professional", job_of(ann, first.json()["id"]).created_at).counts.month == 1


def test_a_slow_try_that_cannot_store_its_photo_leaves_that_of_its_repeat_alone(
    ann: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, replies = clients.s3().put_object, list[Any]()

    def overtaken(**sent: Any) -> None:
        monkeypatch.setattr(clients.s3(), "put_object", put)
        replies.append(order(ann, headers={"idempotency-key": "k-1"}))
        failing_put(**sent)

    monkeypatch.setattr(clients.s3(), "put_object", overtaken)
    replies.append(order(ann, headers={"idempotency-key": "k-1"}))
    assert [reply.status for reply in replies] == [202, 202]
    (staging_id,) = {reply.json()["id"] for reply in replies}
    assert job_of(ann, staging_id).state is JobState.QUEUED
