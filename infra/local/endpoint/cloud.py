"""S3 and SNS on the embedded cloud, as far as the endpoint host needs them."""

from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from infra.local.endpoint.config import HostConfig

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sns import SNSClient

CLIENT_CONFIG = Config(connect_timeout=2, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 2})
PASSING_CODES = frozenset({"SlowDown", "Throttling", "ThrottlingException", "RequestTimeout"})


def read_object(config: HostConfig, uri: str) -> bytes:
    bucket, key = _bucket_and_key(uri)
    return _s3(config.cloud_endpoint, config.region).get_object(Bucket=bucket, Key=key)["Body"].read()


def write_object(config: HostConfig, uri: str, body: bytes, content_type: str) -> None:
    bucket, key = _bucket_and_key(uri)
    s3 = _s3(config.cloud_endpoint, config.region)
    s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType=content_type)


def publish(config: HostConfig, topic: str, text: str) -> None:
    _sns(config.cloud_endpoint, config.region).publish(TopicArn=topic, Message=text)


def may_pass(error: Exception) -> bool:
    """Whether the same call may succeed later: the cloud did not answer, or asked for patience."""
    if not isinstance(error, ClientError):
        return True
    status = error.response["ResponseMetadata"].get("HTTPStatusCode", 500)
    return status >= 500 or error.response["Error"]["Code"] in PASSING_CODES


# Made one after the other: sessions are not safe to use from several threads at once, clients are.
@lru_cache(maxsize=4)
def _s3(endpoint: str | None, region: str) -> "S3Client":
    return boto3.session.Session().client("s3", endpoint_url=endpoint, region_name=region, config=CLIENT_CONFIG)


@lru_cache(maxsize=4)
def _sns(endpoint: str | None, region: str) -> "SNSClient":
    return boto3.session.Session().client("sns", endpoint_url=endpoint, region_name=region, config=CLIENT_CONFIG)


def _bucket_and_key(uri: str) -> tuple[str, str]:
    parts = urlsplit(uri)
    return parts.netloc, parts.path.lstrip("/")
