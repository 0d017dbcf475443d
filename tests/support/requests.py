"""HTTP API events (payload format 2.0), as API Gateway sends them to a Lambda."""

import base64
import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class LambdaContext:
    """The fields of the runtime's context object that our code or powertools reads."""

    function_name: str = "test"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:123456789012:function:test"
    aws_request_id: str = "00000000-0000-0000-0000-000000000000"

    def get_remaining_time_in_millis(self) -> int:
        return 20_000


CONTEXT: Any = LambdaContext()
UNKNOWN = "$default"
"""The gateway's key for a path that it has no route for."""


def event(
    method: str,
    path: str,
    *,
    body: Any = None,
    token: str | None = None,
    query: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
    encode: bool = False,
    raw: bool = False,
    template: str | None = None,
) -> dict[str, Any]:
    """`template` is the path of the gateway's route, such as `/things/{id}`.

    `encode` sends the body in base64, as the gateway does with binary types; `raw` only claims to.
    """
    text = body if isinstance(body, str) or body is None else json.dumps(body)
    sent = {"content-type": "application/json", **(headers or {})}
    if token is not None:
        sent["authorization"] = f"Bearer {token}"
    return {
        "version": "2.0",
        "routeKey": f"ANY {path if template is None else template}" if template != UNKNOWN else UNKNOWN,
        "rawPath": path,
        "rawQueryString": "",
        "headers": sent,
        "queryStringParameters": query or {},
        "requestContext": {
            "http": {"method": method, "path": path, "sourceIp": "127.0.0.1", "protocol": "HTTP/1.1"},
            "requestId": "req-1",
            "apiId": "abc",
            "domainName": "api.example",
            "stage": "$default",
            "timeEpoch": int(time.time() * 1000),
        },
        "body": base64.b64encode(text.encode()).decode() if encode and text else text,
        "isBase64Encoded": encode or raw,
    }


def form(
    fields: Sequence[tuple[str, str | bytes]], *, boundary: str = "a-boundary", content_type: str = "image/jpeg"
) -> dict[str, Any]:
    """What `event` needs to send a multipart form: fields as text, and as bytes those that are files."""
    parts = []
    for name, value in fields:
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"'
        if isinstance(value, bytes):
            head += f'; filename="{name}.jpg"\r\nContent-Type: {content_type}'
        parts.append(head.encode() + b"\r\n\r\n" + (value.encode() if isinstance(value, str) else value) + b"\r\n")
    body = b"".join(parts) + f"--{boundary}--\r\n".encode()
    return {
        "body": base64.b64encode(body).decode(),
        "raw": True,
        "headers": {"content-type": f"multipart/form-data; boundary={boundary}"},
    }


@dataclass(frozen=True)
class Reply:
    """`sent` is the event that it answers."""

    status: int
    headers: dict[str, str]
    text: str
    sent: dict[str, Any] = field(default_factory=dict, repr=False)

    def json(self) -> Any:
        return json.loads(self.text)


def template_of(handler: Any, path: str) -> str:
    """The gateway's route for a path, among those of the handler's API: one without parameters goes first."""
    paths = {route.partition(" ")[2] for route in handler.__self__.policies}
    return next((known for known in sorted(paths, key=_generality) if _matches(known, path)), UNKNOWN)


def _generality(template: str) -> int:
    return template.count("{")


def _matches(template: str, path: str) -> bool:
    pattern = "".join(
        "[^/]+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{[^}]+\})", template)
    )
    return re.fullmatch(pattern, path) is not None


def send(handler: Any, method: str, path: str, **kwargs: Any) -> Reply:
    """Call an API's handler with an HTTP event, and read its answer as a client would."""
    return again(handler, event(method, path, template=template_of(handler, path), **kwargs))


def again(handler: Any, sent: dict[str, Any], method: str | None = None, **headers: str) -> Reply:
    """Send an event, perhaps by another method or with more headers than it had."""
    context = {**sent["requestContext"]["http"], "method": method or sent["requestContext"]["http"]["method"]}
    sent = {
        **sent,
        "headers": {**sent["headers"], **headers},
        "requestContext": {**sent["requestContext"], "http": context},
    }
    answer = handler(sent, CONTEXT)
    said = {key.lower(): value for key, value in answer["headers"].items()}
    body = answer.get("body") or ""
    return Reply(
        answer["statusCode"],
        said,
        base64.b64decode(body).decode(errors="replace") if answer.get("isBase64Encoded") else body,
        sent,
    )
