"""Lists of jobs: their order, their pages, and what they cost."""

from datetime import datetime, timedelta

from tests.support.builders import any_job, any_tenant
from tests.support.clock import NOW
from vitrine.jobs import service as jobs
from vitrine.jobs.models import Job, JobKind, JobState
from vitrine.kernel import tables
from vitrine.kernel.ids import Ids
from vitrine.staging import listings, rules, store
from vitrine.staging.models import ListQuery
from vitrine.staging.service import listing

MINUTE = timedelta(minutes=1)
ALL = ListQuery(limit=100)


def queued(tenant: str, at: datetime, prefix: str = "staging", **changes: object) -> Job:
    values = {"subject": "", "credits": 0, "asset_id": None, "input": {}, **changes}
    job = any_job(id=Ids.random(at).new(prefix), tenant=tenant, created_at=at, updated_at=at, **values)
    tables.commit(*jobs.queueing(job), listing(job))
    return job


def ids(tenant: str, query: ListQuery = ALL, name: str = rules.STAGINGS) -> list[str]:
    return [job.id for job in listings.page(tenant, name, query, None)[0]]


def test_the_newest_come_first_page_by_page() -> None:
    tenant = any_tenant()
    made = [queued(tenant, NOW + number * MINUTE).id for number in range(5)]
    seen, after = list[str](), None
    for _ in range(3):
        page, after = listings.page(tenant, rules.STAGINGS, ListQuery(limit=2), after)
        seen += [job.id for job in page]
    assert seen == made[::-1]
    assert after is None


def test_stagings_under_ids_of_old_and_of_new_sort_together() -> None:
    tenant = any_tenant()
    made = [queued(tenant, NOW + at * MINUTE, prefix).id for at, prefix in enumerate(("stg", "staging", "stg"))]
    assert ids(tenant) == made[::-1]
    assert [each.id for each in listings.recent(tenant, 2)] == made[:0:-1]


def test_a_staging_that_was_listed_before_lists_held_ids_is_found() -> None:
    tenant, old = any_tenant(), Ids.random(NOW).new("stg")
    item = store._ListedItem(tenant, f"STAGING#{old}", created_at="2026-11-20T12:00:00.000Z")
    item.save()
    assert [each.id for each in listings.recent(tenant, 2)] == [old]


def test_a_list_is_of_one_tenant_and_of_one_kind() -> None:
    tenant = any_tenant()
    batch = queued(tenant, NOW, "batch", kind=JobKind.BATCH)
    image = queued(tenant, NOW, "img", subject="prj_a")
    other = queued(tenant, NOW, "img", subject="prj_ab")
    staging = queued(tenant, NOW)
    queued(any_tenant(), NOW)
    assert ids(tenant) == [staging.id]
    assert ids(tenant, name=rules.BATCHES) == [batch.id]
    assert ids(tenant, name=rules.images_of("prj_a")) == [image.id]
    assert ids(tenant, name=rules.images_of("prj_ab")) == [other.id]


def test_a_list_begins_and_ends_where_it_is_wished_to() -> None:
    tenant = any_tenant()
    made = [queued(tenant, NOW + number * MINUTE).id for number in range(4)]
    between = ListQuery(limit=10, created_from=NOW + MINUTE, created_before=NOW + 3 * MINUTE)
    assert ids(tenant, between) == [made[2], made[1]]
    assert ids(tenant, ListQuery(limit=10, created_from=NOW + 9 * MINUTE, created_before=NOW)) == []
    assert ids(tenant, ListQuery(limit=10, created_before=datetime.fromisoformat("1901-01-01T00:00:00Z"))) == []


def test_only_what_is_wanted_is_shown_and_the_list_goes_on_behind_it() -> None:
    tenant = any_tenant()
    for number in range(4):
        state = JobState.ERROR if number % 2 else JobState.QUEUED
        queued(tenant, NOW + number * MINUTE, state=state)

    def failed(job: Job) -> bool:
        return job.state is JobState.ERROR

    page, after = listings.page(tenant, rules.STAGINGS, ListQuery(limit=1), None, failed)
    rest, end = listings.page(tenant, rules.STAGINGS, ListQuery(limit=1), after, failed)
    assert [job.created_at for job in (*page, *rest)] == [NOW + 3 * MINUTE, NOW + MINUTE]
    assert listings.page(tenant, rules.STAGINGS, ListQuery(limit=1), end, failed) == ([], None) or end is None


def test_a_page_costs_two_round_trips_however_long_it_is() -> None:
    tenant = any_tenant()
    for number in range(30):
        queued(tenant, NOW + number * MINUTE)
    before = tables.round_trips()
    assert len(ids(tenant)) == 30
    assert tables.round_trips() - before == 2


def test_a_job_that_is_kept_no_more_is_passed_over() -> None:
    tenant = any_tenant()
    gone = any_job(id=Ids.random(NOW).new("staging"), tenant=tenant, subject="")
    tables.commit(listing(gone))
    assert ids(tenant) == []
