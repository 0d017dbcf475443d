"""Who may call, how often, and when."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.clock import NOW
from tests.support.toy import DECLARED, SURFACE, Toy
from vitrine.kernel import operations, tables
from vitrine.kernel.http import Allow, Api
from vitrine.kernel.principal import Principal
from vitrine.kernel.surface import Admitted, Limit, Per


def _nothing() -> dict[str, str]:
    return {}


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


def test_a_route_that_names_roles_is_forbidden_to_all_others_and_counts_their_calls(toy: Toy) -> None:
    toy.api.get("/kitchen", allow=Allow("cooks", frozenset({"cook"})), **DECLARED)(_nothing)
    toy.api.get("/hall", allow=Allow("owners", frozenset({"owner"})), **DECLARED)(_nothing)
    refused = toy.send("GET", "/kitchen")
    assert (refused.status, refused.json()["code"]) == (403, "forbidden")
    assert refused.headers["ratelimit"] == '"minute";r=7;t=60'
    assert toy.send("GET", "/hall").status == 200


def test_a_rate_stands_in_the_place_of_the_surfaces_limits_and_counts_by_whom_it_says(toy: Toy) -> None:
    toy.api.get("/own", rate=Limit("own", 2, 60, Per.TOKEN), **DECLARED)(_nothing)
    assert [toy.send("GET", "/own").status for _ in range(3)] == [200, 200, 429]
    assert toy.send("GET", "/own", token="token-b").status == 200
    assert toy.send().headers["ratelimit"] == '"minute";r=7;t=60'


def test_a_public_route_may_count_strangers_by_their_address_alone(toy: Toy) -> None:
    toy.api.get("/door", allow=Allow.PUBLIC, rate=Limit("door", 2, 60, Per.ADDRESS), **DECLARED)(_nothing)
    assert [toy.send("GET", "/door", token=None).status for _ in range(3)] == [200, 200, 429]
    with pytest.raises(ValueError, match="by their address"):
        toy.api.get("/bad", allow=Allow.PUBLIC, rate=Limit("door", 2, 60), **DECLARED)
    with pytest.raises(ValueError, match="by their address"):
        toy.api.get("/bad", rate=Limit("door", 2, 60, Per.ADDRESS), **DECLARED)


def test_callers_have_either_an_authenticator_or_a_gate() -> None:
    assert SURFACE.callers is not None
    for callers in (
        replace(SURFACE.callers, load=None),
        replace(SURFACE.callers, load_gate=lambda: lambda token, limit, now: Admitted(Principal("t", "a"), {})),
    ):
        with pytest.raises(ValueError, match="authenticator or a gate"):
            Api(replace(SURFACE, callers=callers)).get("/closed", **DECLARED)
