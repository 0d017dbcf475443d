"""Stripe's events that wait for an account, come at once, or meet a crash: the account ends right."""

from collections.abc import Iterator
from itertools import count, permutations
from typing import Any

import pytest

from tests.stores.stripe import BEGINNING, account, marks, neutral, seen, subscriber, tell
from tests.support.builders import any_call
from tests.support.clock import NOW
from tests.support.logs import Logs
from tests.support.stripe_events import STORY, Subscriber
from vitrine.billing import rules, service, store
from vitrine.billing.models import Balances, CreditAccount, Entry
from vitrine.billing.stripe import service as stripe
from vitrine.billing.stripe import store as events
from vitrine.billing.stripe.models import Customer, EventState, Party
from vitrine.identity import service as identity
from vitrine.kernel import metrics, tables
from vitrine.kernel.call import Call
from vitrine.kernel.tables import Write


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    service.forget_provisioned()
    yield
    service.forget_provisioned()


def stranger() -> tuple[Call, Subscriber]:
    """A customer whose tenant has not called yet, and the call that they will make first."""
    call = any_call()
    return call, Subscriber(call.tenant, f"{next(marks):04}")


def waiting_customers() -> list[Any]:
    return [item for item in tables.client().scan(TableName="billing")["Items"] if item["kind"]["S"] == "WAITING"]


@pytest.mark.parametrize("order", permutations((*BEGINNING, "checkout_session_completed")), ids="-".join)
def test_what_comes_before_the_account_waits_and_is_applied_once_when_it_opens(order: tuple[str, ...]) -> None:
    call, who = stranger()
    assert tell(who, *order) == [EventState.PARKED] * 4
    assert store.get(who.tenant) is None
    for _ in range(2):
        service.provision(call)
        service.forget_provisioned()
    assert seen(who).plan == "starter"
    assert account(who).balances == Balances(granted=60, available=60)
    assert waiting_customers() == []
    assert tell(who, *order) == [EventState.APPLIED] * 4
    assert account(who).balances.granted == 60


def test_the_webhook_tells_of_a_checkout_without_an_account_and_opens_none(logs: Logs) -> None:
    _, who = stranger()
    tell(who, "checkout_session_completed")
    assert store.get(who.tenant) is None
    written = logs.read()
    assert '"reason":"no_account"' in written
    assert metrics.STRIPE_EVENTS_FLAGGED in written


def test_more_events_than_a_transaction_takes_may_wait_for_an_account() -> None:
    call, who = stranger()
    tell(who, *BEGINNING, "checkout_session_completed")
    for number in range(55):
        late = who.envelope("customer_subscription_updated", id=f"evt_{number}", created=1793448100 + number)
        stripe.receive(late, NOW)
    service.provision(call)
    assert account(who).balances.granted == 60
    assert waiting_customers() == []
    assert account(who).stripe.subscriptions[f"sub_1{who.mark}h4LkdIwHu7ix"].as_of.timestamp() == 1793448154


def test_two_customers_of_one_tenant_may_wait_for_its_account() -> None:
    call, who = stranger()
    other = Subscriber(who.tenant, f"{next(marks):04}")
    for each in (who, other):
        tell(each, *BEGINNING, "checkout_session_completed")
    service.provision(call)
    assert account(who).balances.granted == 110
    assert waiting_customers() == []


def test_an_event_that_waits_for_an_account_and_is_sent_again_is_applied_once() -> None:
    call, who = stranger()
    tell(who, *BEGINNING, "checkout_session_completed", "checkout_session_completed", "invoice_paid")
    tables.commit(*identity.registering(call), *store.insert(who.tenant, ledger_opening(call), NOW))
    assert tell(who, "invoice_paid") == [EventState.APPLIED]
    assert account(who).balances.granted == 60
    assert waiting_customers() == []
    assert tell(who, *BEGINNING, "checkout_session_completed") == [EventState.APPLIED] * 4
    assert account(who).balances.granted == 60


def ledger_opening(call: Call) -> Entry:
    return rules.grant(call.tenant, 10, "opening", call.now)


def test_an_account_that_opens_while_an_event_decides_to_wait_gets_it_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    call, who = stranger()
    read, between = store.get, iter([call])

    def get(tenant: str) -> CreditAccount | None:
        found = read(tenant)
        for first in between:
            service.provision(first)
        return found

    monkeypatch.setattr(store, "get", get)
    assert tell(who, "checkout_session_completed") == [EventState.APPLIED]
    assert waiting_customers() == []


