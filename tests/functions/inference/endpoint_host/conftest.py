"""One host with a container of our own for all tests here, and the cloud that it reads from and writes to."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import httpx
import pytest

from infra.local.endpoint.host import create_app
from tests.functions.inference.conftest import AWS, BUCKET
from tests.functions.inference.endpoint_host.calls import CONTAINER, QC, STAGING, Topics, runtime_of
from tests.functions.inference.running import running
from tests.support.patience import until

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient


@pytest.fixture(scope="package")
def environment(cloud: str) -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**AWS, "AWS_ENDPOINT_URL": cloud}.items():
            patch.setenv(name, value)
        yield patch


@pytest.fixture(scope="package")
def s3(environment: None) -> "S3Client":
    client = boto3.client("s3")
    client.create_bucket(Bucket=BUCKET)
    return client


@pytest.fixture(scope="package")
def put(s3: "S3Client") -> Callable[[str, bytes], str]:
    def put_object(key: str, body: bytes) -> str:
        s3.put_object(Bucket=BUCKET, Key=key, Body=body)
        return key

    return put_object


@pytest.fixture(scope="package")
def topics(environment: None) -> Topics:
    sns, sqs = boto3.client("sns"), boto3.client("sqs")
    queue = sqs.create_queue(QueueName="outcomes")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    success, error = (sns.create_topic(Name=name)["TopicArn"] for name in ("success", "error"))
    for topic in (success, error):
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return Topics(success, error, queue)


@pytest.fixture(scope="package")
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


@pytest.fixture(scope="package")
def config_file(config: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("host") / "endpoint-host.json"
    path.write_text(json.dumps(config))
    return path


@pytest.fixture(scope="package")
def host(config_file: Path) -> Iterator[httpx.Client]:
    with running(create_app(config_file, CONTAINER)) as client:
        until(lambda: client.get("/health").json()["status"] == "ready")
        yield client


@pytest.fixture(scope="package")
def runtime(host: httpx.Client) -> "SageMakerRuntimeClient":
    return runtime_of(host)
