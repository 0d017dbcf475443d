import base64
import hashlib
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from tests.support.clock import NOW
from tests.support.uploads import any_asset, any_inspection
from vitrine.assets import rules
from vitrine.assets.models import MAX_BYTES, AssetState, ContentType, Rejection, UploadRequest, Verdict
from vitrine.assets.refusals import DIFFERS

DIGEST = hashlib.sha256(b"a photo")


def request(**changes: Any) -> UploadRequest:
    return UploadRequest.model_validate(
        {"filename": "room.jpg", "content_type": "image/jpeg", "file_size": 7, **changes}
    )


def test_type_length_and_digest_of_the_promised_file_are_headers_of_its_upload() -> None:
    asset = rules.new_asset(request(sha256=DIGEST.hexdigest()), "ast_a", "ten_a", NOW)
    assert rules.upload_headers(asset) == {
        "Content-Type": "image/jpeg",
        "Content-Length": "7",
        "x-amz-checksum-sha256": base64.b64encode(DIGEST.digest()).decode(),
    }


@pytest.mark.parametrize(
    "form", [DIGEST.hexdigest(), DIGEST.hexdigest().upper(), base64.b64encode(DIGEST.digest()).decode()]
)
def test_a_digest_may_come_as_hex_or_base64(form: str) -> None:
    assert rules.new_asset(request(sha256=form), "ast_a", "ten_a", NOW).sha256 == DIGEST.hexdigest()


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"content_type": "image/gif"}, "image/jpeg"),
        ({"content_type": "text/plain"}, "image/heic"),
        ({"content_type": "image/jpeg;\r\nx-amz-acl: public-read"}, "image/heic"),
        ({"content_type": "image/jpeg;" + "a" * 100}, "image/heic"),
        ({"content_type": 7}, "media type"),
        ({"file_size": 0}, "1"),
        ({"file_size": MAX_BYTES + 1}, str(MAX_BYTES)),
        ({"file_size": "7"}, "integer"),
        ({"filename": ""}, "1 character"),
        ({"sha256": "abc"}, "pattern"),
    ],
)
def test_what_is_not_allowed_is_refused_and_the_answer_names_what_is(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(ValidationError, match=named):
        request(**changes)


def test_each_type_we_promise_is_allowed() -> None:
    assert {request(content_type=kind.value).content_type for kind in ContentType} == set(ContentType)


@pytest.mark.parametrize(
    "said",
    ["image/jpg", "IMAGE/JPEG", "Image/Heic", "application/octet-stream", "image/pjpeg", "image/jpeg; charset=binary"],
)
def test_an_upload_is_to_be_sent_as_the_type_that_was_said(said: str) -> None:
    asset = rules.new_asset(request(content_type=said), "ast_a", "ten_a", NOW)
    assert rules.upload_headers(asset)["Content-Type"] == said


@pytest.mark.parametrize("said", [{"content_type": ""}, {"content_type": None}, {}])
def test_a_type_that_was_not_said_is_octets(said: dict[str, Any]) -> None:
    request = UploadRequest.model_validate({"filename": "IMG_0042.HEIC", "file_size": 7, **said})
    asset = rules.new_asset(request, "ast_a", "ten_a", NOW)
    assert rules.upload_headers(asset)["Content-Type"] == "application/octet-stream"
    assert asset.filename == "IMG_0042.HEIC"


@pytest.mark.parametrize(
    ("said", "name"), [("IMAGE/JPG", "room.jpg"), ("image/heif-sequence", "room.heif"), ("", "room.bin")]
)
def test_a_file_without_an_ending_gets_that_of_its_type(said: str, name: str) -> None:
    assert rules.new_asset(request(content_type=said, filename="room"), "ast_a", "ten_a", NOW).filename == name


def test_an_upload_as_promised_is_accepted_with_what_was_found() -> None:
    asset = any_asset(sha256="ab" * 32)
    inspection = any_inspection(asset)
    accepted = rules.record(asset, inspection, NOW + timedelta(minutes=1))
    assert (accepted.state, accepted.version, accepted.inspection) == (AssetState.ACCEPTED, 2, inspection)


@pytest.mark.parametrize("found", [{"size": 8}, {"sha256": "cd" * 32}])
def test_other_bytes_than_promised_are_rejected(found: dict[str, Any]) -> None:
    asset = any_asset(sha256="ab" * 32)
    rejected = rules.record(asset, any_inspection(asset).model_copy(update=found), NOW)
    assert rejected.state is AssetState.REJECTED
    assert rejected.reason == DIFFERS


def test_another_kind_of_picture_than_promised_is_accepted_as_what_it_is() -> None:
    asset = any_asset(content_type=ContentType.PNG)
    accepted = rules.record(asset, any_inspection(asset), NOW)
    assert accepted.state is AssetState.ACCEPTED
    assert accepted.inspection is not None
    assert accepted.inspection.report is not None
    assert accepted.inspection.report.content_type is ContentType.JPEG


def test_a_refused_picture_is_rejected_for_its_own_reason() -> None:
    asset, reason = any_asset(), Rejection(code="truncated", message="m")
    inspection = any_inspection(asset, verdict=Verdict.REJECTED, reason=reason, report=None, size=99)
    assert rules.record(asset, inspection, NOW).reason == reason


@pytest.mark.parametrize("state", [AssetState.ACCEPTED, AssetState.REJECTED])
def test_the_first_verdict_stays(state: AssetState) -> None:
    asset = any_asset(state=state)
    assert rules.record(asset, any_inspection(asset), NOW) is asset


def test_only_an_accepted_upload_is_kept_for_good() -> None:
    assert rules.forgotten_at(any_asset()) == NOW + timedelta(hours=24)
    assert rules.forgotten_at(any_asset(state=AssetState.REJECTED)) == NOW + timedelta(days=30)
    assert rules.forgotten_at(any_asset(state=AssetState.ACCEPTED)) is None
