from typing import Any

from functions.imaging360_api.surface import SURFACE
from tests.examples import Call, webhooks
from tests.support.dealer import Dealer
from tests.support.issuer import issuer
from tests.support.surfaces import call

DEVICE = {"platform": "ios", "model": "iPhone 15 Pro", "app_version": "1.0.0"}


def calls() -> dict[str, Call]:
    dealer = Dealer.open()
    admin = dealer.user()
    dealer.invite("anna")

    def does(route: str, body: Any = None, token: str | None = admin, **known: Any) -> Call:
        headers = {} if route.startswith(("GET", "DELETE")) else {"Idempotency-Key": f"{route} {body}"}
        return lambda: call(SURFACE, route, token=token, body=body, headers=headers, **known)

    return {
        "POST /v1/auth/device": does("POST /v1/auth/device", {"org_id": dealer.org_id, **DEVICE}, token=None),
        # A first sign-in also binds the person to the identity provider's name for them.
        "POST /v1/auth/login": does("POST /v1/auth/login", {"id_token": issuer().id_token("anna")}, token=None),
        "GET /v1/me": does("GET /v1/me"),
        "GET /v1/sites": does("GET /v1/sites"),
        "GET /v1/.well-known/jwks.json": does("GET /v1/.well-known/jwks.json", token=None),
        **webhooks.calls(SURFACE, admin, "set.judged"),
        "GET /openapi.json": does("GET /openapi.json"),
        "GET /docs": does("GET /docs"),
        "GET /docs/{file}": does("GET /docs/{file}", file="docs.js"),
        "GET /review": does("GET /review"),
        "GET /viewer/{file}": does("GET /viewer/{file}", file="spin.js"),
        "GET /v1/view/{key}": does("GET /v1/view/{key}", key="A1b2"),
    }
