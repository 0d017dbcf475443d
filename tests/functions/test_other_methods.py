"""A method that a path does not know, for every path of every document."""

import re
from collections.abc import Iterator

import pytest

from functions.surfaces import SURFACES
from infra.documents import load
from tests.support.requests import CONTEXT, event
from tests.support.surfaces import handler_of
from vitrine.kernel.surface import Surface

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}


def paths() -> Iterator[tuple[Surface, str, set[str]]]:
    for surface in SURFACES:
        for path, known in load(surface)["paths"].items():
            yield surface, path, {method.upper() for method in known}


EVERY = list(paths())
NAMES = [f"{surface.name} {path}" for surface, path, _ in EVERY]


@pytest.mark.parametrize(("surface", "path", "known"), EVERY, ids=NAMES)
def test_a_wrong_method_gets_405_with_those_that_are_right(surface: Surface, path: str, known: set[str]) -> None:
    handler = handler_of(surface, f"{min(known)} {path}")
    known = known | ({"HEAD"} if "GET" in known else set())
    for method in METHODS - known:
        answer = handler(event(method, re.sub("{.*?}", "some", path), template=path), CONTEXT)
        assert answer["statusCode"] == 405
        assert answer["headers"]["Allow"] == ", ".join(sorted(known))
        assert answer["headers"]["Content-Type"] == surface.errors.content_type


@pytest.mark.parametrize(("surface", "path", "known"), EVERY, ids=NAMES)
def test_a_browsers_preflight_that_reaches_us_is_not_asked_for_a_token(
    surface: Surface, path: str, known: set[str]
) -> None:
    answer = handler_of(surface, f"{min(known)} {path}")(event("OPTIONS", path, template=path), CONTEXT)
    assert (answer["statusCode"], answer["body"]) == (204, "")
