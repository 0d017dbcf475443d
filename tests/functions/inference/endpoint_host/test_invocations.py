"""InvokeEndpoint and InvokeEndpointAsync, as SageMaker Runtime answers them."""

import base64
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import httpx
import pytest
from botocore.exceptions import ClientError

from infra.local.endpoint.host import create_app
from tests.functions.inference.conftest import BUCKET
from tests.functions.inference.endpoint_host.calls import (
    CONTAINER,
    ONE_TRY,
    QC,
    STAGING,
    Topics,
    a_qc_request,
    a_stage_request,
    a_vehicle_request,
    invoke_async,
    runtime_of,
)
from tests.functions.inference.running import running
from tests.support.patience import until
from vitrine.contracts.inference import StageResult, VehicleResult

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient


def test_a_synchronous_invocation_answers_what_the_container_answers(
    runtime: "SageMakerRuntimeClient", put: Callable[[str, bytes], str]
) -> None:
    body = a_qc_request(put("a", b"1"), put("b", b"2"))
    answer = runtime.invoke_endpoint(EndpointName=QC, Body=body, ContentType="application/json")
    assert answer["ContentType"] == "application/json"
    assert answer["InvokedProductionVariant"] == "AllTraffic"
    assert json.loads(answer["Body"].read())["scores"]["quality"] == 0.75


def test_frames_are_looked_at_while_a_staging_is_at_work(
    runtime: "SageMakerRuntimeClient", put: Callable[[str, bytes], str], topics: Topics, tmp_path: Path
) -> None:
    signal = tmp_path / "go"
    put("inference/input.json", a_stage_request(put("slow", b"wait:" + str(signal).encode())))
    invoke_async(runtime, "staging-at-work")
    answer = runtime.invoke_endpoint(
        EndpointName=QC, Body=a_vehicle_request(put("frame.jpg", b"a frame")), ContentType="application/json"
    )
    assert VehicleResult.model_validate_json(answer["Body"].read()).frames[0].problem is None
    signal.touch()
    assert topics.receive("staging-at-work")["invocationStatus"] == "Completed"


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
    until(lambda: sagemaker.describe_endpoint(EndpointName=STAGING)["EndpointStatus"] == "InService")
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


def test_without_topics_and_outputs_an_endpoint_is_not_asynchronous(config: dict[str, Any], tmp_path: Path) -> None:
    config_file = tmp_path / "endpoint-host.json"
    config_file.write_text(json.dumps({"staging_endpoint_name": STAGING}))
    with running(create_app(config_file, CONTAINER)) as client, pytest.raises(ClientError) as caught:
        invoke_async(runtime_of(client), "one")
    assert caught.value.response["Error"]["Code"] == "ValidationError"
