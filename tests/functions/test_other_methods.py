"""A method that a path does not know, as the gateway sends it: under the key `ANY path`."""

from typing import Any

import pytest

from functions.realstaging_api import images, projects
from tests.support.requests import CONTEXT, event


def asked(handler: Any, method: str, path: str) -> dict[str, Any]:
    sent = event(method, path.replace("{id}", "prj_1"))
    answer: dict[str, Any] = handler({**sent, "routeKey": f"ANY {path}"}, CONTEXT)
    return answer


@pytest.mark.parametrize(
    ("module", "path", "allowed"),
    [
        (projects, "/api/v1/projects", "GET, POST"),
        (projects, "/api/v1/projects/{id}", "DELETE, GET, PATCH"),
        (images, "/api/v1/images", "POST"),
    ],
)
def test_a_wrong_method_gets_405_with_those_that_are_right(module: Any, path: str, allowed: str) -> None:
    answer = asked(module.handler, "PUT", path)
    assert answer["statusCode"] == 405
    assert answer["headers"]["Allow"] == allowed
    assert answer["headers"]["Content-Type"] == "application/problem+json"


def test_a_browsers_preflight_that_reaches_us_is_not_asked_for_a_token() -> None:
    answer = asked(projects.handler, "OPTIONS", "/api/v1/projects")
    assert (answer["statusCode"], answer["body"]) == (204, "")
