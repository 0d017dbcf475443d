"""A photo's whole way, over HTTP and nothing else, and its last step in the ledger."""

import io
import json

import numpy as np
import pytest
from PIL import Image

from infra.local.workspace import REPOSITORY
from tests.support import empty_room, pictures
from tests.support.customer import Customer
from vitrine.billing.models import Balances

LYING = 8
"""EXIF orientation: stored turned by 90 degrees, as phones do."""


def lying_photo_with_gps() -> bytes:
    """The room as a phone that was held upright would store it: turned, with where it was taken."""
    stored = np.rot90(empty_room.room(480, 320), k=-1)
    return pictures.file(Image.fromarray(stored), quality=92, exif=pictures.exif({0x0112: LYING}, gps=True))


def metadata_of(file: bytes) -> tuple[bool, bool]:
    """Whether a picture file has EXIF data, and whether the bytes of GPS's tags or of XMP are anywhere in it."""
    picture = Image.open(io.BytesIO(file))
    return bool(picture.getexif()), b"Exif" in file or b"xmpmeta" in file


def test_a_photo_goes_in_and_its_staged_picture_comes_out(alice: Customer) -> None:
    photo = lying_photo_with_gps()
    assert metadata_of(photo) == (True, True)
    upload = alice.presign(photo, bind_bytes=True)
    assert alice.put(upload, photo).status_code == 200
    image_id = alice.order(upload, seed=3, style="scandinavian")

    assert alice.follow(image_id) == ["queued", "processing", "ready"]

    image = alice.image(image_id)
    staged, mask = (alice.plain.get(image[url]).raise_for_status().content for url in ("stagedUrl", "maskUrl"))
    upright = np.rot90(pictures.read(photo), k=1)
    untouched = pictures.read(mask)[..., 0] == 0
    assert (image["width"], image["height"]) == (480, 320)
    assert 0.1 < untouched.mean() < 0.95
    np.testing.assert_array_equal(pictures.read(staged)[untouched], upright[untouched])
    assert (pictures.read(staged)[~untouched] != upright[~untouched]).any()
    assert image["scores"]["integrity"] > 0.9
    assert (image["style"], image["seed"], image["roomType"]) == ("scandinavian", 3, "living_room")
    published = [staged, mask, *(alice.plain.get(url).content for url in image["thumbnailUrls"].values())]
    assert len(published) == 5
    assert {metadata_of(file) for file in published} == {(False, False)}
    assert json.loads(alice.plain.get(image["layoutUrl"]).text)["pieces"]
    for picture, file in (("staged", staged), ("mask", mask)):
        lasting = image["downloadUrls"][picture]
        assert alice.plain.get(lasting, follow_redirects=True).content == file
        assert alice.plain.head(lasting, follow_redirects=True).headers["content-length"] == str(len(file))
    assert alice.balances == Balances(granted=10, available=9, spent=1)
    assert alice.backstage.staging_runs(image_id) == ["SUCCEEDED"]


def test_thumbnails_are_upright_and_no_larger_than_they_say(alice: Customer) -> None:
    upload = alice.upload_inspected(lying_photo_with_gps())
    inspection = alice.backstage.asset(alice.tenant, upload["asset_id"]).inspection
    assert inspection is not None
    assert inspection.report is not None
    assert inspection.report.has_gps
    bucket = alice.backstage.environment["VITRINE_MEDIA_BUCKET"]
    for size, key in inspection.thumbnails.items():
        file = alice.backstage.aws("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
        height, width = pictures.read(file).shape[:2]
        assert width == min(size, 480)
        assert height < width
        assert metadata_of(file) == (False, False)


def test_what_is_not_a_room_ends_with_the_engines_reason_and_a_refund(alice: Customer) -> None:
    image = alice.wait(alice.order(alice.upload(empty_room.no_room())))
    assert (image["status"], image["errorCode"]) == ("error", "not_an_interior")
    assert "photograph the room" in image["error"]
    assert image["stagedUrl"] is None
    assert alice.balances == Balances(granted=10, available=10)
    assert alice.history(image["id"]) == ["queued", "processing", "error"]


@pytest.mark.parametrize("name", ["not-a-room-garden.jpg", "not-a-room-church.jpg"])
def test_a_photo_taken_outdoors_ends_with_the_engines_reason_and_a_refund(alice: Customer, name: str) -> None:
    photo = REPOSITORY.parent / "shared" / "photos" / name
    if not photo.exists():
        pytest.skip("the photos are not beside this checkout")
    image = alice.wait(alice.order(alice.upload(photo.read_bytes())))
    assert image["status"] == "error"
    assert image["errorCode"] in ("not_an_interior", "no_floor_visible", "camera_unreadable", "too_tilted")
    assert alice.balances == Balances(granted=10, available=10)
