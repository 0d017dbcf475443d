"""An event of Stripe's, from its arrival to its effect."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import TypeVar

from pydantic import ValidationError

from vitrine.billing import rules as ledger
from vitrine.billing import store as accounts
from vitrine.billing.models import CreditAccount, Entry, StripeProfile
from vitrine.billing.stripe import crediting, rules, store
from vitrine.billing.stripe.models import Customer, Envelope, EventState, Fact, Party
from vitrine.billing.stripe.payloads import HANDLED, read
from vitrine.kernel import metrics, tables
from vitrine.kernel.errors import Unavailable
from vitrine.kernel.observability import count, logger
from vitrine.kernel.tables import Write

_TRIES = 12
# Each parked event takes up to two of the hundred writes of a transaction.
_AT_ONCE = 25

Outcome = TypeVar("Outcome")


def receive(envelope: Envelope, now: datetime) -> EventState:
    """Record an event and let it act, once however often it comes. Gives what became of it.

    Its effects and the note that it was applied are one transaction: a try that crashes before leaves it as received,
    and Stripe's retry begins again. A type that we do not use is only recorded. An object that cannot be read, as of an
    API version that is newer than this code, is flagged, since Stripe would send the same again. Raises `Unavailable`
    under contention.
    """
    is_handled = envelope.type in HANDLED
    state = store.record(envelope, EventState.RECEIVED if is_handled else EventState.IGNORED, now)
    if is_handled and state is not EventState.APPLIED:
        state = _act(envelope, now)
    logger.info("stripe event", event_id=envelope.id, event_type=envelope.type, outcome=state.value)
    return state


def catch_up(tenant: str, customers: Iterable[str], now: datetime) -> None:
    """Apply what waited for an account that is open by now. Idempotency key: each event's id, as in `receive`.

    Raises `Unavailable` under contention, or when 300 events of one customer leave more; what it did is kept.
    """
    for customer in customers:
        _persist(partial(_catch_up, customer, tenant, now))


def _act(envelope: Envelope, now: datetime) -> EventState:
    try:
        fact = _fact(envelope)
        return _persist(lambda: _attempt(fact, now)) if fact else _flag(envelope.id, "unreadable")
    except store.AlreadyApplied:
        return EventState.APPLIED


def _fact(envelope: Envelope) -> Fact | None:
    try:
        return read(envelope)
    except ValidationError as error:
        unread = [".".join(map(str, part["loc"])) for part in error.errors(include_input=False, include_url=False)]
        logger.error("stripe event cannot be read", event_id=envelope.id, event_type=envelope.type, fields=unread)
        return None


def _persist(attempt: Callable[[], Outcome]) -> Outcome:
    """Try until nothing has changed between the reads and the writes of a try."""
    for _ in range(_TRIES):
        with suppress(accounts.StaleAccount, store.StaleCustomer):
            return attempt()
    raise Unavailable("Too many events for this account came at once. Send it again.")


def _attempt(fact: Fact, now: datetime) -> EventState:
    customer, parties = _whom(fact)
    if customer is None:
        return _await_party(fact, parties)
    tenant = customer.tenant or fact.tenant
    if tenant is None:
        waiting = _joined(customer, parties)
        tables.commit(*store.park(fact, waiting), *_name(parties, customer.id, None, fact))
        return EventState.PARKED
    if fact.tenant not in (None, tenant):
        return _flag(fact.event, "customer_of_another_tenant")
    account = accounts.get(tenant)
    named = _name(parties, customer.id, tenant, fact)
    waiting = _joined(customer, parties).model_copy(update={"tenant": customer.tenant})
    if account is None:
        return _await_account(fact, waiting.model_copy(update={"tenant": tenant}), tenant, named)
    return _state(_apply(waiting, account, (fact,), now, named), fact)


def _whom(fact: Fact) -> tuple[Customer | None, list[Party]]:
    """The customer that a fact is about, by its own word or by that of another event about the same payment."""
    if fact.customer:
        customer, named = store.look(fact.customer, fact.parties)
        return customer, _joining(named)
    parties = _joining(store.look_for(fact.parties))
    known = next((party for party in parties if party.customer), None)
    if known is None or known.customer is None:
        return None, parties
    if known.tenant and not any(party.waiting for party in parties):
        return Customer(id=known.customer, tenant=known.tenant), parties
    return store.get_customer(known.customer), parties


def _joining(parties: list[Party]) -> list[Party]:
    """These parties, and those that what waits with them is about, and so on: they are all of one customer."""
    read = frozenset[str]()
    while waiting := frozenset[str]().union(*(party.waiting for party in parties)) - read:
        read |= waiting
        known = {party.id for party in parties}
        found = {name for fact in store.parked(sorted(waiting)) for name in fact.parties}
        parties = [*parties, *(store.look_for(sorted(found - known)) if found - known else ())]
    return parties


def _joined(customer: Customer, parties: Iterable[Party]) -> Customer:
    """The customer, with what waits at the other names of it."""
    return customer.model_copy(update={"parked": customer.parked.union(*(party.waiting for party in parties))})


def _name(parties: Iterable[Party], customer: str, tenant: str | None, fact: Fact) -> tuple[Write, ...]:
    """From now on these parties are known to be the customer's, and nothing waits there."""
    known = {"customer": customer, "tenant": tenant, "waiting": frozenset[str]()}
    named = ((party, party.model_copy(update=known)) for party in parties)
    return tuple(store.save_party(after, fact.as_of) for before, after in named if after != before)


