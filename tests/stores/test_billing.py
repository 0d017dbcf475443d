from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tests.support.builders import any_call, any_job
from tests.support.clock import NOW
from vitrine.billing import rules, service, store
from vitrine.billing.models import Balances
from vitrine.identity import service as identity
from vitrine.jobs import rules as job_rules
from vitrine.jobs import service as jobs
from vitrine.jobs.models import Job, JobError, JobState
from vitrine.kernel import tables
from vitrine.kernel.errors import Conflict, NotFound, PaymentRequired

WRONG = JobError(code="engine_failed", message="The engine failed.")


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    service.forget_provisioned()
    yield
    service.forget_provisioned()


def opened() -> str:
    call = any_call()
    service.provision(call)
    return call.tenant


def queued(tenant: str, **changes: object) -> Job:
    job = any_job(tenant=tenant, **changes)
    tables.commit(*jobs.queueing(job), *service.reserving(tenant, job.id, job.credits, NOW))
    return job


def balances(tenant: str) -> Balances:
    """The stored balances, once they are shown to be those of the ledger."""
    found = service.account(tenant).balances
    assert found == rules.balances_of(store.entries(tenant))
    assert found.are_even
    return found


def complete(job: Job) -> Job:
    return service.end_job(job.tenant, job.id, lambda job: job_rules.complete(job, {}, NOW), NOW)


def fail(job: Job) -> Job:
    return service.end_job(job.tenant, job.id, lambda job: job_rules.fail(job, WRONG, NOW), NOW)


def cancel(job: Job) -> Job:
    return service.end_job(job.tenant, job.id, lambda job: job_rules.cancel(job, NOW), NOW)


ENDS = {"complete": complete, "fail": fail, "cancel": cancel}


def test_a_first_call_opens_the_account_with_its_free_credits() -> None:
    assert balances(opened()) == Balances(granted=10, available=10)


def test_a_first_call_that_another_overtakes_is_content_with_what_that_one_opened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    call, look = any_call(), store.look

    def looked(tenant: str) -> tuple[bool, tuple[str, ...]]:
        monkeypatch.setattr(store, "look", look)
        service.provision(call)
        service.forget_provisioned()
        return False, ()

    monkeypatch.setattr(store, "look", looked)
    service.provision(call)
    assert balances(call.tenant).granted == 10


def test_a_conflict_that_leaves_no_account_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    call = any_call()
    tables.commit(*identity.registering(call))
    with pytest.raises(Conflict):
        service.provision(call)
    assert call.tenant not in service._provisioned


def test_a_known_tenant_costs_one_read_and_then_none() -> None:
    call = any_call()
    service.provision(call)
    service.forget_provisioned()
    before = tables.round_trips()
    for _ in range(3):
        service.provision(call)
    assert tables.round_trips() - before == 1


def test_a_process_remembers_a_bounded_number_of_tenants(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "_REMEMBERED", 2)
    calls = [any_call() for _ in range(3)]
    for call in calls:
        service.provision(call)
    assert list(service._provisioned) == [call.tenant for call in calls[1:]]


def test_an_account_that_nobody_opened_is_not_found() -> None:
    with pytest.raises(NotFound):
        service.account("ten_nobody")
    with pytest.raises(NotFound):
        service.grant("ten_nobody", 5, "gift", NOW)


def test_queueing_a_job_holds_its_credits() -> None:
    tenant = opened()
    queued(tenant, credits=3)
    assert balances(tenant) == Balances(granted=10, available=7, held=3)


def test_a_job_that_is_ready_spends_what_it_held() -> None:
    tenant = opened()
    complete(queued(tenant, credits=3))
    assert balances(tenant) == Balances(granted=10, available=7, spent=3)


@pytest.mark.parametrize("end", [fail, cancel])
def test_a_job_that_ends_otherwise_gives_back_what_it_held(end: Callable[[Job], Job]) -> None:
    tenant = opened()
    end(queued(tenant, credits=3))
    assert balances(tenant) == Balances(granted=10, available=10)


def test_a_job_without_credits_moves_no_money() -> None:
    tenant = opened()
    complete(queued(tenant, credits=0))
    assert len(store.entries(tenant)) == 1


def test_without_enough_credits_neither_job_nor_hold_is_made() -> None:
    tenant = opened()
    with pytest.raises(PaymentRequired):
        queued(tenant, id="img_dear", credits=11)
    with pytest.raises(NotFound):
        jobs.find(tenant, "img_dear")
    assert balances(tenant) == Balances(granted=10, available=10)


def test_the_same_job_reserves_once() -> None:
    tenant = opened()
    job = queued(tenant)
    with pytest.raises(store.HoldExists):
        tables.commit(*service.reserving(tenant, job.id, job.credits, NOW))
    assert balances(tenant).held == 1


def test_a_repeated_end_moves_no_money_again() -> None:
    tenant = opened()
    job = queued(tenant)
    assert complete(job) == complete(job)
    assert balances(tenant).spent == 1


def test_a_job_that_ended_one_way_cannot_end_another() -> None:
    tenant = opened()
    job = queued(tenant)
    cancel(job)
    with pytest.raises(job_rules.JobIsOver):
        complete(job)
    assert balances(tenant) == Balances(granted=10, available=10)


def test_money_moves_with_the_first_end_only_even_if_the_ledger_is_asked_twice() -> None:
    tenant = opened()
    job, _open = queued(tenant), queued(tenant)
    complete(job)
    late = job.model_copy(update={"state": JobState.ERROR})
    with pytest.raises(store.NotReserved):
        tables.commit(*service.concluding(late, NOW))
    assert balances(tenant) == Balances(granted=10, available=8, held=1, spent=1)


def test_a_hold_of_another_amount_is_not_concluded() -> None:
    tenant = opened()
    job = queued(tenant, credits=2)
    with pytest.raises(store.NotReserved):
        tables.commit(*service.concluding(job.model_copy(update={"state": JobState.READY, "credits": 1}), NOW))
    assert balances(tenant).held == 2


def test_a_job_that_is_not_over_concludes_nothing() -> None:
    assert service.concluding(any_job(state=JobState.PROCESSING), NOW) == ()


def test_a_grant_comes_once_for_its_reason() -> None:
    tenant = opened()
    for _ in range(3):
        service.grant(tenant, 5, "gift", NOW)
    service.grant(tenant, 5, "another gift", NOW)
    assert balances(tenant) == Balances(granted=20, available=20)


_moves = some.lists(
    some.tuples(some.sampled_from(("grant", "queue", "complete", "fail", "cancel")), some.integers(0, 5)), max_size=25
)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(_moves)
def test_any_sequence_of_movements_keeps_what_was_granted_equal_to_what_is_available_held_and_spent(
    moves: list[tuple[str, int]],
) -> None:
    tenant = opened()
    made: list[Job] = []
    gifts: set[int] = set()
    for kind, number in moves:
        if kind == "grant":
            service.grant(tenant, number + 1, f"gift {number}", NOW)
            gifts.add(number)
        elif kind == "queue":
            with suppress(PaymentRequired):
                made.append(queued(tenant, credits=number))
        elif made:
            with suppress(job_rules.JobIsOver):
                ENDS[kind](made[number % len(made)])
    jobs_now = [jobs.find(tenant, job.id) for job in made]
    held = sum(job.credits for job in jobs_now if not job.state.is_over)
    spent = sum(job.credits for job in jobs_now if job.state is JobState.READY)
    granted = 10 + sum(number + 1 for number in gifts)
    assert balances(tenant) == Balances(granted=granted, available=granted - held - spent, held=held, spent=spent)
