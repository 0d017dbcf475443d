"""Webhooks in DynamoDB.

| item     | pk              | sk           | also                                                    |
|----------|-----------------|--------------|---------------------------------------------------------|
| ENDPOINT | tenant          | ENDPOINT#id  | its secrets; `version` guards every change              |
| COUNT    | tenant          | COUNT        | how many endpoints there are, bounded as they are made  |
| DELIVERY | tenant#endpoint | DELIVERY#id  | its payload and every attempt; 30 days                  |
"""

from collections.abc import Callable
from typing import Any

from pynamodb.attributes import DiscriminatorAttribute, NumberAttribute, UnicodeAttribute

from vitrine.engagement.models import Delivery, Endpoint
from vitrine.engagement.rules import KEPT, MAX_ENDPOINTS
from vitrine.kernel import schema, tables
from vitrine.kernel.clock import epoch_s
from vitrine.kernel.cursors import Position
from vitrine.kernel.errors import Conflict, NotFound
from vitrine.kernel.tables import Table

_TRIES = 5


class _Item(Table):
    class Meta:
        table_name = schema.ENGAGEMENT.deployed_name()

    kind: Any = DiscriminatorAttribute()


class _EndpointItem(_Item, discriminator="ENDPOINT"):
    version: Any = NumberAttribute()
    body: Any = UnicodeAttribute()


class _CountItem(_Item, discriminator="COUNT"):
    endpoints: Any = NumberAttribute()


class _DeliveryItem(_Item, discriminator="DELIVERY"):
    tries: Any = NumberAttribute()
    body: Any = UnicodeAttribute()


class EndpointExists(Conflict):
    code = "webhook_exists"


class TooManyEndpoints(Conflict):
    code = "too_many_webhooks"


class StaleEndpoint(Conflict):
    """Somebody else changed the endpoint at the same time, again and again."""

    code = "stale_webhook"


class DeliveryExists(Conflict):
    code = "delivery_exists"


class StaleDelivery(Conflict):
    """Another run has recorded this attempt already. Its name is a Step Functions error name."""

    code = "stale_delivery"


def insert(endpoint: Endpoint) -> None:
    """Conflicts with `EndpointExists`, or with `TooManyEndpoints` exactly from the eleventh on."""
    count = _CountItem(endpoint.tenant, "COUNT")
    room = _CountItem.endpoints.does_not_exist() | (_CountItem.endpoints < MAX_ENDPOINTS)
    tables.commit(
        tables.put(
            _endpoint_item(endpoint),
            _EndpointItem.pk.does_not_exist(),
            lambda: EndpointExists("This webhook exists."),
        ),
        tables.update(count, [_CountItem.endpoints.add(1), _CountItem.kind.set(_CountItem)], room, _full),
    )


def delete(endpoint: Endpoint) -> None:
    """Conflicts with `NotFound` when it is gone already."""
    gone = _EndpointItem(endpoint.tenant, f"ENDPOINT#{endpoint.id}")
    count = _CountItem(endpoint.tenant, "COUNT")
    tables.commit(
        tables.delete(gone, _EndpointItem.pk.exists(), no_endpoint),
        tables.update(count, [_CountItem.endpoints.add(-1)], None, no_endpoint),
    )


def get(tenant: str, endpoint_id: str) -> Endpoint | None:
    try:
        item = _EndpointItem.get(tenant, f"ENDPOINT#{endpoint_id}", consistent_read=True)
    except _EndpointItem.DoesNotExist:
        return None
    return Endpoint.model_validate_json(item.body)


def of_tenant(tenant: str) -> list[Endpoint]:
    """All endpoints, the oldest first."""
    items = _EndpointItem.query(tenant, _EndpointItem.sk.startswith("ENDPOINT#"), consistent_read=True)
    return [Endpoint.model_validate_json(item.body) for item in items]


def change(tenant: str, endpoint_id: str, to: Callable[[Endpoint], Endpoint]) -> Endpoint:
    """Apply a rule to the stored endpoint, again when somebody else was faster. Raises `NotFound`, `StaleEndpoint`."""
    for _ in range(_TRIES):
        before = get(tenant, endpoint_id)
        if before is None:
            raise no_endpoint()
        after = to(before)
        if after is before:
            return before
        try:
            _replace(after, before.version)
        except StaleEndpoint:
            continue
        return after
    raise StaleEndpoint("The webhook kept changing. Try again.")


def _replace(endpoint: Endpoint, version: int) -> None:
    condition = _EndpointItem.version == version
    tables.commit(tables.put(_endpoint_item(endpoint), condition, lambda: StaleEndpoint("")))


def insert_delivery(delivery: Delivery) -> None:
    """Conflicts with `DeliveryExists`."""
    new = _DeliveryItem.pk.does_not_exist()
    tables.commit(tables.put(_delivery_item(delivery), new, lambda: DeliveryExists("This delivery exists.")))


def replace_delivery(delivery: Delivery) -> None:
    """Record one more attempt. Conflicts with `StaleDelivery` when it is recorded already."""
    before = _DeliveryItem.tries == len(delivery.attempts) - 1
    recorded = "This attempt is recorded already."
    tables.commit(tables.put(_delivery_item(delivery), before, lambda: StaleDelivery(recorded)))


def end_delivery(delivery: Delivery) -> None:
    """Write a delivery's end that no attempt led to."""
    tables.commit(tables.put(_delivery_item(delivery), None, lambda: StaleDelivery("")))


def get_delivery(tenant: str, endpoint_id: str, delivery_id: str) -> Delivery | None:
    try:
        item = _DeliveryItem.get(f"{tenant}#{endpoint_id}", f"DELIVERY#{delivery_id}", consistent_read=True)
    except _DeliveryItem.DoesNotExist:
        return None
    return Delivery.model_validate_json(item.body)


def page(tenant: str, endpoint_id: str, limit: int, after: Position | None) -> tuple[list[Delivery], Position | None]:
    """The newest deliveries first, and where the next page begins."""
    results = _DeliveryItem.query(
        f"{tenant}#{endpoint_id}",
        _DeliveryItem.sk.startswith("DELIVERY#"),
        limit=limit,
        page_size=limit,
        last_evaluated_key=after,
        scan_index_forward=False,
        consistent_read=True,
    )
    return [Delivery.model_validate_json(item.body) for item in results], results.last_evaluated_key


def no_endpoint() -> NotFound:
    return NotFound("There is no such webhook.", code="webhook_not_found")


def no_delivery() -> NotFound:
    return NotFound("There is no such delivery.", code="delivery_not_found")


def _full() -> TooManyEndpoints:
    return TooManyEndpoints(f"An account has at most {MAX_ENDPOINTS} webhooks. Delete one first.")


def _endpoint_item(endpoint: Endpoint) -> _EndpointItem:
    return _EndpointItem(
        endpoint.tenant, f"ENDPOINT#{endpoint.id}", version=endpoint.version, body=endpoint.model_dump_json()
    )


def _delivery_item(delivery: Delivery) -> _DeliveryItem:
    return _DeliveryItem(
        f"{delivery.tenant}#{delivery.endpoint_id}",
        f"DELIVERY#{delivery.id}",
        tries=len(delivery.attempts),
        body=delivery.model_dump_json(),
        expires_at=epoch_s(delivery.created_at + KEPT),
    )
