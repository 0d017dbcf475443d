"""Stripe's events, the facts that we make of them, and the customers and payments that facts are about."""

from enum import StrEnum
from typing import Any

from pydantic import AwareDatetime, Field

from vitrine.billing.models import MoneyBack, PaidInvoice, Subscription
from vitrine.kernel.record import Record


class EventState(StrEnum):
    """What became of an event. All but `APPLIED` and `IGNORED` are tried again when Stripe sends them again."""

    RECEIVED = "received"
    APPLIED = "applied"
    PARKED = "parked"
    FLAGGED = "flagged"
    IGNORED = "ignored"


class Invoice(PaidInvoice):
    """`lines` are what it bills of subscriptions: periods and prorations. Other items bring no credits."""

    id: str
    paid: bool


class Party(Record):
    """Another name by which an event may be about a customer: an invoice, a charge or a payment intent.

    Disputes and the payments of invoices name no customer, only these. `customer` is whose it is, once an event said
    so, and `tenant` is theirs once known; until then events wait here. `version` 0 is unseen.
    """

    id: str
    customer: str | None = None
    tenant: str | None = None
    waiting: frozenset[str] = frozenset()
    version: int = 0


class Fact(Record):
    """One event, reduced to what we use. `tenant` is whom the event itself names, `customer` whom it is about.

    `invoices` maps charges and payment intents to the invoice that they paid. `refunds`, `failed_refund` and `dispute`
    carry the id of a charge, a refund and a dispute.
    """

    event: str
    as_of: AwareDatetime
    customer: str | None = None
    tenant: str | None = None
    subscription: Subscription | None = None
    prices: dict[str, str] = Field(default_factory=dict)
    invoice: Invoice | None = None
    invoices: dict[str, str] = Field(default_factory=dict)
    refunds: tuple[str, MoneyBack] | None = None
    failed_refund: tuple[str, MoneyBack] | None = None
    dispute: tuple[str, MoneyBack] | None = None

    @property
    def money_back(self) -> MoneyBack | None:
        found = self.refunds or self.failed_refund or self.dispute
        return found[1] if found else None

    @property
    def parties(self) -> tuple[str, ...]:
        """The other names of whom it is about."""
        money = self.money_back
        named = [self.invoice.id if self.invoice else None, *self.invoices, *self.invoices.values()]
        named += [money.charge, money.intent] if money else []
        return tuple(sorted({name for name in named if name}))


class Customer(Record):
    """A customer of Stripe's: whose it is, once known, and until then the events that wait. `version` 0 is unseen."""

    id: str
    tenant: str | None = None
    parked: frozenset[str] = frozenset()
    version: int = 0


class Envelope(Record):
    """Any event: an id, a type, when it was made, and the object as it was then, which thin events do not carry."""

    id: str
    type: str
    created: AwareDatetime
    data: Any = Field(None, repr=False)
