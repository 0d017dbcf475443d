from enum import StrEnum
from typing import Self

from pydantic import AwareDatetime, Field, model_validator

from vitrine.kernel.record import Record


class LedgerAccount(StrEnum):
    """Where credits are. `GRANTS` is where they come from, so its balance is what was granted, negated."""

    GRANTS = "grants"
    AVAILABLE = "available"
    HELD = "held"
    SPENT = "spent"


class Leg(Record):
    account: LedgerAccount
    amount: int


class EntryKind(StrEnum):
    GRANT = "grant"
    RESERVE = "reserve"
    SETTLE = "settle"
    REFUND = "refund"
    REVOKE = "revoke"


class Entry(Record):
    """One movement of credits. `key` says what for, and the ledger takes each key once. The legs sum to zero."""

    tenant: str
    key: str
    kind: EntryKind
    legs: tuple[Leg, ...] = Field(min_length=2)
    at: AwareDatetime

    @model_validator(mode="after")
    def _balanced(self) -> Self:
        if sum(leg.amount for leg in self.legs) != 0:
            raise ValueError("the legs of an entry sum to zero")
        return self

    @property
    def amount(self) -> int:
        return sum(leg.amount for leg in self.legs if leg.amount > 0)


class Balances(Record):
    """Credits granted = available + held + spent, whatever happens.

    `granted` is net of what was revoked. `available` falls below zero when credits were revoked after they had been
    spent: what comes next makes up for that first.
    """

    granted: int = 0
    available: int = 0
    held: int = 0
    spent: int = 0

    @property
    def are_even(self) -> bool:
        return self.granted == self.available + self.held + self.spent


class HoldState(StrEnum):
    RESERVED = "reserved"
    SETTLED = "settled"
    REFUNDED = "refunded"


class Subscription(Record):
    """What Stripe last said about one subscription: `as_of` is when it said it, `rank` orders what it said at once.

    `prices` are the ids of what it pays for. `final` is set once the subscription can never come back.
    """

    id: str
    customer: str
    status: str
    prices: tuple[str, ...]
    current_period_end: AwareDatetime | None
    started_at: AwareDatetime
    as_of: AwareDatetime
    rank: int
    final: bool


class InvoiceLine(Record):
    """A period of a subscription that an invoice bills. `lookup_key` is known only if the event holds the whole price.

    `amount` is in the currency's smallest unit, before discounts, and negative where unused time is given back; `net`
    is what is left of it after them. A proration bills from `start` to `end`, any other line a whole period.
    """

    price: str | None
    lookup_key: str | None = None
    quantity: int = 1
    amount: int = 0
    net: int = 0
    proration: bool = False
    start: AwareDatetime | None = None
    end: AwareDatetime | None = None


class PaidInvoice(Record):
    """What a paid invoice billed. `total` is what was to be paid for it, taxes and discounts counted."""

    total: int
    lines: tuple[InvoiceLine, ...]


class Bought(Record):
    """What a paid invoice brought: `credits` as it was priced, `booked` what of them is in the ledger by now."""

    total: int
    credits: int
    booked: int = 0


class Payment(Record):
    """How the latest invoice went, as of Stripe's latest word on it."""

    as_of: AwareDatetime
    paid: bool
    invoice: str


class MoneyBack(Record):
    """Money that went back to the customer, or is claimed back, as of Stripe's latest word on it.

    By charge: the sum of its refunds. By refund: one that failed, so that its amount came back to us. By dispute: what
    the customer's bank took, zero while or if it took nothing; `final` once it is closed.
    """

    as_of: AwareDatetime
    amount: int
    charge: str | None = None
    intent: str | None = None
    final: bool = False


class StripeProfile(Record):
    """All that Stripe has sent of one tenant, in a form that does not depend on the order it came in.

    `prices` maps the ids of prices that were seen to their lookup keys. `unpriced` holds paid invoices, by id, whose
    credits are not known yet: a price on them was not seen so far, or is in no plan; `bought` those that are priced.
    `trials` are the plans whose trial credits were granted. `invoices` maps charges and payment intents to the invoice
    that they paid; `refunds`, `failed_refunds` and `disputes` say by charge, refund and dispute what came of the money.
    """

    customers: tuple[str, ...] = ()
    subscriptions: dict[str, Subscription] = Field(default_factory=dict)
    payment: Payment | None = None
    prices: dict[str, str] = Field(default_factory=dict)
    unpriced: dict[str, PaidInvoice] = Field(default_factory=dict)
    bought: dict[str, Bought] = Field(default_factory=dict)
    trials: tuple[str, ...] = ()
    invoices: dict[str, str] = Field(default_factory=dict)
    refunds: dict[str, MoneyBack] = Field(default_factory=dict)
    failed_refunds: dict[str, MoneyBack] = Field(default_factory=dict)
    disputes: dict[str, MoneyBack] = Field(default_factory=dict)


class SubscriptionState(Record):
    """What a tenant is entitled to. `unknown_prices` are those of a live subscription when none of them is in a plan.

    `payment_failed` tells that Stripe could not collect the latest invoice.
    """

    plan: str
    status: str | None = None
    subscription: str | None = None
    customer: str | None = None
    current_period_end: AwareDatetime | None = None
    unknown_prices: tuple[str, ...] = ()
    payment_failed: bool = False


class CreditAccount(Record):
    """A tenant's money. `version` grows with what Stripe tells us, not with each movement of credits."""

    tenant: str
    balances: Balances
    stripe: StripeProfile
    version: int
    opened_at: AwareDatetime
