"""Changes in DynamoDB, until the stream has told them.

| item   | pk                    | sk        | also                                                        |
|--------|-----------------------|-----------|-------------------------------------------------------------|
| CHANGE | tenant#CHANGE#session | type#what | inserted with the change it tells of; leaves by the stream  |
"""

from datetime import timedelta
from typing import Any

from pynamodb.attributes import DiscriminatorAttribute, UnicodeAttribute

from vitrine.capture.telling.events import EVENT_TYPES
from vitrine.capture.telling.models import Change, CheckOverruledOften, SessionChanged, SetJudged, SetPublished
from vitrine.kernel import schema, tables
from vitrine.kernel.clock import epoch_s
from vitrine.kernel.errors import Conflict
from vitrine.kernel.tables import Table, Write

_KEPT = timedelta(days=30)
_TYPES: dict[str, Any] = {each.detail_type: each.detail for each in EVENT_TYPES}


class _Item(Table):
    class Meta:
        table_name = schema.CAPTURE.deployed_name()

    kind: Any = DiscriminatorAttribute()


class _ChangeItem(_Item, discriminator="CHANGE"):
    type: Any = UnicodeAttribute()
    body: Any = UnicodeAttribute()


def put(change: Change) -> Write:
    """For the transaction that makes the change. Idempotency key: what changed, with its version or job."""
    item = _ChangeItem(
        f"{change.tenant}#CHANGE#{change.session_id}",
        f"{type(change).__name__}#{_what(change)}",
        type=type(change).__name__,
        body=change.model_dump_json(),
        expires_at=epoch_s(change.at + _KEPT),
    )
    return tables.put(item, None, lambda: Conflict("This was told before."))


def change_from_image(image: dict[str, Any]) -> Change:
    """The change in a stream record's NewImage, in DynamoDB's JSON."""
    change: Change = _TYPES[image["type"]["S"]].model_validate_json(image["body"]["S"])
    return change


def _what(change: Change) -> str:
    if isinstance(change, SetJudged | SetPublished):
        return change.job_id
    if isinstance(change, CheckOverruledOften):
        return f"{change.site_id or 'organisation'}#{change.mode}#{change.check}#{change.version}"
    return str(change.version) if isinstance(change, SessionChanged) else f"{change.image_id}#{change.version}"
