"""Cancelling and deleting as clients do it, on both surfaces."""

from typing import Any

import pytest

from functions.reactions import call_off, delete_images
from functions.realstaging_api.surface import SURFACE as REALSTAGING
from functions.stagecraft_api.surface import SURFACE as STAGECRAFT
from tests.functions.batches import States
from tests.support.agency import Agency
from tests.support.issuer import issuer
from tests.support.requests import CONTEXT, Reply
from tests.support.surfaces import call
from tests.support.work_events import stream_records
from vitrine.kernel import clients
from vitrine.kernel.clock import utc_now
from vitrine.staging import events as staging_events
from vitrine.staging import failures
from vitrine.staging import service as staging
from vitrine.work import ending

PRESIGN = {"filename": "room.jpg", "content_type": "image/jpeg", "file_size": 1}
IMAGE, STAGE, BATCH = "/api/v1/images/{id}", "/api/stage/{staging_id}", "/api/stage/batch/{batch_id}"


@pytest.fixture
def ann(monkeypatch: pytest.MonkeyPatch) -> Agency:
    monkeypatch.setattr(clients, "states", States)
    return Agency.open("enterprise")


def realstaging(route: str, body: Any = None, **known: Any) -> Reply:
    return call(REALSTAGING, route, token=issuer().token("anna"), body=body, **known)


def stagecraft(ann: Agency, route: str, body: Any = None, **known: Any) -> Reply:
    return call(STAGECRAFT, route, token=ann.key, body=body, **known)


def an_image() -> dict[str, str]:
    project = realstaging("POST /api/v1/projects", {"name": "n"}).json()["id"]
    upload = realstaging("POST /api/v1/uploads/presign", PRESIGN).json()["file_key"]
    image = realstaging("POST /api/v1/images", {"project_id": project, "original_url": upload}).json()["id"]
    return {"project": project, "image": image, "tenant": upload.split("/")[1]}


def upload(ann: Agency) -> str:
    return str(stagecraft(ann, "POST /api/uploads/presign", PRESIGN).json()["file_key"])


def react() -> None:
    """What the bus would have functions do about all that was deleted."""
    for record in stream_records("staging")["Records"]:
        event = staging.event_from_image(record["dynamodb"]["NewImage"])
        entry = staging_events.entry(event, "bus")
        told = {"detail-type": entry["DetailType"], "detail": event.model_dump(mode="json")}
        (call_off if told["detail"].get("kind") == "batch" else delete_images).handler(told, CONTEXT)


def test_an_image_that_is_cancelled_says_so_and_costs_nothing() -> None:
    made = an_image()
    for _ in range(2):
        image = realstaging(f"POST {IMAGE}/cancel", id=made["image"]).json()
        assert (image["status"], image["errorCode"]) == ("error", "cancelled")
    assert image["error"] == failures.CANCELLED.message


def test_an_image_that_has_ended_cannot_be_cancelled() -> None:
    made = an_image()
    ending.fail(made["tenant"], made["image"], failures.FAILED, utc_now())
    reply = realstaging(f"POST {IMAGE}/cancel", id=made["image"])
    assert (reply.status, reply.json()["code"]) == (409, "job_is_over")


def test_a_deleted_image_has_no_links_and_no_place_in_its_list_and_its_record_says_when_it_went() -> None:
    made = an_image()
    assert realstaging(f"DELETE {IMAGE}", id=made["image"]).status == 204
    image = realstaging(f"GET {IMAGE}", id=made["image"]).json()
    assert (image["originalUrl"], image["stagedUrl"], image["thumbnailUrls"]) == (None, None, {})
    assert image["imagesDeletedAt"] is None
    react()
    assert realstaging(f"GET {IMAGE}", id=made["image"]).json()["imagesDeletedAt"]
    assert realstaging("GET /api/v1/projects/{id}/images", id=made["project"]).json()["items"] == []
    assert realstaging(f"DELETE {IMAGE}", id=made["image"]).status == 204


