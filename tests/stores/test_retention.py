"""Pictures go when their time has come, and not before; the clock is moved by the argument `now`."""

from datetime import timedelta
from typing import Any
from unittest.mock import Mock

import pytest

from functions.reactions import delete_images
from tests.support.builders import any_call, any_job
from tests.support.clock import NOW
from tests.support.cloud import client
from tests.support.everywhere import put, uploaded
from tests.support.requests import CONTEXT, LambdaContext
from tests.support.uploads import any_inspection
from vitrine.assets import service as assets
from vitrine.assets.models import Asset, ContentType, Rejection, UploadRequest, Verdict
from vitrine.jobs import rules as job_rules
from vitrine.jobs import service as jobs
from vitrine.jobs.models import Job, JobError
from vitrine.kernel import objects, tables
from vitrine.kernel.clock import timestamp
from vitrine.kernel.environment import Buckets
from vitrine.kernel.errors import Invalid
from vitrine.staging import retention

BUCKETS = Buckets.load()
DAYS = 30


class _AnHour(LambdaContext):
    def get_remaining_time_in_millis(self) -> int:
        return 3_600_000


AN_HOUR: Any = _AnHour()
LATER = NOW + timedelta(days=DAYS, seconds=1)


@pytest.fixture(autouse=True)
def _functions_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delete_images, "utc_now", lambda: NOW)


def queued(asset: Asset, days: int | None = DAYS) -> Job:
    job = any_job(tenant=asset.tenant, asset_id=asset.id, pictures_kept_days=days)
    tables.commit(assets.usable(asset.tenant, asset.id, asset.key, NOW), *jobs.queueing(job))
    return job


def staged(asset: Asset, days: int | None = DAYS) -> Job:
    """A finished job with everything that lies about it."""
    job = queued(asset, days)
    put("media", f"inference/{job.tenant}/{job.id}/1/staged.png")
    put("media", f"published/{job.tenant}/{job.id}/staged.png")
    put("media", f"published/{job.tenant}/{job.id}/thumbnail-150.jpg")
    return jobs.change(job.tenant, job.id, lambda job: job_rules.complete(job, {"picture": "p"}, NOW))


def left() -> list[str]:
    return [key for bucket in ("uploads", "media") for key in objects.keys(bucket, "")]


def test_pictures_are_gone_30_days_after_the_end_and_the_record_says_so() -> None:
    job = staged(uploaded())
    assert retention.delete_due(BUCKETS, LATER) == (1, 0)
    assert left() == []
    answered = jobs.find(job.tenant, job.id)
    assert (answered.images_deleted_at, answered.version, answered.state) == (LATER, job.version, job.state)
    assert retention.delete_due(BUCKETS, LATER) == (0, 0)


def test_pictures_stay_until_the_last_second_of_their_time() -> None:
    staged(uploaded())
    before = left()
    assert retention.delete_due(BUCKETS, NOW + timedelta(days=DAYS)) == (0, 0)
    assert left() == before


def test_what_is_kept_for_good_and_what_is_not_over_stays() -> None:
    staged(uploaded(), days=None)
    queued(uploaded())
    before = left()
    assert retention.delete_due(BUCKETS, LATER) == (0, 0)
    assert left() == before


@pytest.mark.parametrize("end", ["fail", "cancel"])
def test_an_upload_goes_too_when_its_job_came_to_nothing(end: str) -> None:
    job = queued(uploaded())
    error = JobError(code="x", message="")
    ends = {"fail": lambda job: job_rules.fail(job, error, NOW), "cancel": lambda job: job_rules.cancel(job, NOW)}
    jobs.change(job.tenant, job.id, ends[end])
    assert retention.delete_due(BUCKETS, LATER) == (1, 0)
    assert left() == []


def test_an_upload_that_another_job_still_uses_stays_until_that_ones_time() -> None:
    asset = uploaded()
    first = staged(asset)
    second = queued(asset)
    assert retention.delete_due(BUCKETS, LATER) == (1, 0)
    assert left() == [
        asset.key,
        assets.original_key(asset.key),
        f"thumbnails/{asset.tenant}/{asset.id}/{'ef' * 32}/150.jpg",
    ]
    assert jobs.find(first.tenant, first.id).images_deleted_at == LATER
    jobs.change(second.tenant, second.id, lambda job: job_rules.cancel(job, LATER))
    assert retention.delete_due(BUCKETS, LATER + timedelta(days=31)) == (1, 0)
    assert left() == []


