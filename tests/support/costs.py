"""Requests to DynamoDB per operation; all examples are called once per process."""

from functools import cache
from typing import Any
from unittest.mock import patch

from functions.surfaces import SURFACES
from tests.examples import Call, calls_of
from tests.support.cloud import aws
from vitrine.kernel import clients, tables


class States:
    """Step Functions that take every execution; moto wants a machine first, and runs it."""

    def start_execution(self, **_: Any) -> None:
        """Taken."""


@cache
def costs() -> dict[str, dict[str, int]]:
    """By surface and route, in a process that knows the account."""
    with aws(), patch.object(clients, "states", States):
        return {
            surface.name: {route: _cost(route, call) for route, call in calls_of(surface).items()}
            for surface in SURFACES
        }


def _cost(route: str, call: Call) -> int:
    before = tables.round_trips()
    reply = call()
    assert reply.status < 300, f"{route}: {reply.status} {reply.text}"
    return tables.round_trips() - before
