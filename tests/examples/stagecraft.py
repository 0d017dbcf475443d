from datetime import timedelta
from typing import Any

from functions.stagecraft_api.surface import SURFACE
from tests.examples import Call, webhooks
from tests.examples.downloads import follow
from tests.support import pictures
from tests.support.agency import Agency
from tests.support.requests import form
from tests.support.staged import finish
from tests.support.surfaces import call
from vitrine.kernel.clock import utc_now

PRESIGN = {"filename": "living-room.jpg", "content_type": "image/jpeg", "file_size": 9_000_000}
STAGE, BATCH, KEYS = "/api/stage", "/api/stage/batch", "/api/account/keys"
Fields = list[tuple[str, str | bytes]]


def calls() -> dict[str, Call]:
    """A batch here has as many photos as its first transaction takes; one photo as a form is the dearer way."""
    agency = Agency.open()
    token = agency.key
    photo = pictures.file(pictures.room(320, 256))
    style: tuple[str, str | bytes] = ("style", "art_deco")
    eleven: Fields = [*(("images[]", photo + bytes([number])) for number in range(11)), style]

    def now(route: str, body: Any = None) -> Any:
        return call(SURFACE, route, token=token, body=body).json()

    def does(route: str, body: Any = None, **known: Any) -> Call:
        headers = {} if route.startswith(("GET", "DELETE")) else {"Idempotency-Key": f"{route} {body}"}
        return lambda: call(SURFACE, route, token=token, body=body, headers=headers, **known)

    def sends(route: str, fields: Fields) -> Call:
        sent = form(fields)
        sent["headers"]["Idempotency-Key"] = f"{route} {len(fields)}"
        return lambda: call(SURFACE, route, token=token, **sent)

    def read(staging_id: str) -> Any:
        return call(SURFACE, f"GET {STAGE}/{{staging_id}}", token=token, staging_id=staging_id).json()

    spare = now(f"POST {KEYS}", {})["key_id"]
    family = now("POST /api/auth/token")["refresh_token"]
    upload = now("POST /api/uploads/presign", PRESIGN)["file_key"]
    order = {"image": upload, "style": "art_deco"}
    staging, finished, unwanted = (now(f"POST {STAGE}", order)["id"] for _ in range(3))
    finish(agency.tenant, finished, utc_now() - timedelta(seconds=3))
    batch = now(f"POST {BATCH}", {"images": [upload], "style": "art_deco"})["batch_id"]
    shown = read(finished)["result"]
    return {
        "GET /api/account": does("GET /api/account"),
        "PATCH /api/account": does("PATCH /api/account", {"name": "Anna"}),
        f"POST {KEYS}": does(f"POST {KEYS}", {"name": "Office"}),
        f"GET {KEYS}/{{key_id}}": does(f"GET {KEYS}/{{key_id}}", key_id=spare),
        f"DELETE {KEYS}/{{key_id}}": does(f"DELETE {KEYS}/{{key_id}}", key_id=spare),
        "POST /api/auth/token": does("POST /api/auth/token"),
        "POST /api/auth/refresh": does("POST /api/auth/refresh", {"refresh_token": family}),
        "POST /api/uploads/presign": does("POST /api/uploads/presign", PRESIGN),
        f"POST {STAGE}": sends(f"POST {STAGE}", [("image", photo), style]),
        f"POST {STAGE} (form)": sends(f"POST {STAGE}", [("image", photo), style]),
        f"POST {STAGE} (json)": does(f"POST {STAGE}", {"image": upload, "style": "art_deco", "room_type": "bedroom"}),
        f"GET {STAGE}/{{staging_id}}": does(f"GET {STAGE}/{{staging_id}}", staging_id=staging),
        f"GET {STAGE}/{{staging_id}}/pictures/{{picture}}": lambda: follow(SURFACE, shown),
        f"GET {STAGE}/{{staging_id}} (finished)": does(f"GET {STAGE}/{{staging_id}}", staging_id=finished),
        f"POST {BATCH}": sends(f"POST {BATCH}", eleven),
        f"GET {STAGE}": does(f"GET {STAGE}"),
        f"GET {STAGE} (short)": does(f"GET {STAGE}", query={"limit": "2"}),
        f"GET {BATCH}": does(f"GET {BATCH}", query={"status": "processing"}),
        f"POST {BATCH} (form)": sends(f"POST {BATCH}", [*eleven[:2], style]),
        f"POST {BATCH} (json)": does(f"POST {BATCH}", {"images": [upload], "style": "hamptons"}),
        f"GET {BATCH}/{{batch_id}}": does(f"GET {BATCH}/{{batch_id}}", batch_id=batch),
        f"POST {STAGE}/{{staging_id}}/cancel": does(f"POST {STAGE}/{{staging_id}}/cancel", staging_id=staging),
        f"DELETE {STAGE}/{{staging_id}}": does(f"DELETE {STAGE}/{{staging_id}}", staging_id=unwanted),
        f"POST {BATCH}/{{batch_id}}/cancel": does(f"POST {BATCH}/{{batch_id}}/cancel", batch_id=batch),
        f"DELETE {BATCH}/{{batch_id}}": does(f"DELETE {BATCH}/{{batch_id}}", batch_id=batch),
        "GET /api/health": does("GET /api/health"),
        "GET /api/rooms": does("GET /api/rooms"),
        "GET /api/styles": does("GET /api/styles"),
        "GET /api/styles/{style_id}/preview": does("GET /api/styles/{style_id}/preview", style_id="art_deco"),
        **webhooks.calls(SURFACE, token, "staging.completed"),
        "GET /openapi.json": does("GET /openapi.json"),
        "GET /docs": does("GET /docs"),
        "GET /docs/{file}": does("GET /docs/{file}", file="docs.js"),
    }
