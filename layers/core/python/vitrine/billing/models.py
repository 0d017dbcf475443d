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
    """Credits granted = available + held + spent, whatever happens."""

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
    """A period of a subscription that an invoice bills. `lookup_key` is None where the event holds no whole price."""

    price: str | None
    lookup_key: str | None = None
    quantity: int = 1


class Payment(Record):
    """How the latest invoice went, as of Stripe's latest word on it."""

    as_of: AwareDatetime
    paid: bool
    invoice: str


class StripeProfile(Record):
    """All that Stripe has sent of one tenant, in a form that does not depend on the order it came in.

    `prices` maps the ids of prices that were seen to their lookup keys. `unpriced` holds paid invoices, by id, whose
    credits are not known yet: a price on them was not seen so far, or is in no plan.
    """

    customers: tuple[str, ...] = ()
    subscriptions: dict[str, Subscription] = Field(default_factory=dict)
    payment: Payment | None = None
    prices: dict[str, str] = Field(default_factory=dict)
    unpriced: dict[str, tuple[InvoiceLine, ...]] = Field(default_factory=dict)


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
