"""POST /api/v1/stripe/webhook, from the bytes that Stripe signs to its answer."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.realstaging_api import billing
from tests.support.builders import any_call
from tests.support.logs import Logs
from tests.support.requests import CONTEXT, Reply, event, send
from tests.support.stripe_events import NAMES, NEWEST, OLDER, PATH, Json, Subscriber, signature
from vitrine.billing import service
from vitrine.billing.stripe.payloads import HANDLED
from vitrine.billing.stripe.rules import subscription_state
from vitrine.kernel import metrics, secrets, tables
from vitrine.kernel.clock import timestamp, utc_now

PLANTED = "planted-7f3a@example.com"


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    service.forget_provisioned()
    secrets._values.clear()
    yield
    service.forget_provisioned()
    secrets._values.clear()


@pytest.fixture
def who() -> Subscriber:
    call = any_call()
    service.provision(call)
    return Subscriber(call.tenant, "FUNC")


def post(sent: Json | str, header: str | None = None, **kwargs: Any) -> Reply:
    body = sent if isinstance(sent, str) else json.dumps(sent)
    headers = {"stripe-signature": signature(body) if header is None else header, **kwargs.pop("headers", {})}
    return send(billing.handler, "POST", PATH, body=body, headers=headers, **kwargs)


def stored() -> list[Any]:
    return [item for item in tables.client().scan(TableName="billing")["Items"] if "STRIPE" in item["pk"]["S"]]


def granted(who: Subscriber) -> int:
    return service.account(who.tenant).balances.granted


@pytest.mark.parametrize("name", NAMES)
def test_every_sample_is_taken_and_taken_again(name: str, who: Subscriber) -> None:
    sent = who.event(name)
    for _ in range(3):
        reply = post(sent)
        assert (reply.status, reply.json()) == (200, {"received": True})
    (record,) = stored()
    assert record["pk"]["S"] == f"STRIPE_EVENT#{sent['id']}"
    assert (record["state"]["S"] == "ignored") == (sent["type"] not in HANDLED)


def test_the_samples_together_make_a_subscriber(who: Subscriber) -> None:
    for name in ("customer_subscription_created", "invoice_paid", "checkout_session_completed", "customer_created"):
        assert post(who.event(name)).status == 200
    assert post(who.event("customer_subscription_updated")).status == 200
    assert granted(who) == 60
    assert subscription_state(service.account(who.tenant).stripe).plan == "starter"


@pytest.mark.parametrize("secret", [NEWEST, OLDER])
def test_either_secret_of_a_rotation_signs(secret: str, who: Subscriber) -> None:
    body = json.dumps(who.event("invoice_paid"))
    assert post(body, signature(body, secret)).status == 200


def test_a_body_that_the_gateway_encoded_is_read(who: Subscriber) -> None:
    assert post(who.event("invoice_paid"), encode=True).status == 200


def test_the_name_of_the_header_may_be_in_any_case(who: Subscriber) -> None:
    body = json.dumps(who.event("invoice_paid"))
    reply = send(billing.handler, "POST", PATH, body=body, headers={"Stripe-Signature": signature(body)})
    assert reply.status == 200


FORGED: dict[str, Callable[[str], str]] = {
    "no signature": lambda _: "",
    "another secret": lambda body: signature(body, "whsec_forged"),
    "no timestamp": lambda body: "v1=" + signature(body).partition("v1=")[2],
    "no scheme": lambda body: signature(body).partition(",")[0],
    "a test scheme": lambda body: signature(body).replace("v1=", "v0="),
    "not ASCII": lambda body: signature(body).partition("v1=")[0] + "v1=é",
    "nonsense": lambda _: ",,,===",
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_what_stripe_did_not_sign_is_refused_and_leaves_nothing(forge: Callable[[str], str], who: Subscriber) -> None:
    body = json.dumps(who.event("invoice_paid"))
    reply = post(body, forge(body))
    assert reply.status == 400
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json()["code"] == "bad_signature"
    assert stored() == []


def test_a_signature_of_another_body_is_refused(who: Subscriber) -> None:
    body = json.dumps(who.event("invoice_paid"))
    reply = post(body.replace('"quantity": 1', '"quantity": 100'), signature(body))
    assert (reply.status, stored()) == (400, [])


def test_a_signature_from_more_than_five_minutes_ago_is_refused(who: Subscriber) -> None:
    body = json.dumps(who.event("invoice_paid"))
    assert post(body, signature(body, age_s=290)).status == 200
    assert post(body, signature(body, age_s=310)).status == 400


def test_an_empty_secret_signs_nothing(who: Subscriber, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "value", lambda _: "\n  \n")
    body = json.dumps(who.event("invoice_paid"))
    assert post(body, signature(body, "")).status == 400


@pytest.mark.parametrize(
    "body", ["", "[]", "{}", "no json", '{"id": 1}', '{"id":"evt","type":"invoice.paid","created":"x"}']
)
def test_a_signed_body_that_is_no_event_is_a_bad_request(body: str) -> None:
    reply = post(body, signature(body))
    assert (reply.status, reply.json()["code"]) == (400, "bad_request")


def test_bytes_that_are_no_text_are_a_bad_request() -> None:
    raw = event("POST", PATH, body="x", headers={"stripe-signature": "t=1,v1=0"})
    answer = billing.handler({**raw, "body": "//79", "isBase64Encoded": True}, CONTEXT)
    assert answer["statusCode"] == 400


def test_an_object_of_a_newer_version_that_cannot_be_read_is_taken_told_to_people_and_not_lost(
    who: Subscriber, logs: Logs
) -> None:
    assert post(who.event("customer_subscription_updated", items=None)).status == 200
    (record,) = stored()
    assert (record["state"]["S"], record["reason"]["S"]) == ("flagged", "unreadable")
    assert metrics.STRIPE_EVENTS_FLAGGED in logs.read()
    assert post(who.event("customer_subscription_updated")).status == 200
    assert stored()[0]["state"]["S"] != "flagged"


def test_a_thin_event_is_taken_and_recorded() -> None:
    thin = {
        "id": "evt_test_65R9Ijk8dKEYZcXeRWn16R9A7j1FSQ3w3TGDPLLGSM4CW0",
        "object": "v2.core.event",
        "type": "v1.billing.meter.no_meter_found",
        "livemode": False,
        "created": timestamp(utc_now()),
        "related_object": {"id": "mtr_1", "type": "billing.meter", "url": "/v1/billing/meters/mtr_1"},
        "data": {"developer_message_summary": "There is 1 invalid event"},
    }
    body = json.dumps(thin)
    assert post(body, signature(body)).status == 200
    assert post(body, signature(body, "whsec_forged")).status == 400
    (record,) = stored()
    assert (record["state"]["S"], record["type"]["S"]) == ("ignored", thin["type"])


def test_a_crash_before_the_event_acts_is_made_good_by_the_retry(
    who: Subscriber, monkeypatch: pytest.MonkeyPatch, logs: Logs
) -> None:
    post(who.event("checkout_session_completed"))
    post(who.event("customer_subscription_created"))

    def broken(*_: Any) -> None:
        raise ClientError({"Error": {"Code": "InternalServerError", "Message": PLANTED}}, "TransactWriteItems")

    with monkeypatch.context() as patched:
        patched.setattr(tables, "commit", broken)
        assert post(who.event("invoice_paid")).status == 500
    assert granted(who) == 10
    assert post(who.event("invoice_paid")).status == 200
    assert post(who.event("invoice_paid")).status == 200
    assert granted(who) == 60
    assert PLANTED not in logs.read()


def test_nothing_that_a_body_or_a_header_carries_is_logged(who: Subscriber, logs: Logs) -> None:
    planted = who.event("invoice_paid", customer_email=PLANTED, customer_name=PLANTED, hosted_invoice_url=PLANTED)
    body = json.dumps(planted)
    replies = [
        post(planted),
        post(planted, signature(body, "whsec_forged")),
        post(who.event("customer_subscription_updated", status={"email": PLANTED})),
        post(who.event("checkout_session_completed", client_reference_id=PLANTED)),
        post(f'{{"id": "{PLANTED}"}}', signature(f'{{"id": "{PLANTED}"}}')),
        post(who.event("customer_created", email=PLANTED)),
    ]
    assert [reply.status for reply in replies] == [200, 400, 200, 200, 400, 200]
    written = logs.read()
    assert planted["id"] in written
    for secret in (PLANTED, NEWEST, OLDER, signature(body).partition("v1=")[2], "buyer"):
        assert secret not in written
    assert all(PLANTED not in reply.text for reply in replies)


def test_a_webhook_needs_no_bearer_token_and_answers_no_other_method(who: Subscriber) -> None:
    assert send(billing.handler, "GET", PATH).status == 405
    assert post(who.event("customer_created")).status == 200
