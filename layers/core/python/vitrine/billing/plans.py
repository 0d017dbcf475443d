"""Plans as data. A credit stages one image.

A price of Stripe's is known by its lookup key, which a person gives it in Stripe. A price whose key is not here is
recorded and flagged, never guessed.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Price:
    """One way to pay for a plan: each paid invoice line covers `months` months."""

    lookup_key: str
    months: int


@dataclass(frozen=True)
class Plan:
    """`opening_credits` come once, when the account opens; `monthly_credits` with each month paid for; `trial_credits`
    once an account, when a subscription's trial begins. Stripe bills a trial over nothing, and nothing brings nothing
    unless it is named here."""

    name: str
    opening_credits: int = 0
    monthly_credits: int = 0
    trial_credits: int = 0
    prices: tuple[Price, ...] = ()


FREE = Plan("free", opening_credits=10)
STARTER = Plan(
    "starter",
    monthly_credits=50,
    prices=(Price("vitrine_starter_monthly", 1), Price("vitrine_starter_yearly", 12)),
)
PROFESSIONAL = Plan(
    "professional",
    monthly_credits=250,
    prices=(Price("vitrine_professional_monthly", 1), Price("vitrine_professional_yearly", 12)),
)
BUSINESS = Plan(
    "business",
    monthly_credits=1_000,
    prices=(Price("vitrine_business_monthly", 1), Price("vitrine_business_yearly", 12)),
)

PLANS = (FREE, STARTER, PROFESSIONAL, BUSINESS)

_BY_LOOKUP_KEY = {price.lookup_key: (plan, price) for plan in PLANS for price in plan.prices}


def plan_of(lookup_key: str | None) -> Plan | None:
    """The plan that a price pays for, None for a price that is not ours."""
    found = price_of(lookup_key)
    return found[0] if found else None


def price_of(lookup_key: str | None) -> tuple[Plan, Price] | None:
    """A price with the plan that it pays for, None for a price that is not ours."""
    return _BY_LOOKUP_KEY.get(lookup_key or "")
