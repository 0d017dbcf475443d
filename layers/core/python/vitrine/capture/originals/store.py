"""Accesses to originals in DynamoDB.

| item   | pk                    | sk             | also                                   |
|--------|-----------------------|----------------|----------------------------------------|
| ACCESS | tenant#ORIGINALS      | access's id    | ids sort by age; kept for two years    |
"""

from datetime import timedelta
from typing import Any

from pynamodb.attributes import DiscriminatorAttribute, UnicodeAttribute

from vitrine.capture.originals.models import OriginalAccess
from vitrine.kernel import schema, tables
from vitrine.kernel.clock import epoch_s
from vitrine.kernel.cursors import Position
from vitrine.kernel.errors import Conflict
from vitrine.kernel.tables import Table, Write

KEPT = timedelta(days=730)


class _Item(Table):
    class Meta:
        table_name = schema.CAPTURE.deployed_name()

    kind: Any = DiscriminatorAttribute()


class _AccessItem(_Item, discriminator="ACCESS"):
    body: Any = UnicodeAttribute()


def put(access: OriginalAccess) -> Write:
    item = _AccessItem(
        _pk(access.tenant), access.id, body=access.model_dump_json(), expires_at=epoch_s(access.at + KEPT)
    )
    return tables.put(item, None, lambda: Conflict(""))


def newest(tenant: str, limit: int, after: Position | None) -> tuple[list[OriginalAccess], Position | None]:
    """The newest first, and where the rest begins."""
    before = _AccessItem.sk < after["id"] if after else None
    items = list(_AccessItem.query(_pk(tenant), before, scan_index_forward=False, limit=limit, consistent_read=True))
    found = [OriginalAccess.model_validate_json(item.body) for item in items]
    return found, {"id": found[-1].id} if len(found) == limit else None


def _pk(tenant: str) -> str:
    return f"{tenant}#ORIGINALS"
