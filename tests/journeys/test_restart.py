"""What the emulator must still do after `down` and `up`, and that its workers share layers.

Small things of its own, so that it disturbs no deployment.
"""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from infra.local import emulator, ports, processes
from infra.local.workspace import Workspace
from tests.support.crowd import at_once
from tests.support.patience import until

TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
MAY = {"Effect": "Allow", "Action": ["dynamodb:*", "logs:*"], "Resource": "*"}
HANDLER = """
def handler(event, context):
    for record in event["Records"]:
        print("SAW " + record["dynamodb"]["Keys"]["pk"]["S"])
"""


USES_ITS_LAYER = """
import pathlib, time, numbers_of_layer

def handler(event, context):
    time.sleep(1)
    return str(pathlib.Path(numbers_of_layer.__file__))
"""


class Cloud:
    """An emulator with one table whose stream one function reads."""

    def __init__(self, folder: Path) -> None:
        self.workspace = Workspace(root=folder)
        self.port = ports.any_free()
        self.workspace.prepare()

    def start(self) -> None:
        emulator.start(self.workspace, self.port)
        emulator.wait(self.workspace, self.port)

    def aws(self, service: str) -> Any:
        return emulator.client(service, self.port)

    def put(self, key: str) -> None:
        self.aws("dynamodb").put_item(TableName="things", Item={"pk": {"S": key}})

    def seen(self) -> set[str]:
        logs = self.aws("logs")
        try:
            events = logs.filter_log_events(logGroupName="/aws/lambda/reader")["events"]
        except logs.exceptions.ResourceNotFoundException:
            return set()
        return {event["message"].split()[1] for event in events if event["message"].startswith("SAW ")}

    def fill(self) -> None:
        iam, functions = self.aws("iam"), self.aws("lambda")
        role = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=_policy(TRUST))["Role"]["Arn"]
        iam.put_role_policy(RoleName="reader", PolicyName="may", PolicyDocument=_policy(MAY))
        table = self.aws("dynamodb").create_table(
            TableName="things",
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        )["TableDescription"]
        functions.create_function(
            FunctionName="reader",
            Runtime="python3.13",
            Role=role,
            Handler="reader.handler",
            Code={"ZipFile": _zip("reader.py", HANDLER)},
        )
        functions.create_event_source_mapping(
            FunctionName="reader", EventSourceArn=table["LatestStreamArn"], StartingPosition="TRIM_HORIZON"
        )


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    made = Cloud(tmp_path / "state")
    made.start()
    yield made
    emulator.stop(made.workspace)


def test_data_and_the_reading_of_streams_go_on_after_a_restart(cloud: Cloud) -> None:
    cloud.fill()
    for number in range(5):
        cloud.put(f"before-{number}")
    until(lambda: len(cloud.seen()) == 5)

    emulator.stop(cloud.workspace)
    cloud.start()
    cloud.put("after")

    until(lambda: "after" in cloud.seen())
    assert cloud.aws("dynamodb").scan(TableName="things")["Count"] == 6


def test_what_a_killed_emulator_leaves_does_not_stop_the_next_one(cloud: Cloud) -> None:
    cloud.aws("s3").create_bucket(Bucket="left-behind")
    processes.stop(cloud.workspace, emulator.NAME, grace_s=0)

    cloud.start()

    assert emulator.is_ready(cloud.port)


def test_workers_import_from_one_unpacked_layer(cloud: Cloud) -> None:
    functions = cloud.aws("lambda")
    role = cloud.aws("iam").create_role(RoleName="user", AssumeRolePolicyDocument=_policy(TRUST))["Role"]["Arn"]
    layer = functions.publish_layer_version(
        LayerName="numbers", Content={"ZipFile": _zip("python/numbers_of_layer.py", "ONE = 1")}
    )
    functions.create_function(
        FunctionName="user",
        Runtime="python3.13",
        Role=role,
        Handler="user.handler",
        Layers=[layer["LayerVersionArn"]],
        Code={"ZipFile": _zip("user.py", USES_ITS_LAYER)},
    )

    answers = at_once(lambda _: json.load(functions.invoke(FunctionName="user")["Payload"]), 3)

    assert len(set(answers)) == 1
    assert Path(answers[0]).is_relative_to(cloud.workspace.layers)
    assert len(list(cloud.workspace.layers.iterdir())) == 1
    assert list(cloud.workspace.scratch.glob("*user*/layer_*")) == []
    assert len(list(cloud.workspace.scratch.glob("*user*"))) > 1


def _policy(statement: Mapping[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _zip(name: str, text: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, text)
    return packed.getvalue()
