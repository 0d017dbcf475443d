"""Files that cannot be staged: each a clear error on its own image with its credit back, or refused by S3."""

import pytest

from tests.support import empty_room, pictures
from tests.support.customer import Customer
from vitrine.billing.models import Balances

UNTOUCHED = Balances(granted=10, available=10)

BAD = {
    "not_an_image": b"This is a letter, not a photo.\n" * 40,
    "truncated": empty_room.photo()[:9000],
    "too_many_pixels": pictures.png(30_000, 30_000),
}


@pytest.mark.parametrize("reason", BAD)
def test_a_bad_file_ends_as_a_clear_error_on_its_own_image(alice: Customer, reason: str) -> None:
    file = BAD[reason]
    upload = alice.presign(file, "image/png" if reason == "too_many_pixels" else "image/jpeg")
    image_id, other = alice.order(upload), alice.presign(empty_room.photo())
    waiting = alice.order(other)
    assert alice.put(upload, file).status_code == 200

    image = alice.wait(image_id)

    assert (image["status"], image["errorCode"], image["stagedUrl"]) == ("error", reason, None)
    assert len(image["error"]) > 20
    assert alice.history(image_id) == ["queued", "error"]
    assert alice.backstage.staging_runs(image_id) == []
    # The upload's URL still takes a file of that length; what was inspected stays what is shown.
    assert alice.put(upload, bytes(len(file))).status_code == 200
    assert alice.plain.get(image["originalUrl"]).content == file
    assert alice.image(waiting)["status"] == "queued"
    assert alice.balances == Balances(granted=10, available=9, held=1)


def test_a_second_image_of_a_rejected_upload_is_refused_at_once(alice: Customer) -> None:
    upload = alice.upload_inspected(BAD["not_an_image"])
    body = {"project_id": alice.project(), "original_url": upload["file_key"]}
    refused = alice.post("images", body)
    assert refused.status_code == 422
    assert "not a picture" in refused.json()["detail"]
    assert alice.balances == UNTOUCHED


@pytest.mark.parametrize("size", [0, -1, 100 * 2**20 + 1, "12"])
def test_a_file_of_an_impossible_size_gets_no_upload_url(alice: Customer, size: object) -> None:
    options = {"filename": "room.jpg", "content_type": "image/jpeg", "file_size": size}
    refused = alice.post("uploads/presign", options)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "body.file_size"


def test_s3_takes_no_upload_but_the_one_that_was_presigned(alice: Customer) -> None:
    photo = empty_room.photo()
    upload = alice.presign(photo, bind_bytes=True)
    other_bytes = bytes([photo[0]]) + bytes(len(photo) - 1)
    larger = alice.put(upload, photo + b"more", **{"Content-Length": str(len(photo) + 4)})
    another_type = alice.put(upload, photo, **{"Content-Type": "image/png"})
    another_sum = alice.put(upload, photo, **{"x-amz-checksum-sha256": "A" * 43 + "="})
    swapped = alice.put(upload, other_bytes)
    elsewhere = alice.plain.put(
        upload["upload_url"].replace("room.jpg", "evil.jpg"), content=photo, headers=upload["headers"]
    )
    assert [answer.status_code for answer in (larger, another_type, another_sum, elsewhere)] == [403] * 4
    assert swapped.status_code == 400
    bucket = alice.backstage.environment["VITRINE_UPLOADS_BUCKET"]
    prefix = upload["file_key"].rpartition("/")[0]
    assert "Contents" not in alice.backstage.aws("s3").list_objects_v2(Bucket=bucket, Prefix=prefix)
    assert alice.put(upload, photo).status_code == 200


def test_an_upload_url_allows_nothing_but_the_upload(alice: Customer) -> None:
    upload = alice.upload(empty_room.photo())
    for method in ("GET", "DELETE"):
        assert alice.plain.request(method, upload["upload_url"]).status_code == 403
