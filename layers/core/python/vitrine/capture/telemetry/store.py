"""Telemetry in DynamoDB.

| item      | pk                              | sk           | also                                               |
|-----------|---------------------------------|--------------|----------------------------------------------------|
| TELEMETRY | tenant#EVENTS#entity            | EVENT#event  | `by_order`: `at` sorts the events of an entity     |
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from pynamodb.attributes import UnicodeAttribute

from vitrine.capture.store import Item
from vitrine.capture.telemetry import rules
from vitrine.capture.telemetry.models import CaptureEvent
from vitrine.kernel import tables
from vitrine.kernel.clock import epoch_s
from vitrine.kernel.cursors import Position
from vitrine.kernel.errors import Conflict
from vitrine.kernel.tables import Write

KEPT = timedelta(days=400)


class _EventItem(Item, discriminator="TELEMETRY"):
    stream: Any = UnicodeAttribute()
    at: Any = UnicodeAttribute()
    body: Any = UnicodeAttribute()


def insert_each(events: Sequence[CaptureEvent]) -> set[int]:
    """Keep those that are new, and say which, by their number, are known already: one request for each 100."""
    return tables.commit_each([_insert(event) for event in events])


def listed(
    tenant: str, entity_id: str, limit: int, after: Position | None
) -> tuple[list[CaptureEvent], Position | None]:
    """Events of an entity in their order, as the index knows them; and where to go on."""
    results = Item.by_order.query(_pk(tenant, entity_id), limit=limit, page_size=limit, last_evaluated_key=after)
    found = [CaptureEvent.model_validate_json(item.body) for item in results]
    return found, results.last_evaluated_key


def _insert(event: CaptureEvent) -> Write:
    pk = _pk(event.tenant, event.entity_id)
    item = _EventItem(
        pk,
        f"EVENT#{event.event_id}",
        stream=pk,
        at=rules.order_of(event),
        body=event.model_dump_json(),
        expires_at=epoch_s(event.received_at + KEPT),
    )
    return tables.put(item, _EventItem.pk.does_not_exist(), lambda: Conflict("This event is known."))


def _pk(tenant: str, entity_id: str) -> str:
    return f"{tenant}#EVENTS#{entity_id}"
