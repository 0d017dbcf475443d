"""The routes of webhooks, the same under every surface but for its events.

They stand here and not under `functions/`, since a function's zip holds its own surface's modules alone.
"""

import json
from enum import StrEnum
from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import AwareDatetime, BaseModel, Field, StrictBool, create_model

from vitrine.engagement import service
from vitrine.engagement.events import TYPES
from vitrine.engagement.models import Attempt, Delivery, DeliveryState, DisabledReason, Endpoint
from vitrine.engagement.sending import loopback_allowed
from vitrine.kernel import secrets
from vitrine.kernel.call import Call
from vitrine.kernel.cursors import Cursors
from vitrine.kernel.environment import CursorKey, GuardTable, WebhookMachine
from vitrine.kernel.http import Api, Caller
from vitrine.kernel.limits import Limit, RateLimiter
from vitrine.staging.models import Surface

_LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_TOP = "[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
# For the document alone: `addresses.parse` decides, and takes a little less (no inside names) or, on loopback, more.
_URL_PATTERN = rf"^https://({_LABEL}\.){{1,3}}{_TOP}(:443)?([/?][!$-\[\]-~]*)?$"
_TAGS = ["webhooks"]
SENT_BY_HAND = Limit("webhook", 60, 3600)
"""Tests and resends of a tenant: each may call somebody else's host a dozen times over three days."""
Url = Annotated[str, Field(min_length=1, max_length=2000, json_schema_extra={"pattern": _URL_PATTERN})]
Description = Annotated[str | None, Field(max_length=200)]


class WebhookView(BaseModel):
    """`disabled_reason` says who switched it off: its owner, the receiver (`gone`), or five days of failures."""

    id: str
    url: str
    events: list[str]
    description: str | None
    enabled: bool
    disabled_reason: DisabledReason | None
    failing_since: AwareDatetime | None
    created_at: AwareDatetime
    updated_at: AwareDatetime

    @classmethod
    def of(cls, endpoint: Endpoint) -> "WebhookView":
        return cls(**_fields(endpoint))


class WebhookList(BaseModel):
    items: list[WebhookView]


class NewWebhookView(WebhookView):
    """With the signing secret, which is shown this once."""

    secret: str


class RotatedSecret(BaseModel):
    """The new signing secret, shown this once; the one before signs too until `previous_secret_expires_at`."""

    secret: str
    previous_secret_expires_at: AwareDatetime


class DeliveryView(BaseModel):
    """`event_id` is what the receiver gets as `webhook-id`; `resends` is the delivery that this one repeats."""

    id: str
    event_id: str
    type: str
    state: DeliveryState
    attempts: list[Attempt]
    next_attempt_at: AwareDatetime | None
    resends: str | None
    created_at: AwareDatetime

    @classmethod
    def of(cls, delivery: Delivery) -> "DeliveryView":
        return cls(**_shown(delivery))


class DeliveryDetail(DeliveryView):
    payload: dict[str, Any]


class DeliveryPage(BaseModel):
    """The newest deliveries first; `next_cursor` continues the list, and is null at its end."""

    items: list[DeliveryView]
    next_cursor: str | None


class _Command(BaseModel):
    url: Url
    description: Description = None


class _Change(BaseModel):
    """Absent means unchanged. `enabled` true also forgets earlier failures."""

    description: Description = None


def add_routes(api: Api, surface: Surface, base: str) -> None:
    """Put the routes of webhooks under `base`, a path. Raises `ConfigurationMissingError`."""
    to, key = WebhookMachine.load(), CursorKey.load()
    cursors = Cursors(lambda: secrets.value(key.cursor_key_secret_arn).encode())
    _add_endpoints(api, surface, base, loopback=loopback_allowed())
    _add_sending(api, surface, base, to)
    _add_log(api, surface, base, cursors)


