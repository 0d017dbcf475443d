"""Credits follow the money: what an invoice brings, and what goes with money that went back."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.support.clock import NOW
from tests.support.stripe_money import (
    BUSINESS,
    STARTER,
    YEARLY,
    charge,
    dispute,
    event,
    invoice,
    invoice_payment,
    line,
    refund,
)
from vitrine.billing import plans
from vitrine.billing.models import StripeProfile
from vitrine.billing.stripe import crediting, rules
from vitrine.billing.stripe.models import Fact
from vitrine.billing.stripe.payloads import read

START = datetime(2026, 11, 10, 12, tzinfo=UTC)
MONTH = START.replace(month=12)
YEAR = START.replace(year=2027)


def fact(kind: str, thing: dict[str, Any], later: int = 0) -> Fact:
    return read(event(later, kind, thing, NOW + timedelta(seconds=later)))


def paid(number: int, *lines: dict[str, Any], **more: Any) -> Fact:
    return fact("invoice.paid", invoice(number, *lines, **more), number)


def bought(*facts: Fact) -> int:
    """What is booked in the end, told one by one as events come."""
    profile, total = StripeProfile(), 0
    for each in facts:
        profile, moved = crediting.price(rules.tell(profile, [each]))
        total += sum(moved.values())
    return total


def test_a_paid_month_brings_a_month_and_a_year_twelve_by_quantity() -> None:
    assert bought(paid(1, line(STARTER, 2900, START, MONTH))) == 50
    assert bought(paid(1, line(YEARLY, 149000, START, YEAR))) == 12_000
    assert bought(paid(1, line(STARTER, 8700, START, MONTH, quantity=3))) == 150


@pytest.mark.parametrize(
    ("what", "more"),
    [
        (line(YEARLY, 0, START, START + timedelta(days=14)), {}),
        (line(YEARLY, 149000, START, YEAR, discount=149000), {}),
        (line(YEARLY, 149000, START, YEAR), {"total": 0}),
        (line(YEARLY, 0, START, YEAR, proration=True), {}),
    ],
    ids=["trial", "coupon for all", "a deduction that is no line of the subscription", "proration of a trial"],
)
def test_what_was_paid_with_nothing_brings_nothing(what: dict[str, Any], more: dict[str, Any]) -> None:
    assert bought(paid(1, what, **more)) == 0


def test_a_coupon_for_a_part_makes_a_period_cheaper_and_not_shorter() -> None:
    assert bought(paid(1, line(STARTER, 2900, START, MONTH, discount=1450))) == 50


def test_a_trial_brings_what_its_plan_names_once(monkeypatch: pytest.MonkeyPatch) -> None:
    trying = plans.Plan("business", monthly_credits=1_000, trial_credits=20)
    monkeypatch.setattr(plans, "PLANS", (trying,))
    monkeypatch.setitem(plans._BY_LOOKUP_KEY, YEARLY, (trying, plans.Price(YEARLY, 12)))
    trial = line(YEARLY, 0, START, START + timedelta(days=14))
    assert bought(paid(1, trial), paid(1, trial), paid(2, trial)) == 20
    assert bought(paid(1, trial), paid(2, line(YEARLY, 149000, START, YEAR))) == 12_020
    assert bought(paid(1, line(YEARLY, 149000, START, YEAR, discount=149000))) == 0


@pytest.mark.parametrize("item", [False, True], ids=["of the subscription", "as an item of its own"])
def test_an_upgrade_in_the_middle_brings_the_share_that_was_paid_for(item: bool) -> None:
    half = START + (MONTH - START) / 2
    lines = (
        line(STARTER, -1450, half, MONTH, proration=True, item=item),
        line(BUSINESS, 7450, half, MONTH, proration=True, item=item),
    )
    assert bought(paid(1, *lines)) == 500 - 25


def test_a_downgrade_takes_the_unused_share_back() -> None:
    half = START + (MONTH - START) / 2
    unused = line(BUSINESS, -7450, half, MONTH, proration=True)
    assert bought(paid(1, unused, line(STARTER, 1450, half, MONTH, proration=True))) == -500 + 25
    assert bought(paid(1, unused, line(STARTER, 2900, MONTH, MONTH + timedelta(days=31)))) == -500 + 50


def refunded(amount: int, later: int, **more: Any) -> Fact:
    return fact("charge.refunded", {**charge(1, amount), **more}, later)


@pytest.mark.parametrize("named_first", [True, False], ids=["invoice named before", "invoice named after"])
def test_a_refund_takes_its_share_back_and_more_of_it_the_rest(named_first: bool) -> None:
    month, named = paid(1, line(STARTER, 2900, START, MONTH)), fact("invoice_payment.paid", invoice_payment(1))
    half, whole = refunded(1450, 5), refunded(2900, 9)
    told = (named, month) if named_first else (month, half, named)
    assert bought(*told, half) == 25
    assert bought(*told, half, whole, half) == 0


def test_a_charge_of_an_older_version_names_its_invoice_itself() -> None:
    month = paid(1, line(STARTER, 2900, START, MONTH))
    assert bought(month, refunded(1450, 5, invoice="in_1")) == 25


def test_a_refund_of_an_invoice_that_nobody_named_is_an_open_question() -> None:
    unknown = fact("charge.refunded", charge(7, 2900))
    profile = rules.tell(StripeProfile(), [paid(1, line(STARTER, 2900, START, MONTH)), unknown])
    assert rules.open_question(profile, unknown) == rules.UNKNOWN_INVOICE


def test_a_refund_that_failed_gives_the_credits_again() -> None:
    told = (paid(1, line(STARTER, 2900, START, MONTH)), fact("invoice_payment.paid", invoice_payment(1)))
    refunded = fact("charge.refunded", charge(1, 2900), 5)
    assert bought(*told, refunded, fact("refund.updated", refund(1, 2900, "pending"), 6)) == 0
    failed = fact("refund.failed", refund(1, 2900, "failed"), 9)
    assert bought(*told, refunded, failed) == bought(*told, failed, refunded) == 50
    # The charge as it is after the failure counts by itself.
    assert bought(*told, failed, fact("charge.refunded", charge(1, 0), 10)) == 50


@pytest.mark.parametrize(
    ("status", "left"),
    [("needs_response", 0), ("under_review", 0), ("lost", 0), ("won", 50), ("warning_needs_response", 50)],
)
def test_a_dispute_takes_the_credits_until_it_is_won(status: str, left: int) -> None:
    told = (paid(1, line(STARTER, 2900, START, MONTH)), fact("invoice_payment.paid", invoice_payment(1)))
    opened = fact("charge.dispute.created", dispute(1, 2900, "needs_response"), 5)
    later = fact("charge.dispute.updated", dispute(1, 2900, status), 6)
    assert bought(*told, opened, later) == bought(*told, later, opened) == left


def test_a_refund_and_a_dispute_take_no_more_than_was_granted() -> None:
    told = (paid(1, line(STARTER, 2900, START, MONTH)), fact("invoice_payment.paid", invoice_payment(1)))
    both = (
        fact("charge.refunded", charge(1, 2900), 5),
        fact("charge.dispute.closed", dispute(1, 2900, "lost"), 6),
    )
    assert bought(*told, *both) == 0


def test_a_payment_stays_priced_as_it_was_when_the_plan_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    profile, _ = crediting.price(rules.tell(StripeProfile(), [paid(1, line(STARTER, 2900, START, MONTH))]))
    monkeypatch.setitem(
        plans._BY_LOOKUP_KEY, STARTER, (plans.Plan("starter", monthly_credits=70), plans.Price(STARTER, 1))
    )
    _, moved = crediting.price(rules.tell(profile, [paid(2, line(STARTER, 2900, START, MONTH))]))
    assert moved == {"invoice#in_2": 70}


_HALF = START + (MONTH - START) / 2
HISTORY = (
    paid(1, line(STARTER, 2900, START, MONTH)),
    fact("invoice.payment_succeeded", invoice(1, line(STARTER, 2900, START, MONTH)), 1),
    paid(
        2,
        line(STARTER, -1450, _HALF, MONTH, proration=True),
        line(BUSINESS, 7450, _HALF, MONTH, proration=True),
    ),
    fact("invoice_payment.paid", invoice_payment(1), 1),
    fact("invoice_payment.paid", invoice_payment(2), 2),
    fact("charge.refunded", charge(1, 1450), 5),
    fact("charge.refunded", charge(1, 2900), 9),
    fact("refund.failed", refund(1, 1450, "failed"), 7),
    fact("charge.dispute.created", dispute(2, 6000, "needs_response"), 6),
    fact("charge.dispute.closed", dispute(2, 6000, "won"), 8),
    paid(3, line(YEARLY, 0, START, START + timedelta(days=14))),
)
"""A month, refunded in two steps of which one fails; an upgrade, disputed and won; a trial over nothing."""


@given(some.permutations(HISTORY), some.lists(some.sampled_from(HISTORY), max_size=6), some.integers(0, 11))
def test_the_same_credits_are_left_in_any_order_with_any_repeats(
    order: list[Fact], repeated: list[Fact], at: int
) -> None:
    assert bought(*order[:at], *repeated, *order[at:], *repeated) == 0 + 475


@given(some.permutations(HISTORY))
def test_at_no_moment_is_more_booked_than_the_invoices_told_so_far_are_worth(order: list[Fact]) -> None:
    worth = {"in_1": 50, "in_2": 475, "in_3": 0}
    profile, total = StripeProfile(), 0
    for told in order:
        profile, moved = crediting.price(rules.tell(profile, [told]))
        total += sum(moved.values())
        assert 0 <= total <= sum(worth[each] for each in profile.bought)
