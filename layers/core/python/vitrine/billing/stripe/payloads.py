"""The objects in Stripe's events, as far as we read them.

Both generations of the API are read. Since 2025-03-31 (basil) an invoice says under `parent` what it is for, its lines
carry only the id of their price, and the billing period is that of a subscription's items; a charge no longer says
which invoice it paid, the event `invoice_payment.paid` does (docs.stripe.com/changelog/basil).
"""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from pydantic import AliasChoices, AliasPath, AwareDatetime, BeforeValidator, Field

from vitrine.billing.models import InvoiceLine, MoneyBack, Subscription
from vitrine.billing.stripe.models import Envelope, Fact, Invoice
from vitrine.kernel.record import Record

_Id = Annotated[str, BeforeValidator(lambda value: value.get("id") if isinstance(value, dict) else value)]

_CREATED = "customer.subscription.created"
_UPDATED = "customer.subscription.updated"
_DELETED = "customer.subscription.deleted"
_SUBSCRIPTION = (_CREATED, _UPDATED, _DELETED)
_PAID = ("invoice.paid", "invoice.payment_succeeded")
_CLOSED = "charge.dispute.closed"
_DISPUTE = (
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
    _CLOSED,
)

# A subscription in one of these never leaves it (docs.stripe.com/billing/subscriptions/overview).
_FINAL_STATUSES = frozenset({"canceled", "incomplete_expired"})
# In these the bank has the money of a dispute; inquiries (`warning_…`) take none (docs.stripe.com/disputes).
_WITHDRAWN = frozenset({"needs_response", "under_review", "lost"})


class _Data(Record):
    object: dict[str, Any]


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


class _Discount(Record):
    amount: int


_Discounts = Annotated[list[_Discount], BeforeValidator(lambda value: value or [])]


class _Line(Record):
    """A proration is an item of its own on an invoice, or one of the subscription's."""

    kind: str | None = Field(None, validation_alias=AliasChoices(AliasPath("parent", "type"), "type"))
    proration: bool = Field(
        False,
        validation_alias=AliasChoices(
            AliasPath("parent", "subscription_item_details", "proration"),
            AliasPath("parent", "invoice_item_details", "proration"),
            "proration",
        ),
    )
    amount: int
    discounts: _Discounts = Field(default_factory=list, validation_alias="discount_amounts")
    start: AwareDatetime | None = Field(None, validation_alias=AliasPath("period", "start"))
    end: AwareDatetime | None = Field(None, validation_alias=AliasPath("period", "end"))
    price: _AnyPrice | None = Field(
        None, validation_alias=AliasChoices(AliasPath("pricing", "price_details", "price"), "price")
    )
    quantity: int | None = Field(None, ge=0)

    @property
    def is_of_subscription(self) -> bool:
        return self.proration or self.kind in ("subscription_item_details", "subscription")


class _PaidWith(Record):
    charge: _Id | None = Field(None, validation_alias=AliasPath("payment", "charge"))
    intent: _Id | None = Field(None, validation_alias=AliasPath("payment", "payment_intent"))


_Payments = Annotated[
    list[_PaidWith], BeforeValidator(lambda value: value.get("data", []) if isinstance(value, dict) else [])
]


class _Invoice(Record):
    id: str
    customer: _Id | None = None
    total: int
    reduced: int | None = Field(None, validation_alias="pre_payment_credit_notes_amount")
    charge: _Id | None = None
    intent: _Id | None = Field(None, validation_alias="payment_intent")
    payments: _Payments = Field(default_factory=list)
    lines: list[_Line] = Field(validation_alias=AliasPath("lines", "data"))
    has_more: bool = Field(False, validation_alias=AliasPath("lines", "has_more"))
    metadata: _Metadata = Field(
        {},
        validation_alias=AliasChoices(
            AliasPath("parent", "subscription_details", "metadata"), AliasPath("subscription_details", "metadata")
        ),
    )


class _InvoicePayment(_PaidWith):
    invoice: _Id


class _Charge(Record):
    id: str
    customer: _Id | None = None
    invoice: _Id | None = None
    intent: _Id | None = Field(None, validation_alias="payment_intent")
    amount_refunded: int


class _Refund(Record):
    id: str
    amount: int
    status: str | None = None
    charge: _Id | None = None
    intent: _Id | None = Field(None, validation_alias="payment_intent")


class _Checkout(Record):
    customer: _Id | None = None
    client_reference_id: str | None = None
    metadata: _Metadata = Field(default_factory=dict)


