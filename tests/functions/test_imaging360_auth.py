"""Who comes in to imaging360, and how often: enrolment, sign-in, roles, limits, over HTTP."""

import json
import uuid
from typing import Any

import jwt
import pytest

from functions.imaging360_api import auth, webhooks
from functions.imaging360_api.surface import SURFACE
from infra.documents import load, operations
from tests.support.cloud import client
from tests.support.dealer import Dealer
from tests.support.issuer import issuer
from tests.support.requests import CONTEXT, Reply, event, send
from vitrine.identity.organisations import service, store
from vitrine.kernel.clock import utc_now

DEVICE = {"platform": "android", "model": "Pixel 9", "app_version": "1.2.0"}


def enrol(dealer: Dealer, token: str | None = None, **said: Any) -> Reply:
    return send(auth.handler, "POST", "/v1/auth/device", token=token, body={"org_id": dealer.org_id, **DEVICE, **said})


def sign_in(token: str, **said: Any) -> Reply:
    return send(auth.handler, "POST", "/v1/auth/login", body={"id_token": token, **said})


def get(path: str, token: str | None) -> Reply:
    return send(auth.handler, "GET", path, token=token)


def code(reply: Reply) -> tuple[int, str]:
    return reply.status, reply.json()["error"]["code"]


def from_address(address: str, dealer: Dealer) -> int:
    sent = event("POST", "/v1/auth/device", body={"org_id": dealer.org_id, **DEVICE}, template="/v1/auth/device")
    sent["requestContext"]["http"]["sourceIp"] = address
    status: int = auth.handler(sent, CONTEXT)["statusCode"]
    return status


def test_a_device_enrols_calls_and_renews_under_the_same_id() -> None:
    dealer = Dealer.open()
    first = enrol(dealer)
    assert (first.status, set(first.json()), first.json()["expires_in"]) == (
        200,
        {"device_id", "access_token", "expires_in"},
        2_592_000,
    )
    me = get("/v1/me", first.json()["access_token"]).json()
    assert (me["id"], me["role"], me["name"]) == (first.json()["device_id"], "device", "Pixel 9")
    assert me["organisation"]["id"] == dealer.org_id
    renewed = enrol(dealer, first.json()["access_token"])
    assert renewed.json()["device_id"] == first.json()["device_id"]
    assert len(service.devices(dealer.tenant)) == 1


def test_a_token_that_does_not_hold_enrols_no_new_device_by_mistake() -> None:
    dealer, other = Dealer.open(), Dealer.open()
    assert code(enrol(dealer, "a.b.c")) == (401, "INVALID_TOKEN")
    assert code(enrol(dealer, other.device())) == (401, "INVALID_TOKEN")
    assert service.devices(dealer.tenant) == []


def test_an_organisation_that_is_closed_and_one_that_is_not_there_give_the_same_answer() -> None:
    dealer, nobody = Dealer.open(), Dealer(str(uuid.uuid4()), "", "")
    service.set_policies(dealer.tenant, {"enrolment": "closed"})
    closed, unknown = (enrol(each) for each in (dealer, nobody))
    assert code(closed) == (403, "ENROLMENT_CLOSED")
    assert closed.text == unknown.text


def test_a_person_signs_in_and_gets_the_documents_answer() -> None:
    dealer = Dealer.open()
    dealer.invite("zoe", "reviewer")
    reply = sign_in(issuer().id_token("zoe", nonce="n-1"), nonce="n-1")
    assert (reply.status, set(reply.json()), reply.json()["expires_in"]) == (
        200,
        {"user_id", "access_token", "expires_in"},
        28_800,
    )
    claims = jwt.decode(reply.json()["access_token"], options={"verify_signature": False})
    assert (claims["sub"], claims["org_id"], claims["site_ids"], claims["role"]) == (
        reply.json()["user_id"],
        dealer.org_id,
        [dealer.site_id],
        "reviewer",
    )


def test_who_is_not_known_is_forbidden_and_a_token_that_does_not_hold_is_refused() -> None:
    Dealer.open().invite("zoe")
    assert code(sign_in(issuer().id_token("mallory"))) == (403, "NOT_IN_ORGANISATION")
    assert code(sign_in(issuer().id_token("zoe", email_verified=False))) == (403, "NOT_IN_ORGANISATION")
    for token in (issuer().token("zoe"), issuer().id_token("zoe", exp=1), "nonsense"):
        assert sign_in(token).status == 401
    assert sign_in(issuer().id_token("zoe", nonce="n-1"), nonce="n-2").status == 401


def test_tokens_verify_by_the_published_keys() -> None:
    found = jwt.PyJWKSet.from_dict(get("/v1/.well-known/jwks.json", None).json())
    for token in (Dealer.open().device(), Dealer.open().user()):
        key = found[jwt.get_unverified_header(token)["kid"]]
        assert jwt.decode(token, key, ["ES256"], audience="urn:vitrine:imaging360")["role"] in ("device", "admin")


def test_a_revoked_device_gets_401_with_its_next_call() -> None:
    dealer = Dealer.open()
    enrolled = enrol(dealer).json()
    assert get("/v1/me", enrolled["access_token"]).status == 200
    service.revoke_device(dealer.tenant, enrolled["device_id"], utc_now())
    reply = get("/v1/me", enrolled["access_token"])
    assert code(reply) == (401, "INVALID_TOKEN")
    assert reply.headers["www-authenticate"] == 'Bearer error="invalid_token"'


