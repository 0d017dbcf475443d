import pytest
from hypothesis import given
from hypothesis import strategies as some
from pydantic import ValidationError

from tests.support.builders import any_job
from tests.support.clock import NOW
from vitrine.billing import plans, rules
from vitrine.billing.models import Balances, Entry, EntryKind, HoldState, LedgerAccount, Leg
from vitrine.jobs.models import JobState

TENANT = "ten_a"


def test_an_entry_whose_legs_do_not_sum_to_zero_cannot_be_made() -> None:
    legs = (Leg(account=LedgerAccount.HELD, amount=-2), Leg(account=LedgerAccount.SPENT, amount=1))
    with pytest.raises(ValidationError, match="sum to zero"):
        Entry(tenant=TENANT, key="settle#x", kind=EntryKind.SETTLE, legs=legs, at=NOW)


@pytest.mark.parametrize("amount", [0, -1])
def test_an_entry_moves_at_least_one_credit(amount: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        rules.grant(TENANT, amount, "gift", NOW)


@given(some.lists(some.tuples(some.sampled_from(("grant", "reserve", "settle", "refund")), some.integers(1, 50))))
def test_any_sequence_of_entries_leaves_the_ledger_even(moves: list[tuple[str, int]]) -> None:
    entries = [_move(number, kind, amount) for number, (kind, amount) in enumerate(moves)]
    assert rules.balances_of(entries).are_even


def test_a_job_that_is_granted_reserved_and_settled_is_spent() -> None:
    entries = [_move(1, "grant", 10), _move(2, "reserve", 4), _move(3, "settle", 3), _move(4, "refund", 1)]
    assert rules.balances_of(entries) == Balances(granted=10, available=7, held=0, spent=3)


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        (JobState.READY, HoldState.SETTLED),
        (JobState.ERROR, HoldState.REFUNDED),
        (JobState.CANCELLED, HoldState.REFUNDED),
        (JobState.QUEUED, None),
        (JobState.PROCESSING, None),
    ],
)
def test_the_end_of_a_job_decides_about_its_credits(state: JobState, outcome: HoldState | None) -> None:
    assert rules.outcome_of(any_job(state=state, credits=2)) is outcome
    assert rules.outcome_of(any_job(state=state, credits=0)) is None


def test_a_lookup_key_belongs_to_one_plan_only() -> None:
    keys = [price.lookup_key for plan in plans.PLANS for price in plan.prices]
    assert len(keys) == len(set(keys))


def test_a_price_that_is_in_no_plan_is_nobodys() -> None:
    assert plans.price_of("somebody_elses_price") is None
    assert plans.plan_of(None) is None


def test_a_revocation_takes_what_was_spent_too_and_the_next_grant_makes_up_for_it() -> None:
    spent = [
        rules.grant(TENANT, 50, "a", NOW),
        rules.reserve(TENANT, "job", 45, NOW),
        rules.conclude(TENANT, "job", 45, HoldState.SETTLED, NOW),
    ]
    owed = rules.balances_of([*spent, rules.revoke(TENANT, 50, "a", NOW)])
    assert owed == Balances(granted=0, available=-45, held=0, spent=45)
    assert owed.are_even
    again = rules.balances_of([*spent, rules.revoke(TENANT, 50, "a", NOW), rules.grant(TENANT, 50, "b", NOW)])
    assert again.available == 5


def _move(number: int, kind: str, amount: int) -> Entry:
    if kind == "grant":
        return rules.grant(TENANT, amount, str(number), NOW)
    if kind == "reserve":
        return rules.reserve(TENANT, f"job_{number}", amount, NOW)
    outcome = HoldState.SETTLED if kind == "settle" else HoldState.REFUNDED
    return rules.conclude(TENANT, f"job_{number}", amount, outcome, NOW)
