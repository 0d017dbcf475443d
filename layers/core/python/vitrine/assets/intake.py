"""The S3 half of an inspection: the uploaded object in, thumbnails out. Repeating it writes the same things again."""

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

_MISSING = {"NoSuchKey", "404"}


class StorageUnavailable(Exception):
    """S3 did not answer, or asked to come back later. Its name is a Step Functions error name, which is retried."""


@dataclass(frozen=True)
class _Object:
    body: bytes
    etag: str
    version_id: str | None

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.body).hexdigest()


def inspect_upload(upload: keys.UploadKey, buckets: Buckets) -> Inspection:
    """Inspect what lies at an upload's key now, and store its thumbnails.

    Whatever is wrong with the file is a verdict. Raises `StorageUnavailable`.
    """
    try:
        found = _read(buckets.uploads_bucket, str(upload))
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


def _store(thumbnails: Mapping[str, bytes], bucket: str) -> None:
    with _storage():
        for key, jpeg in thumbnails.items():
            clients.s3().put_object(Bucket=bucket, Key=key, Body=jpeg, ContentType="image/jpeg")


@contextmanager
def _storage() -> Iterator[None]:
    """S3's errors by what follows: the file is gone, later may help, or we are misconfigured (left as it is)."""
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] in _MISSING:
            raise Refused(GONE) from error
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        if status >= 500 or status == 429:
            raise StorageUnavailable from error
        raise
    except BotoCoreError as error:
        raise StorageUnavailable from error
