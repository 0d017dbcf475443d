"""Stripe's events at the stores: whatever their order or repetition, the account ends right."""

from collections.abc import Iterator
from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tests.stores.stripe import BEGINNING, account, neutral, seen, subscriber, tell
from tests.support.clock import NOW
from tests.support.logs import Logs
from tests.support.stripe_events import STORY
from vitrine.billing import plans, service
from vitrine.billing.models import Balances
from vitrine.billing.stripe import service as stripe
from vitrine.billing.stripe import store as events
from vitrine.billing.stripe.models import Envelope, EventState
from vitrine.kernel import metrics, tables


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    service.forget_provisioned()
    yield
    service.forget_provisioned()


def empty() -> None:
    """Forget the examples before: moto copies the whole table for each transaction."""
    client = tables.client()
    for item in client.scan(TableName="billing")["Items"]:
        client.delete_item(TableName="billing", Key={key: item[key] for key in ("pk", "sk")})


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
