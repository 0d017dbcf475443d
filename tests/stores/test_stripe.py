"""Stripe's events at the stores: whatever their order, repetition, concurrency or crashes, the account ends right."""

from collections.abc import Iterator
from itertools import count, permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tests.support.builders import any_call
from tests.support.clock import NOW
from tests.support.logs import Logs
from tests.support.stripe_events import Subscriber
from vitrine.billing import plans, rules, service, store
from vitrine.billing.models import Balances, CreditAccount, Entry, Standing
from vitrine.billing.stripe import service as stripe
from vitrine.billing.stripe import store as events
from vitrine.billing.stripe.models import Customer, Envelope, EventState
from vitrine.billing.stripe.rules import standing
from vitrine.identity import service as identity
from vitrine.kernel import metrics, tables
from vitrine.kernel.call import Call
from vitrine.kernel.errors import Invalid
from vitrine.kernel.tables import Write

STORY = (
    "customer_subscription_created",
    "customer_subscription_updated",
    "customer_subscription_deleted",
    "invoice_paid",
    "invoice_payment_succeeded",
    "invoice_payment_failed",
    "checkout_session_completed",
)
BEGINNING = ("customer_subscription_created", "customer_subscription_updated", "invoice_paid")
_marks = count(1)


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    service.forget_provisioned()
    yield
    service.forget_provisioned()


def subscriber() -> Subscriber:
    """Somebody with an account and a customer of their own, of whom Stripe has told nothing yet."""
    call = any_call()
    service.provision(call)
    return Subscriber(call.tenant, f"{next(_marks):04}")


def tell(who: Subscriber, *names: str) -> list[EventState]:
    return [stripe.receive(who.envelope(name), NOW) for name in names]


def account(who: Subscriber) -> CreditAccount:
    """The account, once it is shown that its balances are those of the ledger."""
    found = service.account(who.tenant)
    assert found.balances == rules.balances_of(store.entries(who.tenant))
    assert found.balances.are_even
    return found


def seen(who: Subscriber) -> Standing:
    return standing(account(who).stripe)


def empty() -> None:
    """Forget the examples before: moto copies the whole table for each transaction."""
    client = tables.client()
    for item in client.scan(TableName="billing")["Items"]:
        client.delete_item(TableName="billing", Key={key: item[key] for key in ("pk", "sk")})


def neutral(who: Subscriber) -> tuple[Balances, str]:
    """The account's money and what Stripe told, without what sets one subscriber apart from another."""
    found = account(who)
    return found.balances, found.stripe.model_dump_json().replace(who.mark, "SMPL").replace(who.tenant, "ten")


def test_a_subscription_from_checkout_to_its_first_credits() -> None:
    who = subscriber()
    assert set(tell(who, "checkout_session_completed", *BEGINNING)) == {EventState.APPLIED}
    assert (seen(who).plan, seen(who).status) == ("starter", "active")
    assert account(who).balances == Balances(granted=60, available=60)


def test_what_comes_before_the_checkout_waits_and_is_applied_with_it() -> None:
    who = subscriber()
    assert set(tell(who, *BEGINNING)) == {EventState.PARKED}
    assert account(who).balances.granted == 10
    assert tell(who, "checkout_session_completed") == [EventState.APPLIED]
    assert seen(who).plan == "starter"
    assert account(who).balances == Balances(granted=60, available=60)
    for name in BEGINNING:
        envelope = who.envelope(name)
        assert events.record(envelope, EventState.RECEIVED, NOW) is EventState.APPLIED


def test_more_waiting_events_than_a_transaction_takes_are_all_applied() -> None:
    who = subscriber()
    tell(who, *BEGINNING)
    for number in range(55):
        late = who.envelope("customer_subscription_updated", id=f"evt_{number}", created=1793448100 + number)
        stripe.receive(late, NOW)
    assert tell(who, "checkout_session_completed") == [EventState.APPLIED]
    assert account(who).balances.granted == 60
    assert events.get_customer(f"cus_{who.mark}Q8vT2kXn").parked == frozenset()
    assert account(who).stripe.subscriptions[f"sub_1{who.mark}h4LkdIwHu7ix"].as_of.timestamp() == 1793448154


