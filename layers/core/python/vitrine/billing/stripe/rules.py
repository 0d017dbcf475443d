"""What Stripe has sent us, folded so that its order does not matter.

Each operation keeps the greater of two things under a total order, or a union. Both commute and may be repeated, so
any order of the same events, with any of them twice, ends in the same profile.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from vitrine.billing import plans
from vitrine.billing.models import InvoiceLine, Payment, StripeProfile, Subscription, SubscriptionState
from vitrine.billing.stripe.models import Fact

_LIVE = ("past_due", "trialing", "active")
# A subscription moves rightwards within one second more often than back; event times have no finer grain.
_STATUSES = ("incomplete", "unpaid", "paused", *_LIVE, "incomplete_expired", "canceled")
_NEVER = datetime.min.replace(tzinfo=UTC)


def tell(profile: StripeProfile, facts: Iterable[Fact]) -> StripeProfile:
    """The profile that also knows these facts. Paid invoices join `unpriced`, for `price` to take out."""
    for fact in facts:
        profile = _tell(profile, fact)
    return profile


def price(profile: StripeProfile) -> tuple[StripeProfile, dict[str, int]]:
    """The credits of each invoice in `unpriced` whose every line is in a plan, and the profile without these."""
    amounts = {invoice: _credits(profile, lines) for invoice, lines in profile.unpriced.items()}
    left = {invoice: lines for invoice, lines in profile.unpriced.items() if amounts[invoice] is None}
    known = {invoice: amount for invoice, amount in amounts.items() if amount is not None}
    return profile.model_copy(update={"unpriced": left}), known


def subscription_state(profile: StripeProfile) -> SubscriptionState:
    """By the newest live subscription, else by the newest that ended. Without a live one the plan is the free one."""
    failed = profile.payment is not None and not profile.payment.paid
    chosen = max(profile.subscriptions.values(), key=_precedence, default=None)
    if chosen is None:
        return SubscriptionState(
            plan=plans.FREE.name, customer=max(profile.customers, default=None), payment_failed=failed
        )
    paid_for = _plan(profile, chosen)
    live = is_live(chosen)
    return SubscriptionState(
        plan=paid_for.name if live and paid_for else plans.FREE.name,
        status=chosen.status,
        subscription=chosen.id,
        customer=chosen.customer,
        current_period_end=chosen.current_period_end,
        unknown_prices=chosen.prices if live and paid_for is None else (),
        payment_failed=failed,
    )


def is_priced(profile: StripeProfile, fact: Fact) -> bool:
    """Whether what a fact brings is known: the credits of a paid invoice, the plan of a live subscription."""
    if fact.invoice:
        return fact.invoice.id not in profile.unpriced
    if fact.subscription and is_live(fact.subscription):
        return _plan(profile, fact.subscription) is not None
    return True


def is_live(subscription: Subscription) -> bool:
    """Past due is live: Stripe still tries to collect, and says `unpaid` or `canceled` when it gives up."""
    return subscription.status in _LIVE and not subscription.final


def _tell(profile: StripeProfile, fact: Fact) -> StripeProfile:
    changes: dict[str, Any] = {"prices": _learn(profile.prices, fact.prices)}
    if fact.customer:
        changes["customers"] = tuple(sorted({*profile.customers, fact.customer}))
    if fact.subscription:
        changes["subscriptions"] = _newer(profile.subscriptions, fact.subscription)
    if fact.invoice:
        payment = Payment(as_of=fact.as_of, paid=fact.invoice.paid, invoice=fact.invoice.id)
        changes["payment"] = max(filter(None, (profile.payment, payment)), key=_payment_order)
    if fact.invoice and fact.invoice.paid:
        changes["unpriced"] = {**profile.unpriced, fact.invoice.id: fact.invoice.lines}
    return profile.model_copy(update=changes)


def _newer(known: dict[str, Subscription], found: Subscription) -> dict[str, Subscription]:
    newest = max(known.get(found.id, found), found, key=_subscription_order)
    return dict(sorted({**known, found.id: newest}.items()))


def _subscription_order(found: Subscription) -> tuple[Any, ...]:
    status = _STATUSES.index(found.status) if found.status in _STATUSES else -1
    return found.final, found.as_of, found.rank, found.current_period_end or _NEVER, status, found.model_dump_json()


def _payment_order(payment: Payment) -> tuple[Any, ...]:
    return payment.as_of, payment.paid, payment.invoice


def _precedence(subscription: Subscription) -> tuple[Any, ...]:
    return is_live(subscription), subscription.started_at, subscription.id


def _learn(known: dict[str, str], found: dict[str, str]) -> dict[str, str]:
    """A price keeps the lookup key that a plan knows, should a person have renamed it."""
    learned = dict(known)
    for price_id, key in found.items():
        learned[price_id] = max(learned.get(price_id, key), key, key=lambda key: (plans.plan_of(key) is not None, key))
    return dict(sorted(learned.items()))


def _plan(profile: StripeProfile, subscription: Subscription) -> plans.Plan | None:
    found = (plans.plan_of(profile.prices.get(price_id)) for price_id in subscription.prices)
    return max(filter(None, found), key=lambda plan: plan.monthly_credits, default=None)


def _credits(profile: StripeProfile, lines: Iterable[InvoiceLine]) -> int | None:
    amounts = [plans.credits_of(_lookup_key(profile, line), line.quantity) for line in lines]
    return None if None in amounts else sum(amount or 0 for amount in amounts)


def _lookup_key(profile: StripeProfile, line: InvoiceLine) -> str | None:
    return line.lookup_key or profile.prices.get(line.price or "")
