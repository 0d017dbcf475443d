"""HTTP API events (payload format 2.0), as API Gateway sends them to a Lambda."""

import base64
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
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
) -> dict[str, Any]:
    """`encode` sends the body in base64, as the gateway does with binary types; `raw` only claims to."""
    text = body if isinstance(body, str) or body is None else json.dumps(body)
    sent = {"content-type": "application/json", **(headers or {})}
    if token is not None:
        sent["authorization"] = f"Bearer {token}"
    return {
        "version": "2.0",
        "routeKey": f"{method} {path}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": sent,
        "queryStringParameters": query or {},
        "requestContext": {
            "http": {"method": method, "path": path, "sourceIp": "127.0.0.1", "protocol": "HTTP/1.1"},
            "requestId": "req-1",
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
    status: int
    headers: dict[str, str]
    text: str

    def json(self) -> Any:
        return json.loads(self.text)


def send(handler: Any, *args: Any, **kwargs: Any) -> Reply:
    """Call a Lambda handler with an HTTP event, and read its answer as a client would."""
    answer = handler(event(*args, **kwargs), CONTEXT)
    headers = {key.lower(): value for key, value in answer["headers"].items()}
    body = answer.get("body") or ""
    return Reply(
        answer["statusCode"], headers, base64.b64decode(body).decode() if answer.get("isBase64Encoded") else body
    )
