"""What Stripe sends about money: invoices with their lines, payments, refunds and disputes of one customer.

Shapes are those of API version 2025-09-30.clover, as far as we read them.
"""

from datetime import datetime
from typing import Any

from vitrine.billing.stripe.models import Envelope

CUSTOMER = "cus_money"
STARTER, BUSINESS, YEARLY = "vitrine_starter_monthly", "vitrine_business_monthly", "vitrine_business_yearly"


def event(number: int, kind: str, thing: dict[str, Any], created: datetime, **ids: str) -> Envelope:
    sent = {**thing, **ids}
    return Envelope(id=f"evt_{number}_{sent['id']}_{kind}", type=kind, created=created, data={"object": sent})


def line(
    key: str,
    amount: int,
    start: datetime,
    end: datetime,
    *,
    proration: bool = False,
    quantity: int = 1,
    discount: int = 0,
    item: bool = False,
) -> dict[str, Any]:
    """`item`: the proration is an invoice item of its own, as when it waits for the next invoice."""
    kind = "invoice_item_details" if item else "subscription_item_details"
    return {
        "id": f"il_{key}",
        "amount": amount,
        "quantity": quantity,
        "discount_amounts": [{"amount": discount, "discount": "di_1"}] if discount else [],
        "period": {"start": start.timestamp(), "end": end.timestamp()},
        "parent": {"type": kind, kind: {"proration": proration, "subscription": "sub_1"}},
        # The whole price, so that no subscription has to be told first.
        "price": {"id": f"price_{key}", "lookup_key": key},
    }


def invoice(number: int, *lines: dict[str, Any], tenant: str = "ten_a", total: int | None = None) -> dict[str, Any]:
    nets = (one["amount"] - sum(each["amount"] for each in one["discount_amounts"]) for one in lines)
    return {
        "id": f"in_{number}",
        "customer": CUSTOMER,
        "total": sum(nets) if total is None else total,
        "parent": {"type": "subscription_details", "subscription_details": {"metadata": {"tenant": tenant}}},
        "lines": {"data": list(lines), "has_more": False},
    }


def invoice_payment(number: int) -> dict[str, Any]:
    """Which payment paid an invoice; it names no customer."""
    return {
        "id": f"inpay_{number}",
        "invoice": f"in_{number}",
        "payment": {"type": "payment_intent", "payment_intent": f"pi_{number}"},
    }


def charge(number: int, refunded: int) -> dict[str, Any]:
    return {
        "id": f"ch_{number}",
        "customer": CUSTOMER,
        "payment_intent": f"pi_{number}",
        "amount_refunded": refunded,
    }


def refund(number: int, amount: int, status: str) -> dict[str, Any]:
    """It names no customer."""
    return {
        "id": f"re_{number}",
        "amount": amount,
        "status": status,
        "charge": f"ch_{number}",
        "payment_intent": f"pi_{number}",
    }


def dispute(number: int, amount: int, status: str) -> dict[str, Any]:
    """It names no customer."""
    return {
        "id": f"dp_{number}",
        "amount": amount,
        "status": status,
        "charge": f"ch_{number}",
        "payment_intent": f"pi_{number}",
    }