@pytest.mark.parametrize("route", [f"POST {IMAGE}/cancel", f"DELETE {IMAGE}"])
def test_what_is_no_image_of_ones_own_is_not_found(route: str) -> None:
    foreign = an_image()["image"]
    for image in (foreign, "img_nope", ".."):
        reply = call(REALSTAGING, route, token=issuer().token("bob"), id=image)
        assert (reply.status, reply.json()["code"]) == (404, "image_not_found")


def test_a_project_is_restored_with_its_images_listed_again() -> None:
    made = an_image()
    realstaging("DELETE /api/v1/projects/{id}", id=made["project"])
    assert realstaging("GET /api/v1/projects/{id}/images", id=made["project"]).status == 404
    restored = realstaging("POST /api/v1/projects/{id}/restore", id=made["project"])
    assert (restored.status, restored.json()["id"]) == (200, made["project"])
    listed = realstaging("GET /api/v1/projects/{id}/images", id=made["project"]).json()["items"]
    assert [item["id"] for item in listed] == [made["image"]]
    assert realstaging("POST /api/v1/projects/{id}/restore", id="prj_nope").status == 404


def test_a_staging_is_cancelled_and_deleted_and_its_record_says_so(ann: Agency) -> None:
    made = stagecraft(ann, "POST /api/stage", {"image": upload(ann), "style": "hamptons"}).json()["id"]
    cancelled = stagecraft(ann, f"POST {STAGE}/cancel", staging_id=made).json()
    assert (cancelled["status"], cancelled["error_code"]) == ("failed", "CANCELLED")
    assert stagecraft(ann, f"DELETE {STAGE}", staging_id=made).status == 204
    react()
    assert stagecraft(ann, f"GET {STAGE}", staging_id=made).json()["status"] == "failed"
    assert stagecraft(ann, "GET /api/stage").json()["items"] == []


def test_a_cancelled_batch_is_failed_at_once_and_its_photos_after_it(ann: Agency) -> None:
    made = stagecraft(ann, "POST /api/stage/batch", {"images": [upload(ann)], "style": "hamptons"}).json()["batch_id"]
    reply = stagecraft(ann, f"POST {BATCH}/cancel", batch_id=made)
    assert (reply.status, reply.json()["processing_status"]) == (202, "failed")
    assert stagecraft(ann, f"POST {BATCH}/cancel", batch_id=made).status == 202


def test_a_deleted_batch_takes_its_photos_with_it(ann: Agency) -> None:
    order = {"images": [upload(ann), upload(ann)], "style": "hamptons"}
    made = stagecraft(ann, "POST /api/stage/batch", order).json()
    assert stagecraft(ann, f"DELETE {BATCH}", batch_id=made["batch_id"]).status == 204
    react()
    react()
    photos = stagecraft(ann, f"GET {BATCH}", batch_id=made["batch_id"]).json()["individual_stagings"]
    assert {photo["error_code"] for photo in photos} == {"CANCELLED"}
    assert stagecraft(ann, "GET /api/stage").json()["items"] == []
    assert stagecraft(ann, "GET /api/stage/batch").json()["items"] == []


@pytest.mark.parametrize(
    "route", [f"POST {STAGE}/cancel", f"DELETE {STAGE}", f"POST {BATCH}/cancel", f"DELETE {BATCH}"]
)
def test_what_is_no_staging_or_batch_of_ones_own_is_not_found(ann: Agency, route: str) -> None:
    made = stagecraft(ann, "POST /api/stage/batch", {"images": [upload(ann)], "style": "hamptons"}).json()
    known = {"batch_id": made["batch_id"], "staging_id": made["individual_stagings"][0]["id"]}
    name = "batch_id" if "batch" in route else "staging_id"
    other = Agency.open()
    assert stagecraft(other, route, **{name: known[name]}).status == 404
    assert stagecraft(ann, route, **{name: "nope"}).status == 404
    assert stagecraft(ann, route, **{name: known["batch_id" if name == "staging_id" else "staging_id"]}).status == 404
