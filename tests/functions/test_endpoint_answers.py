"""Which attempt an answer of the endpoint is about, and what becomes of it."""

import json
from typing import Any, cast

import boto3
import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.reactions import finish_inference
from tests.support.work_events import an_asset, queued
from vitrine.jobs import service as jobs
from vitrine.jobs.models import Job, TaskToken
from vitrine.kernel import clients
from vitrine.kernel.clock import utc_now
from vitrine.staging import endpoint, keys


def test_an_attempt_is_known_again_by_its_requests_location() -> None:
    where = keys.request_location("media", "ten_a", "img_a", 2)
    assert keys.attempt_of(where.uri) == ("ten_a", "img_a", 2)


@pytest.mark.parametrize("uri", ["s3://media/other/ten_a/img_a/2/request.json", "s3://media/x", "", "a/b/c/d/e"])
def test_a_foreign_location_is_no_attempt(uri: str) -> None:
    with pytest.raises(ValueError, match="location"):
        keys.attempt_of(uri)


class States:
    """Records what the state machine would get; the emulator's journeys send it for real."""

    def __init__(self) -> None:
        self.reported: list[str] = []

    def send_task_failure(self, **_: Any) -> None:
        self.reported.append("failure")

    def send_task_success(self, **_: Any) -> None:
        self.reported.append("success")


@pytest.fixture
def states(monkeypatch: pytest.MonkeyPatch) -> States:
    states = States()
    monkeypatch.setattr(clients, "states", lambda: states)
    return states


def a_notification(job: Job, token: str, status: str = "Failed") -> dict[str, Any]:
    where = keys.request_location("media", job.tenant, job.id, 1)
    tried = endpoint._try_of(TaskToken(tenant=job.tenant, job_id=job.id, attempt=1, token=token))
    return {
        "requestParameters": {"inputLocation": where.uri},
        "responseParameters": {"outputLocation": "s3://media/inference/output/a.out"},
        "invocationStatus": status,
        "inferenceId": f"{job.id}.1.{tried}",
    }


def test_late_news_of_an_earlier_try_does_not_decide_over_the_present_one(states: States) -> None:
    job, _ = queued(an_asset("ten_a"))
    for token in ("first", "second"):
        jobs.begin_attempt(TaskToken(tenant=job.tenant, job_id=job.id, attempt=1, token=token), utc_now())
    assert endpoint.deliver(a_notification(job, "first")) == "too late"
    assert states.reported == []
    assert endpoint.deliver(a_notification(job, "second")) == "failed"
    assert states.reported == ["failure"]


def test_an_answer_that_is_none_fails_the_try_at_once(states: States) -> None:
    job, _ = queued(an_asset("ten_a"))
    jobs.begin_attempt(TaskToken(tenant=job.tenant, job_id=job.id, attempt=1, token="t"), utc_now())
    boto3.client("s3").put_object(Bucket="media", Key="inference/output/a.out", Body=b"<html>")
    assert endpoint.deliver(a_notification(job, "t", "Completed")) == "failed"
    assert states.reported == ["failure"]


def test_an_answer_that_nobody_waits_for_is_a_dead_letter() -> None:
    where = keys.request_location("media", "ten_a", "img_none", 1)
    with pytest.raises(LookupError):
        endpoint.deliver({"requestParameters": {"inputLocation": where.uri}, "invocationStatus": "Completed"})


@pytest.mark.parametrize(
    "message",
    [
        json.dumps({"Service": "Amazon SageMaker", "Event": "TestNotification", "Time": "now"}),
        json.dumps("TestNotification"),
        "Amazon SageMaker test notification",
        "",
    ],
)
def test_what_sagemaker_sends_to_try_its_topics_is_no_answer_and_keeps_none_waiting(
    states: States, message: str
) -> None:
    job, _ = queued(an_asset("ten_a"))
    jobs.begin_attempt(TaskToken(tenant=job.tenant, job_id=job.id, attempt=1, token="t"), utc_now())
    messages = (message, json.dumps(a_notification(job, "t")))
    finish_inference.handler({"Records": [{"Sns": {"Message": each}} for each in messages]}, cast(LambdaContext, None))
    assert states.reported == ["failure"]
