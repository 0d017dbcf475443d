"""Lists of images, stagings and batches through the handlers."""

from datetime import timedelta
from typing import Any

import pytest

from functions.realstaging_api.surface import SURFACE as REALSTAGING
from functions.stagecraft_api.surface import SURFACE as STAGECRAFT
from tests.support.agency import Agency
from tests.support.issuer import issuer
from tests.support.requests import Reply
from tests.support.surfaces import call
from vitrine.kernel.clock import timestamp, utc_now
from vitrine.staging import failures
from vitrine.work import ending

PRESIGN = {"filename": "room.jpg", "content_type": "image/jpeg", "file_size": 1}
IMAGES = "GET /api/v1/projects/{id}/images"


class Customer:
    """Somebody of realstaging with one project."""

    def __init__(self, name: str) -> None:
        self.token = issuer().token(name)
        self.project = str(self.call("POST /api/v1/projects", {"name": "n"}).json()["id"])

    def call(self, route: str, body: Any = None, **known: Any) -> Reply:
        return call(REALSTAGING, route, token=self.token, body=body, **known)

    def image(self) -> str:
        upload = self.call("POST /api/v1/uploads/presign", PRESIGN).json()["file_key"]
        order = {"project_id": self.project, "original_url": upload}
        return str(self.call("POST /api/v1/images", order).json()["id"])

    def list(self, **query: str) -> Reply:
        return self.call(IMAGES, id=self.project, query=query)


@pytest.fixture
def ann() -> Agency:
    return Agency.open("enterprise")


def stagecraft(ann: Agency, route: str, body: Any = None, **known: Any) -> Reply:
    return call(STAGECRAFT, route, token=ann.key, body=body, **known)


def upload(ann: Agency) -> str:
    return str(stagecraft(ann, "POST /api/uploads/presign", PRESIGN).json()["file_key"])


def staging(ann: Agency) -> str:
    return str(stagecraft(ann, "POST /api/stage", {"image": upload(ann), "style": "hamptons"}).json()["id"])


def test_a_projects_images_are_listed_as_they_are_shown_alone_right_after_they_were_queued() -> None:
    anna = Customer("anna")
    first, second = anna.image(), anna.image()
    items = anna.list().json()["items"]
    assert [item["id"] for item in items] == sorted((first, second), reverse=True)
    alone = anna.call("GET /api/v1/images/{id}", id=first).json()
    assert next(item for item in items if item["id"] == first).keys() == alone.keys()


def test_pages_of_images_go_on_where_the_last_one_ended() -> None:
    anna = Customer("anna")
    made = {anna.image() for _ in range(3)}
    page = anna.list(limit="2").json()
    rest = anna.list(limit="2", cursor=page["next_cursor"]).json()
    assert {item["id"] for item in page["items"] + rest["items"]} == made
    assert rest["next_cursor"] is None


def test_a_cursor_belongs_to_its_list_and_to_its_dates() -> None:
    anna = Customer("anna")
    anna.image(), anna.image()
    cursor = anna.list(limit="1").json()["next_cursor"]
    assert anna.list(limit="1", cursor=cursor, created_before=timestamp(utc_now())).status == 422
    assert Customer("anna").list(cursor=cursor).status == 422


def test_images_of_a_foreign_or_unknown_project_are_not_found() -> None:
    anna, bob = Customer("anna"), Customer("bob")
    foreign, unknown = bob.call(IMAGES, id=anna.project), bob.call(IMAGES, id="prj_nope")
    assert foreign.status == unknown.status == 404
    assert foreign.json()["code"] == unknown.json()["code"] == "project_not_found"


@pytest.mark.parametrize("query", [{"status": "done"}, {"created_from": "7"}, {"created_from": "2026-11-28"}])
def test_a_filter_that_means_nothing_is_refused(query: dict[str, str]) -> None:
    assert Customer("anna").list(**query).status == 422


def test_stagings_are_listed_by_status_and_date_those_of_batches_included(ann: Agency) -> None:
    failed, batch = (
        staging(ann),
        stagecraft(ann, "POST /api/stage/batch", {"images": [upload(ann)], "style": "hamptons"}),
    )
    ending.fail(ann.tenant, failed, failures.FAILED, utc_now())
    photo = batch.json()["individual_stagings"][0]["id"]

    def listed(**query: str) -> set[str]:
        return {item["id"] for item in stagecraft(ann, "GET /api/stage", query=query).json()["items"]}

    assert listed() == {failed, photo}
    assert listed(status="failed") == {failed}
    assert listed(status="processing") == {photo}
    assert listed(created_before=timestamp(utc_now() - timedelta(hours=1))) == set()
    assert listed(created_from=timestamp(utc_now() - timedelta(hours=1))) == {failed, photo}


def test_batches_are_listed_and_are_over_when_they_are(ann: Agency) -> None:
    order = {"images": [upload(ann), upload(ann)], "style": "hamptons", "property_name": "Elm Street 4"}
    going = stagecraft(ann, "POST /api/stage/batch", order).json()["batch_id"]
    order = {"images": [upload(ann)], "style": "hamptons"}
    over, in_vain = (stagecraft(ann, "POST /api/stage/batch", order).json()["batch_id"] for _ in range(2))
    ending.complete(ann.tenant, over, {"completed": 1, "failed": 0}, utc_now())
    ending.complete(ann.tenant, in_vain, {"completed": 0, "failed": 1}, utc_now())

    def listed(**query: str) -> dict[str, Any]:
        items = stagecraft(ann, "GET /api/stage/batch", query=query).json()["items"]
        return {item["batch_id"]: item for item in items}

    assert listed().keys() == {going, over, in_vain}
    shown = listed(status="processing")[going]
    assert (shown["total_images"], shown["completed_images"], shown["property_name"]) == (2, None, "Elm Street 4")
    assert listed(status="completed").keys() == {over}
    assert listed(status="failed")[in_vain]["failed_images"] == 1


def test_ids_are_spelt_as_the_document_spells_them(ann: Agency) -> None:
    batch = stagecraft(ann, "POST /api/stage/batch", {"images": [upload(ann)], "style": "hamptons"}).json()
    assert batch["batch_id"].startswith("batch_")
    assert batch["individual_stagings"][0]["id"].startswith("staging_")
    assert staging(ann).startswith("staging_")
