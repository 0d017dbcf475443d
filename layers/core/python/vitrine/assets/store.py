"""Assets in DynamoDB.

| item  | pk            | sk    | also                                                               |
|-------|---------------|-------|--------------------------------------------------------------------|
| ASSET | tenant#asset  | ASSET | expires while it awaits its upload, and some time after a rejection |
| EVENT | tenant#asset  | EVENT | inserted with the verdict; leaves by the stream                    |
| DUE   | DUE#shard     | due#tenant#asset | when an upload goes that no work has used by then       |
"""

import heapq
from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timedelta
from typing import Any

from pynamodb.attributes import DiscriminatorAttribute, NumberAttribute, UnicodeAttribute

from vitrine.assets import rules
from vitrine.assets.models import Asset, AssetEvent, AssetState, DueUpload
from vitrine.kernel import schema, tables
from vitrine.kernel.clock import epoch_s, timestamp
from vitrine.kernel.errors import AppError, Conflict
from vitrine.kernel.tables import Table, Write

_EVENT_KEPT = timedelta(days=30)
_SHARDS = 4


class _Item(Table):
    class Meta:
        table_name = schema.ASSETS.deployed_name()

    kind: Any = DiscriminatorAttribute()


class _AssetItem(_Item, discriminator="ASSET"):
    version: Any = NumberAttribute()
    state: Any = UnicodeAttribute()
    key: Any = UnicodeAttribute()
    body: Any = UnicodeAttribute()


class _EventItem(_Item, discriminator="EVENT"):
    body: Any = UnicodeAttribute()


class _DueItem(_Item, discriminator="DUE"):
    pass


class AssetExists(Conflict):
    """An asset with this id is there already: the same request, made before."""

    code = "asset_exists"


class StaleAsset(Conflict):
    """Somebody else changed the asset since it was read. Read it again."""

    code = "stale_asset"


def get(tenant: str, asset_id: str) -> Asset | None:
    try:
        item = _AssetItem.get(_pk(tenant, asset_id), "ASSET", consistent_read=True)
    except _AssetItem.DoesNotExist:
        return None
    return Asset.model_validate_json(item.body)


def present(tenant: str, asset_ids: Collection[str]) -> set[str]:
    """Those of the ids that there is an asset of."""
    keys = [(_pk(tenant, asset_id), "ASSET") for asset_id in set(asset_ids)]
    return {item.pk.partition("#")[2] for item in _AssetItem.batch_get(keys, consistent_read=True)}


def insert(asset: Asset) -> Write:
    """Conflicts with `AssetExists`."""
    return tables.put(_item(asset), _AssetItem.pk.does_not_exist(), lambda: AssetExists("This upload exists."))


def replace(asset: Asset) -> tuple[Write, ...]:
    """The next version of an asset and the event that tells of it. Conflicts with `StaleAsset`."""
    event = rules.event_of(asset)
    item = _EventItem(
        _pk(asset.tenant, asset.id),
        "EVENT",
        body=event.model_dump_json(),
        expires_at=epoch_s(event.at + _EVENT_KEPT),
    )
    return (
        tables.put(_item(asset), _AssetItem.version == asset.version - 1, _stale),
        tables.put(item, _EventItem.pk.does_not_exist(), _stale),
    )


def put_due(upload: DueUpload) -> Write:
    return tables.put(_due_item(upload), None, _stale)


def remove_due(upload: DueUpload) -> Write:
    return tables.delete(_due_item(upload), None, _stale)


def past_due(now: datetime) -> Iterator[DueUpload]:
    """Uploads that were to go before `now`, the longest overdue first."""
    shards = (_DueItem.query(_due_pk(shard), _before(now)) for shard in range(_SHARDS))
    return (_due(item.sk) for item in heapq.merge(*shards, key=lambda item: item.sk))


def count_past_due(now: datetime) -> int:
    return sum(_DueItem.count(_due_pk(shard), _before(now)) for shard in range(_SHARDS))


def remove(asset: Asset) -> Write:
    """The record goes: no new work can use the upload. Conflicts with `StaleAsset` unless it is as it was read."""
    return tables.delete(_item(asset), _AssetItem.version == asset.version, _stale)


def exists_check(tenant: str, asset_id: str, key: str, now: datetime, conflict: Callable[[], AppError]) -> Write:
    """For another context's transaction: the asset is there under that key, neither rejected nor run out."""
    in_time = _AssetItem.expires_at.does_not_exist() | (_AssetItem.expires_at > epoch_s(now))
    usable = _AssetItem.state.is_in(AssetState.AWAITING_UPLOAD.value, AssetState.ACCEPTED.value)
    return tables.check(
        _AssetItem, (_pk(tenant, asset_id), "ASSET"), (_AssetItem.key == key) & usable & in_time, conflict
    )


def event_from_image(image: dict[str, Any]) -> AssetEvent:
    """The event in a stream record's NewImage, in DynamoDB's JSON."""
    return AssetEvent.model_validate_json(image["body"]["S"])


def _item(asset: Asset) -> _AssetItem:
    forgotten_at = rules.forgotten_at(asset)
    return _AssetItem(
        _pk(asset.tenant, asset.id),
        "ASSET",
        version=asset.version,
        state=asset.state.value,
        key=asset.key,
        body=asset.model_dump_json(),
        expires_at=epoch_s(forgotten_at) if forgotten_at else None,
    )


def _due_item(upload: DueUpload) -> _DueItem:
    shard = sum(upload.asset_id.encode()) % _SHARDS
    return _DueItem(_due_pk(shard), f"{timestamp(upload.due)}#{upload.tenant}#{upload.asset_id}")


def _due(sk: str) -> DueUpload:
    due, tenant, asset_id = sk.split("#")
    return DueUpload(tenant=tenant, asset_id=asset_id, due=datetime.fromisoformat(due))


def _due_pk(shard: int) -> str:
    return f"DUE#{shard}"


def _before(now: datetime) -> Any:
    return _DueItem.sk < timestamp(now)


def _stale() -> StaleAsset:
    return StaleAsset("The upload was changed meanwhile.")


def _pk(tenant: str, asset_id: str) -> str:
    return f"{tenant}#{asset_id}"
