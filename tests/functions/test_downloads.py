"""Download addresses, on both surfaces: who may follow them, where they lead, and when they end."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from functions.realstaging_api.surface import SURFACE as REALSTAGING
from functions.stagecraft_api.surface import SURFACE as STAGECRAFT
from tests.examples.downloads import follow
from tests.support.agency import Agency
from tests.support.issuer import issuer
from tests.support.requests import Reply
from tests.support.staged import finish
from tests.support.surfaces import call
from vitrine.jobs import service as jobs
from vitrine.kernel.clock import utc_now
from vitrine.kernel.surface import Surface

PRESIGN = {"filename": "room.jpg", "content_type": "image/jpeg", "file_size": 9_000}
PICTURES = {"original", "staged", "mask", "layout", "thumbnail-400"}


@dataclass
class Ordered:
    """An image or a staging: what its owner sees, and its record."""

    surface: Surface
    token: str
    tenant: str
    job_id: str

    @property
    def addresses(self) -> dict[str, str]:
        if self.surface is REALSTAGING:
            view: Any = call(REALSTAGING, "GET /api/v1/images/{id}", token=self.token, id=self.job_id).json()
            return dict(view["downloadUrls"])
        view = call(STAGECRAFT, "GET /api/stage", token=self.token).json()["items"][0]
        return dict(view["download_urls"])

    def follow(self, picture: str = "staged", method: str = "GET") -> Reply:
        return at(self, self.addresses[picture], method)


def at(ordered: Ordered, address: str, method: str = "GET") -> Reply:
    return follow(ordered.surface, {"download_urls": {"it": address}}, "it", method)


def an_image(name: str) -> Ordered:
    token = issuer().token(name)
    project = call(REALSTAGING, "POST /api/v1/projects", token=token, body={"name": "Elm Street 4"}).json()["id"]
    upload = call(REALSTAGING, "POST /api/v1/uploads/presign", token=token, body=PRESIGN).json()["file_key"]
    order = {"project_id": project, "original_url": upload}
    image = call(REALSTAGING, "POST /api/v1/images", token=token, body=order).json()["id"]
    return Ordered(REALSTAGING, token, upload.split("/")[1], image)


def a_staging(_name: str) -> Ordered:
    agency = Agency.open()
    upload = call(STAGECRAFT, "POST /api/uploads/presign", token=agency.key, body=PRESIGN).json()["file_key"]
    order = {"image": upload, "style": "art_deco"}
    staging = call(STAGECRAFT, "POST /api/stage", token=agency.key, body=order).json()["id"]
    return Ordered(STAGECRAFT, agency.key, agency.tenant, staging)


Order = Callable[[str], Ordered]
on_both = pytest.mark.parametrize("order", [an_image, a_staging], ids=["realstaging", "stagecraft"])


def finished(order: Order, name: str = "alice") -> Ordered:
    ordered = order(name)
    finish(ordered.tenant, ordered.job_id, utc_now(), thumbnails={400: "published/t.jpg"})
    return ordered


@on_both
def test_every_picture_has_an_address_that_leads_to_a_fresh_link_without_signing_in(order: Order) -> None:
    shown = finished(order)
    assert shown.addresses.keys() == PICTURES
    for picture in PICTURES:
        answer = shown.follow(picture)
        assert answer.status == 307
        assert parse_qs(urlsplit(answer.headers["location"]).query)["X-Amz-Expires"] == ["900"]
    assert "/published/t.jpg" in shown.follow("thumbnail-400").headers["location"]


@on_both
def test_an_address_is_whole_and_stays_the_same(order: Order) -> None:
    shown = finished(order)
    first = shown.addresses
    assert shown.addresses == first
    assert all(address.startswith("https://api.example/") for address in first.values())


@on_both
def test_a_browser_keeps_a_link_for_less_than_it_holds_and_tells_nobody_the_address(order: Order) -> None:
    headers = finished(order).follow().headers
    assert headers["cache-control"] == "private, max-age=300"
    assert headers["referrer-policy"] == "no-referrer"


@on_both
def test_who_asks_for_the_head_alone_gets_a_link_for_that(order: Order) -> None:
    shown = finished(order)
    head, get = shown.follow(method="HEAD"), shown.follow()
    assert (head.status, head.text) == (307, "")
    assert head.headers["location"] != get.headers["location"]


@on_both
def test_an_address_ends_with_its_picture(order: Order) -> None:
    shown = finished(order)
    address = shown.addresses["staged"]
    jobs.images_deleted(jobs.find(shown.tenant, shown.job_id), utc_now())
    assert at(shown, address).status == 404
    assert shown.addresses == {}


@on_both
def test_before_a_staging_is_finished_its_original_alone_has_an_address(order: Order) -> None:
    assert order("alice").addresses.keys() == {"original"}


@on_both
@pytest.mark.parametrize("key", ["", "x", "A" * 70, "%C3%A9", "%3D" * 80])
def test_a_made_up_key_opens_nothing(order: Order, key: str) -> None:
    shown = finished(order)
    path = shown.addresses["staged"].partition("?")[0]
    assert at(shown, f"{path}?key={key}").status in {404, 422}


@on_both
def test_a_key_opens_the_pictures_of_its_own_image_alone(order: Order) -> None:
    first, second = (finished(order, name).addresses["staged"] for name in ("alice", "bob"))
    path, key = first.partition("?")[0], second.partition("?")[2]
    assert at(finished(order), f"{path}?{key}").status == 404
    assert at(finished(order), first.replace("/staged?", "/thumbnail-1?")).status == 404
