"""How the tests speak to the endpoint host, and to the cloud behind it."""

import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import httpx
from botocore.config import Config

from infra.local.endpoint.spool import Invocation
from tests.functions.inference.conftest import BUCKET
from tests.support.patience import PATIENCE_S, until

if TYPE_CHECKING:
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

    def receive(self, inference_id: str, seconds: float = PATIENCE_S) -> dict[str, Any]:
        """The one message about `inference_id`."""
        sqs = boto3.client("sqs")
        found: list[dict[str, Any]] = []

        def look() -> bool:
            for envelope in sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages", []):
                outer = json.loads(envelope["Body"])
                inner = json.loads(outer["Message"])
                sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=envelope["ReceiptHandle"])
                if inner.get("inferenceId") == inference_id:
                    found.append({"topic": outer["TopicArn"], **inner})
            return bool(found)

        until(look, seconds)
        assert len(found) == 1
        return found[0]


def runtime_of(host: httpx.Client) -> "SageMakerRuntimeClient":
    return boto3.client("sagemaker-runtime", endpoint_url=str(host.base_url), config=ONE_TRY)


def at(key: str) -> dict[str, str]:
    return {"bucket": BUCKET, "key": key}


def a_stage_request(photo_key: str, **changes: Any) -> bytes:
    request = {
        "task": "stage",
        "job_id": "job-1",
        "attempt": 1,
        "photo": at(photo_key),
        "output": at("staged/job-1/"),
        "deadline": (datetime.now(UTC) + timedelta(seconds=PATIENCE_S)).isoformat(),
    }
    return json.dumps({**request, **changes}).encode()


def a_qc_request(photo_key: str, picture_key: str) -> bytes:
    deadline = (datetime.now(UTC) + timedelta(seconds=PATIENCE_S)).isoformat()
    request = {"task": "qc", "job_id": "j", "photo": at(photo_key), "picture": at(picture_key), "deadline": deadline}
    return json.dumps(request).encode()


def a_vehicle_request(*frame_keys: str) -> bytes:
    frames = [{"id": f"frame-{index}", "photo": at(key)} for index, key in enumerate(frame_keys)]
    deadline = (datetime.now(UTC) + timedelta(seconds=PATIENCE_S)).isoformat()
    request = {"task": "vehicle", "job_id": "j", "frames": frames, "output": at("masks/"), "deadline": deadline}
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
