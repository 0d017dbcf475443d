import base64
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from functions.inference.warming import drawn_room
from infra.local.endpoint import delivery
from infra.local.endpoint.host import create_app
from infra.local.endpoint.spool import Invocation, Spool
from tests.functions.inference.conftest import AWS, BUCKET
from tests.functions.inference.running import running, until
from vitrine.contracts.inference import StageResult

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient

CONTAINER = (
    sys.executable,
    "-m",
    "tests.functions.inference.container",
    "serve",
    "--host",
    "127.0.0.1",
    "--stop-with-stdin",
)
STAGING = "vitrine-test-staging"
QC = "vitrine-test-qc"
ONE_TRY = Config(retries={"total_max_attempts": 1})


@dataclass(frozen=True)
class Topics:
    """Success and error topics, and the queue that both feed."""

    success: str
    error: str
    queue: str

    def receive(self, inference_id: str, seconds: float = 30.0) -> dict[str, Any]:
        """The one message about `inference_id`."""
        sqs = boto3.client("sqs")
        found: list[dict[str, Any]] = []

        def look() -> bool:
            for envelope in sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages", []):
                outer = json.loads(envelope["Body"])
                inner = json.loads(outer["Message"])
                sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=envelope["ReceiptHandle"])
                if inner["inferenceId"] == inference_id:
                    found.append({"topic": outer["TopicArn"], **inner})
            return bool(found)

        until(look, seconds)
        assert len(found) == 1
        return found[0]


@pytest.fixture(scope="module")
def environment(cloud: str) -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**AWS, "AWS_ENDPOINT_URL": cloud}.items():
            patch.setenv(name, value)
        yield patch


@pytest.fixture(scope="module")
def s3(environment: None) -> "S3Client":
    client = boto3.client("s3")
    client.create_bucket(Bucket=BUCKET)
    return client


@pytest.fixture(scope="module")
def put(s3: "S3Client") -> Callable[[str, bytes], str]:
    def put_object(key: str, body: bytes) -> str:
        s3.put_object(Bucket=BUCKET, Key=key, Body=body)
        return key

    return put_object


@pytest.fixture(scope="module")
def topics(environment: None) -> Topics:
    sns, sqs = boto3.client("sns"), boto3.client("sqs")
    queue = sqs.create_queue(QueueName="outcomes")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    success, error = (sns.create_topic(Name=name)["TopicArn"] for name in ("success", "error"))
    for topic in (success, error):
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return Topics(success, error, queue)


@pytest.fixture(scope="module")
def config(cloud: str, topics: Topics) -> dict[str, Any]:
    return {
        "cloud_endpoint": cloud,
        "staging_endpoint_name": STAGING,
        "qc_endpoint_name": QC,
        "output_uri": f"s3://{BUCKET}/inference/output/",
        "failure_uri": f"s3://{BUCKET}/inference/failed",
        "success_topic": topics.success,
        "error_topic": topics.error,
    }


