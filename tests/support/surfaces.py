"""The surfaces' handlers, found through their documents."""

import re
from functools import cache
from importlib import import_module
from typing import Any

from functions.surfaces import SURFACES
from infra.documents import Operation, load, operations
from tests.support.requests import Reply, send
from vitrine.kernel.surface import Surface


@cache
def operations_of(surface: Surface) -> dict[str, Operation]:
    return {operation.route: operation for operation in operations(load(surface))}


EVERY = [(surface, operation) for surface in SURFACES for operation in operations_of(surface).values()]
NAMES = [f"{surface.name} {operation.route}" for surface, operation in EVERY]


def handler_of(surface: Surface, route: str) -> Any:
    """The handler that the gateway sends a route to."""
    return import_module(f"{surface.package}.{operations_of(surface)[route].function}").handler


def call(surface: Surface, route: str, *, token: str | None, query: dict[str, str] | None = None, **sent: Any) -> Reply:
    """`sent` goes to `send`, but for the path's parameters; where one is missing, "unknown" stands in."""
    method, path = route.split(" ")
    known = {name: sent.pop(name) for name in list(sent) if f"{{{name}}}" in path}
    filled = re.sub(r"\{(.+?)\}", lambda name: str(known.get(name[1], "unknown")), path)
    return send(handler_of(surface, route), method, filled, token=token, query=query, **sent)
