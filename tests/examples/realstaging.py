import json
from datetime import timedelta
from typing import Any

from functions.realstaging_api.surface import SURFACE
from tests.examples import Call, webhooks
from tests.examples.downloads import follow
from tests.support.issuer import issuer
from tests.support.requests import Reply
from tests.support.staged import finish
from tests.support.stripe_events import PATH, Subscriber, signature
from tests.support.surfaces import call
from vitrine.kernel.clock import utc_now

PRESIGN = {"filename": "room.jpg", "content_type": "image/jpeg", "file_size": 2_400_000}
CHECKOUT = {
    "plan": "professional",
    "success_url": "https://app.example/paid",
    "cancel_url": "https://app.example/plans",
}
PROJECTS, IMAGES = "/api/v1/projects", "/api/v1/images"


def calls() -> dict[str, Call]:
    token = issuer().token("anna")

    def now(route: str, body: Any = None, **known: Any) -> Any:
        return call(SURFACE, route, token=token, body=body, **known).json()

    def does(route: str, body: Any = None, **known: Any) -> Call:
        headers = {} if route.startswith(("GET", "DELETE")) else {"Idempotency-Key": f"{route} {body}"}
        return lambda: call(SURFACE, route, token=token, body=body, headers=headers, **known)

    project = now(f"POST {PROJECTS}", {"name": "Elm Street 4"})["id"]
    upload = now("POST /api/v1/uploads/presign", PRESIGN)["file_key"]
    order = {"project_id": project, "original_url": upload}
    image, finished, unwanted = (now(f"POST {IMAGES}", order)["id"] for _ in range(3))
    finish(upload.split("/")[1], finished, utc_now() - timedelta(seconds=3), thumbnails={400: "published/t400.jpg"})
    # Somebody has paid, so there is a customer to open the portal for.
    stripes(Subscriber(upload.split("/")[1], "PAID").event("checkout_session_completed"))
    shown = now(f"GET {IMAGES}/{{id}}", id=finished)
    return {
        "POST /api/v1/uploads/presign": does("POST /api/v1/uploads/presign", PRESIGN),
        f"POST {IMAGES}": does(f"POST {IMAGES}", order),
        f"POST {IMAGES} (shown)": does(f"POST {IMAGES}", {**order, "room_type": "bedroom", "style": "art_deco"}),
        f"GET {IMAGES}/{{id}}": does(f"GET {IMAGES}/{{id}}", id=image),
        f"GET {PROJECTS}/{{id}}/images": does(f"GET {PROJECTS}/{{id}}/images", id=project, query={"status": "queued"}),
        f"GET {IMAGES}/{{id}}/pictures/{{picture}}": lambda: follow(SURFACE, shown),
        f"GET {IMAGES}/{{id}} (finished)": does(f"GET {IMAGES}/{{id}}", id=finished),
        "GET /api/v1/events": does("GET /api/v1/events", query={"image_id": image}),
        f"GET {PROJECTS}": does(f"GET {PROJECTS}"),
        f"POST {PROJECTS}": does(f"POST {PROJECTS}", {"name": "Oak Street 5"}),
        f"GET {PROJECTS}/{{id}}": does(f"GET {PROJECTS}/{{id}}", id=project),
        f"PATCH {PROJECTS}/{{id}}": does(f"PATCH {PROJECTS}/{{id}}", {"name": "Elm Street 4, first floor"}, id=project),
        f"POST {IMAGES}/{{id}}/cancel": does(f"POST {IMAGES}/{{id}}/cancel", id=image),
        f"DELETE {IMAGES}/{{id}}": does(f"DELETE {IMAGES}/{{id}}", id=unwanted),
        f"DELETE {PROJECTS}/{{id}}": does(f"DELETE {PROJECTS}/{{id}}", id=project),
        f"POST {PROJECTS}/{{id}}/restore": does(f"POST {PROJECTS}/{{id}}/restore", id=project),
        f"POST {PATH}": lambda: stripes(Subscriber("ten_nobody", "MARK").event("customer_created")),
        **webhooks.calls(SURFACE, token, "image.ready"),
        "POST /api/v1/billing/checkout": does("POST /api/v1/billing/checkout", CHECKOUT),
        "POST /api/v1/billing/portal": does(
            "POST /api/v1/billing/portal", {"return_url": "https://app.example/account"}
        ),
        "GET /api/v1/credits": does("GET /api/v1/credits"),
        "GET /api/v1/credits/history": does("GET /api/v1/credits/history", query={"limit": "3"}),
        "GET /api/v1/rooms": does("GET /api/v1/rooms"),
        "GET /api/v1/styles": does("GET /api/v1/styles"),
        "GET /openapi.json": does("GET /openapi.json"),
        "GET /docs": does("GET /docs"),
        "GET /docs/{file}": does("GET /docs/{file}", file="docs.js"),
    }


def stripes(event: dict[str, Any]) -> Reply:
    body = json.dumps(event)
    return call(SURFACE, f"POST {PATH}", token=None, body=body, headers={"stripe-signature": signature(body)})