def test_every_order_of_the_beginning_ends_in_the_same_account() -> None:
    ends = set()
    for order in permutations((*BEGINNING, "checkout_session_completed")):
        who = subscriber()
        tell(who, *order)
        ends.add(neutral(who))
    assert len(ends) == 1


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(some.permutations(STORY), some.lists(some.sampled_from(STORY), max_size=4))
def test_a_whole_subscription_ends_in_the_same_account_in_any_order_with_repeats(
    order: list[str], repeated: list[str]
) -> None:
    empty()
    straight, shuffled = subscriber(), subscriber()
    tell(straight, *STORY)
    tell(shuffled, *order[:4], *repeated, *order[4:], *repeated)
    assert neutral(shuffled) == neutral(straight)
    assert seen(shuffled).plan == "free"
    assert account(shuffled).balances.granted == 60


def test_two_events_that_pay_one_invoice_grant_once() -> None:
    who = subscriber()
    tell(who, "checkout_session_completed", *BEGINNING, "invoice_payment_succeeded")
    assert account(who).balances.granted == 60


def test_an_invoice_before_its_subscription_is_flagged_and_granted_once_the_price_is_told() -> None:
    who = subscriber()
    assert tell(who, "checkout_session_completed", "invoice_paid") == [EventState.APPLIED, EventState.FLAGGED]
    assert account(who).balances.granted == 10
    tell(who, "customer_subscription_created")
    assert account(who).balances.granted == 60
    assert account(who).stripe.unpriced == {}
    assert tell(who, "invoice_paid") == [EventState.APPLIED]
    assert account(who).balances.granted == 60


def test_an_older_invoice_that_carries_its_price_is_granted_before_its_subscription() -> None:
    who = subscriber()
    assert tell(who, "2024_invoice_paid") == [EventState.APPLIED]
    assert account(who).balances.granted == 60
    tell(who, "2024_customer_subscription_created", "invoice_payment_succeeded")
    assert account(who).balances.granted == 60
    assert seen(who).plan == "starter"


def test_an_unknown_price_is_recorded_and_flagged_until_a_plan_has_it(
    monkeypatch: pytest.MonkeyPatch, logs: Logs
) -> None:
    who = subscriber()
    tell(who, "checkout_session_completed")
    logs.read()
    changed = who.event("customer_subscription_updated")
    changed["data"]["object"]["items"]["data"][0]["price"]["lookup_key"] = "brand_new"
    updated = Envelope.model_validate(changed)
    assert stripe.receive(updated, NOW) is EventState.FLAGGED
    assert tell(who, "invoice_paid") == [EventState.FLAGGED]
    written = logs.read()
    assert written.count('"reason":"unknown_price"') == 2
    assert written.count(f'"{metrics.STRIPE_EVENTS_FLAGGED}":[') == 2
    assert seen(who).unknown_prices == (f"price_1{who.mark}starterMonthly",)
    assert account(who).balances.granted == 10

    price = plans.Price("brand_new", 1)
    monkeypatch.setitem(plans._BY_LOOKUP_KEY, "brand_new", (plans.STARTER, price))
    assert stripe.receive(updated, NOW) is EventState.APPLIED
    assert metrics.STRIPE_EVENTS_FLAGGED not in logs.read()
    assert account(who).balances.granted == 60
    assert seen(who).plan == "starter"


def test_a_repeated_event_costs_two_round_trips_and_changes_nothing() -> None:
    who = subscriber()
    tell(who, "checkout_session_completed", *BEGINNING)
    version, before = account(who).version, tables.round_trips()
    assert tell(who, "invoice_paid") == [EventState.APPLIED]
    assert tables.round_trips() - before == 2
    assert account(who).version == version


def test_an_event_of_a_known_customer_costs_four_round_trips() -> None:
    who = subscriber()
    tell(who, "checkout_session_completed")
    before = tables.round_trips()
    tell(who, "customer_subscription_created")
    assert tables.round_trips() - before == 4


def test_an_unhandled_type_is_recorded_and_left() -> None:
    who = subscriber()
    assert tell(who, "customer_created", "customer_created") == [EventState.IGNORED] * 2
    assert account(who).version == 1


def stranger() -> tuple[Call, Subscriber]:
    """A customer whose tenant has not called yet, and the call that they will make first."""
    call = any_call()
    return call, Subscriber(call.tenant, f"{next(_marks):04}")


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
    other = Subscriber(who.tenant, f"{next(_marks):04}")
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


def test_an_object_that_cannot_be_read_is_refused_and_tried_again_when_sent_again() -> None:
    who = subscriber()
    tell(who, "checkout_session_completed")
    with pytest.raises(Invalid):
        stripe.receive(who.envelope("customer_subscription_updated", status=None), NOW)
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
    read, between = events.get_customer, iter(["checkout_session_completed"])

    def get(customer: str) -> Customer:
        found = read(customer)
        for name in between:
            tell(who, name)
        return found

    monkeypatch.setattr(events, "get_customer", get)
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