def test_an_upload_that_realstaging_keeps_stays() -> None:
    asset = uploaded()
    staged(asset)
    staged(asset, days=None)
    retention.delete_due(BUCKETS, LATER)
    assert asset.key in left()


def test_jobs_of_one_upload_whose_time_comes_together_leave_nothing() -> None:
    asset = uploaded()
    for _ in range(3):
        staged(asset)
    assert retention.delete_due(BUCKETS, LATER) == (3, 0)
    assert left() == []


def test_nobody_can_stage_an_upload_that_is_gone() -> None:
    asset = uploaded()
    staged(asset)
    retention.delete_due(BUCKETS, LATER)
    with pytest.raises(Invalid):
        queued(asset)


def test_a_job_queued_between_the_look_and_the_withdrawal_keeps_its_upload(monkeypatch: pytest.MonkeyPatch) -> None:
    asset = uploaded()
    staged(asset)
    withdraw = assets.withdraw

    def just_before(found: Asset) -> None:
        queued(asset)
        withdraw(found)

    monkeypatch.setattr(assets, "withdraw", just_before)
    retention.delete_due(BUCKETS, LATER)
    assert asset.key in left()
    assert assets.find(asset.tenant, asset.id) == asset
    queued(asset)


def test_a_deletion_that_died_halfway_is_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    job = staged(uploaded())

    def die(*_: object) -> None:
        raise RuntimeError("the process is gone")

    with monkeypatch.context() as dying:
        dying.setattr(jobs, "images_deleted", die)
        assert retention.delete_due(BUCKETS, LATER) == (0, 1)
    assert jobs.find(job.tenant, job.id).images_deleted_at is None
    an_hour_later = LATER + timedelta(hours=1)
    assert retention.delete_due(BUCKETS, an_hour_later) == (1, 0)
    assert jobs.find(job.tenant, job.id).images_deleted_at == an_hour_later


def test_a_deletion_ahead_of_its_time_that_fails_puts_nothing_off(monkeypatch: pytest.MonkeyPatch) -> None:
    staged(uploaded())
    promised()
    with monkeypatch.context() as failing:
        failing.setattr(assets, "delete_pictures", Mock(side_effect=OSError))
        a_year = {"time": timestamp(NOW + timedelta(days=365))}
        assert delete_images.handler(a_year, AN_HOUR) == {"deleted": 0, "overdue": 2}
    assert retention.delete_due(BUCKETS, LATER) == (2, 0)


def test_other_tenants_and_other_jobs_pictures_stay() -> None:
    staged(uploaded("ten_a"))
    other = uploaded("ten_ab")
    keep = staged(other, days=None)
    retention.delete_due(BUCKETS, LATER)
    assert other.key in left()
    assert f"published/ten_ab/{keep.id}/staged.png" in left()


def test_former_versions_of_a_picture_go_as_well() -> None:
    client("s3").put_bucket_versioning(Bucket="media", VersioningConfiguration={"Status": "Enabled"})
    job = staged(uploaded())
    put("media", f"published/{job.tenant}/{job.id}/staged.png")
    client("s3").delete_object(Bucket="media", Key=f"published/{job.tenant}/{job.id}/thumbnail-150.jpg")
    retention.delete_due(BUCKETS, LATER)
    found = client("s3").list_object_versions(Bucket="media")
    assert not found.get("Versions")
    assert not found.get("DeleteMarkers")


def test_the_function_takes_the_time_of_the_event_that_calls_it() -> None:
    staged(uploaded())
    assert delete_images.handler({"time": timestamp(NOW)}, AN_HOUR) == {"deleted": 0, "overdue": 0}
    assert delete_images.handler({"time": timestamp(LATER)}, AN_HOUR) == {"deleted": 1, "overdue": 0}


