"""Calls of the routes of webhooks, which every surface that has them has alike."""

from typing import Any

from tests.examples import Call
from tests.support.surfaces import call
from vitrine.kernel.surface import Surface


def calls(surface: Surface, token: str, event: str) -> dict[str, Call]:
    assert surface.webhooks is not None
    base = surface.webhooks.base
    one = f"{base}/{{webhook_id}}"
    order = {"url": "https://hooks.example.com/", "events": [event]}

    def does(route: str, body: Any = None, **known: Any) -> Call:
        headers = {} if route.startswith(("GET", "DELETE")) else {"Idempotency-Key": route}
        return lambda: call(surface, route, token=token, body=body, headers=headers, **known)

    hook = call(surface, f"POST {base}", token=token, body=order).json()["id"]
    sent = call(surface, f"POST {one}/test", token=token, webhook_id=hook).json()["id"]
    return {
        f"POST {base}": does(f"POST {base}", {**order, "url": "https://hooks.example.com/2"}),
        f"GET {base}": does(f"GET {base}"),
        f"GET {one}": does(f"GET {one}", webhook_id=hook),
        f"PATCH {one}": does(f"PATCH {one}", {"description": "for the office"}, webhook_id=hook),
        f"POST {one}/rotate-secret": does(f"POST {one}/rotate-secret", webhook_id=hook),
        f"POST {one}/test": does(f"POST {one}/test", webhook_id=hook),
        f"GET {one}/deliveries": does(f"GET {one}/deliveries", webhook_id=hook),
        f"GET {one}/deliveries/{{delivery_id}}": does(
            f"GET {one}/deliveries/{{delivery_id}}", webhook_id=hook, delivery_id=sent
        ),
        f"POST {one}/deliveries/{{delivery_id}}/resend": does(
            f"POST {one}/deliveries/{{delivery_id}}/resend", webhook_id=hook, delivery_id=sent
        ),
        f"DELETE {one}": does(f"DELETE {one}", webhook_id=hook),
    }
