"""The two states of the machine `ingest`, fed with S3's event as EventBridge delivers it."""

import copy
import hashlib
import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from botocore.stub import Stubber
from pydantic import ValidationError

from functions.pipeline import inspect_upload, record_inspection
from tests.support import pictures
from tests.support.cloud import REGION
from tests.support.logs import Logs
from tests.support.requests import CONTEXT
from tests.support.uploads import any_asset
from vitrine.assets import intake, keys, service, store
from vitrine.assets.models import MAX_BYTES, Asset, AssetState, Inspection, ThumbnailSize
from vitrine.kernel import clients, tables

ROOT = Path(__file__).parents[2]
SAMPLE: dict[str, Any] = json.loads((ROOT / "events/samples/s3_object_created.json").read_text())
KEY: str = SAMPLE["detail"]["object"]["key"]
TENANT, ASSET_ID = KEY.split("/")[1:3]
PHOTO = pictures.file(pictures.room(), quality=90, exif=pictures.exif({0x010F: "Maker"}, gps=True))


def promised(body: bytes = PHOTO, **changes: Any) -> Asset:
    asset = any_asset(id=ASSET_ID, tenant=TENANT, key=KEY, size=len(body), **changes)
    tables.commit(store.insert(asset))
    return asset


def put(body: bytes, key: str = KEY) -> None:
    boto3.client("s3", region_name=REGION).put_object(Bucket="uploads", Key=key, Body=body, ContentType="image/jpeg")


def event(key: str = KEY) -> dict[str, Any]:
    said = copy.deepcopy(SAMPLE)
    said["detail"]["object"]["key"] = key
    return said


def inspect(key: str = KEY) -> dict[str, Any]:
    """As the state machine would hand it on: through JSON."""
    answer: dict[str, Any] = json.loads(json.dumps(inspect_upload.handler(event(key), CONTEXT)))
    return answer


def record(state: dict[str, Any]) -> dict[str, Any]:
    return record_inspection.handler(state, CONTEXT)


def test_the_inspection_names_the_bytes_it_saw() -> None:
    promised()
    put(PHOTO)
    assert inspect()["etag"] == hashlib.md5(PHOTO, usedforsecurity=False).hexdigest()


def announced() -> list[str]:
    items = boto3.client("dynamodb", region_name=REGION).scan(TableName="assets")["Items"]
    return [store.event_from_image(item).state.value for item in items if item["kind"]["S"] == "EVENT"]


def state() -> AssetState | None:
    asset = service.find(TENANT, ASSET_ID)
    return asset.state if asset else None


def thumbnails() -> dict[ThumbnailSize, bytes]:
    """What lies where the asset's record says that its thumbnails are."""
    asset = service.find(TENANT, ASSET_ID)
    assert asset is not None
    assert asset.inspection is not None
    s3 = boto3.client("s3", region_name=REGION)
    return {
        size: s3.get_object(Bucket="media", Key=key)["Body"].read() for size, key in asset.inspection.thumbnails.items()
    }


def test_a_good_photo_is_accepted_with_its_report_and_thumbnails() -> None:
    promised(sha256=hashlib.sha256(PHOTO).hexdigest())
    put(PHOTO)
    assert record(inspect())["verdict"] == "accepted"
    asset = service.find(TENANT, ASSET_ID)
    assert asset is not None
    assert asset.inspection is not None
    assert asset.inspection.report is not None
    assert (asset.inspection.report.width, asset.inspection.report.has_gps) == (640, True)
    of_these_bytes = f"thumbnails/{TENANT}/{ASSET_ID}/{hashlib.sha256(PHOTO).hexdigest()}"
    assert asset.inspection.thumbnails == {size: f"{of_these_bytes}/{size.value}.jpg" for size in ThumbnailSize}
    assert announced() == ["accepted"]


def test_thumbnails_are_pictures_that_say_nothing_of_the_place() -> None:
    put(PHOTO)
    s3 = boto3.client("s3", region_name=REGION)
    for key in inspect()["thumbnails"].values():
        answer = s3.get_object(Bucket="media", Key=key)
        body = answer["Body"].read()
        assert answer["ContentType"] == "image/jpeg"
        assert max(pictures.read(body).shape) in (150, 600, 640)
        assert b"Exif" not in body


def test_a_second_file_at_the_same_url_does_not_replace_the_thumbnails_of_the_first() -> None:
    promised()
    put(PHOTO)
    record(inspect())
    first = thumbnails()
    put(pictures.file(255 - pictures.room(), quality=90))
    record(inspect())
    assert thumbnails() == first


OTHER = pictures.file(255 - pictures.room(), quality=90)


def original() -> tuple[bytes, str]:
    """What lies at the original's key, and as which type."""
    found = boto3.client("s3", region_name=REGION).get_object(Bucket="media", Key=keys.original_key(KEY))
    return found["Body"].read(), found["ContentType"]


def test_what_was_inspected_is_kept_where_no_upload_can_replace_it() -> None:
    promised()
    put(PHOTO)
    record(inspect())
    put(OTHER)
    record(inspect())
    assert original() == (PHOTO, "image/jpeg")


def test_an_inspection_is_about_the_bytes_that_were_kept_first_though_others_lie_there_by_now() -> None:
    promised()
    put(PHOTO)
    died_before_it_was_recorded = inspect()
    put(OTHER)
    assert inspect() == died_before_it_was_recorded
    put(b"a letter, not a photo")
    assert record(inspect())["verdict"] == "accepted"


