"""What holds for every operation of every document: who may call it, what body it takes, and when it is closed."""

from collections.abc import Callable
from typing import Any

import jsonschema
import pytest

from functions.surfaces import SURFACES
from infra.documents import Operation, load
from tests.support.agency import Agency
from tests.support.dealer import Dealer
from tests.support.issuer import issuer
from tests.support.requests import Reply
from tests.support.surfaces import EVERY, NAMES, call, handler_of
from vitrine.kernel import operations as kernel_operations
from vitrine.kernel.clock import utc_now
from vitrine.kernel.surface import Surface

CREDENTIALS: dict[str, Callable[[], str]] = {
    "access token": lambda: issuer().token("anna"),
    "api key": lambda: Agency.open().key,
    "user token": lambda: Dealer.open().user(),
}
every_operation = pytest.mark.parametrize(("surface", "operation"), EVERY, ids=NAMES)


def assert_error(surface: Surface, reply: Reply, status: int) -> None:
    """In the surface's own shape, as its document has it."""
    assert reply.status == surface.errors.status(status), reply.text
    assert reply.headers["content-type"] == surface.errors.content_type
    components = load(surface)["components"]["schemas"]
    jsonschema.validate(reply.json(), components[surface.errors.schema["title"]])


def signed_in(surface: Surface) -> str:
    assert surface.callers is not None
    return CREDENTIALS[surface.callers.credential]()


@pytest.mark.parametrize("token", [None, "nonsense", "sck_live_forged", "a.b.c"])
@every_operation
def test_every_route_but_the_public_ones_is_closed(surface: Surface, operation: Operation, token: str | None) -> None:
    reply = call(surface, operation.route, token=token, body={} if operation.takes_json else None)
    if operation.is_public:
        assert reply.status == call(surface, operation.route, token=signed_in(surface), body={}).status
    else:
        assert_error(surface, reply, 401)
        assert reply.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("body", ["[]", '[{"name": "n"}]', '"text"', "7", "false", "null"])
@pytest.mark.parametrize(
    ("surface", "operation"),
    [pair for pair in EVERY if pair[1].takes_json],
    ids=[name for name, (_, operation) in zip(NAMES, EVERY, strict=True) if operation.takes_json],
)
def test_a_body_of_another_json_type_is_refused(surface: Surface, operation: Operation, body: str) -> None:
    assert_error(surface, call(surface, operation.route, token=signed_in(surface), body=body), 422)


@every_operation
def test_during_maintenance_exactly_the_routes_that_bring_work_are_closed(
    surface: Surface, operation: Operation, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel_operations.begin_maintenance("Back at noon.", utc_now())
    api: Any = handler_of(surface, operation.route).__self__
    monkeypatch.setattr(api, "_check_maintenance", kernel_operations.maintenance_check())  # one that has not looked yet
    reply = call(surface, operation.route, token=None, body={} if operation.takes_json else None)
    assert (reply.status == 503) == operation.brings_work
    if operation.brings_work:
        assert_error(surface, reply, 503)
        assert "Back at noon." in reply.text
        assert reply.headers["retry-after"] == "120"


def test_each_surface_says_how_its_callers_sign_in() -> None:
    assert {surface.callers.credential for surface in SURFACES if surface.callers} <= CREDENTIALS.keys()
