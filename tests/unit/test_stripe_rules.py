from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from pydantic import ValidationError

from tests.support.clock import NOW
from tests.support.stripe_events import NAMES, STORY, Json, Subscriber
from vitrine.billing.models import InvoiceLine, StripeProfile, Subscription, SubscriptionState
from vitrine.billing.stripe import crediting, rules
from vitrine.billing.stripe.models import Envelope, Fact
from vitrine.billing.stripe.payloads import HANDLED, read

SOMEBODY = Subscriber("ten_a", "AAAA")
CREATED = 1793448000
STARTER = "vitrine_starter_monthly"


def fact(name: str, **changes: Any) -> Fact:
    return read(SOMEBODY.envelope(name, **changes))


def profile_after(*facts: Fact) -> tuple[StripeProfile, dict[str, int]]:
    return crediting.price(rules.tell(StripeProfile(), facts))


def subscription_state(*facts: Fact) -> SubscriptionState:
    return rules.subscription_state(profile_after(*facts)[0])


def another(subscription: str, status: str, created: int) -> Fact:
    """What a later subscription of the same customer comes with."""
    event = SOMEBODY.event("customer_subscription_updated", created=created, status=status)
    event["data"]["object"].update(id=subscription, created=created)
    return read(Envelope.model_validate(event))


def priced(event: Json, key: str | None) -> Json:
    for item in event["data"]["object"]["items"]["data"]:
        item["price"]["lookup_key"] = key
    return event


@pytest.mark.parametrize("name", NAMES)
def test_every_sample_is_an_event_and_every_handled_one_is_read(name: str) -> None:
    envelope = SOMEBODY.envelope(name)
    if envelope.type in HANDLED:
        found = read(envelope)
        assert found.event == envelope.id
        assert found.customer == "cus_AAAAQ8vT2kXn"


def test_an_event_that_cannot_be_read_is_an_error_that_does_not_repeat_it() -> None:
    for planted in ({"id": ["buyer@example.com"]}, {"object": {"status": {"email": "buyer@example.com"}}}):
        event = SOMEBODY.event("customer_subscription_updated")
        event["data"]["object"].update(planted.pop("object", {}))
        with pytest.raises(ValidationError) as error:
            read(Envelope.model_validate({**event, **planted}))
        assert "buyer" not in str(error.value)


def test_no_fact_carries_a_name_or_an_address() -> None:
    for name in STORY:
        assert "buyer" not in fact(name).model_dump_json().lower()


def test_both_generations_of_the_api_tell_the_same() -> None:
    new = profile_after(fact("customer_subscription_updated", created=CREATED), fact("invoice_paid"))
    old = profile_after(fact("2024_customer_subscription_created"), fact("2024_invoice_paid"))
    assert new[1] == old[1] == {"invoice#in_1AAAAfirstInvoice00": 50}
    views = [rules.subscription_state(profile) for profile, _ in (new, old)]
    assert views[0] == views[1]
    assert views[0].plan == "starter"
    assert views[0].current_period_end is not None
    assert views[0].current_period_end >= NOW + timedelta(days=10)


def test_every_order_of_a_whole_subscription_ends_in_the_same_profile() -> None:
    facts = [fact(name) for name in STORY]
    ends = {_text(rules.tell(StripeProfile(), order)) for order in permutations(facts)}
    assert len(ends) == 1


@given(some.lists(some.sampled_from([fact(name) for name in STORY]), max_size=20))
def test_facts_that_are_told_again_change_nothing(facts: list[Fact]) -> None:
    once = rules.tell(StripeProfile(), _distinct(facts))
    assert rules.tell(once, facts) == once == rules.tell(StripeProfile(), facts)


_moments = some.integers(CREATED, CREATED + 3)
_subscriptions = some.builds(
    Subscription,
    id=some.sampled_from(("sub_1", "sub_2")),
    customer=some.just("cus_1"),
    status=some.sampled_from(("incomplete", "active", "past_due", "unpaid", "canceled", "something_new")),
    prices=some.sampled_from(((), ("price_1",), ("price_1", "price_2"))),
    current_period_end=some.none() | some.datetimes(timezones=some.just(UTC)),
    started_at=_moments.map(lambda second: datetime.fromtimestamp(second, UTC)),
    as_of=_moments.map(lambda second: datetime.fromtimestamp(second, UTC)),
    rank=some.integers(0, 2),
    final=some.booleans(),
)
_facts = some.builds(
    Fact,
    event=some.uuids().map(str),
    as_of=_moments.map(lambda second: datetime.fromtimestamp(second, UTC)),
    customer=some.sampled_from(("cus_1", "cus_2")),
    tenant=some.none(),
    subscription=some.none() | _subscriptions,
    prices=some.dictionaries(some.sampled_from(("price_1", "price_2")), some.sampled_from((STARTER, "other", "more"))),
    invoice=some.none(),
)


@given(some.lists(_facts, max_size=8), some.randoms())
def test_any_events_even_of_one_second_end_the_same_in_any_order(facts: list[Fact], random: Any) -> None:
    shuffled = list(facts)
    random.shuffle(shuffled)
    assert rules.tell(StripeProfile(), facts) == rules.tell(StripeProfile(), shuffled)


def test_a_new_subscription_gives_its_plan() -> None:
    found = subscription_state(fact("customer_subscription_created"), fact("customer_subscription_updated"))
    assert (found.plan, found.status, found.customer) == ("starter", "active", "cus_AAAAQ8vT2kXn")


