"""Thresholds over HTTP: what holds and where it comes from, new versions, and the way back."""

from typing import Any

import pytest

from functions.imaging360_api import thresholds
from tests.support.captures import uuid
from tests.support.dealer import Dealer
from tests.support.measured import judged_set
from tests.support.requests import Reply, send
from vitrine.set_qc.models import Mode
from vitrine.set_qc.thresholds import DEFAULT

OURS = DEFAULT[Mode.STUDIO360]
VERSIONS = "/v1/thresholds/versions"


class Desk:
    """An admin's."""

    def __init__(self) -> None:
        self.dealer = Dealer.open()
        self.admin, self.site = self.dealer.user(), self.dealer.site_id

    def read(self, site: str | None = None, token: str | None = None, mode: str = "studio360") -> Reply:
        query = {"mode": mode, **({"site_id": site} if site else {})}
        return send(thresholds.handler, "GET", "/v1/thresholds", token=token or self.admin, query=query)

    def set(
        self, after: int = 0, site: str | None = None, token: str | None = None, key: str | None = None, **said: Any
    ) -> Reply:
        headers = {"idempotency-key": key} if key else {}
        given = {"mode": "studio360", "after": after, "reason": "Dark paint.", **({"site_id": site} if site else {})}
        return send(
            thresholds.handler, "POST", VERSIONS, token=token or self.admin, body={**given, **said}, headers=headers
        )

    def ev(self, warn: float, after: int = 0, site: str | None = None) -> Reply:
        return self.set(after, site, values={"ev": {"warn": warn, "fail": 1}})

    def listed(self, site: str | None = None, **query: str) -> Any:
        query = {"mode": "studio360", **query, **({"site_id": site} if site else {})}
        return send(thresholds.handler, "GET", VERSIONS, token=self.admin, query=query).json()

    def held(self, site: str | None = None) -> tuple[str, float, int]:
        found = self.read(site).json()
        return found["source"], found["values"]["ev"]["warn"], found["latest"]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_before_anybody_sets_thresholds_ours_hold_and_say_so(desk: Desk) -> None:
    found = desk.read(desk.site).json()
    assert (found["source"], found["version"], found["latest"], found["set_by"]) == ("default", OURS.version, 0, None)
    assert found["values"] == OURS.model_dump(mode="json", exclude={"version"})
    assert found["overrules"] == {"sets": 0, "of": 50, "checks": []}
    assert desk.read(mode="walk360").json()["values"]["rim_lightness"] is None


def test_a_sites_thresholds_come_before_the_organisations_and_these_before_ours(desk: Desk) -> None:
    other = desk.dealer.add_site()
    assert desk.ev(0.4).status == 201
    assert [desk.held(), desk.held(desk.site)] == [("organisation", 0.4, 1), ("organisation", 0.4, 0)]
    made = desk.ev(0.5, site=desk.site).json()
    assert [desk.held(desk.site), desk.held(other)] == [("site", 0.5, 1), ("organisation", 0.4, 0)]
    assert made["id"] == desk.read(desk.site).json()["version"] == f"{desk.site}-studio360-1"
    assert (made["reason"], made["set_by"]["name"]) == ("Dark paint.", "John")
    assert desk.read(mode="walk360").json()["source"] == "default"


def test_a_change_keeps_what_it_does_not_say_and_null_is_not_judged(desk: Desk) -> None:
    desk.ev(0.4)
    values = {"cast": {"warn": 3, "fail": 9}, "rim_lightness": None, "direction": "clockwise", "shift": None}
    second = desk.set(1, values=values).json()["values"]
    assert (second["ev"]["warn"], second["cast"]["fail"], second["rim_lightness"]) == (0.4, 9, None)
    assert (second["direction"], second["shift"]) == ("clockwise", OURS.shift.model_dump())


def test_a_version_never_changes_and_is_found_by_the_name_that_verdicts_give(desk: Desk) -> None:
    first = desk.ev(0.4, site=desk.site).json()
    desk.ev(0.5, 1, desk.site)
    path = f"{VERSIONS}/{first['id']}"
    assert send(thresholds.handler, "GET", path, token=desk.admin).json() == first
    assert [each["number"] for each in desk.listed(desk.site)["items"]] == [2, 1]
    page = desk.listed(desk.site, limit="1")
    assert desk.listed(desk.site, limit="1", cursor=page["next_cursor"])["items"] == [first]
    assert desk.listed(desk.site, limit="1", cursor=page["next_cursor"])["next_cursor"] is None
    elsewhere = desk.dealer.user(sites=[desk.dealer.add_site()])
    for token, where in [(elsewhere, path), (Dealer.open().user(), path), (desk.admin, f"{VERSIONS}/{OURS.version}")]:
        assert send(thresholds.handler, "GET", where, token=token).status == 404