@pytest.fixture(scope="module")
def config_file(config: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("host") / "endpoint-host.json"
    path.write_text(json.dumps(config))
    return path


@pytest.fixture(scope="module")
def host(config_file: Path) -> Iterator[httpx.Client]:
    with running(create_app(config_file, CONTAINER)) as client:
        until(lambda: client.get("/health").json()["status"] == "ready")
        yield client


def runtime_of(host: httpx.Client) -> "SageMakerRuntimeClient":
    return boto3.client("sagemaker-runtime", endpoint_url=str(host.base_url), config=ONE_TRY)


@pytest.fixture(scope="module")
def runtime(host: httpx.Client) -> "SageMakerRuntimeClient":
    return runtime_of(host)


def at(key: str) -> dict[str, str]:
    return {"bucket": BUCKET, "key": key}


def a_stage_request(photo_key: str, **changes: Any) -> bytes:
    request = {
        "task": "stage",
        "job_id": "job-1",
        "attempt": 1,
        "photo": at(photo_key),
        "output": at("staged/job-1/"),
        "deadline": (datetime.now(UTC) + timedelta(seconds=60)).isoformat(),
    }
    return json.dumps({**request, **changes}).encode()


def a_qc_request(photo_key: str, picture_key: str) -> bytes:
    deadline = (datetime.now(UTC) + timedelta(seconds=60)).isoformat()
    request = {"task": "qc", "job_id": "j", "photo": at(photo_key), "picture": at(picture_key), "deadline": deadline}
    return json.dumps(request).encode()


def invoke_async(
    runtime: "SageMakerRuntimeClient", inference_id: str, input_key: str = "inference/input.json", **more: Any
) -> dict[str, Any]:
    return dict(
        runtime.invoke_endpoint_async(
            EndpointName=STAGING,
            InputLocation=f"s3://{BUCKET}/{input_key}",
            InferenceId=inference_id,
            ContentType="application/json",
            Accept="application/json",
            **more,
        )
    )


def test_a_synchronous_invocation_answers_what_the_container_answers(
    runtime: "SageMakerRuntimeClient", put: Callable[[str, bytes], str]
) -> None:
    body = a_qc_request(put("a", b"1"), put("b", b"2"))
    answer = runtime.invoke_endpoint(EndpointName=QC, Body=body, ContentType="application/json")
    assert answer["ContentType"] == "application/json"
    assert answer["InvokedProductionVariant"] == "AllTraffic"
    assert json.loads(answer["Body"].read())["scores"]["quality"] == 0.75


def test_an_error_of_the_container_is_a_model_error_with_its_status_and_body(runtime: "SageMakerRuntimeClient") -> None:
    with pytest.raises(runtime.exceptions.ModelError) as caught:
        runtime.invoke_endpoint(EndpointName=QC, Body=b"{}", ContentType="application/json")
    response: Any = caught.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 424
    assert response["OriginalStatusCode"] == 400
    assert json.loads(response["OriginalMessage"])["code"] == "invalid_request"


def test_the_control_plane_tells_the_status_of_a_known_endpoint_and_of_no_other(host: httpx.Client) -> None:
    client: Any = boto3.client  # the stubs for sagemaker are not installed
    sagemaker = client("sagemaker", endpoint_url=str(host.base_url), config=ONE_TRY)
    until(lambda: sagemaker.describe_endpoint(EndpointName=STAGING)["EndpointStatus"] == "InService", 60.0)
    with pytest.raises(ClientError) as refused:
        sagemaker.describe_endpoint(EndpointName="nobody")
    assert refused.value.response["Error"]["Code"] == "ValidationException"


@pytest.mark.parametrize("name", ["invoke_endpoint", "invoke_endpoint_async"])
def test_an_unknown_endpoint_is_a_validation_error(runtime: "SageMakerRuntimeClient", name: str) -> None:
    more = {"Body": b"{}"} if name == "invoke_endpoint" else {"InputLocation": f"s3://{BUCKET}/x"}
    with pytest.raises(ClientError) as caught:
        getattr(runtime, name)(EndpointName="nobody", **more)
    assert caught.value.response["Error"]["Code"] == "ValidationError"
    assert "nobody" in caught.value.response["Error"]["Message"]


def test_an_asynchronous_invocation_ends_in_an_output_object_and_sagemakers_message(
    runtime: "SageMakerRuntimeClient",
    put: Callable[[str, bytes], str],
    s3: "S3Client",
    topics: Topics,
    photo: bytes,
) -> None:
    put("inference/input.json", a_stage_request(put("room.jpg", photo)))
    answer = invoke_async(runtime, "stage-1", CustomAttributes="trace=1")
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert answer["InferenceId"] == "stage-1"
    assert answer["OutputLocation"].startswith(f"s3://{BUCKET}/inference/output/")
    assert answer["FailureLocation"].startswith(f"s3://{BUCKET}/inference/failed/")
    message = topics.receive("stage-1")
    times = [datetime.fromisoformat(message.pop(name)) for name in ("receivedTime", "eventTime")]
    assert times == sorted(times)
    assert message == {
        "topic": topics.success,
        "awsRegion": "us-east-1",
        "invocationStatus": "Completed",
        "requestParameters": {
            "accept": "application/json",
            "contentType": "application/json",
            "customAttributes": "trace=1",
            "endpointName": STAGING,
            "inputLocation": f"s3://{BUCKET}/inference/input.json",
        },
        "responseParameters": {"contentType": "application/json", "outputLocation": answer["OutputLocation"]},
        "inferenceId": "stage-1",
        "eventVersion": "1.0",
        "eventSource": "aws:sagemaker",
        "eventName": "InferenceResult",
    }
    key = answer["OutputLocation"].removeprefix(f"s3://{BUCKET}/")
    result = StageResult.model_validate_json(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())
    assert result.picture is not None
    assert s3.head_object(Bucket=BUCKET, Key=result.picture.key)["ContentLength"] > 0


def test_a_failed_invocation_ends_in_a_failure_object_and_a_message_on_the_error_topic(
    runtime: "SageMakerRuntimeClient", put: Callable[[str, bytes], str], s3: "S3Client", topics: Topics
) -> None:
    put("inference/input.json", a_stage_request(put("bad", b"fail:")))
    answer = invoke_async(runtime, "stage-2")
    message = topics.receive("stage-2")
    assert (message["topic"], message["invocationStatus"]) == (topics.error, "Failed")
    assert message["failureReason"].startswith("ClientError: Received server error (500) from model.")
    assert "responseParameters" not in message
    key = answer["FailureLocation"].removeprefix(f"s3://{BUCKET}/")
    assert json.loads(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())["code"] == "engine_failed"


def test_a_refusal_is_a_completed_invocation(
    runtime: "SageMakerRuntimeClient", put: Callable[[str, bytes], str], topics: Topics
) -> None:
    put("inference/input.json", a_stage_request(put("dark", b"dark:")))
    invoke_async(runtime, "stage-3")
    assert topics.receive("stage-3")["invocationStatus"] == "Completed"


def test_an_input_that_is_not_there_fails_the_invocation(runtime: "SageMakerRuntimeClient", topics: Topics) -> None:
    invoke_async(runtime, "stage-4", "nowhere.json")
    assert topics.receive("stage-4")["invocationStatus"] == "Failed"


def test_a_container_that_does_not_answer_in_time_fails_the_invocation(
    runtime: "SageMakerRuntimeClient", put: Callable[[str, bytes], str], topics: Topics, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    put("inference/input.json", a_stage_request(put("wait", b"wait:" + str(go).encode())))
    invoke_async(runtime, "stage-5", InvocationTimeoutSeconds=1)
    message = topics.receive("stage-5")
    go.touch()
    assert message["invocationStatus"] == "Failed"
    assert "timed out" in message["failureReason"]


def test_a_container_that_dies_fails_its_invocation_and_the_next_one_is_served(
    runtime: "SageMakerRuntimeClient", put: Callable[[str, bytes], str], topics: Topics, photo: bytes
) -> None:
    put("inference/input.json", a_stage_request(put("deadly", b"die::")))
    invoke_async(runtime, "stage-6")
    assert topics.receive("stage-6")["invocationStatus"] == "Failed"
    put("inference/input.json", a_stage_request(put("room.jpg", photo)))
    invoke_async(runtime, "stage-7")
    assert topics.receive("stage-7")["invocationStatus"] == "Completed"


def test_the_response_is_included_in_messages_where_the_configuration_asks_for_it(
    runtime: "SageMakerRuntimeClient",
    put: Callable[[str, bytes], str],
    topics: Topics,
    config: dict[str, Any],
    config_file: Path,
) -> None:
    config_file.write_text(json.dumps({**config, "include_response_in": ["ERROR_NOTIFICATION_TOPIC"]}))
    put("inference/input.json", b"{}")
    invoke_async(runtime, "stage-8")
    body = topics.receive("stage-8")["responseBody"]
    config_file.write_text(json.dumps(config))
    assert body["encoding"] == "BASE64"
    assert json.loads(base64.b64decode(body["content"]))["code"] == "invalid_request"


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("InputLocation", "https://elsewhere/x"),
        ("InputLocation", f"s3://{BUCKET}"),
        ("Inference-Id", "x" * 65),
        ("RequestTTLSeconds", "59"),
        ("RequestTTLSeconds", "soon"),
        ("InvocationTimeoutSeconds", "3601"),
    ],
)
def test_parameters_outside_the_apis_model_are_validation_errors(host: httpx.Client, header: str, value: str) -> None:
    headers = {"X-Amzn-SageMaker-InputLocation": f"s3://{BUCKET}/x", f"X-Amzn-SageMaker-{header}": value}
    answer = host.post(f"/endpoints/{STAGING}/async-invocations", headers=headers)
    assert (answer.status_code, answer.headers["x-amzn-errortype"]) == (400, "ValidationError")


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


