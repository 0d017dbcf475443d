"""What the API and other contexts do with uploads."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import datetime
from functools import cache

from botocore.exceptions import BotoCoreError, ClientError

from vitrine.assets import keys, links, rules, store
from vitrine.assets.models import Asset, DueUpload, Inspection, Photo, PresignedUpload, UploadRequest
from vitrine.kernel import clients, objects, schema, tables
from vitrine.kernel.call import Call
from vitrine.kernel.environment import Buckets
from vitrine.kernel.errors import AppError, Invalid, TooManyRequests, Unavailable
from vitrine.kernel.limits import RateLimiter
from vitrine.kernel.tables import Write

# Other contexts know this module, never the store.
event_from_image = store.event_from_image
LAST_ARRIVAL = rules.LAST_ARRIVAL
URL_LIFETIME = rules.URL_LIFETIME
original_key = keys.original_key
past_due = store.past_due
count_past_due = store.count_past_due

_TRIES = 5
_ABSENT = ("404", "NoSuchKey", "403", "AccessDenied")
"""Without permission to list, S3 answers 403 for what is not there; what is there, these functions may read."""
_URL_SECONDS = int(rules.URL_LIFETIME.total_seconds())


@cache
def _address(bucket: str) -> links.Address:
    return links.Address.of(bucket)


@cache
def _uploads() -> links.Address:
    # At first use, since most functions that ask about uploads have no business with their bucket.
    return _address(Buckets.load().uploads_bucket)


def presign(call: Call, request: UploadRequest, kept_days: int | None = None) -> PresignedUpload:
    """Promise an upload: a record that awaits it, and a URL for a PUT of exactly that file.

    What comes is deleted after `kept_days` if no work has used it by then; None for never.

    Idempotency key: the id, which a repeated request under one Idempotency-Key makes again; it gets a fresh URL, and
    its bytes are counted once. Raises `TooManyRequests` when the tenant's bytes of the day are used up.
    """
    asset = rules.new_asset(request, call.ids.new("ast"), call.tenant, call.now)
    try:
        tables.commit(store.insert(asset), *_due(asset, kept_days))
    except store.AssetExists:
        return _presigned(store.get(call.tenant, asset.id) or asset)
    _count_bytes(call, asset)
    return _presigned(asset)


def _count_bytes(call: Call, asset: Asset) -> None:
    """A promise above the bytes of the day is taken back, or a repeat of its request would be given the URL."""
    limiter = RateLimiter(schema.GUARD.deployed_name())
    try:
        limiter.take(f"uploads#{call.tenant}", rules.UPLOADED_A_DAY, call.now, asset.size)
    except TooManyRequests:
        tables.commit(store.remove(asset))
        raise


def _due(asset: Asset, kept_days: int | None) -> tuple[Write, ...]:
    return () if kept_days is None else (store.put_due(rules.due(asset, kept_days)),)


def _presigned(asset: Asset) -> PresignedUpload:
    headers = rules.upload_headers(asset)
    return PresignedUpload(
        upload_url=links.presigned("PUT", _uploads(), asset.key, _URL_SECONDS, headers),
        file_key=asset.key,
        expires_in=_URL_SECONDS,
        asset_id=asset.id,
        headers=headers,
    )


def receiving(call: Call, photo: Photo) -> tuple[Asset, tuple[Write, ...]]:
    """The record of a photo that came with the request, for the transaction that queues work on it; `put` follows.

    Idempotency key: the id, which a repeated request under one Idempotency-Key makes again.
    """
    asset = rules.new_asset(rules.promise_of(photo), call.ids.new("ast"), call.tenant, call.now)
    return asset, (store.insert(asset),)


def put(asset: Asset, photo: Photo) -> None:
    """The photo's bytes at its upload's own key, where everything goes on as after a presigned upload.

    Idempotency key: the upload. Raises `Unavailable`, unless they are there: the answer was lost, or a repeat was
    faster.
    """
    try:
        clients.s3().put_object(
            Bucket=_uploads().bucket, Key=asset.key, Body=photo.data, ContentType=asset.content_type
        )
    except (ClientError, BotoCoreError):
        if not _is_surely_stored(asset):
            raise Unavailable("The photo could not be stored just now. Try again.") from None


def _is_surely_stored(asset: Asset) -> bool:
    try:
        return _is_stored(asset)
    except (ClientError, BotoCoreError):
        return False


def _is_stored(asset: Asset) -> bool:
    return lies_at(asset.key)


def lies_at(key: str) -> bool:
    """Whether there is an upload at a key. Raises what botocore raises, unless S3 says that nothing is there."""
    try:
        clients.s3().head_object(Bucket=_uploads().bucket, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] not in _ABSENT:
            raise
        return False
    return True


def is_abandoned(asset: Asset, now: datetime) -> bool:
    """Whether an upload was promised and comes no more: its URL has run out, and nothing lies at its key.

    One that lies there and waits for its inspection is not abandoned. Raises what botocore raises when S3 cannot say.
    """
    return rules.comes_no_more(asset, now) and not _is_stored(asset)


def upload_url(key: str, headers: Mapping[str, str]) -> str:
    """A URL for a PUT with exactly these headers, which begins within 15 minutes."""
    return links.presigned("PUT", _uploads(), key, _URL_SECONDS, headers)


def parse_file_key(tenant: str, text: str, where: str = "body.original_url") -> tuple[str, str]:
    """The id and the key of the upload that `text` names: its file key, or an S3 URL of it.

    Raises `Invalid` on field `where` for anything else, another tenant's upload included.
    """
    found = keys.parse_reference(tenant, text, _uploads())
    if found is None:
        raise _unknown(where)
    return found.asset_id, str(found)


def download_url(bucket: str, key: str, *, method: str = "GET") -> str:
    """A URL to read one object with, for 15 minutes; S3 takes it for this method alone."""
    return links.presigned(method, _address(bucket), key, _URL_SECONDS)


def original_url(upload_key: str) -> str:
    """A URL to read an upload's original with, for 15 minutes: the bytes that were inspected. Before that, there are
    none to read, and S3 answers 403 or 404."""
    return download_url(*original_place(upload_key))


def original_place(upload_key: str) -> tuple[str, str]:
    """The bucket and the key of an upload's original."""
    return Buckets.load().media_bucket, keys.original_key(upload_key)


