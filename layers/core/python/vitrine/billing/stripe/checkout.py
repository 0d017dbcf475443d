"""Pages of Stripe's on which a customer subscribes, or manages what they subscribed to.

The session names the tenant, as its reference and in the metadata of session and subscription, so the webhook knows
whose the new customer is. Customers never see prices' ids: a plan and an interval name a price by its lookup key.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

import stripe

from vitrine.billing import plans, service
from vitrine.billing.stripe.rules import is_live, subscription_state
from vitrine.kernel.call import Call
from vitrine.kernel.errors import Conflict, Unavailable
from vitrine.kernel.observability import crash_fields, logger

_TIMEOUT_S = 7
_KEYS = ("sk_", "rk_")
"""How Stripe's secret and restricted keys begin; what a new deployment holds in their place begins otherwise."""

Client = stripe.StripeClient


class Interval(StrEnum):
    MONTH = "month"
    YEAR = "year"


PaidPlan = StrEnum("PaidPlan", {plan.name.upper(): plan.name for plan in plans.PLANS if plan.prices})  # type: ignore[misc]


def client(key: str, base: str) -> stripe.StripeClient:
    """Raises `Unavailable` while there is no key."""
    if not key.startswith(_KEYS):
        raise Unavailable("Payments are not set up here yet.", code="payments_not_set_up", retry_after_s=3600)
    return stripe.StripeClient(
        key.strip(),
        base_addresses={"api": base},
        max_network_retries=1,
        http_client=stripe.RequestsClient(timeout=_TIMEOUT_S),
    )


def subscribe(call: Call, plan: str, interval: Interval, urls: dict[str, str], api: stripe.StripeClient) -> str:
    """The address of a page on which to subscribe.

    Idempotency key: the session's, which a repeat under one Idempotency-Key makes again: Stripe gives the same session.
    Raises `Conflict` for who has a subscription, `Unavailable` when Stripe cannot be reached or has no such price.
    """
    profile = service.account(call.tenant).stripe
    if any(map(is_live, profile.subscriptions.values())):
        raise Conflict("There is a subscription already. Change it in the billing portal.", code="already_subscribed")
    reference = {"tenant": call.tenant}
    wanted: Any = {
        "mode": "subscription",
        "client_reference_id": call.tenant,
        "metadata": reference,
        "subscription_data": {"metadata": reference},
        **urls,
    }
    if customer := subscription_state(profile).customer:
        wanted["customer"] = customer
    once: Any = {"idempotency_key": call.ids.new("chk")}

    def make() -> str | None:
        wanted["line_items"] = [{"price": _price(lookup_key(plan, interval), api), "quantity": 1}]
        return api.v1.checkout.sessions.create(wanted, once).url

    return _asked(make)


def manage(call: Call, return_url: str, api: stripe.StripeClient) -> str:
    """The address of a page on which to change or end a subscription, and to see invoices.

    Idempotency key: the session's, as in `subscribe`. Raises `Conflict` for who never subscribed, `Unavailable` when
    Stripe cannot be reached.
    """
    customer = subscription_state(service.account(call.tenant).stripe).customer
    if customer is None:
        raise Conflict("There is nothing to manage before the first checkout.", code="never_subscribed")
    wanted: Any = {"customer": customer, "return_url": return_url}
    once: Any = {"idempotency_key": call.ids.new("bps")}
    return _asked(lambda: api.v1.billing_portal.sessions.create(wanted, once).url)


def lookup_key(plan: str, interval: Interval) -> str:
    months = 12 if interval is Interval.YEAR else 1
    offered = next(each for each in plans.PLANS if each.name == plan)
    return next(price.lookup_key for price in offered.prices if price.months == months)


def _price(key: str, api: stripe.StripeClient) -> str:
    found = api.v1.prices.list({"lookup_keys": [key], "active": True, "limit": 1}).data
    if not found:
        logger.error("a price is missing at stripe", lookup_key=key)
        raise Unavailable("This plan cannot be bought here yet.", code="price_not_set_up", retry_after_s=3600)
    return found[0].id


def _asked(ask: Callable[[], str | None]) -> str:
    """The answer's address. Whatever Stripe refuses is for operators to see, never the customer's to mend."""
    try:
        url = ask()
    except stripe.StripeError as error:
        logger.error("stripe refused", status=error.http_status, stripe_code=error.code, **crash_fields(error))
        raise Unavailable("The payment provider cannot be reached just now.", code="payments_unavailable") from None
    if url is None:
        raise Unavailable("The payment provider gave no page.", code="payments_unavailable")
    return url
