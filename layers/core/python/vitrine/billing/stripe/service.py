"""An event of Stripe's, from its arrival to its effect."""

from datetime import datetime

from pydantic import ValidationError

from vitrine.billing import rules as ledger
from vitrine.billing import store as accounts
from vitrine.billing.models import Account, Entry, StripeProfile
from vitrine.billing.stripe import rules, store
from vitrine.billing.stripe.models import Customer, Envelope, EventState, Fact, read
from vitrine.kernel import tables
from vitrine.kernel.errors import Invalid, Unavailable
from vitrine.kernel.observability import logger
from vitrine.kernel.tables import Write

_TRIES = 12
# Each parked event takes up to two of the hundred writes of a transaction.
_AT_ONCE = 25


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


def _fact(envelope: Envelope) -> Fact:
    try:
        return read(envelope)
    except ValidationError as error:
        unread = [".".join(map(str, part["loc"])) for part in error.errors(include_input=False, include_url=False)]
        logger.error("stripe event cannot be read", event_id=envelope.id, event_type=envelope.type, fields=unread)
        raise Invalid("An event of this type cannot be read here.", code="unreadable_event") from None


def _act(fact: Fact, now: datetime) -> EventState:
    booked: set[str] = set()
    for _ in range(_TRIES):
        try:
            return _attempt(fact, booked, now)
        except store.AlreadyApplied:
            return EventState.APPLIED
        except accounts.EntryExists as error:
            booked.add(error.key)
        except (accounts.StaleAccount, store.StaleCustomer):
            continue
    raise Unavailable("This account is told too much at once. Send it again.")


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
        return _flag(fact, "no_account")
    return _apply(fact, customer, account, booked, now)


def _apply(fact: Fact, customer: Customer, account: Account, booked: set[str], now: datetime) -> EventState:
    """Tell the account this fact and what waited for it. A long queue goes first, in transactions of its own."""
    waiting = sorted(customer.parked)[:_AT_ONCE]
    rest = customer.parked.difference(waiting)
    facts = store.parked(waiting) if rest else [*store.parked(waiting), fact]
    told, bought = rules.price(rules.tell(account.stripe, facts))
    grants = [_grant(account.tenant, invoice, amount, now) for invoice, amount in bought.items() if amount]
    tables.commit(
        *(_settle(told, fact) for fact in facts),
        *accounts.retell(account, told, [entry for entry in grants if entry.key not in booked]),
        *_map(customer, None if rest else account.tenant, rest),
    )
    if rest:
        raise store.StaleCustomer("There is more to tell.")
    return _state(told, fact)


def _settle(told: StripeProfile, fact: Fact) -> Write:
    state = _state(told, fact)
    return store.mark(fact.event, state, "unknown_price" if state is EventState.FLAGGED else None)


def _state(told: StripeProfile, fact: Fact) -> EventState:
    return EventState.APPLIED if rules.is_priced(told, fact) else EventState.FLAGGED


def _map(customer: Customer, tenant: str | None, parked: frozenset[str]) -> tuple[Write, ...]:
    if customer.tenant is not None:
        return ()
    return (store.save_customer(customer.model_copy(update={"tenant": tenant, "parked": parked})),)


def _grant(tenant: str, invoice: str, amount: int, now: datetime) -> Entry:
    return ledger.grant(tenant, amount, f"invoice#{invoice}", now)


def _flag(fact: Fact, reason: str) -> EventState:
    logger.warning("stripe event flagged", event_id=fact.event, reason=reason)
    tables.commit(store.mark(fact.event, EventState.FLAGGED, reason))
    return EventState.FLAGGED
