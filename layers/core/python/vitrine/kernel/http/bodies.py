"""A request's body: its size and type, JSON or a multipart form."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from vitrine.kernel import forms
from vitrine.kernel.errors import BadRequest, Invalid, TooLarge, UnsupportedMediaType
from vitrine.kernel.http import nulls
from vitrine.kernel.http.request import Request, current, headers_of
from vitrine.kernel.surface import Json, Surface

JSON = "application/json"


def is_form(request: Request) -> bool:
    return request.policy.form and _media_type(request.event) == forms.MEDIA_TYPE


def check_size(request: Request, surface: Surface) -> None:
    """Raises `TooLarge`, which names the presigned upload."""
    body = request.event.get("body") or ""
    size = len(body) * 3 // 4 if request.event.get("isBase64Encoded") else len(body.encode())
    most, code = (surface.max_form_body, "form_too_large") if is_form(request) else (surface.max_json_body, None)
    if size > most:
        by = f" ({surface.presign})" if surface.presign else ""
        raise TooLarge(f"A body may have at most {most:,} bytes here; files go by presigned upload{by}.", code=code)


def read_text(request: Request) -> None:
    """The event's body becomes text, and its content type the one spelling that powertools knows.

    Raises `UnsupportedMediaType` for a body of another type than JSON, and `BadRequest` for one that is not text.
    """
    event = request.event
    if not event.get("body"):
        return
    if _media_type(event) != JSON:
        raise UnsupportedMediaType(f"Send {JSON} or {forms.MEDIA_TYPE}." if request.policy.form else f"Send {JSON}.")
    try:
        request.event = _as_json(event, _bytes(event).decode())
    except ValueError:
        raise BadRequest("The body is not text.") from None


def read_form(request: Request) -> None:
    """The event's body goes to the request's form. Raises `BadRequest` for a body that is no form."""
    try:
        body = _bytes(request.event)
    except ValueError:
        raise BadRequest("The body is not base64.") from None
    request.form = forms.parse(body, headers_of(request.event)["content-type"])
    request.event = _as_json(request.event, "{}")


def parse(body: str) -> Any:
    """What powertools takes for the body of a route that reads one: a form that was read already, or a JSON object.

    Another JSON type is refused here, since powertools takes it for an object without members.
    """
    request = current.get()
    if request.form is not None:
        return request.form
    parsed = _parsed(body)
    if not isinstance(parsed, dict):
        raise Invalid.field("body", "object_type", "Send a JSON object.")
    return nulls.without(parsed, request.body) if request.body else parsed


def _parsed(body: str) -> Any:
    # Powertools takes only JSONDecodeError for the client's mistake; a number of 5,000 digits raises another.
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise BadRequest("The body is not JSON.") from None


def serialize(body: Any) -> str:
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False)


def _as_json(event: Json, body: str) -> Json:
    headers = {**headers_of(event), "content-type": JSON}
    return {**event, "body": body, "isBase64Encoded": False, "headers": headers}


def _media_type(event: Mapping[str, Any]) -> str:
    return headers_of(event).get("content-type", JSON).partition(";")[0].strip().lower()


def _bytes(event: Mapping[str, Any]) -> bytes:
    """The raw body, whichever way the gateway encoded it. Raises ValueError."""
    body = event.get("body") or ""
    return base64.b64decode(body, validate=True) if event.get("isBase64Encoded") else str(body).encode()
