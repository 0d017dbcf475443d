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
    """`opening_credits` come once, when the account opens; `monthly_credits` with each month paid for."""

    name: str
    opening_credits: int = 0
    monthly_credits: int = 0
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
    plan, _ = _BY_LOOKUP_KEY.get(lookup_key or "", (None, None))
    return plan


def credits_of(lookup_key: str | None, quantity: int) -> int | None:
    """What one paid line of an invoice brings, None for a price that is not ours."""
    if lookup_key not in _BY_LOOKUP_KEY:
        return None
    plan, price = _BY_LOOKUP_KEY[lookup_key]
    return plan.monthly_credits * price.months * quantity
