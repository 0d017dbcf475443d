"""The S3 half of an inspection: the uploaded object in, the original and its thumbnails out.

The upload's URL lives on for some minutes, and other bytes may come to its key. So what is inspected is first kept
under a key of ours, by a write that S3 takes once (`If-None-Match`). Every inspection of an upload is about these
bytes, whatever lies at the upload's key by then, and everybody who reads the photo later reads these. Their ETag would
not do instead: it is an MD5, of which two files can be made that have the same. Nor would a version: buckets have none
where nothing is to be kept, and a former version is deleted after 30 days.
"""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

from botocore.exceptions import BotoCoreError, ClientError

from vitrine.assets import keys
from vitrine.assets.inspection import Findings, inspect
from vitrine.assets.models import MAX_BYTES, Inspection, ThumbnailSize, Verdict
from vitrine.assets.refusals import GONE, TOO_MANY_BYTES, Refused
from vitrine.kernel import clients
from vitrine.kernel.environment import Buckets
from vitrine.pictures.kinds import media_type

_MISSING = {"NoSuchKey", "404"}
_BEATEN = "ConditionalRequestConflict"
"""Another write of the same key was going on; S3 asks to try again."""


class StorageUnavailable(Exception):
    """S3 did not answer, or asked to come back later. Its name is a Step Functions error name, which is retried."""


class _Kept(Exception):
    """There is an original already."""


@dataclass(frozen=True)
class _Object:
    body: bytes
    etag: str
    version_id: str | None

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.body).hexdigest()


def inspect_upload(upload: keys.UploadKey, buckets: Buckets) -> Inspection:
    """Keep what lies at an upload's key as its original, inspect that, and store its thumbnails.

    Whatever is wrong with the file is a verdict. Raises `StorageUnavailable`. Idempotency key: the upload, of which the
    first bytes stay.
    """
    try:
        found = _kept(_read(buckets.uploads_bucket, str(upload)), buckets.media_bucket, keys.original_key(str(upload)))
    except Refused as refusal:
        return _inspection(upload, Findings(reason=refusal.reason), None, {})
    findings = inspect(found.body)
    stored = {size: keys.thumbnail_key(upload, found.sha256, size) for size in findings.thumbnails}
    _store({stored[size]: jpeg for size, jpeg in findings.thumbnails.items()}, buckets.media_bucket)
    return _inspection(upload, findings, found, stored)


def _inspection(
    upload: keys.UploadKey, findings: Findings, found: _Object | None, thumbnails: dict[ThumbnailSize, str]
) -> Inspection:
    return Inspection(
        tenant=upload.tenant,
        asset_id=upload.asset_id,
        key=str(upload),
        verdict=Verdict.REJECTED if findings.reason else Verdict.ACCEPTED,
        etag=found.etag if found else None,
        version_id=found.version_id if found else None,
        size=len(found.body) if found else None,
        sha256=found.sha256 if found else None,
        reason=findings.reason,
        report=findings.report,
        thumbnails=thumbnails,
    )


def _read(bucket: str, key: str) -> _Object:
    with _storage():
        answer = clients.s3().get_object(Bucket=bucket, Key=key)
        if answer["ContentLength"] > MAX_BYTES:
            answer["Body"].close()
            raise Refused(TOO_MANY_BYTES)
        return _Object(answer["Body"].read(), answer["ETag"].strip('"'), answer.get("VersionId"))


def _kept(found: _Object, bucket: str, key: str) -> _Object:
    """The original, which is what was found unless other bytes were kept before."""
    try:
        with _storage():
            answer = clients.s3().put_object(
                Bucket=bucket, Key=key, Body=found.body, ContentType=media_type(found.body), IfNoneMatch="*"
            )
    except _Kept:
        return _read(bucket, key)
    return _Object(found.body, answer["ETag"].strip('"'), answer.get("VersionId"))


def _store(thumbnails: Mapping[str, bytes], bucket: str) -> None:
    with _storage():
        for key, jpeg in thumbnails.items():
            clients.s3().put_object(Bucket=bucket, Key=key, Body=jpeg, ContentType="image/jpeg")


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
