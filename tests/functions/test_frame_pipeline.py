"""The two states of the machine `frames`, fed with S3's event as EventBridge delivers it."""

import hashlib
import io
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from PIL import Image as Picture

from functions.pipeline import record_frame
from tests.support import pictures
from tests.support.captures import SESSION, TENANT, uuid
from tests.support.cloud import REGION
from tests.support.frames import announced, arrive, captured, event_of, image, inspect, opened, put, told
from tests.support.requests import CONTEXT
from tests.support.turntable import drawn
from vitrine.assets.originals import StorageUnavailable
from vitrine.capture.models import ImageStatus
from vitrine.kernel import clients

FRAME = drawn(0, exif=pictures.exif({0x0110: "Phone"}, {0x8827: 100, 0x829A: 0.004, 0x829D: 1.8}, gps=True))


def stored(key: str, bucket: str = "media") -> bytes:
    body: bytes = boto3.client("s3", region_name=REGION).get_object(Bucket=bucket, Key=key)["Body"].read()
    return body


def refused(body: bytes, promised: bytes | None = None, **changes: Any) -> tuple[str, str]:
    opened()
    frame = announced(body if promised is None else promised, **changes)
    assert arrive(frame, body)["outcome"] == "failed"
    found = image(frame.id)
    assert found.error is not None
    return found.error.code, str(found.error.remedy)


def test_a_good_frame_is_processed_with_its_original_thumbnails_features_and_exposure() -> None:
    opened()
    frame = announced(FRAME)
    assert arrive(frame, FRAME)["outcome"] == "processed"
    found = image(frame.id)
    assert (found.status, found.width, found.height, found.size) == (ImageStatus.PROCESSED, 640, 480, len(FRAME))
    assert (found.exposure.iso, found.exposure.shutter, found.exposure.aperture) == (100, "1/250", "f/1.8")
    assert stored(f"originals/{frame.storage_key}") == FRAME
    assert set(found.thumb_keys) == {"150", "600", "1200"}
    assert found.measures is not None
    assert found.measures.sha256 == hashlib.sha256(FRAME).hexdigest()
    assert found.qc["sharpness"].score == found.measures.sharpness
    assert stored(str(found.features_key)).startswith(b"PK")
    assert captured().session.set_version == 1


def test_thumbnails_are_upright_and_say_nothing_of_the_place_or_the_camera() -> None:
    body = drawn(0, exif=pictures.exif({0x0112: 6, 0x0110: "Phone"}, gps=True))
    opened()
    frame = announced(body)
    arrive(frame, body)
    found = image(frame.id)
    assert (found.width, found.height) == (480, 640)
    for size, key in found.thumb_keys.items():
        thumbnail = Picture.open(io.BytesIO(stored(key)))
        assert thumbnail.height == min(int(size), 640)
        assert thumbnail.height > thumbnail.width
        assert not thumbnail.getexif()


def test_the_same_event_again_changes_nothing() -> None:
    opened()
    frame = announced(FRAME)
    arrive(frame, FRAME)
    before = captured(), told()
    assert inspect(frame)["outcome"] == "settled"
    assert arrive(frame, FRAME)["outcome"] == "processed"
    assert (captured(), told()) == before


def test_an_inspection_that_was_made_twice_is_recorded_once() -> None:
    opened()
    frame = announced(FRAME)
    put(frame, FRAME)
    first, second = inspect(frame), inspect(frame)
    assert first == second
    assert [record_frame.handler(each, CONTEXT)["outcome"] for each in (first, second)] == ["processed"] * 2
    assert captured().session.set_version == 1
    assert [name for name, _ in told()] == ["FrameInspected"]


