"""The objects that requests name: bounded reads and writes on S3."""

from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from vitrine.contracts.message import ObjectLocation

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MISSING = frozenset({"NoSuchKey", "NoSuchBucket", "404"})
S3_CONFIG = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 4})


class StorageFailed(Exception):
    """S3 refused or did not answer; another try may succeed."""


class ObjectUnusable(Exception):
    """The object is not there, or larger than allowed; another try would find the same."""


class ObjectReplaced(ObjectUnusable):
    """The object has other content than its location names."""


class ObjectStore:
    """Reads and writes whole objects; the endpoint and the credentials come from the standard AWS_* environment.

    Every method raises `StorageFailed`.
    """

    def __init__(self, client: "S3Client") -> None:
        self._client = client

    def read(self, location: ObjectLocation, limit: int) -> bytes:
        """The object's bytes; raises `ObjectUnusable` when it is missing or longer than `limit` bytes."""
        try:
            answer = self._client.get_object(Bucket=location.bucket, Key=location.key)
            if location.etag and answer["ETag"].strip('"') != location.etag.strip('"'):
                answer["Body"].close()
                raise ObjectReplaced("the object was replaced")
            if answer["ContentLength"] > limit:
                answer["Body"].close()
                raise ObjectUnusable(f"the object is larger than {limit} bytes")
            return answer["Body"].read()
        except ClientError as error:
            raise _translated(error) from error
        except BotoCoreError as error:
            raise StorageFailed from error

    def write(self, location: ObjectLocation, body: bytes, content_type: str) -> ObjectLocation:
        """Store `body` whole, replacing what was there, and answer where, with its ETag."""
        try:
            answer = self._client.put_object(
                Bucket=location.bucket, Key=location.key, Body=body, ContentType=content_type
            )
        except (ClientError, BotoCoreError) as error:
            raise StorageFailed from error
        return location.model_copy(update={"etag": answer["ETag"].strip('"')})


def open_store() -> ObjectStore:
    return ObjectStore(boto3.client("s3", config=S3_CONFIG))


def _translated(error: ClientError) -> Exception:
    if error.response["Error"]["Code"] in MISSING:
        return ObjectUnusable("there is no such object")
    return StorageFailed()
