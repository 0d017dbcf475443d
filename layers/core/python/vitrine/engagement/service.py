"""A tenant's webhooks, and the events on their way to them."""

import os
from collections.abc import Callable, Mapping
from typing import Any

from vitrine.contracts.announcements import Announcement
from vitrine.engagement import events, machine, rules, store
from vitrine.engagement.models import Delivery, DeliveryState, Endpoint
from vitrine.kernel import addresses
from vitrine.kernel.addresses import Refused
from vitrine.kernel.call import Call
from vitrine.kernel.clock import timestamp
from vitrine.kernel.cursors import Position
from vitrine.kernel.environment import WebhookMachine
from vitrine.kernel.errors import Invalid
from vitrine.kernel.ids import Ids, is_id


def register(
    call: Call, surface: str, url: str, event_types: tuple[str, ...], description: str | None, *, loopback: bool
) -> Endpoint:
    """Key: the id, which a repeated request under one Idempotency-Key makes again.

    Raises `Invalid` for a URL that we would not call, `TooManyEndpoints`.
    """
    _check_url(url, loopback=loopback)
    endpoint = Endpoint(
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
        store.insert(endpoint)
    except store.EndpointExists:
        return find(call, surface, endpoint.id)
    return endpoint


def endpoints(call: Call, surface: str) -> list[Endpoint]:
    return [endpoint for endpoint in store.of_tenant(call.tenant) if endpoint.surface == surface]


def find(call: Call, surface: str, endpoint_id: str) -> Endpoint:
    endpoint = store.get(call.tenant, endpoint_id) if is_id("whk", endpoint_id) else None
    if endpoint is None or endpoint.surface != surface:
        raise store.no_endpoint()
    return endpoint


def change(call: Call, surface: str, endpoint_id: str, said: Mapping[str, Any], *, loopback: bool) -> Endpoint:
    """Raises `NotFound`, `Invalid` for a URL that we would not call."""
    if "url" in said:
        _check_url(said["url"], loopback=loopback)
    find(call, surface, endpoint_id)
    return store.change(call.tenant, endpoint_id, lambda endpoint: rules.changed(endpoint, dict(said), call.now))


def remove(call: Call, surface: str, endpoint_id: str) -> None:
    """What is on its way to it is not sent again; its log goes with its time."""
    store.delete(find(call, surface, endpoint_id))


def rotate_secret(call: Call, surface: str, endpoint_id: str) -> Endpoint:
    """Key: the new secret's id, which a repeated request under one Idempotency-Key makes again."""
    find(call, surface, endpoint_id)
    new = rules.new_secret(call.ids.new("sec"), os.urandom(32))
    return store.change(call.tenant, endpoint_id, lambda endpoint: rules.rotate(endpoint, new, call.now))


def deliveries(
    call: Call, surface: str, endpoint_id: str, limit: int, after: Position | None
) -> tuple[list[Delivery], Position | None]:
    return store.page(call.tenant, find(call, surface, endpoint_id).id, limit, after)


def find_delivery(call: Call, surface: str, endpoint_id: str, delivery_id: str) -> Delivery:
    find(call, surface, endpoint_id)
    found = store.get_delivery(call.tenant, endpoint_id, delivery_id) if is_id("dlv", delivery_id) else None
    if found is None:
        raise store.no_delivery()
    return found


def send_test(call: Call, surface: str, endpoint_id: str, to: WebhookMachine) -> Delivery:
    """Send an event that says nothing, even to an endpoint that did not ask for any like it. Key: the delivery."""
    endpoint = find(call, surface, endpoint_id)
    delivery = Delivery(
        id=call.ids.new("dlv"),
        tenant=call.tenant,
        endpoint_id=endpoint.id,
        event_id=call.ids.new("evt"),
        type=events.TEST,
        payload=events.payload(events.TEST, timestamp(call.now), {"webhook_id": endpoint.id}),
        created_at=call.now,
    )
    return _dispatch(delivery, to)


def resend(call: Call, surface: str, endpoint_id: str, delivery_id: str, to: WebhookMachine) -> Delivery:
    """Send an event once more, as a delivery of its own under the same event id. Key: the new delivery."""
    earlier = find_delivery(call, surface, endpoint_id, delivery_id)
    again = Delivery(
        id=call.ids.new("dlv"),
        tenant=earlier.tenant,
        endpoint_id=earlier.endpoint_id,
        event_id=earlier.event_id,
        type=earlier.type,
        payload=earlier.payload,
        resends=earlier.id,
        created_at=call.now,
    )
    return _dispatch(again, to)


def announce(tenant: str, make: Callable[[], Announcement | None], to: WebhookMachine) -> int:
    """Start an announcement on its way to every webhook that asked for its like, and say how many.

    It is made only for a tenant that has webhooks. Idempotency key: event and webhook.
    """
    enabled = [endpoint for endpoint in store.of_tenant(tenant) if endpoint.disabled is None]
    said = make() if enabled else None
    if said is None:
        return 0
    listening = [endpoint for endpoint in enabled if endpoint.surface == said.surface and said.type in endpoint.events]
    for endpoint in listening:
        _dispatch(_delivery(said, endpoint), to)
    return len(listening)


def _delivery(said: Announcement, endpoint: Endpoint) -> Delivery:
    """Its id depends on event and endpoint alone, so that hearing of the event again leads to the same delivery."""
    return Delivery(
        id=Ids.seeded(said.at, f"{said.event_id}/{endpoint.id}").new("dlv"),
        tenant=endpoint.tenant,
        endpoint_id=endpoint.id,
        event_id=said.event_id,
        type=said.type,
        payload=events.payload(said.type, timestamp(said.at), said.data),
        created_at=said.at,
    )


def _dispatch(delivery: Delivery, to: WebhookMachine) -> Delivery:
    try:
        store.insert_delivery(delivery)
    except store.DeliveryExists:
        delivery = store.get_delivery(delivery.tenant, delivery.endpoint_id, delivery.id) or delivery
    if delivery.state is DeliveryState.PENDING:
        machine.start(delivery, to)
    return delivery


def _check_url(url: str, *, loopback: bool) -> None:
    try:
        addresses.parse(url, loopback=loopback)
    except Refused as refused:
        advice = "Give an https URL of a public host by its name, on port 443, without user, fragment or spaces."
        raise Invalid.field("body.url", refused.reason, advice) from None