def an_invocation(inference_id: str, received_at: datetime) -> Invocation:
    return Invocation(
        id=inference_id,
        inference_id=inference_id,
        endpoint_name=STAGING,
        input_location=f"s3://{BUCKET}/x",
        output_location=f"s3://{BUCKET}/y",
        failure_location=None,
        content_type=None,
        accept=None,
        custom_attributes=None,
        received_at=received_at,
        ttl_s=60,
        timeout_s=60,
    )


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


def test_without_topics_and_outputs_an_endpoint_is_not_asynchronous(config: dict[str, Any], tmp_path: Path) -> None:
    config_file = tmp_path / "endpoint-host.json"
    config_file.write_text(json.dumps({"staging_endpoint_name": STAGING}))
    with running(create_app(config_file, CONTAINER)) as client, pytest.raises(ClientError) as caught:
        invoke_async(runtime_of(client), "one")
    assert caught.value.response["Error"]["Code"] == "ValidationError"


@pytest.mark.engine
def test_the_production_container_stages_a_drawn_room_through_the_host(
    put: Callable[[str, bytes], str], s3: "S3Client", topics: Topics, config: dict[str, Any], tmp_path: Path
) -> None:
    put("inference/drawn.json", a_stage_request(put("drawn.jpg", drawn_room()), quality="preview", output=at("drawn/")))
    config_file = tmp_path / "endpoint-host.json"
    config_file.write_text(json.dumps(config))
    with running(create_app(config_file)) as client:
        answer = invoke_async(runtime_of(client), "drawn-1", "inference/drawn.json")
        message = topics.receive("drawn-1", seconds=90)
    assert message["invocationStatus"] == "Completed"
    key = answer["OutputLocation"].removeprefix(f"s3://{BUCKET}/")
    result = StageResult.model_validate_json(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())
    assert result.refusal is None
    assert result.scores is not None
    assert result.scores.parts["outside_mask_changed"] == 0
    assert result.scores.integrity > 0.9
    assert (result.width, result.height) == (800, 600)


