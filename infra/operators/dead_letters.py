"""Messages that could not be handled: whose they are, what went wrong, and how each is sent again.

AWS's own redrive sends a message back to the queue that it came from. Ours come from EventBridge, Lambda, SNS and table
streams, none of which is a queue, so each is given once more to the function or state machine that it was meant for.
All of those are idempotent.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from infra.operators.environment import prefix_of, stacks_of

Json = dict[str, Any]
_HASH = re.compile(r"[0-9A-F]{8}$")


class CannotResend(Exception):
    """Its text says why, and is safe to show."""


@dataclass(frozen=True)
class Queue:
    """A dead-letter queue under the name that operators type: `STACK/LOGICAL_ID`, without the CDK's hash."""

    name: str
    url: str
    messages: int


@dataclass(frozen=True)
class Letter:
    """A message, as its queue holds it: `source` is who put it there, `target` whom it was meant for."""

    id: str
    receipt: str
    sent_at: datetime
    source: str
    target: str
    error: str
    body: Json


def queues(cloud: Any, environment: str) -> Iterator[Queue]:
    """The dead-letter queues of an environment's stacks. `cloud` is a boto3 session or its like."""
    formation, sqs = cloud.client("cloudformation"), cloud.client("sqs")
    for stack in stacks_of(formation, environment):
        for page in formation.get_paginator("list_stack_resources").paginate(StackName=stack):
            for resource in page["StackResourceSummaries"]:
                if resource["ResourceType"] == "AWS::SQS::Queue":
                    yield _queue(sqs, stack.removeprefix(prefix_of(environment)), resource)


def _queue(sqs: Any, stack: str, resource: Json) -> Queue:
    url = resource["PhysicalResourceId"]
    name = "ApproximateNumberOfMessages"
    count = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"][name]
    return Queue(f"{stack}/{_HASH.sub('', resource['LogicalResourceId'])}", url, int(count))


def letters(sqs: Any, queue: Queue, *, hidden_s: int) -> Iterator[Letter]:
    """The messages of a queue; each is hidden from other readers for `hidden_s` seconds, so none is met twice."""
    ask = partial(
        sqs.receive_message,
        QueueUrl=queue.url,
        MaxNumberOfMessages=10,
        VisibilityTimeout=hidden_s,
        AttributeNames=["SentTimestamp"],
        MessageAttributeNames=["All"],
    )
    while found := ask().get("Messages"):
        yield from map(letter_of, found)


def letter_of(message: Mapping[str, Any]) -> Letter:
    """A message of SQS, told apart by its shape: each sender documents its own."""
    body = json.loads(message["Body"])
    attributes = {name: each["StringValue"] for name, each in message.get("MessageAttributes", {}).items()}
    source, target, error = _origin(body, attributes)
    sent = int(message.get("Attributes", {}).get("SentTimestamp", 0)) / 1000
    return Letter(
        message["MessageId"], message["ReceiptHandle"], datetime.fromtimestamp(sent, UTC), source, target, error, body
    )


def _origin(body: Json, attributes: Mapping[str, str]) -> tuple[str, str, str]:
    if "DDBStreamBatchInfo" in body:
        return "stream", body["requestContext"]["functionArn"], body["requestContext"]["condition"]
    if "requestPayload" in body:
        return "function", body["requestContext"]["functionArn"], _failure(body)
    if body.get("Type") == "Notification":
        return "topic", body["TopicArn"], attributes.get("ErrorMessage", "")
    return (
        "rule",
        attributes.get("TARGET_ARN", ""),
        f"{attributes.get('ERROR_CODE', '')} {attributes.get('ERROR_MESSAGE', '')}",
    )


def _failure(body: Json) -> str:
    answer = body.get("responsePayload") or {}
    kind = answer.get("errorType", "") if isinstance(answer, dict) else ""
    return f"{body['requestContext']['condition']} {kind}".strip()


def resend(cloud: Any, letter: Letter) -> None:
    """Give the message to its target once more. Idempotency key: that of the target. Raises `CannotResend`."""
    if letter.source == "stream":
        _replay(cloud, letter)
    elif letter.source == "function":
        _invoke(cloud, letter.target, letter.body["requestPayload"])
    elif letter.source == "topic":
        for function in _subscribers(cloud, letter.target):
            _invoke(cloud, function, {"Records": [{"EventSource": "aws:sns", "Sns": letter.body}]})
    elif ":stateMachine:" in letter.target:
        cloud.client("stepfunctions").start_execution(stateMachineArn=letter.target, input=json.dumps(letter.body))
    elif ":function:" in letter.target:
        _invoke(cloud, letter.target, letter.body)
    else:
        raise CannotResend("It does not say whom it was meant for.")


def _invoke(cloud: Any, function: str, event: Json) -> None:
    cloud.client("lambda").invoke(FunctionName=function, InvocationType="Event", Payload=json.dumps(event))


def _subscribers(cloud: Any, topic: str) -> list[str]:
    pages = cloud.client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
    found = [each["Endpoint"] for page in pages for each in page["Subscriptions"] if each["Protocol"] == "lambda"]
    if not found:
        raise CannotResend("No function listens to its topic any more.")
    return found


def _replay(cloud: Any, letter: Letter) -> None:
    """Read the records again that the message points to, and give them to the function as the stream does."""
    event = {"Records": _records(cloud.client("dynamodbstreams"), letter.body["DDBStreamBatchInfo"])}
    answer = cloud.client("lambda").invoke(FunctionName=letter.target, Payload=json.dumps(event, default=_seconds))
    outcome = json.loads(answer["Payload"].read() or b"{}") or {}
    if "FunctionError" in answer or outcome.get("batchItemFailures"):
        raise CannotResend("The function failed on it again; its log says why.")


def _records(streams: Any, batch: Json) -> list[Json]:
    gone = "The stream has forgotten its records, after 24 hours. The sweep has made up for them; drop it."
    last = batch["endSequenceNumber"]
    found: list[Json] = []
    place = {"StreamArn": batch["streamArn"], "ShardId": batch["shardId"]}
    try:
        start = streams.get_shard_iterator(
            **place, ShardIteratorType="AT_SEQUENCE_NUMBER", SequenceNumber=batch["startSequenceNumber"]
        )["ShardIterator"]
    except (streams.exceptions.TrimmedDataAccessException, streams.exceptions.ResourceNotFoundException):
        raise CannotResend(gone) from None
    while start and len(found) < batch["batchSize"]:
        page = streams.get_records(ShardIterator=start, Limit=batch["batchSize"])
        found += [each for each in page["Records"] if int(each["dynamodb"]["SequenceNumber"]) <= int(last)]
        start = page.get("NextShardIterator") if page["Records"] else None
    if not found:
        raise CannotResend(gone)
    return [{**each, "eventSourceARN": batch["streamArn"]} for each in found]


def _seconds(moment: object) -> float:
    if not isinstance(moment, datetime):
        raise TypeError(f"{type(moment)} is no JSON")
    return moment.timestamp()
