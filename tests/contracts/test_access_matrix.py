"""imaging360: every route by every kind of caller, from what the committed document says. No leak.

The calls are the examples' (`tests/examples/imaging360.py`), so a route is in here as soon as it exists.
"""

import json
from functools import cache
from typing import Any
from unittest.mock import patch

import pytest

from functions.imaging360_api.surface import SURFACE
from infra.documents import Operation
from tests.support.cloud import aws
from tests.support.costs import States
from tests.support.dealer import Dealer
from tests.support.makers import making
from tests.support.matrix import IDS, Asked, asked_of
from tests.support.requests import Reply
from tests.support.surfaces import operations_of
from vitrine.kernel import clients
from vitrine.kernel.clock import utc_now
from vitrine.kernel.ids import Ids

ROLES = ("device", "operator", "reviewer", "admin")
OPERATIONS = operations_of(SURFACE)
CLOSED = [route for route, operation in OPERATIONS.items() if not operation.is_public]
OF_A_SITE = [route for route in CLOSED if not {"webhooks", "auth"} & set(OPERATIONS[route].body["tags"])]
"""The others are the whole organisation's: whoever may call them may whatever their sites are."""


class Callers:
    """Tokens of everybody who may come. `mine` are of the organisation that owns what the examples are about."""

    def __init__(self, mine: Dealer) -> None:
        other, elsewhere = Dealer.open(), mine.add_site("Elsewhere")
        self.none = None
        self.mine = {"device": mine.device(), **{role: mine.user(role) for role in ROLES[1:]}}
        self.of_other_site = {
            "device": mine.device([elsewhere]),
            **{role: mine.user(role, [elsewhere]) for role in ROLES[1:]},
        }
        self.of_other_organisation = {"device": other.device(), **{role: other.user(role) for role in ROLES[1:]}}


@cache
def told() -> dict[str, dict[str, Any]]:
    """What everybody was told, by route; the owner was asked last, when nobody had changed anything."""
    with aws(), making(), patch.object(clients, "states", States):
        found: dict[str, dict[str, Any]] = {}
        callers: Callers | None = None
        for asked, own in asked_of(SURFACE):
            if asked.route in CLOSED:
                callers = callers or Callers(Dealer.of(asked.token))
                found.setdefault(asked.route, _told(asked, callers) | {"owner": own()})
            else:
                own()
        return found


def _told(asked: Asked, callers: Callers) -> dict[str, Any]:
    roles = OPERATIONS[asked.route].body["x-roles"]
    beside = roles if asked.route in OF_A_SITE else []
    nowhere = asked.elsewhere(Ids.random(utc_now()))
    stranger = callers.of_other_organisation
    return {
        "asked": asked,
        "none": asked.by(None),
        "wrong roles": {role: asked.by(token) for role, token in callers.mine.items() if role not in roles},
        "other site": {role: asked.by(callers.of_other_site[role]) for role in beside},
        "other organisation": {role: asked.by(stranger[role]) for role in roles},
        "costs": {role: (asked.costs(stranger[role]), nowhere.costs(stranger[role])) for role in roles},
        "nowhere": {role: nowhere.by(stranger[role]) for role in roles},
    }


def operation(route: str) -> Operation:
    return OPERATIONS[route]


def leaks(route: str, reply: Reply) -> set[str]:
    """Ids of the owner's answer that somebody else's has, and that they had not named themselves."""
    owners = set(IDS.findall(told()[route]["owner"].text))
    asked: Asked = told()[route]["asked"]
    return (set(IDS.findall(reply.text)) & owners) - asked.ids


def says_it_did_something(reply: Reply) -> bool:
    """Events are answered one by one: none of a stranger's may be taken."""
    return reply.status < 300 and bool(json.loads(reply.text or "{}").get("accepted", 0))


def names_something(route: str) -> bool:
    return bool(told()[route]["asked"].ids)


@pytest.mark.parametrize("route", CLOSED)
def test_the_owner_is_answered_after_everybody_elses_tries(route: str) -> None:
    assert told()[route]["owner"].status < 400, told()[route]["owner"].text


@pytest.mark.parametrize("route", CLOSED)
def test_nobody_without_a_token_is_let_in(route: str) -> None:
    assert told()[route]["none"].status == 401


@pytest.mark.parametrize("route", CLOSED)
def test_a_role_that_the_document_does_not_name_is_forbidden(route: str) -> None:
    found = {role: reply.status for role, reply in told()[route]["wrong roles"].items()}
    assert found == dict.fromkeys(set(ROLES) - set(operation(route).body["x-roles"]), 403)


@pytest.mark.parametrize("route", CLOSED)
def test_another_organisation_is_told_nothing_and_changes_nothing(route: str) -> None:
    for reply in told()[route]["other organisation"].values():
        assert not leaks(route, reply), reply.text
        assert not says_it_did_something(reply), reply.text
        if "{" in operation(route).path:
            assert reply.status == 404, reply.text


@pytest.mark.parametrize("route", [route for route in CLOSED if "{" in route])
def test_another_organisations_id_and_one_of_nobody_answer_and_cost_the_same(route: str) -> None:
    theirs, nobodys = told()[route]["other organisation"], told()[route]["nowhere"]
    for role, reply in theirs.items():
        said = [(each.status, each.json()["error"]) for each in (reply, nobodys[role])]
        assert said[0] == said[1]
        assert len(set(told()[route]["costs"][role])) == 1, told()[route]["costs"]


@pytest.mark.parametrize("route", OF_A_SITE)
def test_who_may_use_another_site_alone_is_told_nothing_of_this_one(route: str) -> None:
    for reply in told()[route]["other site"].values():
        assert not leaks(route, reply), reply.text
        assert not says_it_did_something(reply), reply.text
        if "{" in operation(route).path:
            assert reply.status in (403, 404), reply.text
