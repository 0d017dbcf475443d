"""Taking turns in DynamoDB, one step after the other; what happens at once is in tests/journeys/test_fairness.py."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.builders import any_job, any_tenant
from tests.support.clock import NOW
from vitrine.jobs import rules as job_rules
from vitrine.jobs import service as jobs
from vitrine.jobs.fair_queue import rules, service, store
from vitrine.jobs.fair_queue.models import Holder, Place
from vitrine.jobs.models import Job
from vitrine.kernel import tables

LIMIT = 2


def queued(tenant: str) -> Job:
    job = any_job(tenant=tenant)
    tables.commit(*jobs.queueing(job))
    return job


def take(job: Job, limit: int = LIMIT) -> list[str]:
    return [holder.job_id for holder in service.take(job, limit, NOW)]


def over(job: Job) -> Job:
    return jobs.change(job.tenant, job.id, lambda job: job_rules.cancel(job, NOW))


def end(job: Job, limit: int = LIMIT) -> list[str]:
    """The job is over, and its event comes."""
    over(job)
    return [holder.job_id for holder in service.end(job.tenant, job.id, limit, NOW)]


def at_work() -> set[str]:
    return {holder.job_id for holder in service.holders()}


def in_queue() -> list[str]:
    return [place.job_id for place in service.waiting()]


def full(tenant: str = "ten_full", limit: int = LIMIT) -> list[Job]:
    made = [queued(tenant) for _ in range(limit)]
    for job in made:
        assert take(job, limit) == [job.id]
    return made


def test_a_job_takes_a_free_slot_in_one_round_trip() -> None:
    job, before = queued("ten_a"), tables.round_trips()
    assert take(job, 1000) == [job.id]
    assert tables.round_trips() - before == 1


def test_a_job_that_asks_again_has_its_turn_and_no_second_slot() -> None:
    job = queued("ten_a")
    assert take(job) == take(job) == [job.id]
    assert len(service.holders()) == 1


def test_what_finds_no_slot_stands_in_line_once() -> None:
    full()
    late = queued("ten_late")
    assert take(late) == take(late) == []
    assert in_queue() == [late.id]
    assert len(service.holders()) == LIMIT


def test_who_ends_hands_its_turn_to_the_head_of_the_line_once() -> None:
    first, _ = full()
    late = queued("ten_late")
    take(late)
    assert end(first) == [late.id]
    assert [holder.job_id for holder in service.end(first.tenant, first.id, LIMIT, NOW)] == []
    assert take(late) == [late.id], "its own event, come again, starts it again, which starts nothing twice"
    assert in_queue() == []


def test_tenants_are_served_in_turn_and_each_in_its_own_order() -> None:
    working = full(limit=1)
    batch = [queued("ten_batch") for _ in range(4)]
    single, other = queued("ten_single"), queued("ten_other")
    for job in (*batch, single, other):
        take(job, 1)
    served, by_id = list[str](), {job.id: job for job in (*batch, single, other)}
    ending = working[0]
    while following := end(ending, 1):
        served += following
        ending = by_id[following[0]]
    assert served == [batch[0].id, single.id, other.id, *(job.id for job in batch[1:])]


def test_a_newcomer_comes_after_what_was_served_and_not_before_everybody() -> None:
    working = full(limit=1)
    batch = [queued("ten_batch") for _ in range(3)]
    for job in batch:
        take(job, 1)
    end(working[0], 1)
    end(batch[0], 1)
    newcomer = queued("ten_new")
    take(newcomer, 1)
    assert in_queue() == [batch[2].id, newcomer.id], "equal tags: the older job first"


def test_a_job_that_is_over_takes_no_turn() -> None:
    job = queued("ten_a")
    over(job)
    assert take(job) == []
    full()
    late = queued("ten_late")
    over(late)
    assert take(late) == []
    assert in_queue() == []


def test_who_ends_in_line_leaves_it() -> None:
    full()
    late = queued("ten_late")
    take(late)
    assert end(late) == []
    assert in_queue() == []
    assert store.find(late.tenant, late.id) is None


def test_one_that_is_over_and_still_stands_in_line_is_passed_by() -> None:
    first, _ = full()
    gone, waiting = queued("ten_gone"), queued("ten_waiting")
    take(gone)
    take(waiting)
    over(gone)
    assert end(first) == [waiting.id]
    assert in_queue() == []
    assert store.find(gone.tenant, gone.id) is None


def test_a_slot_above_a_lowered_limit_is_not_handed_on() -> None:
    working = full(limit=4)
    late = queued("ten_late")
    take(late, 4)
    high = next(holder for holder in service.holders() if holder.slot >= 2)
    assert end(next(job for job in working if job.id == high.job_id), 2) == []
    assert in_queue() == [late.id]


def test_slots_of_a_raised_limit_go_to_the_line() -> None:
    full()
    late = [queued("ten_late") for _ in range(3)]
    for job in late:
        take(job)
    assert [holder.job_id for holder in service.fill_free_slots(4, NOW)] == [job.id for job in late[:2]]
    assert in_queue() == [late[2].id]


def test_a_slot_that_is_freed_while_a_job_steps_into_line_is_given_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    first, _ = full()
    late = queued("ten_late")
    wait_in_queue = store.wait_in_queue

    def too_late(*args: object) -> None:
        assert end(first) == [], "nobody stands in line yet"
        wait_in_queue(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "wait_in_queue", too_late)
    assert take(late) == [late.id]


def test_a_job_that_steps_into_line_while_a_slot_is_freed_is_given_it(monkeypatch: pytest.MonkeyPatch) -> None:
    first, _ = full()
    late = queued("ten_late")
    free = store.free

    def just_before(holder: Holder) -> None:
        assert take(late) == []
        free(holder)

    monkeypatch.setattr(store, "free", just_before)
    assert end(first) == [late.id]


def test_a_newcomer_does_not_overtake_the_line_to_a_slot_that_was_left_free() -> None:
    """Left by somebody who died between freeing it and handing it on."""
    first, _ = full()
    waiting, newcomer = queued("ten_waiting"), queued("ten_new")
    take(waiting)
    slot = next(holder for holder in service.holders() if holder.job_id == first.id)
    store.free(slot)
    other = next(number for number in range(LIMIT) if number != slot.slot)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rules, "first_slot", lambda *_: other)
        assert take(newcomer) == []
    assert in_queue() == [waiting.id, newcomer.id]
    assert [holder.job_id for holder in service.fill_free_slots(LIMIT, NOW)] == [waiting.id]


def test_turns_leave_nothing_behind_but_tags_and_the_clock() -> None:
    first, second = full()
    late = queued("ten_late")
    take(late)
    for job in (first, second, late):
        end(job)
    assert (at_work(), in_queue()) == (set(), [])
    assert [store.find(job.tenant, job.id) for job in (first, second, late)] == [None] * 3


def test_a_turn_says_what_a_job_has() -> None:
    first, _ = full()
    late = queued("ten_late")
    take(late)
    assert isinstance(store.find(first.tenant, first.id), Holder)
    assert store.find(late.tenant, late.id) == Place(tenant="ten_late", job_id=late.id, tag=1, since=NOW)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 9), min_size=1, max_size=6))
def test_a_tenants_tags_are_those_of_the_rules(virtual_times: list[int]) -> None:
    tenant, last = any_tenant(), 0
    for virtual in virtual_times:
        last = rules.next_tag(virtual, last)
        assert store.next_tag(tenant, virtual, NOW) == last


def test_the_virtual_time_never_goes_back() -> None:
    for tag in (3, 7, 5):
        store.advance(tag)
    assert store.virtual_time() == 7


def test_a_holder_is_idle_only_after_some_time() -> None:
    holder = Holder(tenant="ten_a", job_id="stg_a", slot=0, since=NOW)
    assert not rules.is_idle(holder, NOW + timedelta(minutes=1))
    assert rules.is_idle(holder, NOW + timedelta(minutes=3))
