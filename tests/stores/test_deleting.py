"""What its owner deletes is gone: files with all versions, links and lists at once, the record stays and says so."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from functions.reactions import call_off, delete_images
from tests.functions.batches import States
from tests.support.builders import any_call, any_job
from tests.support.clock import NOW
from tests.support.everywhere import put, uploaded
from tests.support.requests import LambdaContext
from tests.support.work_events import stream_records
from vitrine.assets import keys as asset_keys
from vitrine.assets.models import Asset
from vitrine.billing import service as billing
from vitrine.jobs import rules as job_rules
from vitrine.jobs import service as jobs
from vitrine.jobs.models import Job, JobState
from vitrine.kernel import clients, objects, tables
from vitrine.kernel.clock import timestamp
from vitrine.kernel.environment import Buckets
from vitrine.kernel.errors import NotFound
from vitrine.kernel.ids import Ids
from vitrine.staging import deleting, endpoint, listings, retention, rules, service, store
from vitrine.staging import events as staging_events
from vitrine.staging.models import DeletedProject, ListQuery, Project, WithdrawnEvent

BUCKETS = Buckets.load()
MINUTE = timedelta(minutes=1)
RECOVERABLE = timedelta(days=30)


class _AnHour(LambdaContext):
    def get_remaining_time_in_millis(self) -> int:
        return 3_600_000


AN_HOUR: Any = _AnHour()


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (delete_images, call_off):
        monkeypatch.setattr(module, "utc_now", lambda: NOW)
    monkeypatch.setattr(clients, "states", States)


def queued(asset: Asset, subject: str = "prj_a") -> Job:
    billing.forget_provisioned()
    billing.provision(any_call(asset.tenant))
    job = any_job(id=Ids.random(NOW).new("img"), tenant=asset.tenant, asset_id=asset.id, subject=subject)
    tables.commit(*jobs.queueing(job), *billing.reserving(job.tenant, job.id, 1, NOW), service.listing(job))
    put("media", f"inference/{job.tenant}/{job.id}/1/staged.png")
    put("media", f"published/{job.tenant}/{job.id}/staged.png")
    return job


def ready(job: Job) -> Job:
    return billing.end_job(job.tenant, job.id, lambda found: job_rules.complete(found, {"picture": "p"}, NOW), NOW)


def left(job: Job) -> list[str]:
    found = [key for bucket in ("uploads", "media") for key in objects.keys(bucket, "")]
    return [key for key in found if job.id in key or (job.asset_id or "-") in key]


def told() -> list[dict[str, Any]]:
    """The bus events of all that is withdrawn, as the stream gives them."""
    events = (
        service.event_from_image(record["dynamodb"]["NewImage"]) for record in stream_records("staging")["Records"]
    )
    return [
        {"detail-type": entry["DetailType"], "detail": event.model_dump(mode="json")}
        for event in events
        if (entry := staging_events.entry(event, "bus"))["DetailType"] == "ImagesWithdrawn"
    ]


def delete(job: Job) -> None:
    deleting.image(any_call(job.tenant, NOW), job.id)


@pytest.mark.parametrize("settle", [ready, lambda job: job], ids=["ready", "open"])
def test_pictures_and_upload_are_gone_and_the_record_says_so(settle: Callable[[Job], Job]) -> None:
    job = settle(queued(uploaded()))
    assert left(job)
    delete(job)
    assert not jobs.find(job.tenant, job.id).has_images
    for event in told():
        delete_images.handler(event, AN_HOUR)
    assert left(job) == []
    found = jobs.find(job.tenant, job.id)
    assert found.images_deleted_at == NOW
    assert found.state is (JobState.READY if job.state is JobState.READY else JobState.CANCELLED)


def test_what_is_deleted_before_it_is_over_is_paid_back_and_what_is_ready_stays_paid() -> None:
    open_job, done = queued(uploaded()), ready(queued(uploaded()))
    for job in (open_job, done):
        for _ in range(2):
            delete(job)
    balances = billing.account(done.tenant).balances
    assert (balances.available, balances.held, balances.spent) == (9, 0, 1)
    assert [event.state for event in jobs.events_after(done.tenant, done.id, 0)] == ["queued", "ready"]


def test_it_is_off_its_list_at_once() -> None:
    job = queued(uploaded())
    query = ListQuery(limit=10)
    assert len(listings.page(job.tenant, rules.list_of(job), query, None)[0]) == 1
    delete(job)
    assert listings.page(job.tenant, rules.list_of(job), query, None)[0] == []


def test_an_upload_goes_with_the_last_of_its_images_also_when_both_are_deleted_at_once() -> None:
    asset = uploaded()
    first, second = ready(queued(asset)), ready(queued(asset))
    delete(first)
    retention.delete_withdrawn(_event(first), BUCKETS, NOW)
    assert any(asset_keys.UPLOADS in key for key in left(second))
    delete(second)
    retention.delete_withdrawn(_event(second), BUCKETS, NOW)
    assert left(second) == []


def _event(job: Job) -> Any:
    return WithdrawnEvent(tenant=job.tenant, job_id=job.id, kind=job.kind, at=NOW)


def test_what_the_engine_puts_down_afterwards_goes_once_it_can_put_down_no_more() -> None:
    job = queued(uploaded())
    delete(job)
    retention.delete_withdrawn(_event(job), BUCKETS, NOW)
    put("media", f"inference/{job.tenant}/{job.id}/1/late.png")
    assert retention.delete_due(BUCKETS, NOW + job_rules.SETTLES - MINUTE) == (0, 0)
    assert retention.delete_due(BUCKETS, NOW + job_rules.SETTLES + MINUTE) == (1, 0)
    assert left(job) == []
    assert retention.delete_due(BUCKETS, NOW + 400 * MINUTE) == (0, 0)


def test_a_deletion_whose_event_was_lost_is_made_by_the_hourly_run() -> None:
    job = ready(queued(uploaded()))
    delete(job)
    assert retention.delete_due(BUCKETS, NOW + 60 * MINUTE) == (1, 0)
    assert left(job) == []
    assert retention.delete_due(BUCKETS, NOW + 60 * MINUTE) == (0, 0)


def test_nothing_can_come_once_it_has_settled() -> None:
    assert job_rules.SETTLES >= endpoint.DEADLINE


def test_somebody_elses_image_is_not_there() -> None:
    job = queued(uploaded())
    with pytest.raises(NotFound):
        deleting.image(any_call("ten_other", NOW), job.id)
    with pytest.raises(NotFound):
        deleting.staging(any_call(job.tenant, NOW), job.id)
    assert jobs.find(job.tenant, job.id).has_images


def project_with_image() -> tuple[Project, Job]:
    asset = uploaded()
    project = service.create_project(any_call(asset.tenant, NOW), "Elm Street 4", "by the park")
    return project, ready(queued(asset, project.id))


def restored(project: Project, at: datetime) -> Project:
    return service.restore_project(any_call(project.tenant, at), project.id)


def test_a_deleted_project_is_restored_as_it_was_until_its_30_days_are_over() -> None:
    project, job = project_with_image()
    service.delete_project(any_call(project.tenant, NOW), project.id)
    with pytest.raises(NotFound):
        restored(project, NOW + RECOVERABLE)
    for _ in range(2):
        assert restored(project, NOW + RECOVERABLE - MINUTE) == project
    assert deleting.past_recovery(NOW + 2 * RECOVERABLE) == 0
    assert jobs.find(job.tenant, job.id).has_images
    with pytest.raises(NotFound):
        service.restore_project(any_call("ten_other", NOW), project.id)


def test_of_two_restores_at_once_both_find_the_project_restored(monkeypatch: pytest.MonkeyPatch) -> None:
    project, _ = project_with_image()
    service.delete_project(any_call(project.tenant, NOW), project.id)
    find = store.find

    def seen_before_the_other_call(tenant: str, project_id: str) -> Project | DeletedProject | None:
        found = find(tenant, project_id)
        monkeypatch.setattr(store, "find", find)
        restored(project, NOW + MINUTE)
        return found

    monkeypatch.setattr(store, "find", seen_before_the_other_call)
    assert restored(project, NOW + MINUTE) == project


def test_a_project_can_be_deleted_again_after_it_was_restored() -> None:
    project, job = project_with_image()
    for day in (0, 1):
        service.delete_project(any_call(project.tenant, NOW + timedelta(days=day)), project.id)
        if not day:
            restored(project, NOW + MINUTE)
    assert deleting.past_recovery(NOW + RECOVERABLE + MINUTE) == 0
    assert deleting.past_recovery(NOW + RECOVERABLE + timedelta(days=1, minutes=1)) == 1
    assert not jobs.find(job.tenant, job.id).has_images


def test_what_is_not_restored_is_really_gone_after_30_days() -> None:
    project, job = project_with_image()
    service.delete_project(any_call(project.tenant, NOW), project.id)
    delete_images.handler({"time": timestamp(NOW + RECOVERABLE - MINUTE)}, AN_HOUR)
    assert left(job)
    late = NOW + RECOVERABLE + MINUTE
    for at in (late, late + 60 * MINUTE):
        delete_images.handler({"time": timestamp(at)}, AN_HOUR)
    assert left(job) == []
    assert jobs.find(job.tenant, job.id).images_deleted_at == late + 60 * MINUTE
    with pytest.raises(NotFound):
        restored(project, NOW + MINUTE)
    assert deleting.past_recovery(late) == 0


def test_a_project_restored_in_its_last_moment_keeps_its_pictures_although_it_was_due() -> None:
    project, job = project_with_image()
    service.delete_project(any_call(project.tenant, NOW), project.id)
    late = NOW + RECOVERABLE + MINUTE
    store.insert(project)
    assert deleting.past_recovery(late) == 1
    assert jobs.find(job.tenant, job.id).has_images
