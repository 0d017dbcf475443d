"""A successful call of every operation of every surface: `tests.examples.SURFACE.calls()`, by route.

They are made in this order, by one account, and under an Idempotency-Key where the route takes one. A process looks now
and then whether work is taken at all, and reads an account once: `calls` has done both.

The documents show these calls with their answers (`recorded.py`). Where a route should be shown by another call than
the one whose cost is measured, or by several, they follow under names such as `POST /things (form)`.
"""

from collections.abc import Callable, Mapping
from importlib import import_module

from tests.support.requests import Reply
from vitrine.kernel.surface import Surface

Call = Callable[[], Reply]


def calls_of(surface: Surface) -> Mapping[str, Call]:
    calls: Mapping[str, Call] = import_module(f"tests.examples.{surface.name}").calls()
    return calls
