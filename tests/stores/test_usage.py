"""Usage limits: what counts, in which window, and what comes back. Under concurrency: tests/journeys."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.builders import any_job, any_tenant
from tests.support.clock import NOW
from vitrine.billing import service as billing
from vitrine.billing.usage import rules, service
from vitrine.billing.usage.models import Counts, Span, UsagePlan
from vitrine.jobs import rules as job_rules
from vitrine.jobs import service as jobs
from vitrine.jobs.models import Job, JobError
from vitrine.kernel import tables
from vitrine.kernel.call import Call
from vitrine.kernel.errors import Invalid, TooManyRequests
from vitrine.kernel.ids import Ids
from vitrine.kernel.principal import Principal

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def call(tenant: str, plan: str = "trial", now: datetime = NOW) -> Call:
    return Call(Principal(tenant, "usr", plan=plan), now, Ids.random(now), "req")


def stage(tenant: str, plan: str = "trial", now: datetime = NOW, photos: int = 1) -> list[Job]:
    """A request of so many photos, with its jobs, in one transaction."""
    who = call(tenant, plan, now)
    request = who.ids.new("bat")
    metered = service.metering(who, request, photos)
    made = [
        any_job(id=who.ids.new("stg"), tenant=tenant, credits=0, metered=metered, created_at=now, updated_at=now)
        for _ in range(photos)
    ]
    queued = [write for job in made for write in jobs.queueing(job.model_copy(update={"asset_id": None}))]
    tables.commit(*service.taking(who, request, photos), *queued)
    return made


def fail(job: Job, now: datetime = NOW) -> None:
    error = JobError(code="engine_failed", message="The engine failed.")
    billing.end_job(job.tenant, job.id, lambda found: job_rules.fail(found, error, now), now)


def complete(job: Job, now: datetime = NOW) -> None:
    billing.end_job(job.tenant, job.id, lambda found: job_rules.complete(found, {}, now), now)


def cancel(job: Job, now: datetime = NOW) -> None:
    billing.end_job(job.tenant, job.id, lambda found: job_rules.cancel(found, now), now)


def counts(tenant: str, now: datetime = NOW) -> Counts:
    return service.of(tenant, "trial", now).counts


def refused(tenant: str, **options: Any) -> TooManyRequests:
    with pytest.raises(TooManyRequests) as raised:
        stage(tenant, **options)
    return raised.value


def test_the_eleventh_request_of_an_hour_is_refused_and_the_next_hour_begins_anew() -> None:
    tenant = any_tenant()
    for _ in range(10):
        stage(tenant)
    error = refused(tenant, now=NOW + timedelta(minutes=59, seconds=59))
    assert error.code == "rate_limit_exceeded"
    assert error.headers["Retry-After"] == "1"
    assert error.headers["RateLimit"] == '"hour";r=0;t=1'
    assert error.details == "0 left; counts anew from 2026-11-20T13:00:00.000Z"
    stage(tenant, now=NOW + HOUR)
    assert counts(tenant, NOW + HOUR) == Counts(hour=1, day=11, month=11)


def test_a_refused_request_counts_nowhere_and_queues_nothing() -> None:
    tenant = any_tenant()
    stage(tenant, photos=2)
    before = counts(tenant)
    refused(tenant, photos=24)
    assert counts(tenant) == before == Counts(hour=1, day=2, month=2)


def test_a_batch_is_one_request_of_many_photos() -> None:
    tenant = any_tenant()
    stage(tenant, "professional", photos=11)
    assert counts(tenant) == Counts(hour=1, day=11, month=11)


def test_the_month_is_limited_by_the_plan() -> None:
    tenant = any_tenant()
    stage(tenant, photos=24)
    stage(tenant)
    error = refused(tenant)
    assert error.code == "usage_limit_exceeded"
    assert error.details == "0 left; counts anew from 2026-12-01T00:00:00.000Z"
    assert int(error.headers["Retry-After"]) == (datetime(2026, 12, 1, tzinfo=UTC) - NOW).total_seconds()
    stage(tenant, "professional")
    stage(tenant, now=datetime(2026, 12, 1, tzinfo=UTC))


def test_the_day_is_limited_whatever_the_month_has_left(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = UsagePlan(name="narrow", requests_per_hour=9, photos_per_day=3, photos_per_month=99)
    monkeypatch.setitem(rules.PLANS, "narrow", plan)
    tenant = any_tenant()
    stage(tenant, "narrow", photos=2)
    error = refused(tenant, plan="narrow", photos=2)
    assert (error.code, error.details) == ("rate_limit_exceeded", "1 left; counts anew from 2026-11-21T00:00:00.000Z")
    stage(tenant, "narrow")
    stage(tenant, "narrow", now=NOW + DAY, photos=3)


def test_an_enterprise_may_stage_a_batch_of_500() -> None:
    who = call(any_tenant(), "enterprise")
    tables.commit(*service.taking(who, "bat_a", 500))
    tables.commit(*service.taking(who, "bat_b", 500))
    with pytest.raises(TooManyRequests, match="1000 photos a day"):
        tables.commit(*service.taking(who, "bat_c", 1))


@pytest.mark.parametrize(
    ("plan", "photos", "limit"), [("trial", 26, "25 photos a month"), ("professional", 101, "100")]
)
def test_what_no_wait_would_make_fit_is_said_to_be_too_much_and_not_to_come_later(
    plan: str, photos: int, limit: str
) -> None:
    tenant = any_tenant()
    with pytest.raises(Invalid, match=limit) as error:
        stage(tenant, plan, photos=photos)
    assert error.value.code == "batch_exceeds_plan"
    assert counts(tenant) == Counts()


@pytest.mark.parametrize("end", [fail, cancel])
def test_failed_work_does_not_count(end: Any) -> None:
    tenant = any_tenant()
    (job,) = stage(tenant)
    end(job)
    end(job)
    assert counts(tenant) == Counts()


def test_finished_work_counts_as_completed_once() -> None:
    tenant = any_tenant()
    (job,) = stage(tenant)
    complete(job)
    complete(job)
    assert counts(tenant) == Counts(hour=1, day=1, month=1, completed=1)


def test_a_batch_gives_its_request_back_only_when_all_of_its_photos_failed() -> None:
    tenant = any_tenant()
    batch = stage(tenant, photos=3)
    seen = []
    for job in batch:
        fail(job)
        seen.append(counts(tenant))
    assert seen == [Counts(hour=1, day=2, month=2), Counts(hour=1, day=1, month=1), Counts()]
    one_good = stage(tenant, photos=2)
    complete(one_good[0])
    fail(one_good[1])
    assert counts(tenant) == Counts(hour=1, day=1, month=1, completed=1)


def test_what_fails_later_gives_back_where_it_counted() -> None:
    tenant = any_tenant()
    jobs_of = {now: stage(tenant, now=now)[0] for now in (NOW, NOW + HOUR, NOW + DAY)}
    fail(jobs_of[NOW], NOW + DAY)
    assert (counts(tenant).day, counts(tenant, NOW + DAY)) == (1, Counts(hour=1, day=1, month=2))
    new_month = datetime(2026, 12, 1, tzinfo=UTC)
    (late,) = stage(tenant, now=new_month - timedelta(seconds=1))
    stage(tenant, now=new_month)
    fail(late, new_month)
    assert counts(tenant, new_month) == Counts(hour=1, day=1, month=1)
    assert counts(tenant).month == 2


def test_what_the_first_of_two_days_gives_back_too_late_opens_no_room_on_the_second() -> None:
    """Yesterday's hours go with today's first request; what fails after that must not count below zero."""
    tenant = any_tenant()
    (late,) = stage(tenant)
    stage(tenant, now=NOW + DAY)
    fail(late, NOW + DAY)
    assert counts(tenant, NOW + DAY) == Counts(hour=1, day=1, month=1)
    for _ in range(9):
        stage(tenant, now=NOW + DAY)
    assert refused(tenant, now=NOW + DAY).code == "rate_limit_exceeded"


def test_a_change_of_plan_counts_at_once_with_what_was_used_before() -> None:
    tenant = any_tenant()
    tables.commit(*service.taking(call(tenant, "professional"), "bat_a", 30))
    assert refused(tenant, plan="trial").details == "0 left; counts anew from 2026-12-01T00:00:00.000Z"
    tables.commit(*service.taking(call(tenant, "professional"), "bat_b", 70))


def test_taking_is_one_write_and_the_view_one_read() -> None:
    tenant = any_tenant()
    assert len(service.taking(call(tenant), "stg_a", 1)) == 1
    before = tables.round_trips()
    counts(tenant)
    assert tables.round_trips() - before == 1


@pytest.mark.parametrize(
    ("now", "ends"),
    [
        ("2026-01-31T23:59:59+00:00", ("2026-02-01T00:00", "2026-02-01T00:00", "2026-02-01T00:00")),
        ("2024-02-29T12:30:00+00:00", ("2024-02-29T13:00", "2024-03-01T00:00", "2024-03-01T00:00")),
        ("2026-12-31T00:00:00+00:00", ("2026-12-31T01:00", "2027-01-01T00:00", "2027-01-01T00:00")),
    ],
)
def test_windows_are_those_of_the_calendar(now: str, ends: tuple[str, ...]) -> None:
    found = tuple(f"{rules.resets_at(span, datetime.fromisoformat(now)):%Y-%m-%dT%H:%M}" for span in Span)
    assert found == ends
