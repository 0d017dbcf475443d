"""OpenAPI links: which operation's answer names the thing that another operation takes.

Written as a table, since neither the routes nor their schemas say it. Schemathesis walks along them.
"""

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]

Targets = Mapping[str, Mapping[str, str]]

_ID = "$response.body#/id"


def _webhooks(base: str) -> dict[str, Targets]:
    one, hook = f"{base}/{{webhook_id}}", {"webhook_id": _ID}
    delivery = f"{one}/deliveries/{{delivery_id}}"
    sent = {"webhook_id": "$request.path.webhook_id", "delivery_id": _ID}
    after = {"GET " + delivery: sent, f"POST {delivery}/resend": sent}
    on_hook = ("GET", "PATCH", "DELETE")
    return {
        f"POST {base}": {
            **{f"{method} {one}": hook for method in on_hook},
            f"POST {one}/rotate-secret": hook,
            f"POST {one}/test": hook,
            f"GET {one}/deliveries": hook,
        },
        f"POST {one}/test": after,
        f"POST {delivery}/resend": after,
    }


LINKS: Mapping[str, Mapping[str, Targets]] = {
    "realstaging": {
        "POST /api/v1/projects": {
            f"{method} /api/v1/projects/{{id}}": {"id": _ID} for method in ("GET", "PATCH", "DELETE")
        },
        "POST /api/v1/images": {
            "GET /api/v1/images/{id}": {"id": _ID},
            "GET /api/v1/events": {"image_id": _ID},
        },
        **_webhooks("/api/v1/webhooks"),
    },
    "stagecraft": {
        "POST /api/stage": {"GET /api/stage/{staging_id}": {"staging_id": _ID}},
        "POST /api/stage/batch": {"GET /api/stage/batch/{batch_id}": {"batch_id": "$response.body#/batch_id"}},
        "POST /api/account/keys": {"DELETE /api/account/keys/{key_id}": {"key_id": "$response.body#/key_id"}},
        **_webhooks("/api/webhooks"),
    },
}
"""By surface: an operation, and what its answer leads to, with where the parameters are found."""


def add_links(document: Json, surface: str) -> None:
    """Write the surface's links into the successful answers of its document. Raises KeyError for what is not there."""
    for source, targets in LINKS[surface].items():
        links = {}
        for target, parameters in targets.items():
            operation = _operation(document, target)["operationId"]
            links[operation] = {"operationId": operation, "parameters": dict(parameters)}
        for status, answer in _operation(document, source)["responses"].items():
            if status.startswith("2"):
                answer["links"] = links


def _operation(document: Json, route: str) -> Json:
    method, path = route.split(" ")
    operation: Json = document["paths"][path][method.lower()]
    return operation
