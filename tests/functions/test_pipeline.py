"""The states of the staging machine, one by one; the machine itself runs in the journeys."""

import io
import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from PIL import Image

from functions.pipeline import end_job, judge_result, publish_picture, start_inference
from tests.support.builders import any_call, any_job
from tests.support.requests import CONTEXT
from vitrine.assets import rules as asset_rules
from vitrine.assets import service as assets
from vitrine.assets import store as assets_store
from vitrine.assets.models import ContentType, Inspection, UploadRequest, Verdict
from vitrine.assets.originals import StorageUnavailable
from vitrine.billing import service as billing
from vitrine.contracts.catalogue import Quality, RoomType, Style
from vitrine.contracts.inference import Engine, Refusal, RefusalCode, Scores, StageRequest, StageResult
from vitrine.contracts.message import ObjectLocation
from vitrine.jobs import rules as jobs_rules
from vitrine.jobs import service as jobs
from vitrine.jobs import store
from vitrine.jobs.models import Job, JobState
from vitrine.kernel import clients, tables
from vitrine.kernel.clock import utc_now
from vitrine.staging import endpoint
from vitrine.staging.models import StagedImage, StageInput
from vitrine.staging.rules import seed_of
from vitrine.work import ending


def a_queued_job() -> Job:
    call = any_call()
    billing.forget_provisioned()
    billing.provision(call)
    key = f"uploads/{call.tenant}/ast_a/room.jpg"
    stage = StageInput(
        photo_key=key,
        room_type=None,
        style=Style.SCANDINAVIAN,
        seed=7,
        quality=Quality.STANDARD,
        surface="realstaging",
    ).model_dump(mode="json")
    job = any_job(tenant=call.tenant, input=stage)
    tables.commit(*jobs.queueing(job), *billing.reserving(job.tenant, job.id, job.credits, utc_now()))
    return job


def a_result(job: Job, **changes: Any) -> StageResult:
    prefix = f"inference/{job.tenant}/{job.id}/1/"
    values: dict[str, Any] = {
        "job_id": job.id,
        "attempt": 1,
        "engine": Engine(name="render", version="1"),
        "timings": {"render": 1.0},
        "style": Style.SCANDINAVIAN,
        "seed": 7,
        "room_type": RoomType.BEDROOM,
        "picture": ObjectLocation(bucket="media", key=f"{prefix}picture.png"),
        "mask": ObjectLocation(bucket="media", key=f"{prefix}mask.png"),
        "layout": ObjectLocation(bucket="media", key=f"{prefix}layout.json"),
        "width": 1400,
        "height": 900,
        "scores": Scores(integrity=0.99, quality=0.8, parts={}),
        **changes,
    }
    return StageResult(**values)


def a_refusal(job: Job) -> StageResult:
    return StageResult(
        job_id=job.id,
        attempt=1,
        engine=Engine(name="render", version="1"),
        timings={},
        style=Style.SCANDINAVIAN,
        seed=7,
        refusal=Refusal(code=RefusalCode.TOO_DARK, message="Turn on the lights."),
    )


def an_attempt(job: Job, attempt: int = 1, **more: Any) -> dict[str, Any]:
    return {"tenant": job.tenant, "job_id": job.id, "attempt": attempt, **more}


def judged(job: Job, result: StageResult, attempt: int = 1) -> dict[str, Any]:
    return judge_result.handler(an_attempt(job, attempt, result=result.model_dump(mode="json")), CONTEXT)


def weak(job: Job, **scores: float) -> StageResult:
    return a_result(job, scores=Scores(**{"integrity": 0.99, "quality": 0.8, **scores}, parts={}))


def put_files(job: Job) -> None:
    s3 = boto3.client("s3")
    picture = io.BytesIO()
    Image.new("RGB", (1400, 900), "beige").save(picture, "PNG")
    for name, body in {"picture.png": picture.getvalue(), "mask.png": b"mask", "layout.json": b"{}"}.items():
        s3.put_object(Bucket="media", Key=f"inference/{job.tenant}/{job.id}/1/{name}", Body=body)


def start(job: Job, attempt: int = 1, token: str = "token") -> None:
    start_inference.handler(an_attempt(job, attempt, task_token=token), CONTEXT)


