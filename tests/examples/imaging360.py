from typing import Any

from functions.imaging360_api.surface import SURFACE
from tests.examples import Call, publishing, thresholds, webhooks
from tests.support.dealer import Dealer
from tests.support.issuer import issuer
from tests.support.surfaces import call
from vitrine.capture import rules, store
from vitrine.capture.models import ImageStatus
from vitrine.kernel import tables
from vitrine.kernel.clock import utc_now

DEVICE = {"platform": "ios", "model": "iPhone 15 Pro", "app_version": "1.0.0"}

SESSION = {
    "vehicle": {"vin": "1HGCM82633A123456", "stock": "STK-001"},
    "mode": "studio360",
    "shot_list": {"studio360": {"frame_count": 24}, "stills": ["front_3q", "rear_3q", "interior", "dash"]},
}
FRAME = {"file_name": "IMG_001.jpg", "content_type": "image/jpeg", "content_sha256": "ab12" * 16}


def processed(tenant: str, session_id: str, image_id: str) -> str:
    """The image as the machine `frames` leaves it."""
    image = store.get_with_image(tenant, session_id, image_id)[1]
    assert image is not None
    tables.commit(store.replace_image(rules.image_changed(image, utc_now(), status=ImageStatus.PROCESSED)))
    return image_id


def calls() -> dict[str, Call]:
    dealer = Dealer.open()
    admin = dealer.user()
    dealer.invite("anna")

    def does(route: str, body: Any = None, token: str | None = admin, **known: Any) -> Call:
        headers = {} if route.startswith(("GET", "DELETE")) else {"Idempotency-Key": f"{route} {body}"[:255]}
        return lambda: call(SURFACE, route, token=token, body=body, headers=headers, **known)

    def now(route: str, body: Any = None, token: str | None = admin, **known: Any) -> Any:
        return call(SURFACE, route, token=token, body=body, **known).json()

    asked = {"site_id": dealer.site_id, **SESSION}
    session = now("POST /v1/sessions", asked)["id"]
    frame = {"session_id": session, **FRAME}
    image = now("POST /v1/presign", frame)["image_id"]
    shown = processed(
        dealer.tenant, session, now("POST /v1/presign", {**frame, "file_name": "IMG_003.jpg"})["image_id"]
    )
    told = {"entity_type": "image", "entity_id": image, "event_id": "a7f1-1", "sequence": 1}
    events = [
        {**told, "type": "upload_started"},
        {**told, "type": "upload_complete", "event_id": "a7f1-2", "sequence": 2},
    ]
    return {
        "POST /v1/sessions": does("POST /v1/sessions", asked),
        "GET /v1/sessions": does("GET /v1/sessions", query={"status": "active", "limit": "2"}),
        "GET /v1/sessions/{id}": does("GET /v1/sessions/{id}", id=session),
        "POST /v1/presign": does("POST /v1/presign", {**frame, "file_name": "IMG_002.jpg"}),
        "GET /v1/images": does("GET /v1/images", query={"session_id": session}),
        "GET /v1/images/{id}": does("GET /v1/images/{id}", id=image),
        "POST /v1/images/{id}/review": does(
            "POST /v1/images/{id}/review", {"decision": "reshoot", "reason": "The door is open."}, id=shown
        ),
        "POST /v1/events": does("POST /v1/events", {"events": events}),
        "POST /v1/events (single)": does("POST /v1/events", {**told, "type": "upload_failed", "event_id": "a7f1-3"}),
        "GET /v1/events/{entity_id}": does("GET /v1/events/{entity_id}", entity_id=image),
        "PATCH /v1/sessions/{id}": does("PATCH /v1/sessions/{id}", {"status": "complete"}, id=session),
        "POST /v1/auth/device": does("POST /v1/auth/device", {"org_id": dealer.org_id, **DEVICE}, token=None),
        # A first sign-in also binds the person to the identity provider's name for them.
        "POST /v1/auth/login": does("POST /v1/auth/login", {"id_token": issuer().id_token("anna")}, token=None),
        "GET /v1/me": does("GET /v1/me"),
        "GET /v1/sites": does("GET /v1/sites"),
        "GET /v1/.well-known/jwks.json": does("GET /v1/.well-known/jwks.json", token=None),
        **publishing.calls(dealer, admin),
        **thresholds.calls(dealer, admin),
        **webhooks.calls(SURFACE, admin, "set.judged"),
        "GET /openapi.json": does("GET /openapi.json"),
        "GET /docs": does("GET /docs"),
        "GET /docs/{file}": does("GET /docs/{file}", file="docs.js"),
        "GET /review": does("GET /review"),
        "GET /viewer/{file}": does("GET /viewer/{file}", file="spin.js"),
        "GET /v1/view/{key}": does("GET /v1/view/{key}", key="A1b2"),
    }