@pytest.mark.parametrize(
    ("body", "kind"), [(b"<script>alert(1)</script>", "application/octet-stream"), (PHOTO[:5000], "image/jpeg")]
)
def test_a_refused_file_can_be_had_back_but_runs_in_no_browser(body: bytes, kind: str) -> None:
    promised(body)
    put(body)
    assert record(inspect())["verdict"] == "rejected"
    assert original() == (body, kind)


def test_the_same_event_twice_changes_nothing() -> None:
    promised()
    put(PHOTO)
    first = record(inspect())
    before = service.find(TENANT, ASSET_ID)
    assert record(inspect()) == first
    assert service.find(TENANT, ASSET_ID) == before
    assert announced() == ["accepted"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty_file"),
        (b"a letter, not a photo", "not_an_image"),
        (PHOTO[: len(PHOTO) // 2], "truncated"),
        (pictures.png(30_000, 30_000), "too_many_pixels"),
    ],
)
def test_a_bad_file_is_rejected_and_says_why(body: bytes, code: str) -> None:
    promised(body)
    put(body)
    found = inspect()
    assert (found["verdict"], found["reason"]["code"], found["thumbnails"]) == ("rejected", code, {})
    assert record(found)["verdict"] == "rejected"
    asset = service.find(TENANT, ASSET_ID)
    assert asset is not None
    assert asset.reason is not None
    assert asset.reason.code == code
    assert announced() == ["rejected"]


@pytest.mark.parametrize("promise", [{"sha256": "ab" * 32}, {"size": len(PHOTO) + 1}])
def test_other_bytes_than_promised_are_rejected(promise: dict[str, Any]) -> None:
    tables.commit(store.insert(any_asset(id=ASSET_ID, tenant=TENANT, key=KEY, **{"size": len(PHOTO), **promise})))
    put(PHOTO)
    assert record(inspect())["verdict"] == "rejected"


def test_an_object_that_was_removed_meanwhile_is_a_verdict() -> None:
    promised()
    found = inspect()
    assert (found["verdict"], found["reason"]["code"]) == ("rejected", "gone")
    assert record(found)["verdict"] == "rejected"


def test_an_object_past_the_size_limit_is_not_read() -> None:
    with Stubber(clients.s3()) as s3:
        s3.add_response("get_object", {"ContentLength": MAX_BYTES + 1, "Body": Unread(), "ETag": "e"})
        assert inspect()["reason"]["code"] == "too_large"


class Unread:
    """A body that must not be read."""

    def read(self, *_: Any) -> bytes:
        raise AssertionError("the body was read")

    def close(self) -> None:
        pass


@pytest.mark.parametrize("status", [500, 503, 429])
def test_storage_that_may_recover_is_an_error_that_the_machine_retries(status: int) -> None:
    with Stubber(clients.s3()) as s3:
        s3.add_client_error("get_object", "SlowDown", http_status_code=status)
        with pytest.raises(intake.StorageUnavailable):
            inspect()


def test_storage_that_cannot_be_reached_is_an_error_that_the_machine_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(**_: Any) -> None:
        raise EndpointConnectionError(endpoint_url="https://s3")

    monkeypatch.setattr(clients.s3(), "get_object", unreachable)
    with pytest.raises(intake.StorageUnavailable):
        inspect()


def test_storage_that_is_forbidden_is_our_mistake_and_not_the_files() -> None:
    with Stubber(clients.s3()) as s3:
        s3.add_client_error("get_object", "AccessDenied", http_status_code=403)
        with pytest.raises(ClientError):
            inspect()


def test_an_object_without_a_record_is_left_alone_and_logged(logs: Logs) -> None:
    put(PHOTO)
    assert record(inspect())["verdict"] == "rejected"
    assert state() is None
    assert announced() == []
    assert "nobody awaits this upload" in logs.read()


@pytest.mark.parametrize("key", ["uploads/by hand.jpg", "uploads/ten_a/../x", "other/thing.jpg"])
def test_an_object_put_there_by_hand_passes_through_both_states_untouched(key: str, logs: Logs) -> None:
    put(PHOTO, key)
    found = inspect(key)
    assert found == {"key": key, "verdict": "rejected"}
    assert record(found) == {"verdict": "rejected"}
    assert "object is no upload" in logs.read()


@pytest.mark.parametrize("after", ["S3's event", "the inspection"])
def test_an_inspection_that_failed_for_good_rejects_the_upload(after: str) -> None:
    promised()
    put(PHOTO)
    said = event() if after == "S3's event" else inspect()
    assert record({**said, "failure": {"Error": "Runtime.ExitError", "Cause": "{}"}})["verdict"] == "rejected"
    asset = service.find(TENANT, ASSET_ID)
    assert asset is not None
    assert asset.reason is not None
    assert asset.reason.code == "inspection_failed"
    assert announced() == ["rejected"]


def test_a_failure_after_the_verdict_does_not_take_it_back() -> None:
    promised()
    put(PHOTO)
    record(inspect())
    assert record({**inspect(), "failure": {"Error": "States.Timeout"}})["verdict"] == "accepted"
    assert state() is AssetState.ACCEPTED


def test_an_inspection_survives_the_state_machines_json() -> None:
    put(PHOTO)
    assert Inspection.model_validate(inspect()).model_dump(mode="json") == inspect()


def test_an_inspection_that_cannot_be_read_is_an_error_that_does_not_repeat_it() -> None:
    promised()
    with pytest.raises(ValidationError) as error:
        record({"key": KEY, "verdict": "planted-7f3a"})
    assert "verdict" in str(error.value)
    assert "planted" not in str(error.value)


def test_logs_name_no_keys_or_file_names(logs: Logs) -> None:
    promised()
    put(PHOTO)
    record(inspect())
    written = logs.read()
    assert "upload recorded" in written
    assert "living-room" not in written