def read(envelope: Envelope) -> Fact:
    """The fact in an event of a handled type. Raises pydantic's `ValidationError` for an object we cannot read."""
    sent = _Data.model_validate(envelope.data).object
    return Fact(event=envelope.id, as_of=envelope.created, **_READERS[envelope.type](envelope, sent))


def _subscription(envelope: Envelope, found: dict[str, Any]) -> dict[str, Any]:
    sent = _Subscription.model_validate(found)
    prices = [item.price for item in sent.items]
    subscription = Subscription(
        id=sent.id,
        customer=sent.customer,
        status=sent.status,
        prices=tuple(price.id for price in prices),
        current_period_end=sent.period_end,
        started_at=sent.created,
        as_of=envelope.created,
        rank=_SUBSCRIPTION.index(envelope.type),
        final=envelope.type == _DELETED or sent.status in _FINAL_STATUSES,
    )
    known = {price.id: price.lookup_key for price in prices if price.lookup_key}
    return {
        "customer": sent.customer,
        "tenant": sent.metadata.get("tenant"),
        "prices": known,
        "subscription": subscription,
    }


def _invoice(envelope: Envelope, found: dict[str, Any]) -> dict[str, Any]:
    sent = _Invoice.model_validate(found)
    lines = [_line(line) for line in sent.lines if line.is_of_subscription]
    if sent.has_more:
        # The event carries only the first lines, so what the others bring is not known.
        lines.append(InvoiceLine(price=None))
    paid = envelope.type in _PAID
    paid_with = [sent.charge, sent.intent, *(each for one in sent.payments for each in (one.charge, one.intent))]
    return {
        "customer": sent.customer,
        "tenant": sent.metadata.get("tenant"),
        "invoice": Invoice(id=sent.id, paid=paid, total=sent.total - (sent.reduced or 0), lines=tuple(lines)),
        "invoices": {each: sent.id for each in paid_with if each},
    }


def _line(line: _Line) -> InvoiceLine:
    price = line.price
    return InvoiceLine(
        price=price.id if price else None,
        lookup_key=price.lookup_key if price else None,
        quantity=1 if line.quantity is None else line.quantity,
        amount=line.amount,
        net=line.amount - sum(discount.amount for discount in line.discounts),
        proration=line.proration,
        start=line.start,
        end=line.end,
    )


def _invoice_payment(_: Envelope, found: dict[str, Any]) -> dict[str, Any]:
    sent = _InvoicePayment.model_validate(found)
    return {"invoices": {each: sent.invoice for each in (sent.charge, sent.intent) if each}}


def _charge(envelope: Envelope, found: dict[str, Any]) -> dict[str, Any]:
    sent = _Charge.model_validate(found)
    money = MoneyBack(as_of=envelope.created, amount=sent.amount_refunded, charge=sent.id, intent=sent.intent)
    invoices = {each: sent.invoice for each in (sent.id, sent.intent) if each and sent.invoice}
    return {"customer": sent.customer, "refunds": (sent.id, money), "invoices": invoices}


def _refund(envelope: Envelope, found: dict[str, Any]) -> dict[str, Any]:
    """Only one that failed says more than its charge does."""
    sent = _Refund.model_validate(found)
    amount = sent.amount if sent.status in ("failed", "canceled") else 0
    money = MoneyBack(as_of=envelope.created, amount=amount, charge=sent.charge, intent=sent.intent)
    return {"failed_refund": (sent.id, money)}


def _dispute(envelope: Envelope, found: dict[str, Any]) -> dict[str, Any]:
    sent = _Refund.model_validate(found)
    money = MoneyBack(
        as_of=envelope.created,
        amount=sent.amount if sent.status in _WITHDRAWN else 0,
        charge=sent.charge,
        intent=sent.intent,
        final=envelope.type == _CLOSED,
    )
    return {"dispute": (sent.id, money)}


def _checkout(_: Envelope, found: dict[str, Any]) -> dict[str, Any]:
    sent = _Checkout.model_validate(found)
    return {"customer": sent.customer, "tenant": sent.client_reference_id or sent.metadata.get("tenant")}


_READERS: dict[str, Callable[[Envelope, dict[str, Any]], dict[str, Any]]] = {
    **dict.fromkeys(_SUBSCRIPTION, _subscription),
    **dict.fromkeys((*_PAID, "invoice.payment_failed"), _invoice),
    "invoice_payment.paid": _invoice_payment,
    "charge.refunded": _charge,
    **dict.fromkeys(("charge.refund.updated", "refund.updated", "refund.failed"), _refund),
    **dict.fromkeys(_DISPUTE, _dispute),
    "checkout.session.completed": _checkout,
}
HANDLED = frozenset(_READERS)
