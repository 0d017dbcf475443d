from typing import Any

from functions.imaging360_api.surface import SURFACE
from tests.examples import Call, webhooks
from tests.support.dealer import Dealer
from tests.support.surfaces import call


def calls() -> dict[str, Call]:
    dealer = Dealer.open()
    admin = dealer.user()

    def does(route: str, body: Any = None, token: str = admin, **known: Any) -> Call:
        headers = {} if route.startswith(("GET", "DELETE")) else {"Idempotency-Key": f"{route} {body}"}
        return lambda: call(SURFACE, route, token=token, body=body, headers=headers, **known)

    return {
        **webhooks.calls(SURFACE, admin, "set.judged"),
        "GET /openapi.json": does("GET /openapi.json"),
        "GET /docs": does("GET /docs"),
        "GET /docs/{file}": does("GET /docs/{file}", file="docs.js"),
    }