def cancel(job: Job) -> None:
    ending.cancel(job.tenant, job.id, utc_now())


def request_of(job: Job, attempt: int = 1) -> StageRequest:
    key = f"inference/{job.tenant}/{job.id}/{attempt}/request.json"
    body = boto3.client("s3").get_object(Bucket="media", Key=key)["Body"].read()
    return StageRequest.model_validate_json(body)


def test_starting_an_attempt_leaves_the_request_the_token_and_the_job_in_processing() -> None:
    job = a_queued_job()
    start(job)
    request = request_of(job)
    assert (request.style, request.seed, request.photo.key) == (
        Style.SCANDINAVIAN,
        7,
        f"originals/{job.tenant}/ast_a/room.jpg",
    )
    assert request.photo.bucket == "media"
    assert jobs.find(job.tenant, job.id).state is JobState.PROCESSING
    token = store.get_token(job.tenant, job.id, 1)
    assert token is not None
    assert token.token == "token"


def test_the_engine_is_held_to_the_bytes_that_were_inspected() -> None:
    job = a_queued_job()
    asset = asset_rules.new_asset(
        UploadRequest(filename="room.jpg", content_type=ContentType.JPEG, file_size=9), "ast_a", job.tenant, utc_now()
    )
    tables.commit(assets_store.insert(asset))
    found = Inspection(
        tenant=job.tenant, asset_id="ast_a", key=asset.key, verdict=Verdict.ACCEPTED, size=9, etag="e" * 32
    )
    assets.record(found, utc_now())
    start(job)
    assert request_of(job).photo.etag == "e" * 32


def test_the_next_attempt_tries_another_seed_under_a_name_of_its_own() -> None:
    job = a_queued_job()
    start(job)
    start(job, attempt=2)
    assert request_of(job, 1).seed == 7
    assert request_of(job, 2).seed == seed_of(7, 2) != 7


def test_an_attempt_at_a_cancelled_job_says_that_it_is_over() -> None:
    job = a_queued_job()
    cancel(job)
    with pytest.raises(jobs_rules.JobIsOver):
        start(job)


def test_an_endpoint_that_cannot_be_reached_is_worth_another_try(monkeypatch: pytest.MonkeyPatch) -> None:
    class Unreachable:
        def invoke_endpoint_async(self, **_: Any) -> None:
            raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")

    class States:
        def send_task_failure(self, **sent: str) -> None:
            failures.append(sent)

    failures: list[dict[str, str]] = []
    monkeypatch.setattr(clients, "sagemaker_runtime", Unreachable)
    monkeypatch.setattr(clients, "states", States)
    start(a_queued_job())
    (sent,) = failures
    assert sent["error"] == endpoint.EndpointUnavailable.__name__
    assert "127.0.0.1" not in sent["cause"]


def test_a_good_picture_is_published() -> None:
    job = a_queued_job()
    assert judged(job, a_result(job))["decision"] == "publish"


@pytest.mark.parametrize("scores", [{"integrity": 0.5}, {"quality": 0.1}])
def test_a_weak_picture_is_tried_again_until_the_attempts_are_used_up(scores: dict[str, float]) -> None:
    job = a_queued_job()
    first, last = judged(job, weak(job, **scores)), judged(job, weak(job, **scores), attempt=3)
    assert (first["decision"], first["next_attempt"]) == ("try_again", 2)
    assert last["decision"] == "refuse"
    assert last["reason"]["code"] in ("architecture_changed", "quality_too_low")


def test_a_refused_photo_is_not_tried_again() -> None:
    job = a_queued_job()
    judgement = judged(job, a_refusal(job))
    assert judgement["decision"] == "refuse"
    assert judgement["reason"] == {"code": "too_dark", "message": "Turn on the lights."}


