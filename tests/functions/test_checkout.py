"""Pages of Stripe's on which customers pay; Stripe is a server on loopback."""

from collections.abc import Iterator
from typing import Any

import pytest

from functions.realstaging_api import checkout
from tests.support.issuer import issuer
from tests.support.logs import Logs
from tests.support.requests import Reply, send
from tests.support.stripe_api import StripeApi, stripe_api
from tests.support.stripe_events import Subscriber
from vitrine.billing import service
from vitrine.billing.stripe import service as stripe
from vitrine.kernel import secrets
from vitrine.kernel.clock import utc_now

CHECKOUT, PORTAL = "/api/v1/billing/checkout", "/api/v1/billing/portal"
WANTED = {"plan": "starter", "success_url": "https://app.example/ok", "cancel_url": "https://app.example/no"}


@pytest.fixture
def api() -> Iterator[StripeApi]:
    secrets._values.clear()
    stripe_api().forget()
    yield stripe_api()
    stripe_api().forget()
    secrets._values.clear()


def ask(path: str, body: Any, name: str = "payer", **headers: str) -> Reply:
    return send(checkout.handler, "POST", path, token=issuer().token(name), body=body, headers=headers)


def tenant_of(api: StripeApi) -> str:
    return api.asked[-1][1]["client_reference_id"]


def test_a_checkout_names_its_tenant_wherever_the_webhook_looks(api: StripeApi) -> None:
    reply = ask(CHECKOUT, {**WANTED, "interval": "year"})
    assert reply.status == 200
    assert reply.json()["url"].startswith("https://checkout.stripe.com/")
    (_, prices, sent), (_, session, _) = api.asked
    assert prices["lookup_keys[0]"] == "vitrine_starter_yearly"
    assert sent["Authorization"] == "Bearer rk_test_of_tests"
    tenant = session["client_reference_id"]
    assert tenant.startswith("ten_")
    assert session["metadata[tenant]"] == session["subscription_data[metadata][tenant]"] == tenant
    assert (session["mode"], session["line_items[0][price]"]) == ("subscription", "price_of_vitrine_starter_yearly")
    assert (session["success_url"], session["cancel_url"]) == (WANTED["success_url"], WANTED["cancel_url"])
    assert "customer" not in session


def test_a_repeat_under_one_idempotency_key_gets_the_same_page(api: StripeApi) -> None:
    first, again = (ask(CHECKOUT, WANTED, **{"Idempotency-Key": "one"}).json()["url"] for _ in range(2))
    assert first == again != ask(CHECKOUT, WANTED).json()["url"]


def test_who_has_a_subscription_is_sent_to_the_portal_of_their_customer(api: StripeApi) -> None:
    ask(CHECKOUT, WANTED, "owner")
    who = Subscriber(tenant_of(api), "PAYS")
    for name in ("checkout_session_completed", "customer_subscription_updated"):
        stripe.receive(who.envelope(name), utc_now())
    refused = ask(CHECKOUT, WANTED, "owner")
    assert (refused.status, refused.json()["code"]) == (409, "already_subscribed")
    portal = ask(PORTAL, {"return_url": "http://localhost:3000/account"}, "owner")
    assert portal.status == 200
    assert api.asked[-1][1] == {"customer": "cus_PAYSQ8vT2kXn", "return_url": "http://localhost:3000/account"}


def test_there_is_nothing_to_manage_before_the_first_checkout(api: StripeApi) -> None:
    reply = ask(PORTAL, {"return_url": "https://app.example/"}, "nobody-yet")
    assert (reply.status, reply.json()["code"]) == (409, "never_subscribed")


@pytest.mark.parametrize(
    "url", ["http://app.example/", "javascript:alert(1)", "//app.example", "https://", "https://a b"]
)
def test_a_browser_is_sent_to_pages_alone(api: StripeApi, url: str) -> None:
    assert ask(CHECKOUT, {**WANTED, "success_url": url}).status == 422
    assert api.asked == []


def test_without_a_key_the_answer_says_that_payments_are_not_set_up(
    api: StripeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrets, "value", lambda _arn: "generated-by-cloudformation")
    reply = ask(CHECKOUT, WANTED)
    assert (reply.status, reply.json()["code"]) == (503, "payments_not_set_up")
    assert reply.headers["retry-after"] == "3600"
    assert api.asked == []


def test_what_stripe_refuses_is_told_to_operators_and_not_to_the_customer(api: StripeApi, logs: Logs) -> None:
    api.refuses = (401, {"error": {"type": "invalid_request_error", "message": "Invalid API Key: rk_test_of_tests"}})
    reply = ask(CHECKOUT, WANTED)
    assert (reply.status, reply.json()["code"]) == (503, "payments_unavailable")
    assert "Invalid" not in reply.text
    written = logs.read()
    assert "stripe refused" in written
    assert "rk_test" not in written


def test_a_plan_without_a_price_at_stripe_cannot_be_bought_yet(api: StripeApi) -> None:
    api.has_prices = False
    assert ask(CHECKOUT, WANTED).json()["code"] == "price_not_set_up"


def test_the_account_is_the_callers_own(api: StripeApi) -> None:
    ask(CHECKOUT, WANTED, "one")
    first = tenant_of(api)
    ask(CHECKOUT, WANTED, "two")
    assert first != tenant_of(api)
    assert service.account(first).tenant == first
