"""Usage limits at their exact edge, by many callers at once on the emulator's DynamoDB."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any, TypeVar
from uuid import uuid4

import pytest

from tests.stores.test_usage import cancel, complete, fail, stage
from tests.support.clock import NOW
from tests.support.crowd import at_once
from vitrine.billing.usage import service as usage
from vitrine.billing.usage.models import Counts
from vitrine.jobs import service as jobs
from vitrine.jobs.models import Job
from vitrine.kernel.errors import Conflict, TooManyRequests, Unavailable

MANY, LAMBDAS = 50, 4
T = TypeVar("T")


def any_tenant() -> str:
    return f"ten_{uuid4().hex[:26]}"


def counts(tenant: str) -> Counts:
    return usage.of(tenant, "trial", NOW).counts


def try_to_stage(tenant: str, **options: Any) -> list[Job] | str:
    """The jobs, or why not. Whoever met too many others may simply try again."""
    while True:
        try:
            return stage(tenant, **options)
        except Unavailable:
            continue
        except TooManyRequests as error:
            return error.code


def end(act: Callable[[Job], None], job: Job) -> None:
    """As the pipeline does, which tries again after contention."""
    while True:
        try:
            act(job)
            return
        except (Unavailable, jobs.StaleJob):
            continue
        except Conflict:
            return


@pytest.mark.usefixtures("shared")
def test_of_fifty_callers_at_once_exactly_ten_stage_within_the_hour() -> None:
    tenant = any_tenant()
    seen = at_once(lambda _: try_to_stage(tenant), MANY)
    assert Counter(found if isinstance(found, str) else "staged" for found in seen) == {
        "staged": 10,
        "rate_limit_exceeded": 40,
    }
    assert counts(tenant) == Counts(hour=10, day=10, month=10)


@pytest.mark.usefixtures("shared")
def test_of_batches_at_once_exactly_as_many_photos_count_as_the_month_allows() -> None:
    tenant = any_tenant()
    seen = at_once(lambda _: try_to_stage(tenant, photos=7), 8)
    assert Counter(found if isinstance(found, str) else "staged" for found in seen) == {
        "staged": 3,
        "usage_limit_exceeded": 5,
    }
    assert counts(tenant) == Counts(hour=3, day=21, month=21)


@pytest.mark.usefixtures("shared")
def test_what_fails_while_others_stage_gives_back_exactly_what_it_took() -> None:
    tenant = any_tenant()
    first = [stage(tenant)[0] for _ in range(10)]

    def act(number: int) -> list[Job] | str:
        if number < 10:
            end(fail, first[number])
            return "failed"
        return try_to_stage(tenant)

    seen = at_once(act, 30)
    staged = sum(isinstance(found, list) for found in seen)
    assert counts(tenant) == Counts(hour=staged, day=staged, month=staged)
    assert staged <= 10
    rest = at_once(lambda _: try_to_stage(tenant), 20)
    assert staged + sum(isinstance(found, list) for found in rest) == 10


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize("good", [0, 1])
def test_a_batch_whose_photos_end_all_at_once_gives_its_request_back_only_if_none_was_good(good: int) -> None:
    tenant = any_tenant()
    batch = stage(tenant, photos=14)
    at_once(lambda number: end(complete if number < good else fail, batch[number]), 14)
    assert counts(tenant) == Counts(hour=good, day=good, month=good, completed=good)


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize("seed", range(3))
def test_counts_are_those_of_the_jobs_whatever_happens_at_once(seed: int) -> None:
    tenant = any_tenant()
    random = Random(seed)
    batches = [stage(tenant, photos=random.randint(1, 3)) for _ in range(4)]
    work = [(random.choice([complete, fail, cancel]), job) for batch in batches for job in batch for _ in range(2)]
    random.shuffle(work)
    at_once(lambda number: end(*work[number]), len(work))
    states = [[jobs.find(tenant, job.id).state.value for job in batch] for batch in batches]
    done = sum(batch.count("ready") for batch in states)
    assert counts(tenant) == Counts(
        hour=sum("ready" in batch for batch in states), day=done, month=done, completed=done
    )


@pytest.mark.usefixtures("shared")
def test_many_requests_around_the_turn_of_the_hour_each_count_in_their_own() -> None:
    tenant, later = any_tenant(), NOW + timedelta(hours=1)
    seen = at_once(lambda number: try_to_stage(tenant, now=later if number % 2 else NOW), 40)
    assert sum(isinstance(found, list) for found in seen) == 20
    assert counts(tenant) == Counts(hour=10, day=20, month=20)
