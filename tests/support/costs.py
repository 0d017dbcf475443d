"""What became of the examples, which are called once per process: answers, and requests to DynamoDB."""

from dataclasses import dataclass
from functools import cache
from typing import Any
from unittest.mock import patch

from functions.surfaces import SURFACES
from tests.examples import Call, calls_of
from tests.support.cloud import aws
from tests.support.requests import Reply
from vitrine.kernel import clients, tables


class States:
    """Step Functions that take every execution; moto wants a machine first, and runs it."""

    def start_execution(self, **_: Any) -> None:
        """Taken."""


@dataclass(frozen=True)
class Made:
    """One example as it was called; `cost` is in requests to DynamoDB."""

    cost: int
    reply: Reply


@cache
def made() -> dict[str, dict[str, Made]]:
    """By surface and name of the example, in a process that knows the account."""
    with aws(), patch.object(clients, "states", States):
        return {
            surface.name: {name: _made(name, call) for name, call in calls_of(surface).items()} for surface in SURFACES
        }


def costs() -> dict[str, dict[str, int]]:
    return {surface: {name: each.cost for name, each in calls.items()} for surface, calls in made().items()}


def _made(name: str, call: Call) -> Made:
    before = tables.round_trips()
    reply = call()
    assert reply.status < 300, f"{name}: {reply.status} {reply.text}"
    return Made(tables.round_trips() - before, reply)
