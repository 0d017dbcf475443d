"""A tenant's webhooks, and the events on their way to them."""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from vitrine.contracts.announcements import Announcement
from vitrine.engagement import events, machine, rules, store
from vitrine.engagement.models import Delivery, DeliveryState, Webhook
from vitrine.kernel import addresses
from vitrine.kernel.addresses import Refused
from vitrine.kernel.call import Call
from vitrine.kernel.clock import timestamp
from vitrine.kernel.cursors import Position
from vitrine.kernel.environment import WebhookMachine
from vitrine.kernel.errors import Invalid, NotFound
from vitrine.kernel.ids import Ids, is_id


def register(
    call: Call, surface: str, url: str, event_types: tuple[str, ...], description: str | None, *, loopback: bool
) -> Webhook:
    """Idempotency key: the id, which a repeated request under one Idempotency-Key makes again.

    Raises `Invalid` for a URL that we would not call, `TooManyWebhooks`.
    """
    _check_url(url, loopback=loopback)
    webhook = Webhook(
        id=call.ids.new("whk"),
        tenant=call.tenant,
        surface=surface,
        url=url,
        events=tuple(dict.fromkeys(event_types)),
        description=description,
        secrets=(rules.new_secret(call.ids.new("sec"), os.urandom(32)),),
        created_at=call.now,
        updated_at=call.now,
    )
    try:
        store.insert(webhook)
    except store.WebhookExists:
        return find(call, surface, webhook.id)
    return webhook


def webhooks(call: Call, surface: str) -> list[Webhook]:
    return [webhook for webhook in store.of_tenant(call.tenant) if webhook.surface == surface]


def find(call: Call, surface: str, webhook_id: str) -> Webhook:
    webhook = store.get(call.tenant, webhook_id) if is_id(webhook_id, "whk") else None
    return _of_surface(webhook, surface)


def change(call: Call, surface: str, webhook_id: str, said: Mapping[str, Any], *, loopback: bool) -> Webhook:
    """Raises `NotFound`, `Invalid` for a URL that we would not call."""
    if "url" in said:
        _check_url(said["url"], loopback=loopback)
    return _change(call, surface, webhook_id, lambda webhook: rules.changed(webhook, dict(said), call.now))


def remove(call: Call, surface: str, webhook_id: str) -> None:
    """What is on its way to it is not sent again; its log goes with its time."""
    store.delete(find(call, surface, webhook_id))


def rotate_secret(call: Call, surface: str, webhook_id: str) -> Webhook:
    """Idempotency key: the new secret's id, which a repeated request under one Idempotency-Key makes again."""
    new = rules.new_secret(call.ids.new("sec"), os.urandom(32))
    return _change(call, surface, webhook_id, lambda webhook: rules.rotate(webhook, new, call.now))


def deliveries(
    call: Call, surface: str, webhook_id: str, limit: int, after: Position | None
) -> tuple[list[Delivery], Position | None]:
    return store.page(call.tenant, find(call, surface, webhook_id).id, limit, after)


def find_delivery(call: Call, surface: str, webhook_id: str, delivery_id: str) -> Delivery:
    find(call, surface, webhook_id)
    return _delivery_of(call, webhook_id, delivery_id)


def _delivery_of(call: Call, webhook_id: str, delivery_id: str) -> Delivery:
    """Raises `NotFound`. Whether the surface has that webhook, somebody else looks at."""
    found = store.get_delivery(call.tenant, webhook_id, delivery_id) if is_id(delivery_id, "dlv") else None
    if found is None:
        raise store.no_delivery()
    return found


def send_test(call: Call, surface: str, webhook_id: str, to: WebhookMachine) -> Delivery:
    """Send an event that says nothing, even to a webhook that did not ask for any like it.

    Idempotency key: the delivery.
    """
    _check_id(webhook_id)
    delivery = Delivery(
        id=call.ids.new("dlv"),
        tenant=call.tenant,
        webhook_id=webhook_id,
        event_id=call.ids.new("evt"),
        type=events.TEST,
        payload=events.payload(events.TEST, timestamp(call.now), {"webhook_id": webhook_id}),
        created_at=call.now,
    )
    return _dispatch(delivery, surface, to)


def resend(call: Call, surface: str, webhook_id: str, delivery_id: str, to: WebhookMachine) -> Delivery:
    """Send an event once more, as a delivery of its own under the same event id. Idempotency key: the new delivery."""
    _check_id(webhook_id)
    earlier = _delivery_of(call, webhook_id, delivery_id)
    again = Delivery(
        id=call.ids.new("dlv"),
        tenant=earlier.tenant,
        webhook_id=earlier.webhook_id,
        event_id=earlier.event_id,
        type=earlier.type,
        payload=earlier.payload,
        resends=earlier.id,
        created_at=call.now,
    )
    return _dispatch(again, surface, to)


def announce(tenant: str, make: Callable[[], Announcement | None], to: WebhookMachine) -> int:
    """Start an announcement on its way to every webhook that asked for its like, and say how many.

    It is made only for a tenant that has webhooks. Idempotency key: event and webhook.
    """
    enabled = [webhook for webhook in store.of_tenant(tenant) if webhook.disabled is None]
    said = make() if enabled else None
    if said is None:
        return 0
    listening = [webhook for webhook in enabled if webhook.surface == said.surface and said.type in webhook.events]
    for webhook in listening:
        # One that was deleted just now is told nothing more.
        with suppress(NotFound):
            _dispatch(_delivery(said, webhook), webhook.surface, to)
    return len(listening)


def _change(call: Call, surface: str, webhook_id: str, to: Callable[[Webhook], Webhook]) -> Webhook:
    """In one read and one write. Raises `NotFound`."""
    _check_id(webhook_id)
    return store.change(call.tenant, webhook_id, lambda webhook: to(_of_surface(webhook, surface)))


def _check_id(webhook_id: str) -> None:
    if not is_id(webhook_id, "whk"):
        raise store.no_webhook()


def _of_surface(webhook: Webhook | None, surface: str) -> Webhook:
    """Raises `NotFound`: what another surface of the same tenant registered is not there."""
    if webhook is None or webhook.surface != surface:
        raise store.no_webhook()
    return webhook


def _delivery(said: Announcement, webhook: Webhook) -> Delivery:
    """Its id depends on event and webhook alone, so that hearing of the event again leads to the same delivery."""
    return Delivery(
        id=Ids.seeded(said.at, f"{said.event_id}/{webhook.id}").new("dlv"),
        tenant=webhook.tenant,
        webhook_id=webhook.id,
        event_id=said.event_id,
        type=said.type,
        payload=events.payload(said.type, timestamp(said.at), said.data),
        created_at=said.at,
    )


def _dispatch(delivery: Delivery, surface: str, to: WebhookMachine) -> Delivery:
    """Raises `NotFound` unless the surface has that webhook."""
    try:
        store.insert_delivery(delivery, surface)
    except store.DeliveryExists:
        delivery = store.get_delivery(delivery.tenant, delivery.webhook_id, delivery.id) or delivery
    if delivery.state is DeliveryState.PENDING:
        machine.start(delivery, to)
    return delivery


def _check_url(url: str, *, loopback: bool) -> None:
    try:
        addresses.parse(url, loopback=loopback)
    except Refused as refused:
        advice = "Give an https URL of a public host by its name, on port 443, without user, fragment or spaces."
        raise Invalid.field("body.url", refused.reason, advice) from None