def _add_endpoints(api: Api, surface: Surface, base: str, *, loopback: bool) -> None:
    new_webhook, webhook_change = _bodies(TYPES[surface])
    routes, tags = api.routes, _TAGS

    @routes.post(base, status_code=201, summary="Register a webhook", tags=tags)
    def register_webhook(body: new_webhook, caller: Caller) -> NewWebhookView:  # type: ignore[valid-type]
        wish: Any = body
        made = service.register(caller, surface, wish.url, wish.events, wish.description, loopback=loopback)
        return NewWebhookView(**_fields(made), secret=made.secrets[0].value)

    @routes.get(base, summary="List webhooks", tags=tags)
    def list_webhooks(caller: Caller) -> WebhookList:
        return WebhookList(items=[WebhookView.of(found) for found in service.endpoints(caller, surface)])

    @routes.get(f"{base}/<webhook_id>", summary="Read a webhook", tags=tags)
    def get_webhook(webhook_id: str, caller: Caller) -> WebhookView:
        return WebhookView.of(service.find(caller, surface, webhook_id))

    @routes.patch(f"{base}/<webhook_id>", summary="Change, disable or enable a webhook", tags=tags)
    def change_webhook(webhook_id: str, body: webhook_change, caller: Caller) -> WebhookView:  # type: ignore[valid-type]
        said: Any = body
        change = said.model_dump(exclude_unset=True)
        return WebhookView.of(service.change(caller, surface, webhook_id, change, loopback=loopback))

    @routes.delete(f"{base}/<webhook_id>", status_code=204, summary="Delete a webhook", tags=tags)
    def delete_webhook(webhook_id: str, caller: Caller) -> None:
        service.remove(caller, surface, webhook_id)

    @routes.post(f"{base}/<webhook_id>/rotate-secret", summary="Rotate the signing secret", tags=tags)
    def rotate_webhook_secret(webhook_id: str, caller: Caller) -> RotatedSecret:
        newest, before, *_ = service.rotate_secret(caller, surface, webhook_id).secrets
        return RotatedSecret(secret=newest.value, previous_secret_expires_at=before.expires_at or caller.now)


def _add_log(api: Api, surface: Surface, base: str, cursors: Cursors) -> None:
    routes, tags = api.routes, _TAGS

    @routes.get(f"{base}/<webhook_id>/deliveries", summary="List the deliveries of the last 30 days", tags=tags)
    def list_deliveries(
        webhook_id: str,
        caller: Caller,
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
        cursor: Annotated[str | None, Query(max_length=2000)] = None,
    ) -> DeliveryPage:
        listing = f"deliveries#{caller.tenant}#{webhook_id}"
        position = cursors.open(listing, cursor) if cursor else None
        found, after = service.deliveries(caller, surface, webhook_id, limit, position)
        return DeliveryPage(
            items=[DeliveryView.of(delivery) for delivery in found],
            next_cursor=cursors.seal(listing, after) if after else None,
        )

    @routes.get(f"{base}/<webhook_id>/deliveries/<delivery_id>", summary="Read a delivery with its payload", tags=tags)
    def get_delivery(webhook_id: str, delivery_id: str, caller: Caller) -> DeliveryDetail:
        found = service.find_delivery(caller, surface, webhook_id, delivery_id)
        return DeliveryDetail(**_shown(found), payload=json.loads(found.payload))


def _add_sending(api: Api, surface: Surface, base: str, to: WebhookMachine) -> None:
    routes, tags = api.routes, _TAGS
    limiter = RateLimiter(GuardTable.load())

    def count(caller: Call) -> None:
        limiter.take(f"{surface.value}#{caller.tenant}#webhooks", SENT_BY_HAND, caller.now)

    @routes.post(f"{base}/<webhook_id>/test", status_code=202, summary="Send a test event", tags=tags)
    def test_webhook(webhook_id: str, caller: Caller) -> DeliveryView:
        count(caller)
        return DeliveryView.of(service.send_test(caller, surface, webhook_id, to))

    @routes.post(
        f"{base}/<webhook_id>/deliveries/<delivery_id>/resend",
        status_code=202,
        summary="Send an event once more",
        tags=tags,
    )
    def resend_delivery(webhook_id: str, delivery_id: str, caller: Caller) -> DeliveryView:
        count(caller)
        return DeliveryView.of(service.resend(caller, surface, webhook_id, delivery_id, to))


def secretive(base: str) -> frozenset[str]:
    """Route keys whose answer must not be kept, since it holds a secret: a repeat finds the same one again."""
    return frozenset({f"POST {base}", f"POST {base}/{{webhook_id}}/rotate-secret"})


def _bodies(types: type[StrEnum]) -> tuple[type[BaseModel], type[BaseModel]]:
    """What a client may send, with the events of its surface by name."""
    some: Any = Annotated[tuple[types, ...], Field(min_length=1, max_length=16)]  # type: ignore[valid-type]
    new = create_model("NewWebhook", __base__=_Command, events=(some, ...))
    change = create_model(
        "WebhookChange", __base__=_Change, url=(Url, None), events=(some, None), enabled=(StrictBool, None)
    )
    return new, change


def _fields(endpoint: Endpoint) -> dict[str, Any]:
    shown = endpoint.model_dump(include=set(WebhookView.model_fields))
    return {**shown, "enabled": endpoint.disabled is None, "disabled_reason": endpoint.disabled}


def _shown(delivery: Delivery) -> dict[str, Any]:
    return delivery.model_dump(include=set(DeliveryView.model_fields))
