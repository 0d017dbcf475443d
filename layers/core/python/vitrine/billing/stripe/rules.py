"""What Stripe has sent us, folded so that its order does not matter.

Each operation keeps the greater of two things under a total order, or a union. Both commute and may be repeated, so
any order of the same events, with any of them twice, ends in the same profile.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from vitrine.billing import plans
from vitrine.billing.models import (
    MoneyBack,
    PaidInvoice,
    Payment,
    StripeProfile,
    Subscription,
    SubscriptionState,
)
from vitrine.billing.stripe import crediting
from vitrine.billing.stripe.models import Fact

_LIVE = ("past_due", "trialing", "active")
# A subscription moves rightwards within one second more often than back; event times have no finer grain.
_STATUSES = ("incomplete", "unpaid", "paused", *_LIVE, "incomplete_expired", "canceled")
_NEVER = datetime.min.replace(tzinfo=UTC)

UNKNOWN_PRICE = "unknown_price"
UNKNOWN_INVOICE = "unknown_invoice"


def tell(profile: StripeProfile, facts: Iterable[Fact]) -> StripeProfile:
    """The profile that also knows these facts. Paid invoices join `unpriced`, for `crediting.price` to take out."""
    for fact in facts:
        profile = _tell(profile, fact)
    return profile


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


def open_question(profile: StripeProfile, fact: Fact) -> str | None:
    """Why what a fact brings is not known: a price that is in no plan, or money of an invoice that nobody has named."""
    if fact.invoice and fact.invoice.id in profile.unpriced:
        return UNKNOWN_PRICE
    if fact.subscription and is_live(fact.subscription) and _plan(profile, fact.subscription) is None:
        return UNKNOWN_PRICE
    money = fact.money_back
    return UNKNOWN_INVOICE if money and money.amount and crediting.invoice_of(profile, money) is None else None


def is_live(subscription: Subscription) -> bool:
    """Past due is live: Stripe still tries to collect, and says `unpaid` or `canceled` when it gives up."""
    return subscription.status in _LIVE and not subscription.final


def _tell(profile: StripeProfile, fact: Fact) -> StripeProfile:
    changes: dict[str, Any] = {
        "prices": _learn(profile.prices, fact.prices),
        "invoices": dict(sorted({**profile.invoices, **fact.invoices}.items())),
        "refunds": _latest(profile.refunds, fact.refunds),
        "failed_refunds": _latest(profile.failed_refunds, fact.failed_refund),
        "disputes": _latest(profile.disputes, fact.dispute),
    }
    if fact.customer:
        changes["customers"] = tuple(sorted({*profile.customers, fact.customer}))
    if fact.subscription:
        changes["subscriptions"] = _newer(profile.subscriptions, fact.subscription)
    if fact.invoice:
        payment = Payment(as_of=fact.as_of, paid=fact.invoice.paid, invoice=fact.invoice.id)
        changes["payment"] = max(filter(None, (profile.payment, payment)), key=_payment_order)
    if fact.invoice and fact.invoice.paid and fact.invoice.id not in profile.bought:
        paid = PaidInvoice(total=fact.invoice.total, lines=fact.invoice.lines)
        changes["unpriced"] = dict(sorted({**profile.unpriced, fact.invoice.id: paid}.items()))
    return profile.model_copy(update=changes)


def _latest(known: dict[str, MoneyBack], found: tuple[str, MoneyBack] | None) -> dict[str, MoneyBack]:
    if found is None:
        return known
    about, money = found
    return dict(sorted({**known, about: max(known.get(about, money), money, key=_money_order)}.items()))


def _money_order(money: MoneyBack) -> tuple[Any, ...]:
    return money.final, money.as_of, money.amount, money.charge or "", money.intent or ""


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
