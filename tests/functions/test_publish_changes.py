"""The tables' streams, and what of them is heard on the bus."""

import json
from typing import Any

import boto3
import pytest

from functions.reactions import publish_changes
from tests.support.builders import any_call
from tests.support.requests import CONTEXT
from tests.support.work_events import an_asset, inspected, queued, stream_records
from vitrine.kernel import bus
from vitrine.staging import service as staging


def heard() -> Any:
    """A queue that hears everything on the bus."""
    queue = boto3.client("sqs").create_queue(QueueName="heard")["QueueUrl"]
    events = boto3.client("events")
    events.put_rule(Name="all", EventBusName="status", EventPattern='{"source": [{"prefix": "vitrine."}]}')
    arn = "arn:aws:sqs:us-east-1:123456789012:heard"
    events.put_targets(Rule="all", EventBusName="status", Targets=[{"Id": "q", "Arn": arn}])
    return lambda: [
        json.loads(message["Body"])
        for message in boto3.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
    ]


@pytest.mark.parametrize(
    ("table", "name"), [("jobs", "JobQueued"), ("assets", "UploadInspected"), ("staging", "ProjectDeleted")]
)
def test_what_is_in_a_stream_is_heard_on_the_bus(table: str, name: str) -> None:
    listen = heard()
    asset = an_asset("ten_a")
    queued(asset)
    inspected(asset)
    call = any_call(asset.tenant)
    staging.delete_project(call, staging.create_project(call, "Elm Street 4", None).id)
    assert publish_changes.handler(stream_records(table), CONTEXT) == {"batchItemFailures": []}
    assert [message["detail-type"] for message in listen()] == [name]


def test_the_stream_comes_back_from_the_first_event_that_was_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    asset = an_asset("ten_a")
    for _ in range(3):
        queued(asset)
    records = stream_records("jobs")
    monkeypatch.setattr(bus, "send", lambda _: [1, 2])
    answer = publish_changes.handler(records, CONTEXT)
    second = records["Records"][1]["dynamodb"]["SequenceNumber"]
    assert answer == {"batchItemFailures": [{"itemIdentifier": second}]}
