import io
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from moto.server import ThreadedMotoServer
from PIL import Image

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

AWS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
}
BUCKET = "photos"


@pytest.fixture(scope="session")
def cloud() -> Iterator[str]:
    """The address of a loopback S3, SNS and SQS."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def aws(cloud: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Points every SDK client of this test at `cloud`."""
    for name, value in {**AWS, "AWS_ENDPOINT_URL": cloud}.items():
        monkeypatch.setenv(name, value)
    return cloud


@pytest.fixture
def s3(aws: str) -> "S3Client":
    client = boto3.client("s3")
    client.create_bucket(Bucket=BUCKET)
    return client


@pytest.fixture
def put(s3: "S3Client") -> Callable[[str, bytes], str]:
    def put_object(key: str, body: bytes) -> str:
        s3.put_object(Bucket=BUCKET, Key=key, Body=body)
        return key

    return put_object


@pytest.fixture(scope="session")
def photo() -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").resize((320, 240)).save(out, "JPEG")
    return out.getvalue()


@pytest.fixture(autouse=True)
def _cloud() -> None:
    """Takes the place of the in-process cloud of tests/functions: these talk to a loopback server over HTTP."""
