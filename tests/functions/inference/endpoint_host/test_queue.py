"""Requests that wait: over a restart, past their time to live, and more than may wait."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import boto3
import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import ClientError

from functions.reactions import finish_inference
from infra.local.endpoint import delivery
from infra.local.endpoint.host import create_app
from infra.local.endpoint.spool import Spool
from tests.functions.inference.endpoint_host.calls import (
    CONTAINER,
    QC,
    Topics,
    a_stage_request,
    an_invocation,
    invoke_async,
    runtime_of,
)
from tests.functions.inference.running import running
from tests.support.patience import until


def test_topics_that_are_new_are_tried_as_sagemaker_tries_them(config: dict[str, Any], tmp_path: Path) -> None:
    sns, sqs = boto3.client("sns"), boto3.client("sqs")
    queue = sqs.create_queue(QueueName="trials")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    new = {f"{name}_topic": sns.create_topic(Name=f"new-{name}")["TopicArn"] for name in ("success", "error")}
    for topic in new.values():
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    path = tmp_path / "endpoint-host.json"
    path.write_text(json.dumps({**config, **new}))
    came: list[dict[str, Any]] = []

    def all_came() -> bool:
        for envelope in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
            came.append(json.loads(envelope["Body"]))
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=envelope["ReceiptHandle"])
        return len(came) >= 2

    with running(create_app(path, CONTAINER)):
        until(all_came)
    assert sorted(each["TopicArn"] for each in came) == sorted(new.values())
    assert not any("requestParameters" in json.loads(each["Message"]) for each in came)
    finish_inference.handler({"Records": [{"Sns": each} for each in came]}, cast(LambdaContext, None))


def test_what_was_accepted_survives_the_host_and_ends_after_the_next_start(
    put: Callable[[str, bytes], str], topics: Topics, config: dict[str, Any], tmp_path: Path, photo: bytes
) -> None:
    put("inference/spooled.json", a_stage_request(put("room.jpg", photo)))
    config_file = tmp_path / "endpoint-host.json"
    config_file.write_text(json.dumps({**config, "cloud_endpoint": None}))
    with running(create_app(config_file, CONTAINER)) as client:
        assert client.get("/health").json()["status"] == "starting"
        with pytest.raises(ClientError) as caught:
            runtime_of(client).invoke_endpoint(EndpointName=QC, Body=b"{}")
        assert caught.value.response["Error"]["Code"] == "ModelNotReadyException"
        invoke_async(runtime_of(client), "spooled-1", "inference/spooled.json")
        assert client.get("/health").json()["running"] == 1
    assert len(list((tmp_path / "endpoint-spool").iterdir())) == 1
    with running(create_app(config_file, CONTAINER)):
        config_file.write_text(json.dumps(config))
        assert topics.receive("spooled-1")["invocationStatus"] == "Completed"
        until(lambda: not list((tmp_path / "endpoint-spool").iterdir()))


def test_a_request_that_waited_past_its_time_to_live_fails(
    topics: Topics, config: dict[str, Any], tmp_path: Path
) -> None:
    config_file = tmp_path / "endpoint-host.json"
    config_file.write_text(json.dumps(config))
    Spool(tmp_path / "endpoint-spool").add(an_invocation("expired-1", datetime.now(UTC) - timedelta(seconds=61)))
    with running(create_app(config_file, CONTAINER)):
        message = topics.receive("expired-1")
    assert message["invocationStatus"] == "Failed"
    assert "expired" in message["failureReason"]


def test_a_full_queue_turns_requests_away(
    config: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "QUEUE_LIMIT", 1)
    config_file = tmp_path / "endpoint-host.json"
    config_file.write_text(json.dumps({**config, "cloud_endpoint": None}))
    with running(create_app(config_file, CONTAINER)) as client:
        runtime = runtime_of(client)
        invoke_async(runtime, "one")
        until(lambda: client.get("/health").json()["running"] == 1)
        invoke_async(runtime, "two")
        with pytest.raises(ClientError) as caught:
            invoke_async(runtime, "three")
    assert caught.value.response["Error"]["Code"] == "ServiceUnavailable"
    assert len(list((tmp_path / "endpoint-spool").iterdir())) == 2
