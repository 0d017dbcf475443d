"""An upload's inspection: the uploaded object in, the original and its thumbnails out."""

from vitrine.assets import keys, originals
from vitrine.assets.inspection import Findings, inspect
from vitrine.assets.models import Inspection, ThumbnailSize, Verdict
from vitrine.assets.refusals import Refused
from vitrine.kernel.environment import Buckets

StorageUnavailable = originals.StorageUnavailable


def inspect_upload(upload: keys.UploadKey, buckets: Buckets) -> Inspection:
    """Keep what lies at an upload's key as its original, inspect that, and store its thumbnails.

    Whatever is wrong with the file is a verdict. Raises `StorageUnavailable`. Idempotency key: the upload, of which the
    first bytes stay.
    """
    try:
        came = originals.read(buckets.uploads_bucket, str(upload))
        found = originals.keep(came, buckets.media_bucket, keys.original_key(str(upload)))
    except Refused as refusal:
        return _inspection(upload, Findings(reason=refusal.reason), None, {})
    findings = inspect(found.body)
    stored = {size: keys.thumbnail_key(upload, found.sha256, size) for size in findings.thumbnails}
    originals.store({stored[size]: jpeg for size, jpeg in findings.thumbnails.items()}, buckets.media_bucket)
    return _inspection(upload, findings, found, stored)


def _inspection(
    upload: keys.UploadKey, findings: Findings, found: originals.Found | None, thumbnails: dict[ThumbnailSize, str]
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