def test_a_container_does_not_outlive_a_killed_host(cloud: str, config_file: Path, tmp_path: Path) -> None:
    script = (
        "import sys, uvicorn, pathlib; from infra.local.endpoint.host import create_app; "
        "uvicorn.run(create_app(pathlib.Path(sys.argv[1]), sys.argv[2:]), port=0)"
    )
    pid_file = tmp_path / "pid"
    container = ("sh", "-c", f'echo $$ > {pid_file}; exec "$@"', "sh", *CONTAINER)
    environment = {**os.environ, **AWS}
    own_config = tmp_path / "endpoint-host.json"
    own_config.write_text(config_file.read_text())
    process = subprocess.Popen([sys.executable, "-c", script, str(own_config), *container], env=environment)
    try:
        until(lambda: pid_file.exists() and pid_file.read_text().strip() != "")
        pid = int(pid_file.read_text())
        until(lambda: _name(pid).startswith("python"))
        assert _name(pid) != ""
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    until(lambda: _name(pid) == "", 15)


def _name(pid: int) -> str:
    """The process's name; empty when it has ended."""
    listed = subprocess.run(["ps", "-o", "stat=,comm=", "-p", str(pid)], capture_output=True, text=True, check=False)
    state, _, name = listed.stdout.strip().partition(" ")
    return "" if state.startswith("Z") else name.strip()
