"""An event of Stripe's, from its arrival to its effect."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import TypeVar

from pydantic import ValidationError

from vitrine.billing import rules as ledger
from vitrine.billing import store as accounts
from vitrine.billing.models import CreditAccount, Entry, StripeProfile
from vitrine.billing.stripe import rules, store
from vitrine.billing.stripe.models import Customer, Envelope, EventState, Fact, read
from vitrine.kernel import metrics, tables
from vitrine.kernel.errors import Invalid, Unavailable
from vitrine.kernel.observability import count, logger
from vitrine.kernel.tables import Write

_TRIES = 12
# Each parked event takes up to two of the hundred writes of a transaction.
_AT_ONCE = 25

Outcome = TypeVar("Outcome")


def receive(envelope: Envelope, now: datetime) -> EventState:
    """Record an event and let it act, once however often it comes. Gives what became of it.

    Its effects and the note that it was applied are one transaction: a try that crashes before leaves it as received,
    and Stripe's retry begins again. Raises `Invalid` for an object that cannot be read, `Unavailable` under contention.
    """
    begun = EventState.RECEIVED if envelope.is_handled else EventState.IGNORED
    state = store.record(envelope, begun, now)
    if envelope.is_handled and state is not EventState.APPLIED:
        state = _act(_fact(envelope), now)
    logger.info("stripe event", event_id=envelope.id, event_type=envelope.type, outcome=state.value)
    return state


def catch_up(tenant: str, customers: Iterable[str], now: datetime) -> None:
    """Apply what waited for an account that is open by now. Idempotency key: each event's id, as in `receive`.

    Raises `Unavailable` under contention, or when 300 events of one customer leave more; what it did is kept.
    """
    for customer in customers:
        _persist(partial(_catch_up, customer, tenant, now=now))


def _fact(envelope: Envelope) -> Fact:
    try:
        return read(envelope)
    except ValidationError as error:
        unread = [".".join(map(str, part["loc"])) for part in error.errors(include_input=False, include_url=False)]
        logger.error("stripe event cannot be read", event_id=envelope.id, event_type=envelope.type, fields=unread)
        raise Invalid("An event of this type cannot be read here.", code="unreadable_event") from None


def _act(fact: Fact, now: datetime) -> EventState:
    try:
        return _persist(lambda booked: _attempt(fact, booked, now))
    except store.AlreadyApplied:
        return EventState.APPLIED


def _persist(attempt: Callable[[set[str]], Outcome]) -> Outcome:
    """Try until nothing has changed between the reads and the writes of a try. It takes the keys booked already."""
    booked: set[str] = set()
    for _ in range(_TRIES):
        try:
            return attempt(booked)
        except accounts.EntryExists as error:
            booked.add(error.key)
        except (accounts.StaleAccount, store.StaleCustomer):
            continue
    raise Unavailable("Too many events for this account came at once. Send it again.")


def _attempt(fact: Fact, booked: set[str], now: datetime) -> EventState:
    if fact.customer is None:
        return _flag(fact, "no_customer")
    customer = store.get_customer(fact.customer)
    tenant = customer.tenant or fact.tenant
    if tenant is None:
        tables.commit(*store.park(fact, customer))
        return EventState.PARKED
    if fact.tenant not in (None, tenant):
        return _flag(fact, "customer_of_another_tenant")
    account = accounts.get(tenant)
    if account is None:
        return _await_account(fact, customer.model_copy(update={"tenant": tenant}), tenant)
    return _state(_apply(customer, account, (fact,), booked, now), fact)


def _await_account(fact: Fact, customer: Customer, tenant: str) -> EventState:
    tables.commit(*store.park(fact, customer, "no_account"), *accounts.begin_waiting(tenant, customer.id))
    _warn(fact, "no_account")
    return EventState.PARKED


def _catch_up(customer_id: str, tenant: str, booked: set[str], now: datetime) -> None:
    customer, account = store.get_customer(customer_id), accounts.get(tenant)
    if customer.parked and account is not None:
        _apply(customer, account, (), booked, now)


def _apply(
    customer: Customer, account: CreditAccount, new: tuple[Fact, ...], booked: set[str], now: datetime
) -> StripeProfile:
    """Tell the account what waited, then what is new. A long queue goes first, in transactions of its own."""
    others = customer.parked.difference(fact.event for fact in new)
    waiting = sorted(others)[:_AT_ONCE]
    facts = [*store.parked(waiting), *(new if len(others) <= _AT_ONCE else ())]
    left = customer.parked.difference(waiting, (fact.event for fact in facts))
    profile, bought = rules.price(rules.tell(account.stripe, facts))
    grants = [_grant(account.tenant, invoice, amount, now) for invoice, amount in bought.items() if amount]
    tables.commit(
        *(_settle(profile, fact) for fact in facts),
        *accounts.record_stripe_profile(account, profile, [entry for entry in grants if entry.key not in booked]),
        *_map(customer, account.tenant, left),
    )
    _report(account.tenant, profile, facts)
    if len(others) > _AT_ONCE:
        raise store.StaleCustomer("There is more to tell.")
    return profile


def _settle(profile: StripeProfile, fact: Fact) -> Write:
    state = _state(profile, fact)
    return store.mark(fact.event, state, "unknown_price" if state is EventState.FLAGGED else None)


def _state(profile: StripeProfile, fact: Fact) -> EventState:
    return EventState.APPLIED if rules.is_priced(profile, fact) else EventState.FLAGGED


def _map(customer: Customer, tenant: str, left: frozenset[str]) -> tuple[Write, ...]:
    if customer.tenant is not None and not customer.parked:
        return ()
    saved = store.save_customer(customer.model_copy(update={"tenant": tenant, "parked": left}))
    return (saved,) if left else (saved, accounts.end_waiting(tenant, customer.id))


def _grant(tenant: str, invoice: str, amount: int, now: datetime) -> Entry:
    return ledger.grant(tenant, amount, f"invoice#{invoice}", now)


def _flag(fact: Fact, reason: str) -> EventState:
    tables.commit(store.mark(fact.event, EventState.FLAGGED, reason))
    _warn(fact, reason)
    return EventState.FLAGGED


def _report(tenant: str, profile: StripeProfile, facts: Iterable[Fact]) -> None:
    now = rules.subscription_state(profile)
    logger.info(
        "stripe events applied to account",
        tenant=tenant,
        plan=now.plan,
        subscription_status=now.status,
        payment_failed=now.payment_failed,
    )
    for fact in facts:
        if _state(profile, fact) is EventState.FLAGGED:
            _warn(fact, "unknown_price")


def _warn(fact: Fact, reason: str) -> None:
    """Stripe takes 200 for an answer, so people must hear that somebody paid and got nothing yet."""
    logger.warning("stripe event flagged", event_id=fact.event, reason=reason)
    count(metrics.STRIPE_EVENTS_FLAGGED, {})
