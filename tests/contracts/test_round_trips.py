"""What each operation costs in requests to DynamoDB, against the budget that its document promises."""

import pytest

from tests.support.costs import costs
from tests.support.surfaces import EVERY, NAMES, operations_of
from vitrine.kernel.surface import Surface

MOST = 4
"""DESIGN.md, section 6."""
MANAGEMENT = 5
"""Of a change to a webhook, and of sending an event again by hand, which nobody does often."""


@pytest.mark.parametrize(("surface", "route"), [(surface, each.route) for surface, each in EVERY], ids=NAMES)
def test_an_operation_costs_what_it_declares_and_none_more_than_four(surface: Surface, route: str) -> None:
    measured = costs()[surface.name]
    assert route in measured, f"tests/examples/{surface.name}.py has no call of {route}"
    operation = operations_of(surface)[route]
    assert measured[route] == operation.round_trips
    assert operation.round_trips <= (MANAGEMENT if "webhooks" in operation.body["tags"] else MOST)