def test_a_device_sees_all_sites_until_an_operator_assigns_some() -> None:
    dealer = Dealer.open()
    second, enrolled = dealer.add_site(), enrol(dealer).json()
    assert get("/v1/sites", enrolled["access_token"]).json()["total"] == 2
    service.set_sites(store.DEVICE, dealer.tenant, enrolled["device_id"], [second])
    assert [site["id"] for site in get("/v1/sites", enrolled["access_token"]).json()["data"]] == [second]


@pytest.mark.parametrize("role", ["operator", "reviewer"])
def test_a_role_that_a_route_does_not_name_is_forbidden(role: str) -> None:
    dealer = Dealer.open()
    reply = send(webhooks.handler, "GET", "/v1/webhooks", token=dealer.user(role))
    assert code(reply) == (403, "FORBIDDEN")
    assert send(webhooks.handler, "GET", "/v1/webhooks", token=dealer.user("admin")).status == 200


def test_what_is_not_valid_is_400_and_names_each_field() -> None:
    reply = send(auth.handler, "POST", "/v1/auth/device", body={"org_id": "7", "platform": "palm"})
    assert code(reply) == (400, "VALIDATION_ERROR")
    fields = {field["field"] for field in reply.json()["error"]["details"]["fields"]}
    assert fields == {"body.org_id", "body.platform", "body.model", "body.app_version"}


def test_every_answer_has_its_request_id_as_a_uuid() -> None:
    for reply in (get("/v1/me", None), get("/v1/me", Dealer.open().user()), get("/v1/nothing", None)):
        assert uuid.UUID(reply.headers["x-request-id"])
        assert reply.status == 200 or reply.json()["request_id"] == reply.headers["x-request-id"]


def used_up_to_the_last(table: str, counts: str) -> None:
    """All windows that are counted now have one call left: `counts` begins their attribute's name."""
    for item in client("dynamodb").scan(TableName=table)["Items"]:
        for name in [each for each in item if each.startswith(counts)]:
            most = 300 if "minute" in name else 100
            client("dynamodb").put_item(TableName=table, Item={**item, name: {"N": str(most - 1)}})


def test_devices_enrol_100_times_a_minute_from_one_address_and_not_once_more(held_clock: None) -> None:
    dealer = Dealer.open()
    assert [from_address("198.51.100.7", dealer) for _ in range(2)] == [200] * 2
    used_up_to_the_last("guard", "count")
    assert [from_address("198.51.100.7", dealer) for _ in range(3)] == [200, 429, 429]
    assert from_address("198.51.100.8", dealer) == 200


def test_a_network_of_ipv6_counts_as_one_address(held_clock: None) -> None:
    dealer = Dealer.open()
    assert from_address("2001:db8:0:1::1", dealer) == 200
    used_up_to_the_last("guard", "count")
    assert [from_address(f"2001:db8:0:1::{number}", dealer) for number in (2, 3)] == [200, 429]
    assert from_address("2001:db8:0:2::1", dealer) == 200


def test_a_token_has_300_calls_a_minute_and_not_one_more(held_clock: None) -> None:
    dealer = Dealer.open()
    token = dealer.user()
    first = get("/v1/sites", token)
    assert first.headers["ratelimit"].startswith('"minute";r=299;')
    used_up_to_the_last("identity", "n_minute")
    replies = [get("/v1/sites", token) for _ in range(3)]
    assert [reply.status for reply in replies] == [200, 429, 429]
    assert code(replies[-1]) == (429, "RATE_LIMIT_EXCEEDED")
    assert 1 <= int(replies[-1].headers["retry-after"]) <= 60
    assert get("/v1/sites", dealer.user()).status == 200


def test_the_limits_are_those_of_the_documents_table() -> None:
    found = {each.route: each.body["x-rate"] for each in operations(load(SURFACE)) if "x-rate" in each.body}
    said = {route: (rate["amount"], rate["seconds"], rate["per"]) for route, rate in found.items()}
    table = {
        "POST /v1/auth/device": (100, 60, "address"),
        "POST /v1/auth/login": (300, 60, "address"),
        "POST /v1/presign": (500, 60, "actor"),
        "POST /v1/events": (1000, 60, "actor"),
    }
    assert said == {route: table[route] for route in said}
    assert said.keys() == table.keys() & {each.route for each in operations(load(SURFACE))}
    assert SURFACE.callers is not None
    assert [(each.amount, each.seconds, each.per) for each in SURFACE.callers.limits] == [(300, 60, "token")]


def test_nobody_is_answered_what_another_was_told_under_the_same_idempotency_key() -> None:
    dealer = Dealer.open()
    one, other = dealer.user(), dealer.user()
    order = {"url": "https://hooks.example.com/", "events": ["set.judged"]}
    first, second = (
        send(webhooks.handler, "POST", "/v1/webhooks", token=token, body=order, headers={"Idempotency-Key": "1"})
        for token in (one, other)
    )
    assert (first.status, second.status) == (201, 201)
    assert first.json()["id"] != second.json()["id"]
    assert json.loads(first.text)["secret"] != json.loads(second.text)["secret"]
