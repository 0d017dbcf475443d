"""Stripe's events and customers in the billing table. Their tenant is not known when they arrive, so not in the key.

| item     | pk               | sk       | also                                                                    |
|----------|------------------|----------|-------------------------------------------------------------------------|
| EVENT    | STRIPE_EVENT#id  | EVENT    | its state; the fact in it, while it is parked                           |
| CUSTOMER | CUSTOMER#id      | CUSTOMER | its tenant, once known; the ids of events that wait for it or its account |
| PARTY    | PARTY#id         | PARTY    | whose an invoice, charge or payment intent is; until then, what waits   |
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, cast

from pynamodb.attributes import NumberAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.exceptions import PutError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from vitrine.billing.store import Item
from vitrine.billing.stripe.models import Customer, Envelope, EventState, Fact, Party
from vitrine.kernel import tables
from vitrine.kernel.clock import epoch_s, timestamp
from vitrine.kernel.errors import AppError, Conflict
from vitrine.kernel.tables import Write

# Stripe retries for three days and lets a person resend for thirty; the rest is for whoever has to look, and for a
# dispute that comes long after its payment.
KEPT = timedelta(days=400)


class _EventItem(Item, discriminator="STRIPE_EVENT"):
    state: Any = UnicodeAttribute()
    type: Any = UnicodeAttribute()
    created: Any = UnicodeAttribute()
    reason: Any = UnicodeAttribute(null=True)
    body: Any = UnicodeAttribute(null=True)


class _CustomerItem(Item, discriminator="CUSTOMER"):
    tenant: Any = UnicodeAttribute(null=True)
    parked: Any = UnicodeSetAttribute(null=True)
    version: Any = NumberAttribute()


class _PartyItem(Item, discriminator="PARTY"):
    version: Any = NumberAttribute()
    body: Any = UnicodeAttribute()


class AlreadyApplied(Conflict):
    """Another delivery of the same event was faster."""

    code = "already_applied"

    def __init__(self, event: str) -> None:
        super().__init__("This event was applied before.")
        self.event = event


class StaleCustomer(Conflict):
    """The customer was mapped, or got another event parked, since it was read. Read it again."""

    code = "stale_customer"


def record(envelope: Envelope, state: EventState, now: datetime) -> EventState:
    """Note that an event came, once. Gives the state it is in: `state` if it is new."""
    item = _EventItem(
        *_event_key(envelope.id),
        state=state.value,
        type=envelope.type,
        created=timestamp(envelope.created),
        expires_at=epoch_s(now + KEPT),
    )
    try:
        item.save(_EventItem.pk.does_not_exist())
    except PutError as error:
        if error.cause_response_code != "ConditionalCheckFailedException":
            raise
        return EventState(_EventItem.get(*_event_key(envelope.id), consistent_read=True).state)
    return state


def mark(event_id: str, state: EventState, reason: str | None = None) -> Write:
    """Conflicts with `AlreadyApplied`."""
    return _note(event_id, _became(state, reason))


def park(fact: Fact, customer: Customer, reason: str | None = None) -> tuple[Write, ...]:
    """Let a fact wait with its customer. Conflicts with `AlreadyApplied`, `StaleCustomer`."""
    kept = [*_became(EventState.PARKED, reason), _EventItem.body.set(fact.model_dump_json())]
    waiting = customer.model_copy(update={"parked": customer.parked | {fact.event}})
    return _note(fact.event, kept), save_customer(waiting)


def park_at(fact: Fact, parties: Iterable[Party]) -> tuple[Write, ...]:
    """Let a fact wait with all that it is about. Conflicts with `AlreadyApplied`, `StaleCustomer`."""
    kept = [*_became(EventState.PARKED, None), _EventItem.body.set(fact.model_dump_json())]
    waiting = [each.model_copy(update={"waiting": each.waiting | {fact.event}}) for each in parties]
    return _note(fact.event, kept), *(save_party(each, fact.as_of) for each in waiting)


def parked(event_ids: Iterable[str]) -> list[Fact]:
    """The facts of those of the events that still wait: one that waited in two places may have been applied."""
    keys = [_event_key(event_id) for event_id in event_ids]
    if not keys:
        return []
    items = _EventItem.batch_get(keys, consistent_read=True)
    return [Fact.model_validate_json(item.body) for item in items if item.state == EventState.PARKED.value]


def get_customer(customer_id: str) -> Customer:
    """As it is stored, or at version 0 when it never was."""
    return look(customer_id, ())[0]


def look(customer_id: str, party_ids: Iterable[str]) -> tuple[Customer, list[Party]]:
    """A customer and other parties as they are stored, or at version 0 when they never were. One round trip."""
    ids = list(party_ids)
    found = {item.pk: item for item in _read([_customer_key(customer_id), *map(_party_key, ids)])}
    item = found.get(_customer_key(customer_id)[0])
    customer = Customer(id=customer_id)
    if item:
        parked = frozenset(item.parked or ())
        customer = Customer(id=customer_id, tenant=item.tenant, parked=parked, version=item.version)
    return customer, [_party(id_, found.get(_party_key(id_)[0])) for id_ in ids]


def look_for(party_ids: Iterable[str]) -> list[Party]:
    """Parties as they are stored, or at version 0 when they never were. One round trip."""
    ids = list(party_ids)
    found = {item.pk: item for item in _read([_party_key(id_) for id_ in ids])}
    return [_party(id_, found.get(_party_key(id_)[0])) for id_ in ids]


def save_party(party: Party, seen_at: datetime) -> Write:
    """The next version of a party. Conflicts with `StaleCustomer` unless the stored one is the version it has."""
    saved = party.model_copy(update={"version": party.version + 1})
    item = _PartyItem(
        *_party_key(party.id),
        version=saved.version,
        body=saved.model_dump_json(),
        expires_at=epoch_s(seen_at + KEPT),
    )
    stored = _PartyItem.version == party.version if party.version else _PartyItem.pk.does_not_exist()
    return tables.put(item, stored, _stale_customer)


def _read(keys: list[tuple[str, str]]) -> Iterator[Any]:
    return cast(Iterator[Any], Item.batch_get(keys, consistent_read=True))


def _party(id_: str, item: Any) -> Party:
    return Party.model_validate_json(item.body) if item else Party(id=id_)


def save_customer(customer: Customer) -> Write:
    """The next version of a customer. Conflicts with `StaleCustomer` unless the stored one is the version it has."""
    item = _CustomerItem(
        *_customer_key(customer.id),
        tenant=customer.tenant,
        parked=set(customer.parked) or None,
        version=customer.version + 1,
    )
    stored = _CustomerItem.version == customer.version if customer.version else _CustomerItem.pk.does_not_exist()
    return tables.put(item, stored, _stale_customer)


def _stale_customer() -> AppError:
    return StaleCustomer("The customer was changed meanwhile.")


def _became(state: EventState, reason: str | None) -> list[Action]:
    change = _EventItem.reason.set(reason) if reason else _EventItem.reason.remove()
    return [_EventItem.state.set(state.value), change]


def _note(event_id: str, actions: list[Action]) -> Write:
    return tables.update(_EventItem(*_event_key(event_id)), actions, _unapplied(), lambda: AlreadyApplied(event_id))


def _unapplied() -> Condition:
    return cast(Condition, _EventItem.state != EventState.APPLIED.value)


def _event_key(event_id: str) -> tuple[str, str]:
    return f"STRIPE_EVENT#{event_id}", "EVENT"


def _customer_key(customer_id: str) -> tuple[str, str]:
    return f"CUSTOMER#{customer_id}", "CUSTOMER"


def _party_key(id_: str) -> tuple[str, str]:
    return f"PARTY#{id_}", "PARTY"