def test_a_subscription_that_waits_for_its_first_payment_gives_no_plan() -> None:
    assert subscription_state(fact("customer_subscription_created")).plan == "free"


def test_an_older_update_after_a_newer_one_is_ignored() -> None:
    newer = fact("customer_subscription_updated", status="past_due", created=CREATED + 10)
    assert subscription_state(newer, fact("customer_subscription_updated", status="active")).status == "past_due"


def test_deleted_is_final_even_against_a_later_update() -> None:
    late = fact("customer_subscription_updated", created=CREATED + 10**8)
    found = subscription_state(fact("customer_subscription_deleted"), late)
    assert (found.plan, found.status) == ("free", "canceled")


def test_a_second_subscription_outlives_the_end_of_the_first() -> None:
    second = another("sub_second", "active", CREATED + 10**7)
    for order in permutations((second, fact("customer_subscription_deleted"))):
        assert (subscription_state(*order).plan, subscription_state(*order).subscription) == ("starter", "sub_second")


def test_a_second_subscription_that_was_never_paid_does_not_end_the_first() -> None:
    second = another("sub_second", "incomplete_expired", CREATED + 10**7)
    for order in permutations((second, fact("customer_subscription_updated"))):
        assert (subscription_state(*order).plan, subscription_state(*order).subscription) == (
            "starter",
            "sub_1AAAAh4LkdIwHu7ix",
        )


def test_a_price_that_is_in_no_plan_gives_no_plan_and_is_named() -> None:
    unknown = read(Envelope.model_validate(priced(SOMEBODY.event("customer_subscription_updated"), "not_ours")))
    found = subscription_state(unknown)
    assert (found.plan, found.unknown_prices) == ("free", ("price_1AAAAstarterMonthly",))
    assert rules.open_question(profile_after(unknown)[0], unknown) == rules.UNKNOWN_PRICE


def test_an_invoice_whose_price_was_not_seen_waits_for_the_subscription_that_tells_it() -> None:
    paid = fact("invoice_paid")
    profile, credits_ = profile_after(paid)
    assert credits_ == {}
    assert list(profile.unpriced) == ["in_1AAAAfirstInvoice00"]
    told = rules.tell(profile, [fact("customer_subscription_created")])
    assert crediting.price(told)[1] == {"invoice#in_1AAAAfirstInvoice00": 50}


def test_one_off_items_bring_no_credits() -> None:
    event = SOMEBODY.event("invoice_paid")
    item = dict(event["data"]["object"]["lines"]["data"][0])
    item["parent"] = {"type": "invoice_item_details", "invoice_item_details": {"proration": False}}
    event["data"]["object"]["lines"]["data"] += [item]
    bought = profile_after(read(Envelope.model_validate(event)), fact("customer_subscription_created"))[1]
    assert bought == {"invoice#in_1AAAAfirstInvoice00": 50}


def test_an_invoice_that_the_event_does_not_carry_whole_is_not_guessed() -> None:
    event = SOMEBODY.event("invoice_paid")
    event["data"]["object"]["lines"]["has_more"] = True
    profile, bought = profile_after(read(Envelope.model_validate(event)), fact("customer_subscription_created"))
    assert bought == {}
    assert profile.unpriced["in_1AAAAfirstInvoice00"].lines[-1] == InvoiceLine(price=None)


def test_an_invoice_without_a_parent_is_read() -> None:
    found = fact("invoice_paid", parent=None, lines={"object": "list", "data": [], "has_more": False})
    assert found.invoice is not None
    assert (found.tenant, found.invoice.lines) == (None, ())


def test_a_failed_payment_shows_until_a_later_one_succeeds() -> None:
    failed = fact("invoice_payment_failed")
    later = fact("invoice_paid", created=CREATED + 10**7)
    assert subscription_state(failed).payment_failed
    assert not subscription_state(failed, later).payment_failed
    assert subscription_state(failed, fact("invoice_paid")).payment_failed


def test_a_checkout_names_the_tenant_by_reference_or_metadata() -> None:
    by_metadata = fact("checkout_session_completed", client_reference_id=None, metadata={"tenant": "ten_m"})
    assert fact("checkout_session_completed").tenant == "ten_a"
    assert by_metadata.tenant == "ten_m"


def _distinct(facts: list[Fact]) -> list[Fact]:
    return list({each.event: each for each in facts}.values())


def _text(profile: StripeProfile) -> str:
    return profile.model_dump_json()


_odd: some.SearchStrategy[Any] = some.one_of(
    some.none(), some.booleans(), some.integers(), some.text(max_size=3), some.sampled_from(([], {}, [{}]))
)


@given(some.sampled_from(STORY), some.data())
def test_an_object_with_anything_anywhere_is_read_or_refused_but_never_crashes(name: str, data: Any) -> None:
    event = SOMEBODY.event(name)
    here: Any = event["data"]["object"]
    while True:
        key = data.draw(some.sampled_from(sorted(here) if isinstance(here, dict) else range(len(here))))
        if not isinstance(here[key], dict | list) or not here[key] or data.draw(some.booleans()):
            break
        here = here[key]
    here[key] = data.draw(_odd)
    with suppress(ValidationError):
        crediting.price(rules.tell(StripeProfile(), [read(Envelope.model_validate(event))]))