def test_the_function_stops_in_time_and_says_what_is_overdue() -> None:
    """Of all shards, and unused uploads too; what is not due yet does not count."""
    for _ in range(5):
        staged(uploaded())
    promised()
    queued(uploaded())
    assert CONTEXT.get_remaining_time_in_millis() < delete_images.TO_FINISH_MS
    assert delete_images.handler({"time": timestamp(LATER)}, CONTEXT) == {"deleted": 0, "overdue": 6}
    assert delete_images.handler({"time": timestamp(LATER)}, AN_HOUR) == {"deleted": 6, "overdue": 0}


class Minutes:
    """Time for so many things."""

    def __init__(self, left: int) -> None:
        self.left = left

    def __call__(self) -> bool:
        self.left -= 1
        return self.left >= 0


def test_what_cannot_be_deleted_keeps_nothing_else_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """However little time a run has: what failed goes behind all that is overdue."""
    stuck, *fine = (staged(uploaded()) for _ in range(9))
    lost, *unused = (promised() for _ in range(4))
    delete = assets.delete_pictures

    def fail_for_some(tenant: str, asset_id: str, buckets: Buckets) -> int:
        if asset_id in (stuck.asset_id, lost):
            raise OSError("1 objects could not be deleted")
        return delete(tenant, asset_id, buckets)

    with monkeypatch.context() as failing:
        failing.setattr(assets, "delete_pictures", fail_for_some)
        overdue = [retention.delete_due(BUCKETS, LATER + timedelta(hours=hour), Minutes(2))[1] for hour in range(12)]
    assert overdue[-1] == 2, "those alone"
    assert [job.id for job in fine if jobs.find(job.tenant, job.id).images_deleted_at is None] == []
    assert [key for key in left() if key.split("/")[2] in unused] == []
    assert retention.delete_due(BUCKETS, LATER + timedelta(hours=13)) == (2, 0)
    assert left() == []


def promised(tenant: str = "ten_a", days: int | None = DAYS) -> str:
    """An upload by a presigned URL, put there and inspected; its id."""
    call = any_call(tenant)
    request = UploadRequest(filename="room.jpg", content_type=ContentType.JPEG, file_size=7)
    upload = assets.presign(call, request, days)
    put("uploads", upload.file_key)
    put("media", f"thumbnails/{tenant}/{upload.asset_id}/{'ef' * 32}/150.jpg")
    return upload.asset_id


def verdict(asset_id: str, **changes: object) -> Asset:
    asset = assets.find("ten_a", asset_id)
    assert asset is not None
    settled = assets.record(any_inspection(asset, **changes), NOW)
    assert settled is not None
    return settled


@pytest.mark.parametrize("found", ["accepted", "rejected", "nothing", "record gone"])
def test_an_upload_that_no_job_ever_used_goes_after_its_days_as_well(found: str) -> None:
    asset_id = promised()
    if found == "rejected":
        verdict(asset_id, verdict=Verdict.REJECTED, reason=Rejection(code="truncated", message=""))
    if found == "accepted":
        verdict(asset_id)
    if found == "record gone":
        client("dynamodb").delete_item(TableName="assets", Key={"pk": {"S": f"ten_a#{asset_id}"}, "sk": {"S": "ASSET"}})
    before = left()
    assert retention.delete_due(BUCKETS, NOW + timedelta(days=DAYS)) == (0, 0)
    assert left() == before != []
    assert retention.delete_due(BUCKETS, LATER) == (1, 0)
    assert left() == []
    assert assets.find("ten_a", asset_id) is None
    assert retention.delete_due(BUCKETS, LATER) == (0, 0)


def test_an_unused_upload_that_is_kept_for_good_stays() -> None:
    promised(days=None)
    before = left()
    assert retention.delete_due(BUCKETS, LATER) == (0, 0)
    assert left() == before


def test_an_upload_that_a_job_uses_goes_with_that_job() -> None:
    job = queued(verdict(promised()))
    jobs.change(job.tenant, job.id, lambda job: job_rules.cancel(job, NOW + timedelta(days=20)))
    before = left()
    retention.delete_due(BUCKETS, LATER)
    assert left() == before
    assert retention.delete_due(BUCKETS, NOW + timedelta(days=51)) == (1, 0)
    assert left() == []
