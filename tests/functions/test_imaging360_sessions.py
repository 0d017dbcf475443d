"""Sessions over HTTP, to the letter of the document."""

from datetime import timedelta
from typing import Any

import pytest

from functions.imaging360_api import sessions
from tests.support.dealer import Dealer
from tests.support.requests import Reply, send
from vitrine.capture import opening
from vitrine.identity.organisations.models import Policies, VinPolicy
from vitrine.kernel.clock import timestamp, utc_now
from vitrine.kernel.ids import Ids

VIN = "1HGCM82633A123456"
DOCUMENTS = {
    "vehicle": {"vin": VIN, "stock": "STK-001"},
    "mode": "studio360",
    "shot_list": {"studio360": {"frame_count": 24}, "stills": ["front_3q", "rear_3q", "interior", "dash"]},
}


@pytest.fixture
def dealer() -> Dealer:
    opening.forget_organisations()
    return Dealer.open()


def post(dealer: Dealer, token: str, headers: dict[str, str] | None = None, **asked: Any) -> Reply:
    body = {"site_id": dealer.site_id, **DOCUMENTS, **asked}
    return send(sessions.handler, "POST", "/v1/sessions", token=token, body=body, headers=headers)


def get(token: str, session_id: str) -> Reply:
    return send(sessions.handler, "GET", f"/v1/sessions/{session_id}", token=token)


def patch(token: str, session_id: str, **said: Any) -> Reply:
    return send(sessions.handler, "PATCH", f"/v1/sessions/{session_id}", token=token, body=said)


def listed(token: str, **query: str) -> Any:
    return send(sessions.handler, "GET", "/v1/sessions", token=token, query=query)


def details(reply: Reply) -> Any:
    return reply.json()["error"]["details"]


def test_the_documents_own_request_opens_a_session_with_a_warning(dealer: Dealer) -> None:
    reply = post(dealer, dealer.device())
    view = reply.json()
    assert reply.status == 201
    assert {"id", "org_id", "site_id", "vehicle_id", "mode", "shot_list", "status", "started_at"} <= view.keys()
    assert (view["org_id"], view["site_id"], view["mode"]) == (dealer.org_id, dealer.site_id, "studio360")
    assert (view["status"], view["shot_list"]) == ("active", DOCUMENTS["shot_list"])
    (warning,) = view["warnings"]
    assert (warning["code"], warning["expected"]) == ("vin_check_digit", "7")
    assert "1HGCM82673A123456" in warning["suggestions"]


def test_a_strict_organisation_refuses_it_with_the_same_details_and_the_fields_path() -> None:
    opening.forget_organisations()
    strict = Dealer.open(Policies(vin_policy=VinPolicy.STRICT))
    reply = post(strict, strict.device())
    assert (reply.status, reply.json()["error"]["code"]) == (400, "VIN_CHECK_DIGIT")
    assert (details(reply)["field"], details(reply)["expected"]) == ("vehicle.vin", "7")
    assert details(reply)["suggestions"]