def test_wrong_bytes_are_kept_nowhere_and_the_right_ones_still_count() -> None:
    assert refused(drawn(5), promised=FRAME) == ("hash_mismatch", "Upload the file again.")
    frame = captured().images[0]
    with pytest.raises(ClientError, match="NoSuchKey"):
        stored(f"originals/{frame.storage_key}")
    assert arrive(frame, FRAME)["outcome"] == "processed"
    assert stored(f"originals/{frame.storage_key}") == FRAME
    assert arrive(frame, drawn(5))["outcome"] == "processed"
    assert stored(f"originals/{frame.storage_key}") == FRAME


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (FRAME[: len(FRAME) // 2], "truncated"),
        (b"", "empty_file"),
        (b"GIF89a" + bytes(64), "unsupported_type"),
        (pictures.file(pictures.room(), "PNG"), "unsupported_type"),
        (b"\0\0\0\x14ftypqt  \0\0\2\0qt  " + bytes(64), "unsupported_live_photo_video"),
        (pictures.file(pictures.room()[:100, :100]), "too_small"),
        (b"a letter", "not_an_image"),
    ],
)
def test_a_file_that_is_no_frame_fails_with_a_code_and_a_remedy(body: bytes, code: str) -> None:
    found, remedy = refused(body)
    assert found == code
    assert remedy.endswith(".")
    ((_, detail),) = told()
    assert (detail["status"], detail["error"]["code"]) == ("failed", code)


def test_a_heic_that_was_announced_as_jpeg_is_read_by_its_bytes() -> None:
    body = pictures.file(pictures.room(), "HEIF", quality=60)
    opened()
    frame = announced(body)
    assert arrive(frame, body)["outcome"] == "processed"


def test_a_frame_that_is_gone_fails_for_now() -> None:
    opened()
    frame = announced(FRAME)
    assert record_frame.handler(inspect(frame), CONTEXT)["outcome"] == "failed"
    assert arrive(frame, FRAME)["outcome"] == "processed"


def test_an_inspection_that_gave_no_answer_is_recorded_as_failed_on_our_side() -> None:
    opened()
    frame = announced(FRAME)
    failure = {"Error": "Lambda.Unknown", "Cause": "secret"}
    assert record_frame.handler({**event_of(frame.storage_key), "failure": failure}, CONTEXT)["outcome"] == "failed"
    found = image(frame.id)
    assert found.error is not None
    assert found.error.code == "inspection_failed"
    assert arrive(frame, FRAME)["outcome"] == "processed"
    again = record_frame.handler({"key": frame.storage_key, "outcome": "usable", "failure": failure}, CONTEXT)
    assert again["outcome"] == "processed"


@pytest.mark.parametrize("key", ["org/x.jpg", f"org/{uuid(1)}/site/{uuid(3)}/session/{SESSION}/{uuid(9)}.jpg"])
def test_an_object_that_nobody_was_given_a_url_for_is_no_frame(key: str) -> None:
    opened()
    boto3.client("s3", region_name=REGION).put_object(Bucket="uploads", Key=key, Body=FRAME)
    stray = announced(FRAME).model_copy(update={"storage_key": key})
    assert inspect(stray)["outcome"] == "stray"
    assert record_frame.handler(inspect(stray), CONTEXT) == {"outcome": "stray"}
    assert captured().session.set_version == 0


def test_a_storage_that_does_not_answer_is_an_error_that_the_machine_tries_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened()
    frame = announced(FRAME)

    def silent(**_: Any) -> None:
        raise EndpointConnectionError(endpoint_url="https://s3")

    monkeypatch.setattr(clients.s3(), "get_object", silent)
    with pytest.raises(StorageUnavailable):
        inspect(frame)


def test_two_frames_of_the_same_bytes_are_both_flagged() -> None:
    opened()
    first, second = announced(FRAME, 0), announced(FRAME, 1)
    for frame in (first, second):
        arrive(frame, FRAME)
    assert (image(first.id).duplicate_of, image(second.id).duplicate_of) == (second.id, first.id)


def test_the_tenant_is_that_of_the_key() -> None:
    opened()
    frame = announced(FRAME)
    arrive(frame, FRAME)
    ((_, detail),) = told()
    assert detail["tenant"] == TENANT