def test_who_has_not_seen_the_last_version_changes_nothing(desk: Desk) -> None:
    desk.ev(0.4)
    late = desk.ev(0.5)
    assert (late.status, late.json()["error"]["code"]) == (409, "STALE_THRESHOLDS")
    assert late.json()["error"]["details"] == {"latest": 1}
    assert desk.ev(0.5, after=7).status == 409
    assert desk.held() == ("organisation", 0.4, 1)


def test_the_same_change_again_is_answered_as_the_first(desk: Desk) -> None:
    first = desk.ev(0.4).json()
    assert desk.ev(0.4).json() == first
    assert desk.set(values={"ev": {"warn": 0.4, "fail": 1}}, token=desk.dealer.user()).status == 409
    back = desk.set(1, restore=0).json()
    assert desk.set(1, restore=0).json() == back
    assert desk.ev(0.4).json() == first
    assert [each["number"] for each in desk.listed()["items"]] == [2, 1]


def test_a_key_belongs_to_one_change(desk: Desk) -> None:
    first = desk.set(key="one", values={"tour_gain": 0.2})
    assert desk.set(key="one", values={"tour_gain": 0.2}).json() == first.json()
    assert desk.set(1, key="one", values={"tour_gain": 0.3}).status == 400
    assert desk.read().json()["latest"] == 1


def test_an_earlier_version_comes_back_as_a_new_one_and_0_is_what_is_above(desk: Desk) -> None:
    desk.ev(0.4)
    desk.ev(0.5, site=desk.site)
    desk.ev(0.6, 1, desk.site)
    back = desk.set(2, desk.site, restore=1).json()
    assert (back["number"], back["restores"], back["values"]["ev"]["warn"]) == (3, 1, 0.5)
    given_up = desk.set(3, desk.site, restore=0).json()
    assert (given_up["values"], given_up["restores"]) == (None, 0)
    assert desk.held(desk.site) == ("organisation", 0.4, 4)
    desk.set(1, restore=0)
    assert desk.held(desk.site) == ("default", OURS.ev.warn, 4)
    assert desk.set(2, restore=9).status == 400


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ({"values": {"ev": {"warn": 2, "fail": 1}, "dark": {"warn": 0.1, "fail": 0.2}}}, ["ev", "dark"]),
        ({"values": {"sharpness": {"warn": 0.5, "fail": 0.6}}}, ["sharpness"]),
        ({"values": {"shift": {"warn": 0.1, "fail": 1.5}}}, ["shift.fail"]),
        ({"values": {"sharpnes": {"warn": 0.1, "fail": 0.1}}}, ["sharpnes"]),
        ({"values": {"gap_size": "2"}}, ["gap_size"]),
        ({"values": {"ev": {"warn": 1}}}, ["ev.fail"]),
        ({"values": {"direction": "unknown"}}, ["direction"]),
    ],
)
def test_what_does_not_hold_is_said_field_by_field(desk: Desk, said: Any, fields: list[str]) -> None:
    answer = desk.set(**said)
    error = answer.json()["error"]
    assert (answer.status, error["code"]) == (400, "VALIDATION_ERROR")
    assert {each["field"] for each in error["details"]["fields"]} == {f"body.values.{field}" for field in fields}
    assert desk.held()[0] == "default"


def test_a_change_says_values_or_a_version_to_restore_and_why(desk: Desk) -> None:
    for said in ({}, {"values": {}, "restore": 0}, {"values": {"tour_gain": 0.1}, "reason": ""}):
        assert desk.set(**said).status == 400


def test_only_admins_set_thresholds_and_those_of_the_organisation_only_who_may_use_all_sites(desk: Desk) -> None:
    values: Any = {"values": {"ev": {"warn": 0.4, "fail": 1}}}
    for role in ("reviewer", "operator"):
        assert desk.set(token=desk.dealer.user(role), **values).status == 403
        assert desk.read(desk.site, token=desk.dealer.user(role)).status == 200
    of_site = desk.dealer.user(sites=[desk.site])
    assert desk.set(token=of_site, **values).json()["error"]["code"] == "ALL_SITES_NEEDED"
    assert desk.set(token=of_site, site=desk.site, **values).status == 201
    other = desk.dealer.add_site()
    assert [desk.set(token=of_site, site=other, **values).status, desk.read(other, of_site).status] == [404, 404]
    assert [desk.set(site=uuid(7), **values).status, desk.read(uuid(7)).status] == [404, 404]


def test_how_often_people_overrule_stands_with_the_thresholds(desk: Desk) -> None:
    from vitrine.capture.overrules import service as overrules
    from vitrine.kernel.clock import utc_now

    for number in range(4):
        said = {5: True} if number == 0 else {}
        spin = judged_set(desk.dealer, blurred=number < 2, said=said)
        overrules.count_set(spin.tenant, spin.id, utc_now())
    rate = {"check": "sharpness", "failed": 2, "overruled": 1, "rate": 0.25, "often": False}
    for site in (None, desk.site):
        assert desk.read(site).json()["overrules"] == {"sets": 4, "of": 50, "checks": [rate]}
