"""Who may call, how often, and when."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.clock import NOW
from tests.support.toy import DECLARED, SURFACE, Toy
from vitrine.kernel import operations, tables
from vitrine.kernel.http import Allow, Api
from vitrine.kernel.surface import Limit


def test_a_stranger_learns_nothing_from_a_bad_body(toy: Toy) -> None:
    assert toy.send(token=None, body={"wrong": 1}).status == 401
    assert toy.send(token="forged", body="{").status == 401


def test_public_routes_stand_beside_guarded_ones(toy: Toy) -> None:
    assert toy.send("GET", "/open", token=None).json() == {"open": True}
    assert toy.send("GET", "/plain", token=None).status == 401


def test_the_limit_counts_down_and_then_says_when_to_come_back(toy: Toy) -> None:
    replies = [toy.send() for _ in range(10)]
    assert [reply.status for reply in replies] == [201] * 8 + [429] * 2
    assert replies[0].headers["ratelimit"] == '"minute";r=7;t=60'
    assert replies[-1].headers["retry-after"] == "60"
    toy.now += timedelta(seconds=60)
    assert toy.send().status == 201


def test_one_tenants_limit_is_not_anothers(toy: Toy) -> None:
    for _ in range(9):
        toy.send()
    assert toy.send(token="token-b").status == 201


def test_a_surface_without_limits_counts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert SURFACE.callers is not None
    monkeypatch.setattr("tests.support.toy.SURFACE", replace(SURFACE, callers=replace(SURFACE.callers, limits=())))
    toy, before = Toy(NOW), tables.round_trips()
    assert [toy.send().status for _ in range(10)] == [201] * 10
    assert tables.round_trips() == before


def test_a_route_may_have_a_limit_of_its_own_which_repeats_under_a_key_do_not_use_up(toy: Toy) -> None:
    assert [toy.once("k", path="/dear").status for _ in range(4)] == [201] * 4
    assert toy.once("l", path="/dear").status == 201
    refused = toy.once("m", path="/dear")
    assert (refused.status, refused.json()["code"]) == (429, "too_many_requests")
    assert 1 <= int(refused.headers["retry-after"]) <= 3600
    toy.now += timedelta(seconds=3600)
    assert toy.once("m", path="/dear", body={"name": "another"}).status == 201, "a refusal frees its key"


def test_during_maintenance_a_route_that_brings_work_turns_away_before_anything_is_asked(toy: Toy) -> None:
    operations.begin_maintenance("Back at noon.", toy.now)
    before = tables.round_trips()
    reply = toy.send(path="/work", token=None)
    assert (reply.status, reply.json()["code"], reply.headers["retry-after"]) == (503, "maintenance_mode", "120")
    assert tables.round_trips() == before + 1, "the look at what operators say"
    assert toy.send("GET", "/plain").status == 200


def test_a_public_route_can_declare_nothing_that_needs_a_tenant(toy: Toy) -> None:
    with pytest.raises(ValueError, match="no tenant"):
        toy.api.post("/bad", allow=Allow.PUBLIC, limit=Limit("hour", 1, 3600), **DECLARED)


def test_a_surface_that_nobody_signs_in_to_has_public_routes_alone() -> None:
    with pytest.raises(ValueError, match="Nobody signs in"):
        Api(replace(SURFACE, callers=None)).get("/closed", **DECLARED)
