"""What became of the examples, which are called once per process: answers, and requests to DynamoDB."""

from dataclasses import dataclass
from functools import cache
from typing import Any
from unittest.mock import patch

import time_machine

from functions.surfaces import SURFACES
from tests.examples import Call, calls_of
from tests.support.cloud import aws
from tests.support.makers import making
from tests.support.requests import Reply, again, send, template_of
from tests.support.surfaces import handler_of, operations_of
from vitrine.kernel import clients, operations, tables
from vitrine.kernel.clock import utc_now
from vitrine.kernel.http.answers import LOCATED
from vitrine.kernel.surface import Surface


class States:
    """Step Functions that take every execution; moto wants a machine first, and runs it."""

    def start_execution(self, **_: Any) -> None:
        """Taken."""


@dataclass(frozen=True)
class Made:
    """One example as it was called; `cost` is in requests to DynamoDB.

    Where they apply: `unchanged` is the same GET by somebody who has its answer, `head` the same by HEAD, `replayed`
    what a repeat of a 201 or 202 got, and `found` what was read at its `Location`.
    """

    cost: int
    reply: Reply
    unchanged: Reply | None = None
    head: Reply | None = None
    replayed: Reply | None = None
    found: Reply | None = None


@cache
def made() -> dict[str, dict[str, Made]]:
    """By surface and name of the example, in a process that knows the account."""
    # However slow the machine is, and whatever it did before: looking for maintenance is no part of a call's cost.
    no_look = patch.object(operations, "_maintenance", lambda found: found)
    with aws(), making(), patch.object(clients, "states", States), no_look:
        return {
            surface.name: {name: _made(surface, name, call) for name, call in calls_of(surface).items()}
            for surface in SURFACES
        }


def costs() -> dict[str, dict[str, int]]:
    return {surface: {name: each.cost for name, each in calls.items()} for surface, calls in made().items()}


def _made(surface: Surface, name: str, call: Call) -> Made:
    """The clock stands still for one example: its calls differ by what they ask, not by when."""
    with time_machine.travel(utc_now(), tick=False):
        return _called(surface, name, call)


def _called(surface: Surface, name: str, call: Call) -> Made:
    before = tables.round_trips()
    reply = call()
    cost = tables.round_trips() - before
    assert reply.status < 400, f"{name}: {reply.status} {reply.text}"
    handler = handler_of(surface, name.partition(" (")[0])
    if reply.status in LOCATED:
        found = _read(surface, reply.headers.get("location", ""), reply.sent["headers"].get("authorization", ""))
        return Made(cost, reply, replayed=again(handler, reply.sent), found=found)
    if not name.startswith("GET"):
        return Made(cost, reply)
    unchanged = again(handler, reply.sent, **{"if-none-match": reply.headers.get("etag", "none")})
    return Made(cost, reply, unchanged, again(handler, reply.sent, "HEAD"))


def _read(surface: Surface, path: str, authorization: str) -> Reply | None:
    for route in operations_of(surface):
        handler = handler_of(surface, route)
        if path and template_of(handler, path) == route.removeprefix("GET "):
            return send(handler, "GET", path, headers={"authorization": authorization})
    return None
