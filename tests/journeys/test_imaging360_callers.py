"""imaging360's devices and people on the deployed stack: enrolment, sign-in, revocation, rotation."""

import json
from typing import Any

import httpx
import jwt
import pytest

from infra.local.identity.client import sign_in
from tests.journeys.conftest import Stack

DEVICE = {"platform": "edge", "model": "camera 1", "app_version": "1.0"}


@pytest.fixture
def organisation(stack: Stack) -> dict[str, Any]:
    """A new one, as an operator makes it."""
    made: dict[str, Any] = json.loads(stack.vitrine("organisation", "create", "--name", "Autohaus", "--site", "North"))
    return made


def post(stack: Stack, path: str, body: dict[str, Any], token: str | None = None) -> httpx.Response:
    with stack.bearing("imaging360", token) as http:
        return http.post(path, json=body)


def get(stack: Stack, path: str, token: str | None) -> httpx.Response:
    with stack.bearing("imaging360", token) as http:
        return http.get(path)


def test_a_device_enrols_is_counted_renews_and_is_out_with_its_next_call_once_revoked(
    stack: Stack, organisation: dict[str, Any]
) -> None:
    org_id = organisation["id"]
    device = post(stack, "/v1/auth/device", {"org_id": org_id, **DEVICE}).json()
    seen = get(stack, "/v1/sites", device["access_token"])
    assert [site["name"] for site in seen.json()["data"]] == ["North"]
    assert seen.headers["ratelimit"].startswith('"minute"')
    renewed = post(stack, "/v1/auth/device", {"org_id": org_id, **DEVICE}, device["access_token"]).json()
    assert renewed["device_id"] == device["device_id"]
    stack.vitrine("organisation", "revoke-device", org_id, device["device_id"])
    refused = get(stack, "/v1/sites", renewed["access_token"])
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "INVALID_TOKEN")
    assert refused.json()["request_id"] == refused.headers["x-request-id"]


def test_a_person_signs_in_by_the_identity_provider_and_a_rotation_ends_no_token(
    stack: Stack, organisation: dict[str, Any]
) -> None:
    org_id, tokens = organisation["id"], sign_in(stack.deployment.identity["issuer"], "reviewer-of-cars")
    assert post(stack, "/v1/auth/login", {"id_token": tokens.id_token}).status_code == 403
    email = jwt.decode(tokens.id_token, options={"verify_signature": False})["email"]
    stack.vitrine("organisation", "invite", org_id, "--email", email, "--role", "reviewer")
    assert post(stack, "/v1/auth/login", {"id_token": tokens.access_token}).status_code == 401
    user = post(stack, "/v1/auth/login", {"id_token": tokens.id_token}).json()
    stack.vitrine("organisation", "rotate-keys")
    me = get(stack, "/v1/me", user["access_token"]).json()
    assert (me["id"], me["role"], me["organisation"]["id"]) == (user["user_id"], "reviewer", org_id)
    kid = jwt.get_unverified_header(user["access_token"])["kid"]
    assert kid in {key["kid"] for key in get(stack, "/v1/.well-known/jwks.json", None).json()["keys"]}
