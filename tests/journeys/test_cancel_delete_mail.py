"""What only the deployed stack shows of cancelling, deleting and mail: the events in between, and what each may do."""

import json
from collections.abc import Callable
from typing import Any

from tests.journeys.conftest import Stack
from tests.support import empty_room
from tests.support.agent import Agent
from tests.support.customer import Customer
from tests.support.patience import until
from vitrine.billing.models import Balances

PHOTO = empty_room.photo()


def lying(customer: Customer, text: str) -> list[str]:
    """Keys that contain `text`, of both buckets."""
    environment, s3 = customer.backstage.environment, customer.backstage.aws("s3")
    buckets = (environment["VITRINE_UPLOADS_BUCKET"], environment["VITRINE_MEDIA_BUCKET"])
    pages = (page for bucket in buckets for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket))
    return [found["Key"] for page in pages for found in page.get("Contents", []) if text in found["Key"]]


def test_a_deleted_image_and_its_upload_are_gone_within_seconds_and_its_credit_is_back(alice: Customer) -> None:
    upload = alice.upload_inspected(PHOTO)
    asset_id = upload["file_key"].split("/")[2]
    image_id = alice.order(upload)
    assert lying(alice, asset_id)

    assert alice.http.delete(f"/api/v1/images/{image_id}").status_code == 204

    until(lambda: alice.image(image_id)["imagesDeletedAt"], what="the deletion of the pictures")
    assert lying(alice, asset_id) == []
    assert alice.balances == Balances(granted=10, available=10)
    assert alice.get("credits").json() == {"granted": 10, "available": 10, "held": 0, "spent": 0}
    until(lambda: len(alice.get("credits/history").json()["items"]) == 3, what="the history")


def test_a_project_that_is_restored_lists_its_images_which_were_cancelled(alice: Customer) -> None:
    project = alice.project()
    image_id = alice.order(alice.presign(PHOTO), project_id=project)
    assert alice.http.delete(f"/api/v1/projects/{project}").status_code == 204
    until(lambda: alice.image(image_id)["errorCode"] == "cancelled", what="the end of its image")
    assert alice.post(f"projects/{project}/restore", None).status_code == 200
    assert [image["id"] for image in alice.get(f"projects/{project}/images").json()["items"]] == [image_id]


def test_a_deleted_batch_ends_with_its_photos_and_counts_no_more(agents: Callable[..., Agent]) -> None:
    ann = agents()
    order = {"images": [ann.presign(len(PHOTO))["file_key"] for _ in range(2)], "style": "hamptons"}
    batch = ann.http.post("/api/stage/batch", json=order).json()
    assert ann.http.delete(f"/api/stage/batch/{batch['batch_id']}").status_code == 204
    until(lambda: ann.http.get("/api/stage").json()["items"] == [], what="the end of the photos")
    for photo in batch["individual_stagings"]:
        staging = f"/api/stage/{photo['id']}"
        assert ann.http.get(staging).json()["error_code"] == "CANCELLED"
    usage = ann.http.get("/api/account").json()["usage_this_month"]
    assert usage["stagings_in_progress"] == 0


def test_an_account_that_asked_is_mailed_what_became_of_its_staging(stack: Stack, agents: Callable[..., Agent]) -> None:
    ann = agents()
    view = ann.http.patch("/api/account", json={"notification_preferences": {"email_on_completion": True}}).json()
    assert view["email_available"]
    staging_id = ann.stage(PHOTO[:9000], property_name="Elm Street 4")

    def mailed() -> list[dict[str, Any]]:
        sent = json.loads(stack.vitrine("mail", "--json"))
        return [mail for mail in sent if mail["to"] == [view["email"]]]

    (mail,) = until(mailed, what="a mail")
    assert mail["subject"] == "Your staging failed"
    assert staging_id in mail["text"]
    assert "Elm Street 4" in mail["text"]
