"""The endpoint fails, answers late, answers twice, answers nobody, or is not there."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from infra.local.ports import any_free
from tests.journeys.conftest import Stack
from tests.support import empty_room
from tests.support.backstage import Backstage
from tests.support.customer import Customer
from tests.support.patience import until
from vitrine.assets.keys import original_key
from vitrine.billing.models import Balances
from vitrine.contracts.inference import StageResult
from vitrine.kernel.clock import timestamp, utc_now

SPENT = Balances(granted=10, available=9, spent=1)
REFUNDED = Balances(granted=10, available=10)
FINISH, START = "reactions-finish-inference", "pipeline-start-inference"


def notification(stack: Stack, alice: Customer, image_id: str, output: str | None = None) -> dict[str, Any]:
    """SageMaker's message about the image's first attempt: answered at `output`, or failed."""
    bucket = alice.backstage.environment["VITRINE_MEDIA_BUCKET"]
    about = {"inputLocation": f"s3://{bucket}/inference/{alice.tenant}/{image_id}/1/request.json"}
    message = {
        "awsRegion": "us-east-1",
        "eventTime": timestamp(utc_now()),
        "receivedTime": timestamp(utc_now() - timedelta(minutes=1)),
        "invocationStatus": "Completed" if output else "Failed",
        "requestParameters": {"endpointName": "vitrine-local-staging", **about},
        "inferenceId": f"{image_id}.1",
        "eventVersion": "1.0",
        "eventSource": "aws:sagemaker",
        "eventName": "InferenceResult",
    }
    if output:
        return {**message, "responseParameters": {"contentType": "application/json", "outputLocation": output}}
    return {**message, "failureReason": "ClientError: Received server error (500) from model."}


def publish(stack: Stack, message: dict[str, Any]) -> None:
    topic = "InferenceDoneTopicIs" if message["invocationStatus"] == "Completed" else "InferenceFailedTopicIs"
    stack.aws("sns").publish(TopicArn=stack.state.outputs[topic], Message=json.dumps(message))


def as_event(message: dict[str, Any]) -> dict[str, Any]:
    """What SNS hands to Lambda."""
    return {"Records": [{"EventSource": "aws:sns", "Sns": {"Message": json.dumps(message)}}]}


def output_of(stack: Stack, image_id: str) -> str | None:
    """Where the endpoint put its answer for the image."""
    s3, bucket = stack.aws("s3"), stack.state.outputs["MediaBucketIs"]
    for found in s3.list_objects_v2(Bucket=bucket, Prefix="inference/output/").get("Contents", []):
        body = s3.get_object(Bucket=bucket, Key=found["Key"])["Body"].read()
        if StageResult.model_validate_json(body).job_id == image_id:
            return f"s3://{bucket}/{found['Key']}"
    return None


def deliveries(backstage: Backstage, image_id: str) -> list[str]:
    """What became of each notification about the image, in order."""
    lines = [json.loads(line) for line in backstage.logs(FINISH, image_id) if line.startswith("{")]
    return [line["outcome"] for line in lines if line.get("message") == "inference finished"]


def test_an_endpoint_that_keeps_failing_is_asked_again_and_in_the_end_given_up(
    stack: Stack, alice: Customer, backstage: Backstage
) -> None:
    upload = alice.upload_inspected(empty_room.photo())
    # Without the photo every try of the container ends in an HTTP error, which the host reports as SageMaker does.
    original = original_key(upload["file_key"])
    stack.aws("s3").delete_object(Bucket=stack.state.outputs["MediaBucketIs"], Key=original)
    image_id = alice.order(upload)
    image = alice.wait(image_id)
    assert (image["status"], image["errorCode"]) == ("error", "engine_failed")
    assert has_started(backstage, image_id, 3)
    assert deliveries(backstage, image_id) == ["failed"] * 3
    assert alice.history(image_id) == ["queued", "processing", "error"]
    assert alice.balances == REFUNDED


def test_an_endpoint_that_fails_once_is_asked_again_and_its_answer_is_published(
    stack: Stack, alice: Customer, backstage: Backstage
) -> None:
    image_id = alice.order(alice.upload_inspected(empty_room.photo()))
    alice.wait_until(image_id, "processing")
    until(partial(has_started, backstage, image_id, 1), what="the first attempt")
    publish(stack, notification(stack, alice, image_id))
    assert alice.wait(image_id)["status"] == "ready"
    assert alice.history(image_id) == ["queued", "processing", "ready"]
    assert alice.balances == SPENT


def test_an_answer_that_comes_after_the_job_has_ended_changes_nothing(
    stack: Stack, alice: Customer, backstage: Backstage
) -> None:
    image_id = alice.order(alice.upload_inspected(empty_room.photo()))
    alice.wait_until(image_id, "processing")
    alice.is_overdue(image_id)
    ended = alice.wait(image_id)
    assert (ended["status"], ended["errorCode"]) == ("error", "deadline_passed")
    until(lambda: deliveries(backstage, image_id), what="the late answer")
    publish(stack, notification(stack, alice, image_id))
    until(lambda: len(deliveries(backstage, image_id)) == 2, what="an even later failure")
    assert backstage.staging_runs(image_id) == ["ABORTED"]
    assert alice.image(image_id) | {"originalUrl": ""} == ended | {"originalUrl": ""}
    assert alice.history(image_id) == ["queued", "processing", "error"]
    assert alice.balances == REFUNDED


def test_an_answer_that_comes_again_changes_nothing(stack: Stack, alice: Customer, backstage: Backstage) -> None:
    image_id = alice.order(alice.upload_inspected(empty_room.photo()))
    assert alice.wait(image_id)["status"] == "ready"
    done = alice.job(image_id)
    message = notification(stack, alice, image_id, output_of(stack, image_id))
    for _ in range(2):
        publish(stack, message)
    publish(stack, notification(stack, alice, image_id))
    until(lambda: len(deliveries(backstage, image_id)) >= 4, what="all four notifications")
    first, *others = deliveries(backstage, image_id)
    assert (first, set(others)) == ("delivered", {"too late"}), "SNS may bring each more than once"
    assert alice.job(image_id) == done
    assert alice.balances == SPENT


def test_an_answer_that_nobody_asked_for_lies_with_the_dead_letters(
    stack: Stack, alice: Customer, backstage: Backstage
) -> None:
    unknown = f"img_{uuid.uuid4().hex}"
    event = as_event(notification(stack, alice, unknown))
    backstage.send(FINISH, event)
    letters: list[Any] = []

    def arrived() -> bool:
        letters.extend(letter["requestPayload"] for letter in backstage.dead_letters(FINISH))
        return event in letters

    until(arrived, what="a dead letter")


@pytest.mark.usefixtures("alone")
def test_an_endpoint_that_is_not_there_is_asked_again_until_it_is_back(
    stack: Stack, alice: Customer, backstage: Backstage
) -> None:
    upload = alice.upload_inspected(empty_room.photo())
    with no_endpoint(backstage):
        image_id = alice.order(upload)
        until(lambda: refusals(backstage, image_id) >= 3, what="the endpoint to be asked three times")
        assert alice.job(image_id).state == "processing"
        assert alice.balances == Balances(granted=10, available=9, held=1)
    assert alice.wait(image_id)["status"] == "ready"
    assert alice.history(image_id) == ["queued", "processing", "ready"]
    assert alice.balances == SPENT


@pytest.mark.usefixtures("alone")
def test_an_endpoint_that_never_comes_back_ends_at_the_deadline_with_a_refund(
    alice: Customer, backstage: Backstage
) -> None:
    upload = alice.upload_inspected(empty_room.photo())
    with no_endpoint(backstage):
        image_id = alice.order(upload)
        alice.wait_until(image_id, "processing")
        alice.is_overdue(image_id)
        assert alice.wait(image_id)["errorCode"] == "deadline_passed"
    assert alice.balances == REFUNDED


def test_a_photo_that_never_comes_ends_at_its_deadline_with_a_refund(alice: Customer, backstage: Backstage) -> None:
    upload = alice.presign(empty_room.photo())
    image_id = alice.order(upload)
    assert alice.job(image_id).deadline - alice.job(image_id).created_at == timedelta(hours=24)
    alice.is_overdue(image_id)
    image = alice.wait(image_id)
    assert (image["status"], image["errorCode"]) == ("error", "upload_missing")
    assert alice.history(image_id) == ["queued", "error"]
    assert backstage.staging_runs(image_id) == []
    assert alice.balances == REFUNDED
    assert alice.put(upload, empty_room.photo()).status_code == 200
    until(lambda: backstage.asset(alice.tenant, upload["asset_id"]).inspection, what="the late photo's verdict")
    assert alice.image(image_id)["status"] == "error"


def has_started(backstage: Backstage, image_id: str, times: int) -> bool:
    lines = [line for line in backstage.logs(START) if image_id in line]
    return sum("inference started" in line for line in lines) == times


def refusals(backstage: Backstage, job_id: str) -> int:
    """How often the endpoint was not there when a job's attempt was to be handed to it."""
    return sum("endpoint unavailable" in line and job_id in line for line in backstage.logs(START))


@contextmanager
def no_endpoint(backstage: Backstage) -> Iterator[None]:
    """Within the block, nobody listens where the endpoint should be."""
    with backstage.with_environment(START, AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME=f"http://127.0.0.1:{any_free()}"):
        yield
