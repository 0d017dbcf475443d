"""Stripe's webhook payloads, as far as we read them, and the facts that we make of them.

Both generations of the API are read: since 2025-03-31 (basil) an invoice says under `parent` what it is for, its lines
carry only the id of their price, and the billing period is that of a subscription's items.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AliasChoices, AliasPath, AwareDatetime, BeforeValidator, Field

from vitrine.billing.models import InvoiceLine, Subscription
from vitrine.kernel.record import Record

_Id = Annotated[str, BeforeValidator(lambda value: value.get("id") if isinstance(value, dict) else value)]

_CREATED = "customer.subscription.created"
_UPDATED = "customer.subscription.updated"
_DELETED = "customer.subscription.deleted"
_SUBSCRIPTION = (_CREATED, _UPDATED, _DELETED)
_PAID = ("invoice.paid", "invoice.payment_succeeded")
_INVOICE = (*_PAID, "invoice.payment_failed")
_CHECKOUT = "checkout.session.completed"
HANDLED = frozenset({*_SUBSCRIPTION, *_INVOICE, _CHECKOUT})

# A subscription in one of these never leaves it (docs.stripe.com/billing/subscriptions/overview).
_FINAL_STATUSES = frozenset({"canceled", "incomplete_expired"})


class EventState(StrEnum):
    """What became of an event. All but `APPLIED` and `IGNORED` are tried again when Stripe sends them again."""

    RECEIVED = "received"
    APPLIED = "applied"
    PARKED = "parked"
    FLAGGED = "flagged"
    IGNORED = "ignored"


class Invoice(Record):
    """`lines` are the periods of subscriptions that it bills; prorations and other items bring no credits."""

    id: str
    paid: bool
    lines: tuple[InvoiceLine, ...]


class Fact(Record):
    """One event, reduced to what we use. `tenant` is whom the event itself names, `customer` whom it is about."""

    event: str
    as_of: AwareDatetime
    customer: str | None
    tenant: str | None = None
    subscription: Subscription | None = None
    prices: dict[str, str] = Field(default_factory=dict)
    invoice: Invoice | None = None


class Customer(Record):
    """A customer of Stripe's: whose it is, once known, and until then the events that wait. `version` 0 is unseen."""

    id: str
    tenant: str | None = None
    parked: frozenset[str] = frozenset()
    version: int = 0


class _Data(Record):
    object: dict[str, Any]


class Envelope(Record):
    """Any event: an id, a type, when it was made, and the object as it was then."""

    id: str
    type: str
    created: AwareDatetime
    data: _Data = Field(repr=False)

    @property
    def is_handled(self) -> bool:
        return self.type in HANDLED


class _Price(Record):
    id: str
    lookup_key: str | None = None


_AnyPrice = Annotated[_Price, BeforeValidator(lambda value: {"id": value} if isinstance(value, str) else value)]
_Metadata = Annotated[dict[str, str], BeforeValidator(lambda value: value or {})]


class _Item(Record):
    price: _Price
    current_period_end: AwareDatetime | None = None


class _Subscription(Record):
    id: str
    customer: _Id
    status: str
    created: AwareDatetime
    current_period_end: AwareDatetime | None = None
    items: list[_Item] = Field(validation_alias=AliasPath("items", "data"))
    metadata: _Metadata = Field(default_factory=dict)

    @property
    def period_end(self) -> datetime | None:
        ends = [item.current_period_end for item in self.items] + [self.current_period_end]
        return max((end for end in ends if end), default=None)


class _Line(Record):
    kind: str | None = Field(None, validation_alias=AliasChoices(AliasPath("parent", "type"), "type"))
    proration: bool = Field(
        False, validation_alias=AliasChoices(AliasPath("parent", "subscription_item_details", "proration"), "proration")
    )
    price: _AnyPrice | None = Field(
        None, validation_alias=AliasChoices(AliasPath("pricing", "price_details", "price"), "price")
    )
    quantity: int | None = Field(None, ge=0)

    @property
    def is_period(self) -> bool:
        return self.kind in ("subscription_item_details", "subscription") and not self.proration


class _Invoice(Record):
    id: str
    customer: _Id | None = None
    lines: list[_Line] = Field(validation_alias=AliasPath("lines", "data"))
    has_more: bool = Field(False, validation_alias=AliasPath("lines", "has_more"))
    metadata: _Metadata = Field(
        {},
        validation_alias=AliasChoices(
            AliasPath("parent", "subscription_details", "metadata"), AliasPath("subscription_details", "metadata")
        ),
    )


class _Checkout(Record):
    customer: _Id | None = None
    client_reference_id: str | None = None
    metadata: _Metadata = Field(default_factory=dict)


def read(envelope: Envelope) -> Fact:
    """The fact in an event of a handled type. Raises pydantic's `ValidationError` for an object we cannot read."""
    if envelope.type in _SUBSCRIPTION:
        return _read_subscription(envelope)
    if envelope.type in _INVOICE:
        return _read_invoice(envelope)
    return _read_checkout(envelope)


def _read_subscription(envelope: Envelope) -> Fact:
    sent = _Subscription.model_validate(envelope.data.object)
    prices = [item.price for item in sent.items]
    return Fact(
        event=envelope.id,
        as_of=envelope.created,
        customer=sent.customer,
        tenant=sent.metadata.get("tenant"),
        prices={price.id: price.lookup_key for price in prices if price.lookup_key},
        subscription=Subscription(
            id=sent.id,
            customer=sent.customer,
            status=sent.status,
            prices=tuple(price.id for price in prices),
            current_period_end=sent.period_end,
            started_at=sent.created,
            as_of=envelope.created,
            rank=_SUBSCRIPTION.index(envelope.type),
            final=envelope.type == _DELETED or sent.status in _FINAL_STATUSES,
        ),
    )


def _read_invoice(envelope: Envelope) -> Fact:
    sent = _Invoice.model_validate(envelope.data.object)
    lines = [_line(line) for line in sent.lines if line.is_period]
    if sent.has_more:
        # The event carries only the first lines, so what the others bring is not known.
        lines.append(InvoiceLine(price=None))
    return Fact(
        event=envelope.id,
        as_of=envelope.created,
        customer=sent.customer,
        tenant=sent.metadata.get("tenant"),
        invoice=Invoice(id=sent.id, paid=envelope.type in _PAID, lines=tuple(lines)),
    )


def _read_checkout(envelope: Envelope) -> Fact:
    sent = _Checkout.model_validate(envelope.data.object)
    return Fact(
        event=envelope.id,
        as_of=envelope.created,
        customer=sent.customer,
        tenant=sent.client_reference_id or sent.metadata.get("tenant"),
    )


def _line(line: _Line) -> InvoiceLine:
    price = line.price
    return InvoiceLine(
        price=price.id if price else None,
        lookup_key=price.lookup_key if price else None,
        quantity=1 if line.quantity is None else line.quantity,
    )
