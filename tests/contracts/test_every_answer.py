"""What holds for the answers of all operations: where what was made is found, versions, and HEAD."""

from collections.abc import Callable

import pytest

from functions.surfaces import SURFACES
from infra.documents import Operation
from tests.support.costs import Made, made
from tests.support.surfaces import EVERY, NAMES, operations_of
from vitrine.kernel.surface import Surface


def operations_that(hold: Callable[[Operation], bool]) -> pytest.MarkDecorator:
    chosen = [(pair, name) for pair, name in zip(EVERY, NAMES, strict=True) if hold(pair[1])]
    return pytest.mark.parametrize(
        ("surface", "operation"), [pair for pair, _ in chosen], ids=[name for _, name in chosen]
    )


def example_of(surface: Surface, operation: Operation) -> Made:
    return made()[surface.name][operation.route]


@operations_that(lambda operation: bool({"201", "202"} & operation.body["responses"].keys()))
def test_what_was_made_is_read_at_its_location_by_the_first_answer_and_by_a_replay(
    surface: Surface, operation: Operation
) -> None:
    example = example_of(surface, operation)
    assert example.found is not None, "a 201 or 202 leads to a GET (`leads_to` of its policy)"
    assert example.found.status == 200
    assert example.replayed is not None
    assert example.replayed.headers["location"] == example.reply.headers["location"]
    said = operation.body["responses"][str(example.reply.status)]
    assert "Location" in said["headers"]


@operations_that(lambda operation: operation.method == "GET")
def test_head_answers_what_get_does_without_the_body(surface: Surface, operation: Operation) -> None:
    example = example_of(surface, operation)
    head, get = example.head, example.reply
    assert head is not None
    assert (head.status, head.text) == (get.status, "")
    changing = {"ratelimit", "retry-after", "location"}
    assert {name: value for name, value in head.headers.items() if name not in changing} == {
        name: value for name, value in get.headers.items() if name not in changing
    }


@operations_that(lambda operation: operation.method == "GET" and "304" in operation.body["responses"])
def test_who_has_the_present_version_gets_304_without_a_body(surface: Surface, operation: Operation) -> None:
    example = example_of(surface, operation)
    assert example.unchanged is not None
    assert (example.unchanged.status, example.unchanged.text) == (304, "")
    assert example.unchanged.headers["etag"] == example.reply.headers["etag"]
    assert "content-type" not in example.unchanged.headers


def test_every_get_but_a_stream_and_a_redirect_has_a_version() -> None:
    without = {
        (surface.name, operation.path)
        for surface in SURFACES
        for operation in operations_of(surface).values()
        if operation.method == "GET" and "304" not in operation.body["responses"]
    }
    redirects = {(surface, path) for surface, path in without if path.endswith(("/pictures/{picture}", "/{file}"))}
    assert without - redirects == {("realstaging", "/api/v1/events")}
