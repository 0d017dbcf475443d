"""Balance and history of credits as a customer reads them."""

from typing import Any

from functions.realstaging_api.surface import SURFACE
from tests.support.issuer import issuer
from tests.support.requests import Reply
from tests.support.surfaces import call
from vitrine.billing import service as billing
from vitrine.kernel.clock import utc_now
from vitrine.staging import failures
from vitrine.work import ending

PRESIGN = {"filename": "room.jpg", "content_type": "image/jpeg", "file_size": 1}


def as_anna(route: str, body: Any = None, **known: Any) -> Reply:
    return call(SURFACE, route, token=issuer().token("anna"), body=body, **known)


def staged(quality: str = "standard") -> tuple[str, str]:
    """Tenant and image."""
    project = as_anna("POST /api/v1/projects", {"name": "n"}).json()["id"]
    upload = as_anna("POST /api/v1/uploads/presign", PRESIGN).json()["file_key"]
    order = {"project_id": project, "original_url": upload, "quality": quality}
    return upload.split("/")[1], as_anna("POST /api/v1/images", order).json()["id"]


def test_the_balance_follows_what_images_hold_spend_and_give_back() -> None:
    assert as_anna("GET /api/v1/credits").json() == {"granted": 10, "available": 10, "held": 0, "spent": 0}
    tenant, premium = staged("premium")
    _, failed = staged()
    assert as_anna("GET /api/v1/credits").json() == {"granted": 10, "available": 7, "held": 3, "spent": 0}
    ending.complete(tenant, premium, {}, utc_now())
    ending.fail(tenant, failed, failures.FAILED, utc_now())
    assert as_anna("GET /api/v1/credits").json() == {"granted": 10, "available": 8, "held": 0, "spent": 2}


def test_every_movement_is_listed_once_the_newest_first_and_adds_up_to_the_balance() -> None:
    tenant, image = staged()
    ending.fail(tenant, image, failures.FAILED, utc_now())
    billing.grant(tenant, 5, "invoice", utc_now())
    seen, cursor = list[dict[str, Any]](), None
    while cursor is not None or not seen:
        query = {"limit": "3", **({"cursor": cursor} if cursor else {})}
        page = as_anna("GET /api/v1/credits/history", query=query).json()
        seen, cursor = [*seen, *page["items"]], page["next_cursor"]
    assert [entry["type"] for entry in seen] == ["grant", "refund", "reserve", "grant"]
    assert [entry["image_id"] for entry in seen] == [None, image, image, None]
    assert sum(entry["available_change"] for entry in seen) == as_anna("GET /api/v1/credits").json()["available"]


def test_nobody_reads_anothers_movements() -> None:
    staged(), staged()
    cursor = as_anna("GET /api/v1/credits/history", query={"limit": "1"}).json()["next_cursor"]
    bob = issuer().token("bob")
    assert call(SURFACE, "GET /api/v1/credits/history", token=bob, query={"cursor": cursor}).status == 422
    assert len(call(SURFACE, "GET /api/v1/credits/history", token=bob).json()["items"]) == 1
