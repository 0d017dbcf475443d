"""What was inspected is kept under a key of ours: the S3 half of an inspection, whatever is inspected.

A presigned URL lives on for some minutes, and other bytes may come to its key. So what is inspected is first kept by a
write that S3 takes once (`If-None-Match`). Every inspection of an upload is about these bytes, whatever lies at the
upload's key by then, and everybody who reads the photo later reads these. Their ETag would not do instead: it is an
MD5, of which two files can be made that have the same. Nor would a version: buckets have none where nothing is to be
kept, and a former version is deleted after 30 days.
"""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

from botocore.exceptions import BotoCoreError, ClientError

from vitrine.assets.models import MAX_BYTES
from vitrine.assets.refusals import GONE, TOO_MANY_BYTES, Refused
from vitrine.kernel import clients
from vitrine.pictures.kinds import media_type

_MISSING = {"NoSuchKey", "404"}
_BEATEN = "ConditionalRequestConflict"
"""Another write of the same key was going on; S3 asks to try again."""


class StorageUnavailable(Exception):
    """S3 did not answer, or asked to come back later. Its name is a Step Functions error name, which is retried."""


class _Kept(Exception):
    """There is an original already."""


@dataclass(frozen=True)
class Found:
    """An object of S3's, read whole."""

    body: bytes
    etag: str
    version_id: str | None

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.body).hexdigest()


def read(bucket: str, key: str) -> Found:
    """Raises `Refused` for what is gone or larger than 100 MB, and `StorageUnavailable`."""
    with _storage():
        answer = clients.s3().get_object(Bucket=bucket, Key=key)
        if answer["ContentLength"] > MAX_BYTES:
            answer["Body"].close()
            raise Refused(TOO_MANY_BYTES)
        return Found(answer["Body"].read(), answer["ETag"].strip('"'), answer.get("VersionId"))


def keep(found: Found, bucket: str, key: str) -> Found:
    """The original, which is what was found unless other bytes were kept before. Raises `StorageUnavailable`.

    Idempotency key: `key`, of which the first bytes stay.
    """
    try:
        with _storage():
            answer = clients.s3().put_object(
                Bucket=bucket, Key=key, Body=found.body, ContentType=media_type(found.body), IfNoneMatch="*"
            )
    except _Kept:
        return read(bucket, key)
    return Found(found.body, answer["ETag"].strip('"'), answer.get("VersionId"))


def store(objects: Mapping[str, bytes], bucket: str, content_type: str = "image/jpeg") -> None:
    """Put what was made of an original. Raises `StorageUnavailable`. Idempotency key: each object's key, which names
    what it was made of."""
    with _storage():
        for key, body in objects.items():
            clients.s3().put_object(Bucket=bucket, Key=key, Body=body, ContentType=content_type)


@contextmanager
def _storage() -> Iterator[None]:
    """S3's errors by what follows: the file is gone, the original is there, later may help, or we are misconfigured
    (left as it is)."""
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in _MISSING:
            raise Refused(GONE) from error
        if code == "PreconditionFailed":
            raise _Kept from error
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        if status >= 500 or status == 429 or code == _BEATEN:
            raise StorageUnavailable from error
        raise
    except BotoCoreError as error:
        raise StorageUnavailable from error
