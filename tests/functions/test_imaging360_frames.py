"""Presigning frames and reading images over HTTP."""

import base64
import hashlib
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from functions.imaging360_api import images, presign, sessions
from tests.support.captures import uuid
from tests.support.cloud import client
from tests.support.dealer import Dealer
from tests.support.requests import Reply, send
from vitrine.capture import rules, store
from vitrine.capture.models import Exposure, Image, ImageStatus, SessionStatus
from vitrine.identity.organisations.rules import tenant_of
from vitrine.kernel import tables
from vitrine.kernel.clock import utc_now


class Shoot:
    """A device with a session, and an admin who looks at it."""

    def __init__(self) -> None:
        self.dealer = Dealer.open()
        self.device, self.admin = self.dealer.device(), self.dealer.user()
        asked = {"site_id": self.dealer.site_id, "vehicle": {"stock": "A1"}, "mode": "studio360"}
        self.session = send(sessions.handler, "POST", "/v1/sessions", token=self.device, body=asked).json()["id"]

    def presign(self, name: str = "IMG_001.jpg", body: bytes = b"", token: str | None = None, **said: Any) -> Reply:
        asked = {
            "session_id": self.session,
            "file_name": name,
            "content_type": "image/jpeg",
            "content_sha256": hashlib.sha256(body or name.encode()).hexdigest(),
            **said,
        }
        return send(presign.handler, "POST", "/v1/presign", token=token or self.device, body=asked)

    def record(self, reply: Reply, status: ImageStatus = ImageStatus.PROCESSED, **found: Any) -> Image:
        """As the machine `frames` would."""
        tenant = tenant_of(self.dealer.org_id)
        image = store.get_with_image(tenant, self.session, reply.json()["image_id"])[1]
        assert image is not None
        after = rules.image_changed(image, utc_now(), status=status, **found)
        tables.commit(store.replace_image(after))
        return after

    def images(self, **query: str) -> Any:
        query = {"session_id": self.session, **query}
        return send(images.handler, "GET", "/v1/images", token=self.admin, query=query).json()

    def image(self, image_id: str) -> Any:
        return send(images.handler, "GET", f"/v1/images/{image_id}", token=self.admin).json()


@pytest.fixture
def shoot() -> Shoot:
    return Shoot()


def test_the_answer_has_the_canonical_key_and_both_digests_signed(shoot: Shoot) -> None:
    reply = shoot.presign(body=b"bytes")
    view, digest = reply.json(), hashlib.sha256(b"bytes")
    assert reply.status == 200
    site, org = shoot.dealer.site_id, shoot.dealer.org_id
    assert view["storage_key"] == f"org/{org}/site/{site}/session/{shoot.session}/{view['image_id']}.jpg"
    assert view["headers"] == {
        "Content-Type": "image/jpeg",
        "x-amz-content-sha256": digest.hexdigest(),
        "x-amz-checksum-sha256": base64.b64encode(digest.digest()).decode(),
    }
    url = urlsplit(view["upload_url"])
    signed = parse_qs(url.query)["X-Amz-SignedHeaders"][0].split(";")
    assert url.path == f"/{view['storage_key']}"
    assert set(signed) == {"host", *(name.lower() for name in view["headers"])}
    assert parse_qs(url.query)["X-Amz-Expires"] == ["900"]
    left = datetime.fromisoformat(view["expires_at"]) - utc_now()
    assert timedelta(minutes=14) < left <= timedelta(minutes=15)


def test_a_heic_has_its_own_ending_and_other_types_are_refused(shoot: Shoot) -> None:
    assert shoot.presign(content_type="image/heic").json()["storage_key"].endswith(".heic")
    for wrong in ("image/png", "video/quicktime", "image/jpg"):
        assert shoot.presign(content_type=wrong).status == 400
    assert shoot.presign(content_sha256="abc123").status == 400


def test_presigning_again_gives_the_same_key_and_nothing_is_sent_twice(shoot: Shoot) -> None:
    first, again = shoot.presign(body=b"bytes").json(), shoot.presign(body=b"bytes").json()
    assert (first["storage_key"], first["image_id"]) == (again["storage_key"], again["image_id"])
    assert (first["already_uploaded"], again["already_uploaded"]) == (False, False)
    client("s3").put_object(Bucket="uploads", Key=first["storage_key"], Body=b"bytes")
    assert shoot.presign(body=b"bytes").json()["already_uploaded"]
    assert shoot.presign(body=b"others").json()["image_id"] != first["image_id"]
    assert shoot.images(versions="true")["total"] == 2


def test_what_was_inspected_is_there_though_its_upload_has_expired(shoot: Shoot) -> None:
    shoot.record(shoot.presign())
    assert shoot.presign().json()["already_uploaded"]


def test_only_the_session_s_own_device_and_people_may_add_to_it(shoot: Shoot) -> None:
    other = shoot.presign(token=shoot.dealer.device())
    assert (other.status, other.json()["error"]["code"]) == (403, "SESSION_NOT_OWNED")
    assert shoot.presign(token=shoot.admin).status == 200
    assert shoot.presign(session_id=uuid(77)).status == 404
    assert shoot.presign(token=Dealer.open().device()).status == 404
    assert shoot.presign(token=shoot.dealer.user("operator", [shoot.dealer.add_site()])).status == 404


