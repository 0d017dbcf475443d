from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest

from tests.support.builders import any_call
from tests.support.clock import NOW
from tests.support.cloud import REGION
from tests.support.uploads import any_asset, any_inspection
from vitrine.assets import rules, service, store
from vitrine.assets.models import Asset, AssetState, ContentType, PresignedUpload, Rejection, UploadRequest, Verdict
from vitrine.kernel import tables
from vitrine.kernel.call import Call
from vitrine.kernel.errors import Invalid, TooManyRequests
from vitrine.kernel.ids import Ids

REQUEST = UploadRequest(filename="room.jpg", content_type=ContentType.JPEG, file_size=7)
REASON = Rejection(code="truncated", message="The file ends too early.")


def stored(**changes: Any) -> Asset:
    asset = any_asset(**changes)
    tables.commit(store.insert(asset))
    return asset


def state_of(tenant: str, asset_id: str) -> AssetState | None:
    asset = service.find(tenant, asset_id)
    return asset.state if asset else None


def events() -> list[dict[str, Any]]:
    items = boto3.client("dynamodb", region_name=REGION).scan(TableName="assets")["Items"]
    return [item for item in items if item["kind"]["S"] == "EVENT"]


def test_a_presigned_upload_is_awaited_under_its_key() -> None:
    call = any_call()
    upload = service.presign(call, REQUEST)
    asset = service.find(call.tenant, upload.asset_id)
    assert asset is not None
    assert (asset.state, asset.key, asset.size) == (AssetState.AWAITING_UPLOAD, upload.file_key, 7)


def test_presigning_costs_two_round_trips() -> None:
    service.presign(any_call(), REQUEST)
    before = tables.round_trips()
    service.presign(any_call(), REQUEST)
    assert tables.round_trips() - before == 2


def test_the_bytes_that_a_tenant_may_upload_on_a_day_are_counted_and_a_repeat_counts_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rules, "UPLOADED_A_DAY", replace(rules.UPLOADED_A_DAY, amount=20))
    call = any_call()

    def again(seed: str, at: datetime = call.now) -> PresignedUpload:
        return service.presign(Call(call.principal, at, Ids.seeded(NOW, seed), "r"), REQUEST)

    assert len({again(seed).asset_id for seed in ("one", "two", "one", "two")}) == 2
    for _ in range(2):
        with pytest.raises(TooManyRequests, match="At most 20 bytes of uploads every 86400 seconds"):
            again("three")
    assert service.find(call.tenant, Ids.seeded(NOW, "three").new("ast")) is None
    assert again("three", call.now + timedelta(days=1)).upload_url
    service.presign(any_call("ten_other"), REQUEST)


def test_a_repeated_presign_under_the_same_ids_meets_the_first() -> None:
    first, second = any_call("ten_a"), any_call("ten_a", NOW + timedelta(minutes=1))
    uploads = [
        service.presign(Call(call.principal, call.now, Ids.seeded(NOW, "seed"), call.request_id), REQUEST)
        for call in (first, second)
    ]
    assert uploads[0].asset_id == uploads[1].asset_id
    asset = service.find("ten_a", uploads[0].asset_id)
    assert asset is not None
    assert asset.created_at == NOW


def test_another_tenants_upload_is_not_found() -> None:
    asset = stored()
    assert service.find("ten_other", asset.id) is None
    assert state_of(asset.tenant, asset.id) is AssetState.AWAITING_UPLOAD


def test_the_verdict_is_recorded_once_with_its_event() -> None:
    asset = stored()
    for _ in range(2):
        service.record(any_inspection(asset), NOW)
    assert state_of(asset.tenant, asset.id) is AssetState.ACCEPTED
    (event,) = events()
    found = store.event_from_image(event)
    assert (found.tenant, found.asset_id, found.state) == (asset.tenant, asset.id, AssetState.ACCEPTED)


def test_a_later_verdict_changes_nothing() -> None:
    asset = stored()
    service.record(any_inspection(asset), NOW)
    after = service.record(any_inspection(asset, verdict=Verdict.REJECTED, reason=REASON), NOW)
    assert after is not None
    assert after.state is AssetState.ACCEPTED
    assert len(events()) == 1


def test_an_object_that_nobody_announced_is_left_alone() -> None:
    assert service.record(any_inspection(any_asset()), NOW) is None
    asset = stored()
    assert service.record(any_inspection(asset, key=f"{asset.key}.other"), NOW) is None
    assert state_of(asset.tenant, asset.id) is AssetState.AWAITING_UPLOAD
    assert events() == []


def test_work_may_be_queued_on_an_upload_that_is_awaited_or_accepted() -> None:
    awaited, accepted = stored(), stored(state=AssetState.ACCEPTED)
    for asset in (awaited, accepted):
        tables.commit(service.usable(asset.tenant, asset.id, asset.key, NOW))


def test_an_accepted_upload_does_not_run_out() -> None:
    asset = stored()
    service.record(any_inspection(asset), NOW)
    tables.commit(service.usable(asset.tenant, asset.id, asset.key, NOW + timedelta(days=300)))


@pytest.mark.parametrize(
    ("tenant", "suffix", "later"),
    [("ten_b", "", timedelta(0)), ("ten_a", "x", timedelta(0)), ("ten_a", "", timedelta(hours=25))],
)
def test_no_work_is_queued_on_a_foreign_misnamed_or_expired_upload(tenant: str, suffix: str, later: timedelta) -> None:
    asset = stored()
    with pytest.raises(Invalid) as refused:
        tables.commit(service.usable(tenant, asset.id, asset.key + suffix, NOW + later))
    assert [field.kind for field in refused.value.fields] == ["unknown_upload"]


def test_no_work_is_queued_on_a_rejected_upload_and_the_answer_says_why() -> None:
    asset = stored()
    service.record(any_inspection(asset, verdict=Verdict.REJECTED, reason=REASON), NOW)
    with pytest.raises(Invalid, match="The file ends too early") as refused:
        tables.commit(service.usable(asset.tenant, asset.id, asset.key, NOW))
    assert refused.value.fields[0].where == "body.original_url"


def test_a_file_key_and_the_url_it_was_presigned_for_name_the_same_upload() -> None:
    call = any_call("ten_aaaa")
    upload = service.presign(call, REQUEST)
    for text in (upload.file_key, upload.upload_url):
        assert service.parse_file_key(call.tenant, text) == (upload.asset_id, upload.file_key)


def test_a_foreign_file_key_is_invalid() -> None:
    upload = service.presign(any_call("ten_aaaa"), REQUEST)
    with pytest.raises(Invalid):
        service.parse_file_key("ten_bbbb", upload.file_key)
