"""An operator closes the door to new work without a deploy; and what the public is told of how things stand."""

from typing import Any

import httpx
import pytest

from tests.journeys.conftest import Stack
from tests.support import empty_room
from tests.support.backstage import Backstage
from tests.support.customer import Customer
from tests.support.patience import until
from vitrine.kernel.operations import LOOK_EVERY

SECONDS = LOOK_EVERY.total_seconds() + 10
"""A process looks every few seconds; a busy machine takes some more to answer."""


def health(stack: Stack) -> dict[str, Any]:
    with stack.bearing("stagecraft", None) as anyone:
        answer = anyone.get("/api/health")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def sends_work(stack: Stack, key: str) -> httpx.Response:
    with stack.bearing("stagecraft", key) as http:
        return http.post("/api/stage", json={})


@pytest.mark.usefixtures("alone")
def test_an_operator_closes_the_door_within_seconds_and_opens_it_again(
    stack: Stack, alice: Customer, backstage: Backstage
) -> None:
    key = stack.api_key("maintenance")
    upload = alice.upload_inspected(empty_room.no_room())
    assert sends_work(stack, key).status_code == 422
    assert "on since" in stack.vitrine("maintenance", "on", "--message", "Back at noon.")
    try:
        until(lambda: sends_work(stack, key).status_code == 503, SECONDS, "stagecraft to close")
        refused = sends_work(stack, key)
        assert refused.json()["error"]["code"] == "MAINTENANCE_MODE"
        assert refused.json()["error"]["message"] == "Back at noon."
        assert int(refused.headers["Retry-After"]) > 0
        until(lambda: alice.post("images", {}).status_code == 503, SECONDS, "realstaging to close")
        closed = alice.post("images", {})
        assert closed.json()["code"] == "maintenance_mode"
        assert closed.headers["Content-Type"] == "application/problem+json"
        assert alice.get("projects").status_code == 200, "reads go on"
        assert health(stack)["status"] == "maintenance"
        assert health(stack)["message"] == "Back at noon."
        assert "on since" in stack.vitrine("maintenance", "status")
    finally:
        stack.vitrine("maintenance", "off")
    until(lambda: sends_work(stack, key).status_code == 422, SECONDS, "stagecraft to open")
    until(lambda: alice.post("images", {}).status_code == 422, SECONDS, "realstaging to open")
    assert alice.wait(alice.order(upload))["errorCode"] == "not_an_interior"


def test_the_public_is_told_what_the_sweep_found_out(stack: Stack, alice: Customer, backstage: Backstage) -> None:
    alice.wait(alice.order(alice.upload(empty_room.no_room())))
    assert not backstage.invoke("reactions-sweep-deadlines", {}).failed
    found = health(stack)
    assert (found["status"], found["ai_service_status"]) == ("healthy", "operational")
    assert found["processing_queue_length"] == found["jobs_waiting"] + found["jobs_at_work"]
    assert found["success_rate_24h"] is not None, "what ended was counted by the stream"
    assert found["as_of"]
