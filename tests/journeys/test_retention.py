"""Stagecraft's pictures go after 30 days, and the record says so. The function is called with a later time."""

from datetime import timedelta
from typing import Any

import httpx

from tests.journeys.conftest import Stack
from tests.support import empty_room
from tests.support.backstage import Backstage
from tests.support.patience import until
from vitrine.kernel.clock import timestamp, utc_now

PATIENCE_S = 180


def staged(http: httpx.Client, photo: bytes) -> dict[str, Any]:
    """A staging, once it is over."""
    answer = http.post(
        "/api/stage", files={"image": ("room.jpg", photo, "image/jpeg")}, data={"style": "modern_luxury"}
    )
    assert answer.status_code == 202, answer.text
    return until(lambda: over(http, answer.json()["id"]), PATIENCE_S, "the staging")


def over(http: httpx.Client, staging_id: str) -> dict[str, Any] | None:
    state: dict[str, Any] = http.get(f"/api/stage/{staging_id}").json()
    return state if state["status"] != "processing" else None


def lying(backstage: Backstage, text: str) -> list[str]:
    """Keys that contain `text`, of both buckets."""
    buckets = (backstage.environment["VITRINE_UPLOADS_BUCKET"], backstage.environment["VITRINE_MEDIA_BUCKET"])
    pages = (backstage.aws("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket) for bucket in buckets)
    return [
        found["Key"]
        for bucket in pages
        for page in bucket
        for found in page.get("Contents", [])
        if text in found["Key"]
    ]


def days_later(backstage: Backstage, days: float) -> None:
    ran = backstage.invoke("reactions-delete-images", {"time": timestamp(utc_now() + timedelta(days=days))})
    assert not ran.failed, ran.answer


def test_pictures_are_gone_after_30_days_and_the_record_stays_and_says_so(stack: Stack, backstage: Backstage) -> None:
    with stack.bearing("stagecraft", stack.api_key("retention")) as http, httpx.Client(trust_env=False) as plain:
        done, refused = staged(http, empty_room.photo()), staged(http, empty_room.no_room())
        assert (done["status"], refused["status"]) == ("completed", "failed")
        result = done["result"]
        tenant = job_tenant(backstage, done["id"])
        unused = never_staged(http, plain, empty_room.no_room())
        until(lambda: len([key for key in lying(backstage, unused) if "thumbnails" in key]) == 3, what="its inspection")
        assert {key.split("/")[0] for key in lying(backstage, tenant)} == {
            *("uploads", "originals", "thumbnails", "inference", "published"),
        }
        assert plain.get(result["staged_image_url"]).status_code == 200
        days_later(backstage, 29.9)
        assert lying(backstage, unused)
        assert plain.get(result["staged_image_url"]).status_code == 200
        days_later(backstage, 30.1)
        assert lying(backstage, tenant) == []
        assert plain.get(result["staged_image_url"]).status_code == 404
        answered = http.get(f"/api/stage/{done['id']}").json()["result"]
    assert answered["images_deleted_at"]
    assert (answered["staged_image_url"], answered["original_image_url"]) == (None, None)
    assert answered["quality_score"] == result["quality_score"], "what is no picture stays"


def never_staged(http: httpx.Client, plain: httpx.Client, photo: bytes) -> str:
    """The id of an upload that nobody stages."""
    options = {"filename": "room.jpg", "content_type": "image/jpeg", "file_size": len(photo)}
    promised = http.post("/api/uploads/presign", json=options).json()
    assert plain.put(promised["upload_url"], content=photo, headers=promised["headers"]).status_code == 200
    return str(promised["asset_id"])


def job_tenant(backstage: Backstage, job_id: str) -> str:
    items = backstage.aws("dynamodb").get_paginator("scan").paginate(TableName=backstage.table("jobs"))
    (pk,) = {item["pk"]["S"] for page in items for item in page["Items"] if item["pk"]["S"].endswith(f"#{job_id}")}
    return str(pk.partition("#")[0])