def _await_party(fact: Fact, parties: list[Party]) -> EventState:
    if not parties:
        return _flag(fact.event, "no_customer")
    tables.commit(*store.park_at(fact, parties))
    return EventState.PARKED


def _await_account(fact: Fact, customer: Customer, tenant: str, named: tuple[Write, ...]) -> EventState:
    tables.commit(*store.park(fact, customer, "no_account"), *accounts.begin_waiting(tenant, customer.id), *named)
    _warn(fact.event, "no_account")
    return EventState.PARKED


def _catch_up(customer_id: str, tenant: str, now: datetime) -> None:
    customer, account = store.get_customer(customer_id), accounts.get(tenant)
    if customer.parked and account is not None:
        _apply(customer, account, (), now)


def _apply(
    customer: Customer, account: CreditAccount, new: tuple[Fact, ...], now: datetime, also: tuple[Write, ...] = ()
) -> StripeProfile:
    """Tell the account what waited, then what is new. A long queue goes first, in transactions of its own."""
    others = customer.parked.difference(fact.event for fact in new)
    waiting = sorted(others)[:_AT_ONCE]
    facts = [*store.parked(waiting), *(new if len(others) <= _AT_ONCE else ())]
    left = customer.parked.difference(waiting, (fact.event for fact in facts))
    profile, moved = crediting.price(rules.tell(account.stripe, facts))
    try:
        tables.commit(
            *(_settle(profile, fact) for fact in facts),
            *accounts.record_stripe_profile(account, profile, _entries(account, moved, now)),
            *_map(customer, account.tenant, left),
            *also,
        )
    except store.AlreadyApplied as error:
        if error.event in waiting:
            raise store.StaleCustomer("What waited was applied meanwhile.") from None
        raise
    _report(account.tenant, profile, facts)
    if len(others) > _AT_ONCE:
        raise store.StaleCustomer("There is more to tell.")
    return profile


def _entries(account: CreditAccount, moved: dict[str, int], now: datetime) -> list[Entry]:
    """One for each movement. What moves again gets another key: the account's version, under which it is written."""
    known = {f"invoice#{id_}" for id_ in account.stripe.bought}
    keys = {reason: f"{reason}#{account.version + 1}" if reason in known else reason for reason in moved}
    return [
        (ledger.grant if amount > 0 else ledger.revoke)(account.tenant, abs(amount), keys[reason], now)
        for reason, amount in moved.items()
    ]


def _settle(profile: StripeProfile, fact: Fact) -> Write:
    return store.mark(fact.event, _state(profile, fact), rules.open_question(profile, fact))


def _state(profile: StripeProfile, fact: Fact) -> EventState:
    return EventState.FLAGGED if rules.open_question(profile, fact) else EventState.APPLIED


def _map(customer: Customer, tenant: str, left: frozenset[str]) -> tuple[Write, ...]:
    if customer.tenant is not None and not customer.parked:
        return ()
    saved = store.save_customer(customer.model_copy(update={"tenant": tenant, "parked": left}))
    return (saved,) if left else (saved, accounts.end_waiting(tenant, customer.id))


def _flag(event: str, reason: str) -> EventState:
    tables.commit(store.mark(event, EventState.FLAGGED, reason))
    _warn(event, reason)
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
        if reason := rules.open_question(profile, fact):
            _warn(fact.event, reason)


def _warn(event: str, reason: str) -> None:
    """Stripe takes 200 for an answer, so people must hear that what somebody paid or got back is not accounted for."""
    logger.warning("stripe event flagged", event_id=event, reason=reason)
    count(metrics.STRIPE_EVENTS_FLAGGED, {})
