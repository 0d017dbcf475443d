"""The same request under one Idempotency-Key, over HTTP, on every POST and PATCH that takes a body of ours."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.support import empty_room
from tests.support.customer import Customer
from vitrine.billing.models import Balances

AT_ONCE = 10


def create_image(alice: Customer) -> tuple[str, str, dict[str, Any]]:
    upload = alice.presign(empty_room.photo())
    return "POST", "images", {"project_id": alice.project(), "original_url": upload["file_key"], "seed": 1}


def create_project(alice: Customer) -> tuple[str, str, dict[str, Any]]:
    return "POST", "projects", {"name": "Elm Street 4"}


def change_project(alice: Customer) -> tuple[str, str, dict[str, Any]]:
    return "PATCH", f"projects/{alice.project()}", {"description": "sunny"}


CHANGED = {"seed": 2, "name": "Elm Street 5", "description": "dark"}


@pytest.mark.parametrize("request_of", [create_image, create_project, change_project])
def test_a_repeated_request_is_answered_as_the_first_and_another_under_its_key_is_refused(
    alice: Customer, request_of: Any
) -> None:
    method, path, body = request_of(alice)

    def ask(body: dict[str, Any]) -> httpx.Response:
        return alice.http.request(method, f"/api/v1/{path}", json=body, headers={"Idempotency-Key": "once"})

    first, again = ask(body), ask(body)
    assert first.is_success
    assert (again.status_code, again.text) == (first.status_code, first.text)
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    other = ask({**body, **{name: value for name, value in CHANGED.items() if name in body}})
    assert other.status_code == 422
    assert other.json()["errors"][0]["field"] == "header.Idempotency-Key"


def test_a_repeated_presign_promises_the_same_upload_under_a_url_of_its_own(alice: Customer) -> None:
    photo = empty_room.photo()
    body = {"filename": "room.jpg", "content_type": "image/jpeg", "file_size": len(photo)}
    first, again = (alice.post("uploads/presign", body, key="once") for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200)
    assert "idempotent-replayed" not in again.headers
    upload = again.json()
    assert upload["file_key"] == first.json()["file_key"]
    assert alice.plain.put(upload["upload_url"], content=photo, headers=upload["headers"]).status_code == 200
    assert alice.post("uploads/presign", {**body, "file_size": 7}, key="once").status_code == 422


def test_the_same_image_asked_for_many_times_at_once_is_made_once(alice: Customer) -> None:
    _, path, body = create_image(alice)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda _: alice.post(path, body, key="at once"), range(AT_ONCE)))
    made = [answer for answer in answers if answer.status_code == 202]
    assert {answer.status_code for answer in answers} <= {202, 409}
    assert len({answer.json()["id"] for answer in made}) == 1
    assert sum("idempotent-replayed" not in answer.headers for answer in made) == 1
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {"in_progress"}
    assert alice.post(path, body, key="at once").json()["id"] == made[0].json()["id"]
    assert alice.balances == Balances(granted=10, available=9, held=1)
    assert len(alice.backstage.jobs_of(alice.tenant, body["original_url"].split("/")[2])) == 1
