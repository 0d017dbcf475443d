"""Who may call: tokens over HTTP, other people's things, browsers of other origins, bodies that are too large."""

import base64
import json
import re
import time
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from functions.surfaces import SURFACES
from infra.documents import load, operations
from infra.local import programs
from infra.local.identity import keys
from infra.local.identity.provider import subject_of
from tests.journeys.conftest import Stack
from tests.support import empty_room
from tests.support.customer import Customer
from vitrine.kernel.surface import Surface

LARGE = 7_000_000
"""Bytes: Lambda takes 6 MB, the emulator 8; our own limit must answer first."""


def claims(stack: Stack, **changes: Any) -> dict[str, Any]:
    identity, now = stack.deployment.identity, int(time.time())
    good = {"iss": identity["issuer"], "aud": identity["audience"], "sub": subject_of("mallory")}
    return {**good, "iat": now, "exp": now + 600, **changes}


def signed(stack: Stack, **changes: Any) -> str:
    """By the provider's own key."""
    return keys.sign(programs.identity_keys(stack.workspace), claims(stack, **changes), "at+jwt")


def forged(stack: Stack, kid: str | None = None, **changes: Any) -> str:
    """By a key of our own, under the name of the provider's unless `kid` is given."""
    known = keys.load(programs.identity_keys(stack.workspace))[0]["kid"]
    own = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return jwt.encode(claims(stack, **changes), own, "RS256", {"kid": kid or known})


def unsigned(stack: Stack) -> str:
    known = keys.load(programs.identity_keys(stack.workspace))[0]["kid"]
    parts = ({"alg": "none", "typ": "JWT", "kid": known}, claims(stack))
    return ".".join([*(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts), ""])


BAD_TOKENS = {
    "nonsense": lambda stack: "nonsense",
    "expired": lambda stack: signed(stack, exp=int(time.time()) - 60),
    "not yet valid": lambda stack: signed(stack, nbf=int(time.time()) + 600),
    "for another audience": lambda stack: signed(stack, aud="https://api.elsewhere.test"),
    "without an expiry": lambda stack: signed(stack, exp=None),
    "of another issuer, by our key": lambda stack: signed(stack, iss="https://issuer.elsewhere.test"),
    "of a foreign issuer": lambda stack: forged(stack, "foreign", iss="https://issuer.elsewhere.test"),
    "forged under our key's name": forged,
    "alg none": unsigned,
}


@pytest.mark.parametrize("kind", BAD_TOKENS)
def test_a_token_that_does_not_hold_opens_nothing(stack: Stack, kind: str) -> None:
    with stack.bearing("realstaging", BAD_TOKENS[kind](stack)) as http:
        answer = http.get("/api/v1/projects")
    assert_unauthenticated(answer)
    assert answer.json()["code"] == ("token_expired" if kind == "expired" else "unauthenticated")


def test_a_token_that_the_provider_signed_for_us_opens_the_api(stack: Stack) -> None:
    with stack.bearing("realstaging", signed(stack)) as http:
        assert http.get("/api/v1/projects").status_code == 200


@pytest.mark.parametrize("token", [None, "nonsense"])
@pytest.mark.parametrize("surface", SURFACES, ids=lambda surface: surface.name)
def test_every_route_of_a_surface_but_the_public_ones_is_closed(
    stack: Stack, surface: Surface, token: str | None
) -> None:
    with stack.bearing(surface.name, token) as http:
        for operation in operations(load(surface)):
            answer = http.request(operation.method, re.sub("{.+?}", "unknown", operation.path))
            assert (answer.status_code == 401) == (not operation.is_public), operation.route
            if not operation.is_public:
                assert answer.headers["content-type"] == surface.errors.content_type
                assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("surface", SURFACES, ids=lambda surface: surface.name)
