"""S3 as a publication's states use it: whole objects, and one that is written while it is made."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from vitrine.assets.originals import StorageUnavailable
from vitrine.kernel import clients

__all__ = ["Gone", "StorageUnavailable", "Upload", "find", "get", "is_there", "put"]

PART = 8 * 2**20
"""Bytes; S3 takes parts of at least 5 MiB, and 10,000 of them."""


class Gone(Exception):
    """An object that has to be there is not."""


@contextmanager
def _storage() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] in ("NoSuchKey", "404", "PreconditionFailed"):
            raise Gone from error
        raise StorageUnavailable from error
    except BotoCoreError as error:
        raise StorageUnavailable from error


def get(bucket: str, key: str) -> bytes:
    """Raises `Gone` and `StorageUnavailable`."""
    with _storage():
        return clients.s3().get_object(Bucket=bucket, Key=key)["Body"].read()


def find(bucket: str, key: str) -> bytes | None:
    """None for an object that is not there. Raises `StorageUnavailable`."""
    try:
        return get(bucket, key)
    except Gone:
        return None


def is_there(bucket: str, key: str) -> bool:
    """Raises `StorageUnavailable`."""
    try:
        with _storage():
            clients.s3().head_object(Bucket=bucket, Key=key)
    except Gone:
        return False
    return True


def put(bucket: str, key: str, body: bytes, content_type: str = "application/json") -> None:
    """Raises `StorageUnavailable`. Idempotency key: the object's key; the last content stays."""
    with _storage():
        clients.s3().put_object(Bucket=bucket, Key=key, Body=body, ContentType=content_type)


class Upload:
    """An object that comes into being whole, when `finish` is called, or not at all; it holds one part in memory.

    What was not finished is removed by the bucket's rule after a day.
    """

    def __init__(self, bucket: str, key: str, content_type: str) -> None:
        self._where: dict[str, Any] = {"Bucket": bucket, "Key": key}
        self._held = bytearray()
        self._parts: list[Any] = []
        with _storage():
            made = clients.s3().create_multipart_upload(**self._where, ContentType=content_type)
        self._where["UploadId"] = made["UploadId"]

    def write(self, data: bytes) -> None:
        self._held += data
        if len(self._held) >= PART:
            self._send()

    def finish(self) -> None:
        if self._held or not self._parts:
            self._send()
        with _storage():
            clients.s3().complete_multipart_upload(**self._where, MultipartUpload={"Parts": self._parts})

    def _send(self) -> None:
        number = len(self._parts) + 1
        with _storage():
            sent = clients.s3().upload_part(**self._where, PartNumber=number, Body=bytes(self._held))
        self._parts.append({"ETag": sent["ETag"], "PartNumber": number})
        self._held.clear()
