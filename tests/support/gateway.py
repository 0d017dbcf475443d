"""A surface's handlers behind a server on loopback, in this process on moto: no emulator, so a request takes ms.

Each request comes 40 seconds after the one before, so that limits by minute and hour refuse few; nothing sleeps.
"""

import base64
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qsl, urlsplit

import time_machine

from tests.support.requests import CONTEXT, UNKNOWN
from tests.support.surfaces import handler_of, operations_of
from vitrine.kernel.surface import Surface
from vitrine.staging import following

BETWEEN_S = 40
BINARY = ("multipart/form-data", "image/", "application/octet-stream")


class Gateway:
    """Finds the route and hands the request on, as API Gateway's HTTP APIs do."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface
        templates = {operation.path: route for route, operation in operations_of(surface).items()}
        # A path without parameters goes first.
        self._routes = sorted(templates.items(), key=lambda found: "{" in found[0])

    def answer(self, method: str, address: str, headers: Mapping[str, str], body: bytes) -> tuple[int, Any, bytes]:
        """Status, headers and body."""
        parts = urlsplit(address)
        for path, route in self._routes:
            if re.fullmatch(re.sub(r"\{.+?\}", "[^/]+", path), parts.path):
                said = handler_of(self._surface, route)(_event(method, path, parts, headers, body), CONTEXT)
                return said["statusCode"], said["headers"], _bytes(said)
        said = handler_of(self._surface, "GET /openapi.json")(_event(method, UNKNOWN, parts, headers, body), CONTEXT)
        return said["statusCode"], said["headers"], _bytes(said)


def _event(method: str, template: str, parts: Any, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    query: dict[str, list[str]] = {}
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        query.setdefault(name, []).append(value)
    return {
        "version": "2.0",
        "routeKey": template if template == UNKNOWN else f"ANY {template}",
        "rawPath": parts.path,
        "rawQueryString": parts.query,
        "headers": {name.lower(): value for name, value in headers.items()},
        "queryStringParameters": {name: ",".join(values) for name, values in query.items()},
        "requestContext": {
            "http": {"method": method, "path": parts.path, "sourceIp": "127.0.0.1", "protocol": "HTTP/1.1"},
            "requestId": "req-1",
            "apiId": "abc",
            "domainName": "api.example",
            "stage": "$default",
            "timeEpoch": int(datetime.now(UTC).timestamp() * 1000),
        },
        **_body(headers.get("Content-Type", ""), body),
    }


def _body(content_type: str, body: bytes) -> dict[str, Any]:
    if not body:
        return {"body": None, "isBase64Encoded": False}
    if not content_type.lower().startswith(BINARY):
        try:
            return {"body": body.decode(), "isBase64Encoded": False}
        except UnicodeDecodeError:
            pass
    return {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}


def _bytes(said: Mapping[str, Any]) -> bytes:
    body = said.get("body") or ""
    return base64.b64decode(body) if said.get("isBase64Encoded") else body.encode()


@contextmanager
def serving(surface: Surface) -> Iterator[str]:
    """The address of the surface. The process's clock runs ahead meanwhile."""
    with _never_sleeping(), time_machine.travel(datetime.now(UTC), tick=True) as clock:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(Gateway(surface), clock))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            server.server_close()


@contextmanager
def _never_sleeping() -> Iterator[None]:
    never = {"sleep": lambda _: None}
    with (
        patch.dict(following.events_since.__kwdefaults__, never),
        patch.dict(following.until_over.__kwdefaults__, {**never, "clock": count(step=5).__next__}),
    ):
        yield


def _handler(gateway: Gateway, clock: time_machine.Traveller) -> type[BaseHTTPRequestHandler]:
    one_at_a_time = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # headers and body in one packet: two of them wait 40 ms for the first one's receipt

        def __getattr__(self, name: str) -> Callable[[], None]:
            """`do_GET` and the like, whatever the method."""
            if name.startswith("do_"):
                return self._hand_on
            raise AttributeError(name)

        def _hand_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            with one_at_a_time:
                clock.shift(BETWEEN_S)
                status, headers, answer = gateway.answer(self.command, self.path, dict(self.headers), body)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(answer))}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD" and status != 204:
                self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