def test_an_event_that_comes_while_the_account_opens_is_applied(monkeypatch: pytest.MonkeyPatch) -> None:
    call, who = stranger()
    register, between = identity.registering, iter(["checkout_session_completed"])

    def registering(call: Call) -> tuple[Write, ...]:
        for name in between:
            assert tell(who, name) == [EventState.PARKED]
        return register(call)

    monkeypatch.setattr(identity, "registering", registering)
    service.provision(call)
    assert waiting_customers() == []
    assert tell(who, *BEGINNING) == [EventState.APPLIED] * 3
    assert account(who).balances.granted == 60


@pytest.mark.parametrize("steps", range(4))
def test_a_first_call_that_crashed_is_made_good_by_the_next(steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    call, who = stranger()
    tell(who, *BEGINNING, "checkout_session_completed")
    commit, done = tables.commit, count()

    def crash(*writes: Write) -> None:
        step = next(done)
        if step * 2 == steps:
            raise Crash
        commit(*writes)
        if step * 2 + 1 == steps:
            raise Crash

    monkeypatch.setattr(tables, "commit", crash)
    with pytest.raises(Crash):
        service.provision(call)
    monkeypatch.setattr(tables, "commit", commit)
    service.provision(call)
    assert account(who).balances == Balances(granted=60, available=60)
    assert seen(who).plan == "starter"
    assert waiting_customers() == []


def test_a_customer_stays_whose_it_is() -> None:
    who, thief = subscriber(), subscriber()
    tell(who, "checkout_session_completed", *BEGINNING)
    stolen = who.envelope("checkout_session_completed", id="evt_thief", client_reference_id=thief.tenant)
    assert stripe.receive(stolen, NOW) is EventState.FLAGGED
    assert account(thief).version == 1
    assert seen(who).plan == "starter"


def test_an_event_about_nobody_is_flagged() -> None:
    guest = subscriber().envelope("checkout_session_completed", customer=None)
    assert stripe.receive(guest, NOW) is EventState.FLAGGED


def test_an_object_that_cannot_be_read_is_flagged_and_tried_again_when_sent_again() -> None:
    who = subscriber()
    tell(who, "checkout_session_completed")
    unread = who.envelope("customer_subscription_updated", status=None)
    assert stripe.receive(unread, NOW) is EventState.FLAGGED
    assert tell(who, "customer_subscription_updated") == [EventState.APPLIED]


def test_what_is_told_between_the_read_and_the_write_of_an_event_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    who = subscriber()
    tell(who, "checkout_session_completed")
    read, between = store.get, iter(["customer_subscription_updated"])

    def get(tenant: str) -> CreditAccount | None:
        found = read(tenant)
        for name in between:
            tell(who, name)
        return found

    monkeypatch.setattr(store, "get", get)
    tell(who, "invoice_payment_failed")
    monkeypatch.setattr(store, "get", read)
    assert (seen(who).status, seen(who).payment_failed) == ("active", True)


def test_a_checkout_between_the_read_and_the_write_of_an_event_does_not_leave_it_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    who = subscriber()
    read, between = events.look, iter(["checkout_session_completed"])

    def get(customer: str, parties: tuple[str, ...]) -> tuple[Customer, list[Party]]:
        found = read(customer, parties)
        for name in between:
            tell(who, name)
        return found

    monkeypatch.setattr(events, "look", get)
    assert tell(who, "customer_subscription_updated") == [EventState.APPLIED]
    assert seen(who).plan == "starter"


class Crash(BaseException):
    pass


@pytest.mark.parametrize("name", STORY)
@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_a_crash_around_the_transaction_is_made_good_by_the_retry(
    name: str, before: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    who, straight = subscriber(), subscriber()
    commit = tables.commit

    def crash(*writes: Write) -> None:
        if not before:
            commit(*writes)
        raise Crash

    rest = [each for each in STORY if each != name]
    tell(who, *rest[:3])
    monkeypatch.setattr(tables, "commit", crash)
    with pytest.raises(Crash):
        tell(who, name)
    monkeypatch.setattr(tables, "commit", commit)
    tell(who, name, *rest[3:])
    tell(straight, *STORY)
    assert neutral(who) == neutral(straight)


def test_nothing_of_what_a_customer_is_called_is_stored() -> None:
    who = subscriber()
    tell(who, *BEGINNING, "checkout_session_completed", "customer_created")
    found: Any = tables.client().scan(TableName="billing")["Items"]
    assert len(found) >= 7
    assert "buyer" not in str(found).lower()