def test_a_session_that_is_over_takes_no_more_and_a_complete_one_for_72_hours(shoot: Shoot) -> None:
    before = shoot.presign("IMG_009.jpg")
    path = f"/v1/sessions/{shoot.session}"
    send(sessions.handler, "PATCH", path, token=shoot.device, body={"status": "complete"})
    assert shoot.presign("IMG_010.jpg").status == 200
    tenant = tenant_of(shoot.dealer.org_id)
    session = store.get(tenant, shoot.session)
    assert session is not None
    assert session.status is SessionStatus.COMPLETE
    tables.commit(store.replace(rules.changed(session, utc_now(), closed_at=utc_now() - timedelta(hours=73))))
    late = shoot.presign("IMG_011.jpg")
    assert (late.status, late.json()["error"]["code"]) == (400, "SESSION_CLOSED")
    shoot.record(before)
    assert shoot.presign("IMG_009.jpg").json()["already_uploaded"]


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ({"angle_deg": 345}, (23, 345, "request")),
        ({"frame": 4}, (4, 60, "request")),
        ({"name": "IMG_005.jpg"}, (4, 60, "file_name")),
        ({"name": "photo.jpg"}, (None, None, "unknown")),
    ],
)
def test_the_place_comes_from_the_request_or_the_file_s_name(shoot: Shoot, said: dict[str, Any], shown: Any) -> None:
    image = shoot.image(shoot.presign(**said).json()["image_id"])
    assert (image["frame"], image["angle_deg"], image["position_source"]) == shown


def test_a_place_said_later_moves_the_frame(shoot: Shoot) -> None:
    first, again = shoot.presign("photo.jpg").json(), shoot.presign("photo.jpg", frame=7).json()
    assert first["image_id"] == again["image_id"]
    assert shoot.image(first["image_id"])["frame"] == 7
    shoot.record(shoot.presign("photo.jpg"))
    settled = shoot.presign("photo.jpg", frame=8)
    assert (settled.status, settled.json()["error"]["code"]) == (400, "FRAME_SETTLED")
    assert shoot.presign("photo.jpg", frame=7).json()["already_uploaded"]
    wrong = shoot.presign(frame=24)
    assert (wrong.status, wrong.json()["error"]["details"]["field"]) == (400, "frame")


def test_images_are_listed_by_angle_whatever_the_order_and_padding_of_names(shoot: Shoot) -> None:
    for number in (10, 2, 1, 36 - 15):
        shoot.presign(f"car-{number}.jpg")
    page = shoot.images()
    assert [image["angle_deg"] for image in page["data"]] == [0, 15, 135, 300]
    assert page["total"] == 4
    assert shoot.images(status="processed") == {"data": [], "total": 0}


def test_a_retake_holds_by_capture_time_and_the_old_frame_stays_as_a_version(shoot: Shoot) -> None:
    taken = datetime.fromisoformat(utc_now().isoformat(timespec="seconds"))
    newer = shoot.record(shoot.presign("b.jpg", frame=3), exposure=Exposure(taken_at=taken + timedelta(seconds=9)))
    older = shoot.record(shoot.presign("a.jpg", frame=3), exposure=Exposure(taken_at=taken))
    assert [image["id"] for image in shoot.images()["data"]] == [newer.id]
    assert shoot.images(versions="true")["total"] == 2
    versions = shoot.image(older.id)["versions"]
    assert [(each["id"], each["current"]) for each in versions] == [(newer.id, True), (older.id, False)]


def test_the_same_bytes_for_two_frames_are_stored_and_flagged(shoot: Shoot) -> None:
    first, second = (shoot.record(shoot.presign(f"{k}.jpg", body=b"same", frame=k)) for k in (1, 2))
    assert shoot.image(first.id)["duplicate_of"] == second.id
    assert shoot.image(second.id)["duplicate_of"] == first.id


def test_an_image_has_what_the_document_shows(shoot: Shoot) -> None:
    taken = datetime.fromisoformat(utc_now().isoformat(timespec="seconds"))
    exposure = Exposure(iso=100, shutter="1/250", aperture="f/1.8", taken_at=taken)
    keys = {size: f"org/x/thumb_{size}.jpg" for size in ("150", "600", "1200")}
    made = shoot.record(shoot.presign(frame=1), width=4032, height=3024, exposure=exposure, thumb_keys=keys)
    view = shoot.image(made.id)
    assert (view["angle_deg"], view["shot_name"], view["width"], view["height"]) == (15, None, 4032, 3024)
    assert view["exif"] == {"iso": 100, "shutter": "1/250", "aperture": "f/1.8", "timestamp": taken.isoformat()}
    assert (view["status"], view["published_at"], view["thumb_keys"]) == ("processed", None, keys)
    assert all(urlsplit(view["thumb_urls"][size]).path == f"/{key}" for size, key in keys.items())
    assert view["session_id"] == shoot.session


def test_the_count_of_a_session_is_that_of_its_images(shoot: Shoot) -> None:
    for name in ("a.jpg", "b.jpg", "a.jpg"):
        shoot.presign(name)
    session = send(sessions.handler, "GET", f"/v1/sessions/{shoot.session}", token=shoot.admin).json()
    assert session["image_count"] == 2


def test_images_of_others_are_not_there(shoot: Shoot) -> None:
    image = shoot.presign().json()["image_id"]
    stranger = Dealer.open().user()
    elsewhere = shoot.dealer.user("operator", [shoot.dealer.add_site()])
    for token in (stranger, elsewhere):
        assert send(images.handler, "GET", f"/v1/images/{image}", token=token).status == 404
        query = {"session_id": shoot.session}
        assert send(images.handler, "GET", "/v1/images", token=token, query=query).status == 404
    assert send(images.handler, "GET", "/v1/images", token=shoot.admin).status == 400
    assert send(images.handler, "GET", f"/v1/images/{image}", token=shoot.device).status == 403
