"""awaiting_upload → accepted or rejected, once. What arrives later at the same key changes nothing."""

import base64
import hashlib
from datetime import datetime, timedelta

from vitrine.assets import keys
from vitrine.assets.models import (
    SPELLINGS,
    Asset,
    AssetEvent,
    AssetState,
    ContentType,
    DueUpload,
    Inspection,
    Photo,
    UploadRequest,
    Verdict,
    essence,
)
from vitrine.assets.refusals import DIFFERS, INSPECTION_FAILED, refused
from vitrine.kernel.surface import Limit
from vitrine.pictures.faults import BadPicture
from vitrine.pictures.kinds import kind_of

URL_LIFETIME = timedelta(minutes=15)
LAST_ARRIVAL = URL_LIFETIME + timedelta(minutes=10)
"""S3 looks at a URL's end when a PUT begins, so one that began in time may go on for a while."""
# A photo that comes after its image was given up is still recorded, and can be staged by another request.
AWAITED = timedelta(hours=24)
UPLOADED_A_DAY = Limit("uploaded-bytes", 50 * 2**30, 86_400, what="bytes of uploads")
"""Of an account: 500 files of the largest size. What is uploaded is stored for days, whether or not it is staged."""
REJECTED_KEPT = timedelta(days=30)

_UNTYPED = "application/octet-stream"
"""What an upload whose type was not said is to be sent as: S3 notes one in any case."""
_EXTENSIONS = {
    ContentType.JPEG: "jpg",
    ContentType.PNG: "png",
    ContentType.WEBP: "webp",
    ContentType.HEIC: "heic",
    ContentType.HEIF: "heif",
}


def new_asset(request: UploadRequest, asset_id: str, tenant: str, now: datetime) -> Asset:
    name = keys.safe_name(request.filename, _extension(request.content_type))
    return Asset(
        id=asset_id,
        tenant=tenant,
        key=str(keys.UploadKey(tenant, asset_id, name)),
        state=AssetState.AWAITING_UPLOAD,
        version=1,
        filename=name,
        content_type=request.content_type,
        size=request.file_size,
        sha256=_hex(request.sha256) if request.sha256 else None,
        created_at=now,
        updated_at=now,
    )


def _extension(said: str) -> str:
    kind = SPELLINGS[essence(said)]
    return _EXTENSIONS[kind] if kind else "bin"


def check_kind(photo: Photo) -> None:
    """By the first bytes. Raises `Refused` for a file of no kind that we read."""
    try:
        kind_of(photo.data)
    except BadPicture as bad:
        raise refused(bad) from None


def promise_of(photo: Photo) -> UploadRequest:
    """The promise that a photo which is here already keeps. Whether it is a picture at all, its inspection says."""
    try:
        kind = kind_of(photo.data)
    except BadPicture:
        kind = ContentType.JPEG
    return UploadRequest(
        filename=photo.filename[:255] or "photo",
        content_type=kind,
        file_size=max(1, len(photo.data)),  # an empty file is for its inspection to refuse
        sha256=hashlib.sha256(photo.data).hexdigest(),
    )


def upload_headers(asset: Asset) -> dict[str, str]:
    """The headers that bind a PUT to what was promised."""
    headers = {"Content-Type": asset.content_type or _UNTYPED, "Content-Length": str(asset.size)}
    if asset.sha256:
        headers["x-amz-checksum-sha256"] = base64.b64encode(bytes.fromhex(asset.sha256)).decode()
    return headers


def record(asset: Asset, inspection: Inspection, now: datetime) -> Asset:
    """The asset after its inspection; the same object when it has a verdict already."""
    if asset.state is not AssetState.AWAITING_UPLOAD:
        return asset
    reason = inspection.reason or (None if _is_promised(asset, inspection) else DIFFERS)
    state = AssetState.REJECTED if reason else AssetState.ACCEPTED
    changes = {"state": state, "version": asset.version + 1, "updated_at": now}
    return asset.model_copy(update={**changes, "inspection": inspection, "reason": reason})


def failed_inspection(key: keys.UploadKey) -> Inspection:
    """What is recorded when the inspection itself failed for good."""
    return Inspection(
        tenant=key.tenant,
        asset_id=key.asset_id,
        key=str(key),
        verdict=Verdict.REJECTED,
        reason=INSPECTION_FAILED,
    )


def event_of(asset: Asset) -> AssetEvent:
    return AssetEvent(tenant=asset.tenant, asset_id=asset.id, state=asset.state, at=asset.updated_at)


def comes_no_more(asset: Asset, now: datetime) -> bool:
    """Whether an upload is still awaited, though a PUT to its URL would be over by now."""
    return asset.state is AssetState.AWAITING_UPLOAD and now > asset.created_at + LAST_ARRIVAL


def due(asset: Asset, kept_days: int) -> DueUpload:
    """When an upload that no work uses is to be deleted, if it is kept for so many days."""
    return DueUpload(tenant=asset.tenant, asset_id=asset.id, due=asset.created_at + timedelta(days=kept_days))


def forgotten_at(asset: Asset) -> datetime | None:
    """When the record may go; None for an accepted upload: its pictures go first."""
    if asset.state is AssetState.AWAITING_UPLOAD:
        return asset.created_at + AWAITED
    return asset.updated_at + REJECTED_KEPT if asset.state is AssetState.REJECTED else None


def _is_promised(asset: Asset, inspection: Inspection) -> bool:
    """By size and digest. A PNG promised as JPEG is taken: clients guess the type by the file's ending, we read it."""
    return inspection.size == asset.size and asset.sha256 in (None, inspection.sha256)


def _hex(digest: str) -> str:
    return digest.lower() if len(digest) == 64 else base64.b64decode(digest).hex()