def test_publishing_spends_the_credit_and_leaves_everything_in_its_lasting_place() -> None:
    job = a_queued_job()
    put_files(job)
    publish_picture.handler(judged(job, a_result(job)), CONTEXT)
    done = jobs.find(job.tenant, job.id)
    assert done.state is JobState.READY
    image = StagedImage.model_validate(done.result)
    s3 = boto3.client("s3")
    for key in (image.picture_key, image.mask_key, image.layout_key):
        assert key.startswith(f"published/{job.tenant}/{job.id}/")
        assert s3.head_object(Bucket="media", Key=key)["ContentLength"] > 0
    for size, key in image.thumbnails.items():
        thumbnail = Image.open(io.BytesIO(s3.get_object(Bucket="media", Key=key)["Body"].read()))
        assert max(thumbnail.size) == size
        assert not thumbnail.getexif()
    balances = billing.account(job.tenant).balances
    assert (balances.held, balances.spent) == (0, 1)


def test_publishing_twice_is_publishing_once() -> None:
    job = a_queued_job()
    put_files(job)
    for _ in range(2):
        publish_picture.handler(judged(job, a_result(job)), CONTEXT)
    assert billing.account(job.tenant).balances.spent == 1
    assert [event.number for event in store.events_after(job.tenant, job.id, 0)] == [1, 2]


def test_a_picture_that_was_replaced_after_it_was_judged_is_not_published() -> None:
    job = a_queued_job()
    put_files(job)
    result = a_result(job)
    assert result.picture
    judgement = judged(job, a_result(job, picture=result.picture.model_copy(update={"etag": "0" * 32})))
    with pytest.raises(StorageUnavailable):
        publish_picture.handler(judgement, CONTEXT)


def test_files_are_copied_only_while_they_are_what_was_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    # By the request alone: moto copies whatever the condition says.
    job = a_queued_job()
    put_files(job)
    named = {name: getattr(a_result(job), name).model_copy(update={"etag": name}) for name in ("mask", "layout")}
    asked: list[str | None] = []
    monkeypatch.setattr(clients.s3(), "copy_object", lambda **call: asked.append(call.get("CopySourceIfMatch")))
    publish_picture.handler(judged(job, a_result(job, **named)), CONTEXT)
    assert asked == [None, "mask", "layout"]


def test_a_job_that_was_cancelled_meanwhile_is_not_published() -> None:
    job = a_queued_job()
    put_files(job)
    cancel(job)
    with pytest.raises(jobs_rules.JobIsOver):
        publish_picture.handler(judged(job, a_result(job)), CONTEXT)
    assert billing.account(job.tenant).balances.spent == 0


@pytest.mark.parametrize(
    ("cause", "code"),
    [
        ({"reason": {"code": "too_dark", "message": "Turn on the lights."}}, "too_dark"),
        ({"failure": {"Error": "States.Timeout", "Cause": "secret stack trace"}}, "processing_timeout"),
        ({"failure": {"Error": "InferenceFailed", "Cause": "secret stack trace"}}, "engine_failed"),
        ({"failure": {"Error": "KeyError", "Cause": "secret stack trace"}}, "staging_failed"),
        ({}, "staging_failed"),
    ],
)
def test_every_bad_end_refunds_and_says_why_without_quoting_the_cause(cause: dict[str, Any], code: str) -> None:
    job = a_queued_job()
    for _ in range(2):
        end_job.handler(an_attempt(job, **cause), CONTEXT)
    ended = jobs.find(job.tenant, job.id)
    assert ended.error is not None
    assert ended.error.code == code
    assert "secret" not in ended.error.message
    balances = billing.account(job.tenant).balances
    assert (balances.held, balances.spent, balances.available) == (0, 0, balances.granted)


def test_a_published_image_is_not_ended_by_a_late_failure() -> None:
    job = a_queued_job()
    put_files(job)
    publish_picture.handler(judged(job, a_result(job)), CONTEXT)
    outcome = end_job.handler(an_attempt(job, failure={"Error": "States.Timeout"}), CONTEXT)
    assert outcome == {"outcome": "over_already"}
    assert jobs.find(job.tenant, job.id).state is JobState.READY


def test_seeds_walk_through_all_32_bits_without_repeating_early() -> None:
    seeds = [seed_of(2**32 - 1, attempt) for attempt in range(1, 1000)]
    assert len(set(seeds)) == len(seeds)
    assert all(0 <= seed < 2**32 for seed in seeds)


def test_what_a_state_answers_is_json() -> None:
    job = a_queued_job()
    assert json.loads(json.dumps(judged(job, a_result(job))))["job_id"] == job.id
