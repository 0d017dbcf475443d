"""The messages of AWS, whole as it documents and sends them (`events/samples`), given to who reads them here.

Ids in a sample are exchanged for those of the test's own job; everything else stays as it came.
"""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from functions.pipeline import end_job
from functions.reactions import finish_inference, publish_changes, start_work, sweep_deadlines
from functions.realstaging_api import reference
from infra.operators.dead_letters import letter_of
from tests.support.requests import CONTEXT
from tests.support.work_events import an_asset, queued
from vitrine.contracts.catalogue import Style
from vitrine.contracts.inference import Engine, Refusal, RefusalCode, StageResult
from vitrine.jobs import service as jobs
from vitrine.jobs.models import Job, JobState, TaskToken
from vitrine.kernel import clients
from vitrine.kernel.clock import utc_now
from vitrine.staging import endpoint

SAMPLES = Path(__file__).parents[2] / "events" / "samples"
OF_AWS = sorted(path.name for path in SAMPLES.glob("*.json") if not path.name.startswith("stripe"))


def sample(name: str, job: Job | None = None, inference_id: str = "") -> Any:
    text = (SAMPLES / name).read_text()
    if job:
        text = text.replace("img_000001.1.0000", inference_id).replace("img_000001", job.id)
        text = text.replace("ast_01m8hrvqgp27yfa7gv5sz9kn91", job.asset_id or "")
    return json.loads(text)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the state machine that waits would hear."""
    heard: list[str] = []

    class States:
        def send_task_failure(self, **_: Any) -> None:
            heard.append("failure")

        def send_task_success(self, **_: Any) -> None:
            heard.append("success")

    monkeypatch.setattr(clients, "states", States)
    return heard


@pytest.mark.parametrize(
    ("name", "hears"),
    [
        ("sagemaker_inference_completed.json", ["success"]),
        ("sagemaker_inference_failed.json", ["failure"]),
        ("sagemaker_test_notification.json", []),
    ],
)
def test_sagemakers_messages_reach_the_machine_that_waits(told: list[str], name: str, hears: list[str]) -> None:
    job, _ = queued(an_asset("ten_a"))
    token = TaskToken(tenant=job.tenant, job_id=job.id, attempt=1, token="t")
    jobs.begin_attempt(token, utc_now())
    refused = StageResult(
        job_id=job.id,
        attempt=1,
        engine=Engine(name="render", version="1"),
        timings={},
        style=Style.JAPANDI,
        seed=1,
        refusal=Refusal(code=RefusalCode.TOO_DARK, message="Switch the lights on."),
    )
    answer = refused.model_dump_json().encode()
    boto3.client("s3").put_object(Bucket="media", Key="inference/output/2f4dcf85.out", Body=answer)
    finish_inference.handler(sample(name, job, f"{job.id}.1.{endpoint._try_of(token)}"), CONTEXT)
    assert told == hears


def test_a_record_of_a_stream_becomes_an_event() -> None:
    job, _ = queued(an_asset("ten_a"))
    assert publish_changes.handler(sample("dynamodb_stream.json", job), CONTEXT) == {"batchItemFailures": []}


def test_the_buss_own_event_and_the_clock_are_understood() -> None:
    job, _ = queued(an_asset("ten_a"))
    start_work.handler(sample("eventbridge_own_bus.json", job), CONTEXT)
    assert jobs.find(job.tenant, job.id).state is JobState.QUEUED, "its upload is not there yet"
    assert sweep_deadlines.handler(sample("eventbridge_scheduled.json"), CONTEXT)["failed"] == 0


@pytest.mark.parametrize("number", range(len(sample("stepfunctions_caught_errors.json"))))
def test_whatever_step_functions_catches_ends_the_job_with_a_reason_and_a_refund(number: int) -> None:
    job, _ = queued(an_asset("ten_a"))
    assert end_job.handler(sample("stepfunctions_caught_errors.json", job)[number], CONTEXT) == {"outcome": "error"}
    error = jobs.find(job.tenant, job.id).error
    assert error is not None and error.code and "boom" not in error.message


@pytest.mark.parametrize(
    ("name", "source", "error"),
    [
        ("lambda_failure_destination.json", "function", "RetriesExhausted Unavailable"),
        ("lambda_event_expired_destination.json", "function", "EventAgeExceeded"),
        ("lambda_stream_failure_destination.json", "stream", "RetryAttemptsExhausted"),
    ],
)
def test_dead_letters_of_lambda_say_whose_they_are_and_why(name: str, source: str, error: str) -> None:
    letter = letter_of({"MessageId": "m", "ReceiptHandle": "r", "Body": json.dumps(sample(name))})
    assert (letter.source, letter.error) == (source, error)
    assert letter.target.endswith(":live")


def test_a_request_of_the_gateway_with_all_its_fields_is_answered() -> None:
    answer = reference.handler(sample("apigateway_http_request.json"), CONTEXT)
    assert answer["statusCode"] == 200, answer


def test_every_sample_of_aws_is_replayed() -> None:
    elsewhere = {"s3_object_created.json"}
    here = Path(__file__).read_text()
    assert {name for name in OF_AWS if name not in here} <= elsewhere