def test_every_path_answers_a_method_that_it_does_not_know_in_the_surfaces_own_shape(
    stack: Stack, surface: Surface
) -> None:
    with stack.bearing(surface.name, None) as http:
        for path, methods in load(surface)["paths"].items():
            answer = http.put(re.sub("{.+?}", "unknown", path))
            assert answer.status_code == 405, path
            known = {method.upper() for method in methods}
            assert answer.headers["allow"] == ", ".join(sorted(known | ({"HEAD"} if "GET" in known else set())))
            assert answer.headers["content-type"] == surface.errors.content_type


@pytest.mark.parametrize("surface", SURFACES, ids=lambda surface: surface.name)
def test_a_path_that_nobody_knows_is_answered_in_the_surfaces_own_shape(stack: Stack, surface: Surface) -> None:
    with stack.bearing(surface.name, None) as http:
        for answer in (http.get("/nowhere"), http.post("/api/nowhere/else", content=b"{")):
            assert answer.status_code == 404
            assert answer.headers["content-type"] == surface.errors.content_type
            assert "There is no such path." in answer.text


def test_somebody_elses_image_and_project_are_not_there(alice: Customer, bob: Customer) -> None:
    project, image = alice.project(), alice.order(alice.presign(empty_room.photo()))
    for path in (f"projects/{project}", f"images/{image}"):
        theirs, nobodys = bob.get(path), bob.get(path[:-4] + "zzzz")
        assert theirs.status_code == nobodys.status_code == 404
        assert without_instance(theirs) == without_instance(nobodys)
    assert bob.get("events", image_id=image).status_code == 404
    assert bob.http.patch(f"/api/v1/projects/{project}", json={"name": "mine"}).status_code == 404
    assert bob.http.delete(f"/api/v1/projects/{project}").status_code == 404
    assert alice.get(f"projects/{project}").json()["name"] == "Elm Street 4"


def test_somebody_elses_upload_and_project_cannot_be_used(alice: Customer, bob: Customer) -> None:
    upload, project = alice.presign(empty_room.photo()), alice.project()
    stolen = {"project_id": bob.project(), "original_url": upload["file_key"]}
    assert bob.post("images", stolen).status_code == 422
    intruding = {"project_id": project, "original_url": bob.presign(empty_room.photo())["file_key"]}
    assert bob.post("images", intruding).status_code == 404
    assert bob.balances.held == 0


def test_a_body_above_lambdas_limit_is_answered_by_us(alice: Customer) -> None:
    answer = alice.http.post("/api/v1/projects", json={"name": "n" * LARGE})
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
    assert "presigned upload" in answer.json()["detail"]


def test_a_browser_of_another_origin_may_call(alice: Customer) -> None:
    origin = "https://app.example.test"
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    asked["Access-Control-Request-Headers"] = "authorization,content-type,idempotency-key"
    preflight = alice.plain.options(f"{alice.http.base_url}api/v1/images", headers=asked)
    assert preflight.status_code in (200, 204)
    assert preflight.headers["access-control-allow-origin"] in ("*", origin)
    assert {"*", "POST"} & set(preflight.headers["access-control-allow-methods"].split(","))
    allowed = preflight.headers["access-control-allow-headers"].lower()
    assert allowed == "*" or {"authorization", "content-type", "idempotency-key"} <= set(allowed.split(","))
    answer = alice.http.get("/api/v1/projects", headers={"Origin": origin})
    assert answer.headers["access-control-allow-origin"] in ("*", origin)


def test_a_browser_may_upload_straight_to_the_bucket(alice: Customer) -> None:
    upload = alice.presign(empty_room.photo())
    asked = {"Origin": "https://app.example.test", "Access-Control-Request-Method": "PUT"}
    asked["Access-Control-Request-Headers"] = "content-type"
    preflight = alice.plain.options(upload["upload_url"], headers=asked)
    assert preflight.status_code in (200, 204)
    assert "PUT" in preflight.headers["access-control-allow-methods"]


def without_instance(problem: httpx.Response) -> dict[str, Any]:
    return {name: value for name, value in problem.json().items() if name not in ("request_id", "instance")}


def assert_unauthenticated(answer: httpx.Response) -> None:
    assert answer.status_code == answer.json()["status"] == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"].startswith("Bearer")
