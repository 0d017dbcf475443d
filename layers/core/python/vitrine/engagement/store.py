"""Webhooks in DynamoDB.

| item     | pk              | sk           | also                                                    |
|----------|-----------------|--------------|---------------------------------------------------------|
| WEBHOOK  | tenant          | WEBHOOK#id   | its secrets; `version` guards every change              |
| COUNT    | tenant          | COUNT        | how many webhooks there are, bounded as they are made  |
| DELIVERY | tenant#webhook  | DELIVERY#id | its payload and every attempt; 30 days                  |
"""

from collections.abc import Callable
from typing import Any

from pynamodb.attributes import DiscriminatorAttribute, NumberAttribute, UnicodeAttribute

from vitrine.engagement.models import Delivery, Webhook
from vitrine.engagement.rules import KEPT, MAX_WEBHOOKS
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


class _WebhookItem(_Item, discriminator="WEBHOOK"):
    version: Any = NumberAttribute()
    surface: Any = UnicodeAttribute()
    body: Any = UnicodeAttribute()


class _CountItem(_Item, discriminator="COUNT"):
    webhooks: Any = NumberAttribute()


class _DeliveryItem(_Item, discriminator="DELIVERY"):
    tries: Any = NumberAttribute()
    body: Any = UnicodeAttribute()


class WebhookExists(Conflict):
    code = "webhook_exists"


class TooManyWebhooks(Conflict):
    code = "too_many_webhooks"


class StaleWebhook(Conflict):
    """Somebody else changed the webhook at the same time, again and again."""

    code = "stale_webhook"


class DeliveryExists(Conflict):
    code = "delivery_exists"


class StaleDelivery(Conflict):
    """Another run has recorded this attempt already. Its name is a Step Functions error name."""

    code = "stale_delivery"


def insert(webhook: Webhook) -> None:
    """Conflicts with `WebhookExists`, or with `TooManyWebhooks` exactly from the eleventh on."""
    count = _CountItem(webhook.tenant, "COUNT")
    room = _CountItem.webhooks.does_not_exist() | (_CountItem.webhooks < MAX_WEBHOOKS)
    tables.commit(
        tables.put(
            _webhook_item(webhook),
            _WebhookItem.pk.does_not_exist(),
            lambda: WebhookExists("This webhook exists."),
        ),
        tables.update(count, [_CountItem.webhooks.add(1), _CountItem.kind.set(_CountItem)], room, _full),
    )


def delete(webhook: Webhook) -> None:
    """Conflicts with `NotFound` when it is gone already."""
    gone = _WebhookItem(webhook.tenant, f"WEBHOOK#{webhook.id}")
    count = _CountItem(webhook.tenant, "COUNT")
    tables.commit(
        tables.delete(gone, _WebhookItem.pk.exists(), no_webhook),
        tables.update(count, [_CountItem.webhooks.add(-1)], None, no_webhook),
    )


def get(tenant: str, webhook_id: str) -> Webhook | None:
    try:
        item = _WebhookItem.get(tenant, f"WEBHOOK#{webhook_id}", consistent_read=True)
    except _WebhookItem.DoesNotExist:
        return None
    return Webhook.model_validate_json(item.body)


def of_tenant(tenant: str) -> list[Webhook]:
    """All webhooks, the oldest first."""
    items = _WebhookItem.query(tenant, _WebhookItem.sk.startswith("WEBHOOK#"), consistent_read=True)
    return [Webhook.model_validate_json(item.body) for item in items]


def change(tenant: str, webhook_id: str, to: Callable[[Webhook], Webhook]) -> Webhook:
    """Apply a rule to the stored webhook, again when somebody else was faster. Raises `NotFound`, `StaleWebhook`."""
    for _ in range(_TRIES):
        before = get(tenant, webhook_id)
        if before is None:
            raise no_webhook()
        after = to(before)
        if after is before:
            return before
        try:
            _replace(after, before.version)
        except StaleWebhook:
            continue
        return after
    raise StaleWebhook("The webhook kept changing. Try again.")


def _replace(webhook: Webhook, version: int) -> None:
    condition = _WebhookItem.version == version
    tables.commit(tables.put(_webhook_item(webhook), condition, lambda: StaleWebhook("")))


def insert_delivery(delivery: Delivery, surface: str) -> None:
    """Conflicts with `DeliveryExists`, and with `NotFound` unless the surface has that webhook."""
    there = _WebhookItem.surface == surface
    new = _DeliveryItem.pk.does_not_exist()
    tables.commit(
        tables.check(_WebhookItem, (delivery.tenant, f"WEBHOOK#{delivery.webhook_id}"), there, no_webhook),
        tables.put(_delivery_item(delivery), new, lambda: DeliveryExists("This delivery exists.")),
    )


def replace_delivery(delivery: Delivery) -> None:
    """Record one more attempt. Conflicts with `StaleDelivery` when it is recorded already."""
    before = _DeliveryItem.tries == len(delivery.attempts) - 1
    recorded = "This attempt is recorded already."
    tables.commit(tables.put(_delivery_item(delivery), before, lambda: StaleDelivery(recorded)))


def end_delivery(delivery: Delivery) -> None:
    """Write a delivery's end that no attempt led to."""
    tables.commit(tables.put(_delivery_item(delivery), None, lambda: StaleDelivery("")))


def get_delivery(tenant: str, webhook_id: str, delivery_id: str) -> Delivery | None:
    try:
        item = _DeliveryItem.get(f"{tenant}#{webhook_id}", f"DELIVERY#{delivery_id}", consistent_read=True)
    except _DeliveryItem.DoesNotExist:
        return None
    return Delivery.model_validate_json(item.body)


def page(tenant: str, webhook_id: str, limit: int, after: Position | None) -> tuple[list[Delivery], Position | None]:
    """The newest deliveries first, and where the next page begins."""
    results = _DeliveryItem.query(
        f"{tenant}#{webhook_id}",
        _DeliveryItem.sk.startswith("DELIVERY#"),
        limit=limit,
        page_size=limit,
        last_evaluated_key=after,
        scan_index_forward=False,
        consistent_read=True,
    )
    return [Delivery.model_validate_json(item.body) for item in results], results.last_evaluated_key


def no_webhook() -> NotFound:
    return NotFound("There is no such webhook.", code="webhook_not_found")


def no_delivery() -> NotFound:
    return NotFound("There is no such delivery.", code="delivery_not_found")


def _full() -> TooManyWebhooks:
    return TooManyWebhooks(f"An account has at most {MAX_WEBHOOKS} webhooks. Delete one first.")


def _webhook_item(webhook: Webhook) -> _WebhookItem:
    return _WebhookItem(
        webhook.tenant,
        f"WEBHOOK#{webhook.id}",
        version=webhook.version,
        surface=webhook.surface,
        body=webhook.model_dump_json(),
    )


def _delivery_item(delivery: Delivery) -> _DeliveryItem:
    return _DeliveryItem(
        f"{delivery.tenant}#{delivery.webhook_id}",
        f"DELIVERY#{delivery.id}",
        tries=len(delivery.attempts),
        body=delivery.model_dump_json(),
        expires_at=epoch_s(delivery.created_at + KEPT),
    )
