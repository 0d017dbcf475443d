"""`vitrine dlq` on moto. That a function gets its message again is shown on the emulator (`journeys`)."""

import json
import os
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest

from infra import cli
from infra.operators.dead_letters import letter_of
from tests.support.cloud import ACCOUNT, aws, client
from tests.unit.operators.cloud import PROD, deploy

MACHINE = f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:vitrine-prod-ingest"
FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:vitrine-prod-reactions-start-work:live"
QUEUE = "pipeline/IngestDead"
LOGICAL_ID = "IngestDead0A1B2C3D"


@pytest.fixture(autouse=True)
def _cloud() -> Iterator[None]:
    with patch.dict(os.environ), aws():
        deploy(queues=(LOGICAL_ID, "OtherDead99999999"))
        yield


def url() -> str:
    found = client("cloudformation").describe_stack_resource(
        StackName="vitrine-prod-pipeline", LogicalResourceId=LOGICAL_ID
    )
    return str(found["StackResourceDetail"]["PhysicalResourceId"])


def put(body: dict[str, Any], **attributes: str) -> str:
    said = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
    sent = client("sqs").send_message(QueueUrl=url(), MessageBody=json.dumps(body), MessageAttributes=said)
    return str(sent["MessageId"])


def left() -> int:
    """Messages of the queue, those hidden by a look included."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = client("sqs").get_queue_attributes(QueueUrl=url(), AttributeNames=names)["Attributes"]
    return sum(int(found[name]) for name in names)


def run(capsys: pytest.CaptureFixture[str], *command: str) -> tuple[int, str]:
    code = cli.main(["dlq", *command, *PROD])
    said = capsys.readouterr()
    return code, said.out + said.err


def machine() -> None:
    definition = json.dumps({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}})
    client("stepfunctions").create_state_machine(
        name="vitrine-prod-ingest", definition=definition, roleArn=f"arn:aws:iam::{ACCOUNT}:role/any"
    )


def test_queues_are_listed_by_stack_and_name_the_fullest_first(capsys: pytest.CaptureFixture[str]) -> None:
    put({"detail": {}}, TARGET_ARN=MACHINE)
    code, said = run(capsys, "list")
    assert (code, [line.split() for line in said.splitlines()]) == (0, [["1", QUEUE], ["0", "pipeline/OtherDead"]])


def test_a_message_says_whose_it_is_and_what_went_wrong_and_its_body_only_when_asked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    message = put(
        {"detail": {"key": "a-photo"}}, TARGET_ARN=MACHINE, ERROR_CODE="THROTTLING", ERROR_MESSAGE="Slow down"
    )
    code, said = run(capsys, "show", QUEUE)
    assert code == 0
    assert message in said and MACHINE in said and "THROTTLING Slow down" in said
    assert "a-photo" not in said


def test_a_rules_message_starts_the_machine_that_it_was_meant_for_and_leaves_the_queue(
    capsys: pytest.CaptureFixture[str],
) -> None:
    machine()
    put({"detail": {"key": "a-photo"}}, TARGET_ARN=MACHINE)
    code, said = run(capsys, "redrive", QUEUE)
    assert (code, said.strip(), left()) == (0, "1 sent again, 0 stay", 0)
    (execution,) = client("stepfunctions").list_executions(stateMachineArn=MACHINE)["executions"]
    given = client("stepfunctions").describe_execution(executionArn=execution["executionArn"])["input"]
    assert json.loads(given) == {"detail": {"key": "a-photo"}}


def test_what_cannot_be_sent_again_stays_and_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    put({"detail": {}})
    code, said = run(capsys, "redrive", QUEUE)
    assert (code, left()) == (1, 1)
    assert "does not say whom it was meant for" in said and "0 sent again, 1 stay" in said


def test_one_message_is_dropped_or_all_but_never_without_saying_which(capsys: pytest.CaptureFixture[str]) -> None:
    first, _ = put({"detail": {}}), put({"detail": {}})
    code, said = run(capsys, "drop", QUEUE)
    assert code == 1 and "Say which message" in said
    code, said = run(capsys, "drop", QUEUE, "--message", first)
    assert (code, said.strip(), left()) == (0, "1 dropped, 0 stay", 1)


def test_a_queue_or_a_message_that_is_not_there_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert "There is no queue" in run(capsys, "show", "pipeline/Nobody")[1]
    assert "shows no message" in run(capsys, "drop", QUEUE, "--message", "nobody")[1]


CONTEXT = {"requestId": "r", "functionArn": FUNCTION, "condition": "RetriesExhausted", "approximateInvokeCount": 3}


@pytest.mark.parametrize(
    ("body", "attributes", "source", "target", "error"),
    [
        (
            {
                "version": "1.0",
                "requestContext": CONTEXT,
                "requestPayload": {},
                "responsePayload": {"errorType": "Oops"},
            },
            {},
            "function",
            FUNCTION,
            "RetriesExhausted Oops",
        ),
        (
            {"version": "1.0", "requestContext": CONTEXT, "DDBStreamBatchInfo": {"shardId": "s"}},
            {},
            "stream",
            FUNCTION,
            "RetriesExhausted",
        ),
        ({"Type": "Notification", "TopicArn": "arn:topic", "Message": "{}"}, {}, "topic", "arn:topic", ""),
        (
            {"source": "aws.s3"},
            {"TARGET_ARN": MACHINE, "ERROR_CODE": "NO_PERMISSIONS"},
            "rule",
            MACHINE,
            "NO_PERMISSIONS ",
        ),
    ],
)
def test_messages_are_told_apart_by_the_shape_that_their_sender_documents(
    body: dict[str, Any], attributes: dict[str, str], source: str, target: str, error: str
) -> None:
    letter = letter_of(
        {
            "MessageId": "m",
            "ReceiptHandle": "h",
            "Body": json.dumps(body),
            "MessageAttributes": {name: {"StringValue": value} for name, value in attributes.items()},
        }
    )
    assert (letter.source, letter.target, letter.error) == (source, target, error)
