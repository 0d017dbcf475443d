"""Telemetry over HTTP: single and in batches, each once, in order, whatever a device's clock says."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from functions.imaging360_api import events, sessions
from tests.support.dealer import Dealer
from tests.support.requests import Reply, send
from vitrine.kernel import tables
from vitrine.kernel.clock import timestamp, utc_now


class Camera:
    """A device with a session of its own, and an admin who reads what it told."""

    def __init__(self) -> None:
        self.dealer = Dealer.open()
        self.token, self.admin = self.dealer.device(), self.dealer.user()
        asked = {"site_id": self.dealer.site_id, "vehicle": {"stock": "A1"}, "mode": "studio360"}
        self.session = send(sessions.handler, "POST", "/v1/sessions", token=self.token, body=asked).json()["id"]

    def event(self, **said: Any) -> dict[str, Any]:
        return {"entity_type": "session", "entity_id": self.session, "type": "upload_complete", **said}

    def tell(self, *said: dict[str, Any], token: str | None = None, **more: Any) -> Reply:
        headers = more.pop("headers", None)
        body = {"events": list(said), **more}
        return send(events.handler, "POST", "/v1/events", token=token or self.token, body=body, headers=headers)

    def told(self, entity: str | None = None, token: str | None = None, **query: str) -> Any:
        path = f"/v1/events/{entity or self.session}"
        return send(events.handler, "GET", path, token=token or self.admin, query=query)


@pytest.fixture
def camera() -> Camera:
    return Camera()


def test_a_single_event_is_taken(camera: Camera) -> None:
    body = camera.event(message="first", meta={"bytes": 12})
    reply = send(events.handler, "POST", "/v1/events", token=camera.token, body=body)
    assert (reply.status, reply.json()["accepted"]) == (201, 1)
    (event,) = camera.told().json()["data"]
    assert (event["message"], event["meta"], event["type"]) == ("first", {"bytes": 12}, "upload_complete")


def test_a_batch_of_500_with_three_bad_ones_takes_the_others_and_names_those(camera: Camera) -> None:
    said = [camera.event(event_id=f"e{number}") for number in range(500)]
    said[7]["type"], said[100]["entity_id"] = "eaten", "car"
    said[499] = {}
    before = tables.round_trips()
    reply = camera.tell(*said)
    assert tables.round_trips() - before <= 8
    assert (reply.status, reply.json()["accepted"]) == (201, 497)
    assert [error["index"] for error in reply.json()["errors"]] == [7, 100, 499]
    assert reply.json()["errors"][0]["fields"][0]["field"] == "type"


def test_501_events_are_too_many(camera: Camera) -> None:
    assert camera.tell(*[camera.event()] * 501).status == 400


def test_the_same_id_counts_once_within_a_batch_and_when_the_batch_comes_again(camera: Camera) -> None:
    said = [camera.event(event_id="a"), camera.event(event_id="b"), camera.event(event_id="a")]
    first, again = camera.tell(*said).json(), camera.tell(*said).json()
    assert (first["accepted"], first["duplicates"]) == (3, 1)
    assert (again["accepted"], again["duplicates"]) == (3, 3)
    assert [event["event_id"] for event in camera.told().json()["data"]] == ["a", "b"]


def test_events_without_ids_come_once_by_their_moment_their_number_or_an_idempotency_key(camera: Camera) -> None:
    said = [camera.event(occurred_at=timestamp(utc_now())), camera.event(sequence=3), camera.event()]
    for _ in range(2):
        camera.tell(*said, headers={"idempotency-key": "one"})
    assert len(camera.told().json()["data"]) == 3
    camera.tell(*said)
    assert len(camera.told().json()["data"]) == 4


def test_what_was_told_offline_stands_in_its_own_order_and_gaps_are_shown(camera: Camera) -> None:
    for numbers in ([7, 5], [1, 2]):
        camera.tell(*(camera.event(sequence=number, event_id=f"n{number}") for number in numbers))
    camera.tell(camera.event(event_id="late"))
    page = camera.told().json()
    assert [event["sequence"] for event in page["data"]] == [1, 2, 5, 7, None]
    assert [(gap["after"], gap["before"]) for gap in page["gaps"]] == [(2, 5), (5, 7)]


def test_a_devices_clock_orders_nothing_and_what_it_is_off_by_is_kept(camera: Camera) -> None:
    ahead = utc_now() + timedelta(days=1)
    camera.tell(camera.event(event_id="first", occurred_at=timestamp(ahead)), sent_at=timestamp(ahead))
    camera.tell(camera.event(event_id="second", occurred_at=timestamp(utc_now() - timedelta(days=2))))
    first, second = camera.told().json()["data"]
    assert (first["event_id"], second["event_id"]) == ("first", "second")
    assert first["clock_offset_s"] == pytest.approx(86_400, abs=120)
    assert second["clock_offset_s"] is None
    assert datetime.fromisoformat(first["received_at"]) < datetime.fromisoformat(first["occurred_at"])


def test_pages_go_on_where_the_last_one_ended(camera: Camera) -> None:
    camera.tell(*(camera.event(sequence=number) for number in range(5)))
    first = camera.told(limit="3").json()
    rest = camera.told(limit="3", cursor=first["next_cursor"]).json()
    assert [event["sequence"] for event in first["data"] + rest["data"]] == [0, 1, 2, 3, 4]


def test_events_about_what_the_caller_cannot_see_are_refused(camera: Camera) -> None:
    stranger = Camera()
    assert stranger.tell(camera.event()).status == 404
    assert stranger.told(camera.session).status == 404
    mixed = stranger.tell(camera.event(), stranger.event())
    assert (mixed.json()["accepted"], mixed.json()["errors"][0]["code"]) == (1, "ENTITY_NOT_FOUND")
    elsewhere = camera.dealer.user("operator", [camera.dealer.add_site()])
    assert camera.told(token=elsewhere).status == 404


def test_a_batch_of_which_nothing_holds_is_refused_as_a_whole(camera: Camera) -> None:
    reply = camera.tell(camera.event(type="eaten"))
    assert (reply.status, reply.json()["error"]["details"]["errors"][0]["index"]) == (400, 0)
    single = send(events.handler, "POST", "/v1/events", token=camera.token, body={"entity_type": "session"})
    assert {field["field"] for field in single.json()["error"]["details"]["fields"]} == {"body.entity_id", "body.type"}


@pytest.mark.parametrize("wrong", [{"meta": {"a": "x" * 5000}}, {"sequence": -1}, {"event_id": ""}, {"event_id": "ü"}])
def test_what_an_event_cannot_say(camera: Camera, wrong: dict[str, Any]) -> None:
    assert camera.tell(camera.event(**wrong)).status == 400