@pytest.mark.parametrize("vin", ["WVGZZZ5NZEW069297", "WF0KXXGCBKBJ13223", "YV1MC5851CJ126651"])
def test_a_european_vin_opens_a_session_without_a_warning(dealer: Dealer, vin: str) -> None:
    reply = post(dealer, dealer.device(), vehicle={"vin": vin.lower()})
    assert (reply.status, reply.json()["warnings"], reply.json()["vehicle"]["vin"]) == (201, [], vin)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"vehicle": {}}, "vehicle"),
        ({"vehicle": {"vin": "1" * 17}}, "vehicle.vin"),
        ({"vehicle": {"vin": VIN[:16]}}, "vehicle.vin"),
        ({"vehicle": {"vin": VIN[:16] + "O"}}, "vehicle.vin"),
        ({"shot_list": {"studio360": {"frame_count": 25}}}, "shot_list.studio360.frame_count"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(dealer: Dealer, asked: dict[str, Any], field: str) -> None:
    reply = post(dealer, dealer.device(), **asked)
    assert (reply.status, details(reply)["field"]) == (400, field)


@pytest.mark.parametrize("asked", [{"mode": "drone"}, {"shot_list": {"stills": ["a/b"]}}, {"site_id": "here"}])
def test_a_body_that_does_not_hold_is_400(dealer: Dealer, asked: dict[str, Any]) -> None:
    reply = post(dealer, dealer.device(), **asked)
    assert (reply.status, reply.json()["error"]["code"]) == (400, "VALIDATION_ERROR")


def test_a_repeat_under_its_key_is_the_same_session(dealer: Dealer) -> None:
    token = dealer.device()
    first, again = (post(dealer, token, headers={"idempotency-key": "one"}) for _ in range(2))
    assert first.json()["id"] == again.json()["id"]
    assert listed(dealer.user()).json()["total"] == 1


def test_a_session_is_opened_only_at_a_site_that_one_may_use(dealer: Dealer) -> None:
    other = dealer.add_site()
    operator = dealer.user("operator", [dealer.site_id])
    refused = [
        post(dealer, operator, site_id=site) for site in (other, Dealer.open().site_id, Ids.random(utc_now()).uuid())
    ]
    assert {(reply.status, reply.json()["error"]["code"]) for reply in refused} == {(403, "SITE_FORBIDDEN")}
    assert post(dealer, operator).status == 201


def test_a_session_shows_who_opened_it_and_what_is_missing(dealer: Dealer) -> None:
    device, operator = dealer.device(), dealer.user("operator")
    by_device = get(operator, post(dealer, device).json()["id"]).json()
    assert by_device["device"]["model"] == "iPhone 15 Pro"
    assert (by_device["operator"], by_device["completed_at"], by_device["image_count"]) == (None, None, 0)
    assert by_device["set"]["missing"][:2] == [{"frame": 0, "angle_deg": 0}, {"frame": 1, "angle_deg": 15}]
    assert by_device["set"]["missing_stills"] == DOCUMENTS["shot_list"]["stills"]  # type: ignore[index]
    by_person = get(device, post(dealer, operator).json()["id"]).json()
    assert (by_person["operator"]["name"], by_person["device"]) == ("John", None)


def test_completing_with_gaps_is_taken_and_says_so(dealer: Dealer) -> None:
    token = dealer.device()
    session = post(dealer, token).json()["id"]
    done = patch(token, session, status="complete", completed_at=timestamp(utc_now()))
    assert (done.status, done.json()["status"], done.json()["set"]["status"]) == (200, "complete", "incomplete")
    assert len(done.json()["set"]["missing"]) == 24
    again = patch(token, session, status="complete", completed_at=timestamp(utc_now() + timedelta(seconds=9)))
    assert (again.status, again.json()["completed_at"]) == (200, done.json()["completed_at"])
    back = patch(token, session, status="active")
    assert (back.status, back.json()["error"]["code"]) == (400, "INVALID_TRANSITION")


def test_another_devices_session_is_read_and_not_changed(dealer: Dealer) -> None:
    session = post(dealer, dealer.device()).json()["id"]
    other = dealer.device()
    assert get(other, session).status == 200
    assert patch(other, session, status="failed").status == 403


@pytest.mark.parametrize("session", ["unknown", "0192f0c4-7b1a-7c3e-8a55-3f0d9a6c1e42", "a#b"])
def test_a_session_that_nobody_has_is_404(dealer: Dealer, session: str) -> None:
    assert get(dealer.device(), session).status == 404


def test_a_list_has_the_documents_shape_and_filters(dealer: Dealer) -> None:
    admin, site = dealer.user(), dealer.add_site()
    first, second = (
        post(dealer, admin, site_id=each, vehicle={"stock": each[-6:]}).json() for each in (dealer.site_id, site)
    )
    patch(admin, first["id"], status="abandoned")
    page = listed(admin, limit="1").json()
    assert (page["total"], page["limit"], page["offset"], len(page["data"])) == (2, 1, 0, 1)
    assert page["data"][0].keys() == {
        "id", "vehicle", "mode", "status", "operator", "site", "started_at", "image_count",
        # Ours, for the reviewer's page.
        "set_status", "published_version",
    }  # fmt: skip
    assert page["data"][0]["site"] == {"id": site, "name": "Second Studio"}
    for query in ({"status": "abandoned"}, {"site_id": dealer.site_id}, {"vehicle_id": first["vehicle_id"]}):
        assert [each["id"] for each in listed(admin, **query).json()["data"]] == [first["id"]]
    operator = dealer.user("operator", [site])
    assert [each["id"] for each in listed(operator).json()["data"]] == [second["id"]]
    assert listed(operator, site_id=dealer.site_id).json()["total"] == 0


@pytest.mark.parametrize("query", [{"limit": "101"}, {"offset": "-1"}, {"status": "new"}, {"site_id": "x"}])
def test_a_query_that_does_not_hold_is_400(dealer: Dealer, query: dict[str, str]) -> None:
    assert listed(dealer.user(), **query).status == 400
