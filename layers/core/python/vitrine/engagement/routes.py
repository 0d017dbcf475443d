"""The routes of webhooks, the same under every surface but for its events.

They stand here and not under `functions/`, since a function's zip holds its own surface's modules alone.
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, Field, StrictBool, create_model

from vitrine.engagement import service
from vitrine.engagement.models import Attempt, Delivery, DeliveryState, DisabledReason, Webhook
from vitrine.engagement.rules import SENT_BY_HAND
from vitrine.engagement.sending import loopback_allowed
from vitrine.kernel.environment import WebhookMachine
from vitrine.kernel.http import Allow, Api, Caller, Repeat
from vitrine.kernel.http.paging import DEFAULT_LIMIT, Page, PageCursor, PageLimit, Pages
from vitrine.kernel.http.policy import ID

_LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_TOP = "[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
# For the document alone: `addresses.parse` decides, and takes a little less (no inside names) or, on loopback, more.
_URL_PATTERN = rf"^https://({_LABEL}\.){{1,3}}{_TOP}(:443)?([/?][!$-\[\]-~]*)?$"
_TAGS = ["webhooks"]
_WEBHOOK = {"webhook_id": ID}
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
    def of(cls, webhook: Webhook) -> "WebhookView":
        return cls(
            id=webhook.id,
            url=webhook.url,
            events=list(webhook.events),
            description=webhook.description,
            enabled=webhook.disabled is None,
            disabled_reason=webhook.disabled,
            failing_since=webhook.failing_since,
            created_at=webhook.created_at,
            updated_at=webhook.updated_at,
        )


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
        return cls(
            id=delivery.id,
            event_id=delivery.event_id,
            type=delivery.type,
            state=delivery.state,
            attempts=list(delivery.attempts),
            next_attempt_at=delivery.next_attempt_at,
            resends=delivery.resends,
            created_at=delivery.created_at,
        )


class DeliveryDetail(DeliveryView):
    payload: dict[str, Any]


class DeliveryPage(Page[DeliveryView]):
    """The newest deliveries first; `next_cursor` continues the list, and is null at its end."""


class _Command(BaseModel):
    url: Url
    description: Description = None


class _Change(BaseModel):
    """Absent means unchanged. `enabled` true also forgets earlier failures."""

    description: Description = None


@dataclass(frozen=True)
class _At:
    """Where the routes are added, and who may call them."""

    api: Api
    allow: Allow
    surface: str
    base: str


def add_routes(api: Api, allow: Allow = Allow.SIGNED_IN) -> None:
    """The routes of the surface's webhooks, for those that `allow` names.

    Raises `ConfigurationMissingError`, and ValueError if it has none.
    """
    webhooks = api.surface.webhooks
    if webhooks is None:
        raise ValueError(f"The surface {api.surface.name} has no webhooks.")
    surface = api.surface.name
    at = _At(api, allow, surface, webhooks.base)
    _add_webhooks(at, _bodies(webhooks.events()), loopback=loopback_allowed())
    _add_secret(at)
    _add_sending(at, WebhookMachine.load())
    _add_log(at, Pages())


def _add_webhooks(at: _At, bodies: "_Bodies", *, loopback: bool) -> None:
    api, surface, base = at.api, at.surface, at.base
    one = f"{base}/{{webhook_id}}"
    new_webhook, webhook_change = bodies

    @api.post(
        base,
        status_code=201,
        summary="Register a webhook",
        tags=_TAGS,
        allow=at.allow,
        # The answer holds the secret, which is kept nowhere else: a repeat finds the same one again.
        repeat=Repeat.RUN_AGAIN,
        round_trips=3,
        leads_to={
            **{f"{method} {one}": _WEBHOOK for method in ("GET", "PATCH", "DELETE")},
            f"POST {one}/rotate-secret": _WEBHOOK,
            f"POST {one}/test": _WEBHOOK,
            f"GET {one}/deliveries": _WEBHOOK,
        },
    )
    def register_webhook(body: new_webhook, caller: Caller) -> NewWebhookView:  # type: ignore[valid-type]
        sent: Any = body
        made = service.register(caller, surface, sent.url, sent.events, sent.description, loopback=loopback)
        return NewWebhookView(**vars(WebhookView.of(made)), secret=made.secrets[0].value)

    @api.get(base, summary="List webhooks", tags=_TAGS, allow=at.allow, round_trips=2)
    def list_webhooks(caller: Caller) -> WebhookList:
        return WebhookList(items=[WebhookView.of(found) for found in service.webhooks(caller, surface)])

    @api.get(one, summary="Read a webhook", tags=_TAGS, allow=at.allow, round_trips=2)
    def get_webhook(webhook_id: str, caller: Caller) -> WebhookView:
        return WebhookView.of(service.find(caller, surface, webhook_id))

    @api.patch(one, summary="Change, disable or enable a webhook", tags=_TAGS, allow=at.allow, round_trips=5)
    def change_webhook(webhook_id: str, body: webhook_change, caller: Caller) -> WebhookView:  # type: ignore[valid-type]
        sent: Any = body
        change = sent.model_dump(exclude_unset=True)
        return WebhookView.of(service.change(caller, surface, webhook_id, change, loopback=loopback))

    @api.delete(one, status_code=204, summary="Delete a webhook", tags=_TAGS, allow=at.allow, round_trips=3)
    def delete_webhook(webhook_id: str, caller: Caller) -> None:
        service.remove(caller, surface, webhook_id)


def _add_secret(at: _At) -> None:
    surface = at.surface

    @at.api.post(
        f"{at.base}/{{webhook_id}}/rotate-secret",
        summary="Rotate the signing secret",
        tags=_TAGS,
        allow=at.allow,
        repeat=Repeat.RUN_AGAIN,
        round_trips=4,
    )
    def rotate_webhook_secret(webhook_id: str, caller: Caller) -> RotatedSecret:
        newest, before, *_ = service.rotate_secret(caller, surface, webhook_id).secrets
        return RotatedSecret(secret=newest.value, previous_secret_expires_at=before.expires_at or caller.now)


def _add_log(at: _At, pages: Pages) -> None:
    api, surface, base = at.api, at.surface, at.base
    one = f"{base}/{{webhook_id}}"

    @api.get(
        f"{one}/deliveries",
        summary="List the deliveries of the last 30 days",
        tags=_TAGS,
        allow=at.allow,
        round_trips=3,
    )
    def list_deliveries(
        webhook_id: str, caller: Caller, limit: PageLimit = DEFAULT_LIMIT, cursor: PageCursor = None
    ) -> DeliveryPage:
        found, next_cursor = pages.read(
            f"deliveries#{caller.tenant}#{webhook_id}",
            cursor,
            lambda after: service.deliveries(caller, surface, webhook_id, limit, after),
        )
        return DeliveryPage(items=[DeliveryView.of(delivery) for delivery in found], next_cursor=next_cursor)

    @api.get(
        f"{one}/deliveries/{{delivery_id}}",
        summary="Read a delivery with its payload",
        tags=_TAGS,
        allow=at.allow,
        round_trips=3,
    )
    def get_delivery(webhook_id: str, delivery_id: str, caller: Caller) -> DeliveryDetail:
        found = service.find_delivery(caller, surface, webhook_id, delivery_id)
        return DeliveryDetail(**vars(DeliveryView.of(found)), payload=json.loads(found.payload))


def _add_sending(at: _At, to: WebhookMachine) -> None:
    api, surface, base = at.api, at.surface, at.base
    one = f"{base}/{{webhook_id}}"
    delivery = f"{one}/deliveries/{{delivery_id}}"
    sent = {"webhook_id": "$request.path.webhook_id", "delivery_id": ID}
    leads_to = {f"GET {delivery}": sent, f"POST {delivery}/resend": sent}

    @api.post(
        f"{one}/test",
        status_code=202,
        summary="Send a test event",
        tags=_TAGS,
        allow=at.allow,
        limit=SENT_BY_HAND,
        # A repeat makes the same delivery again and sends nothing twice.
        repeat=Repeat.RUN_AGAIN,
        round_trips=4,
        leads_to=leads_to,
    )
    def test_webhook(webhook_id: str, caller: Caller) -> DeliveryView:
        return DeliveryView.of(service.send_test(caller, surface, webhook_id, to))

    @api.post(
        f"{delivery}/resend",
        status_code=202,
        summary="Send an event once more",
        tags=_TAGS,
        allow=at.allow,
        limit=SENT_BY_HAND,
        repeat=Repeat.RUN_AGAIN,
        round_trips=5,
        leads_to=leads_to,
    )
    def resend_delivery(webhook_id: str, delivery_id: str, caller: Caller) -> DeliveryView:
        return DeliveryView.of(service.resend(caller, surface, webhook_id, delivery_id, to))


_Bodies = tuple[type[BaseModel], type[BaseModel]]


def _bodies(types: type[StrEnum]) -> _Bodies:
    """What a client may send, with the events of its surface by name."""
    some: Any = Annotated[tuple[types, ...], Field(min_length=1, max_length=16)]  # type: ignore[valid-type]
    new = create_model("NewWebhook", __base__=_Command, events=(some, ...))
    change = create_model(
        "WebhookChange", __base__=_Change, url=(Url, None), events=(some, None), enabled=(StrictBool, None)
    )
    return new, change