def missing(tenant: str, asset_ids: Collection[str]) -> set[str]:
    """Those of the ids under which there is no upload of the tenant's."""
    return set(asset_ids) - store.present(tenant, asset_ids)


def find(tenant: str, asset_id: str) -> Asset | None:
    return store.get(tenant, asset_id)


def usable(tenant: str, asset_id: str, key: str, now: datetime, where: str = "body.original_url") -> Write:
    """For the transaction that queues work on an upload: it is accepted, or still awaited and in time.

    Conflicts with `Invalid` on field `where`, which says why when the upload was rejected.
    """
    return store.exists_check(tenant, asset_id, key, now, lambda: _why_unusable(tenant, asset_id, where))


def withdraw(asset: Asset) -> None:
    """From now on no work can be queued on the upload. Idempotency key: the asset's version. Raises `StaleAsset`."""
    tables.commit(store.remove(asset))


def restore(asset: Asset) -> None:
    """Take a withdrawal back. Idempotency key: the asset's id."""
    with suppress(store.AssetExists):
        tables.commit(store.insert(asset))


def no_longer_due(upload: DueUpload) -> None:
    """The upload is gone, or goes with the work that uses it."""
    tables.commit(store.remove_due(upload))


def postpone(upload: DueUpload, due: datetime) -> None:
    """Let the upload go later: behind what is overdue by then."""
    tables.commit(store.remove_due(upload), store.put_due(upload.model_copy(update={"due": due})))


def delete_pictures(tenant: str, asset_id: str, buckets: Buckets) -> int:
    """Delete an upload, its original and its thumbnails, and say how many objects that were. Nobody else's lie at these
    keys."""
    places = (
        (buckets.uploads_bucket, keys.UPLOADS),
        (buckets.media_bucket, keys.ORIGINALS),
        (buckets.media_bucket, keys.THUMBNAILS),
    )
    return sum(objects.delete(bucket, f"{folder}/{tenant}/{asset_id}/") for bucket, folder in places)


def record(inspection: Inspection, now: datetime) -> Asset | None:
    """Settle an upload by its inspection, once: the first verdict stays. None when no asset awaits that key."""
    for _ in range(_TRIES):
        before = store.get(inspection.tenant, inspection.asset_id)
        if before is None or before.key != inspection.key:
            return None
        after = rules.record(before, inspection, now)
        if after is before:
            return before
        try:
            tables.commit(*store.replace(after))
        except store.StaleAsset:
            continue
        return after
    raise store.StaleAsset("The upload kept changing. Try again.")


def _why_unusable(tenant: str, asset_id: str, where: str) -> AppError:
    asset = store.get(tenant, asset_id)
    if asset is not None and asset.reason is not None:
        return Invalid.field(where, asset.reason.code, f"This upload was rejected: {asset.reason.message}")
    return _unknown(where)


def _unknown(where: str) -> Invalid:
    return Invalid.field(
        where, "unknown_upload", "Send the file_key of an upload of yours, or its S3 URL. Uploads may run out."
    )
