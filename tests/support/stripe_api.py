"""Stripe's API on loopback, as far as we call it: prices by lookup key, checkout sessions, portal sessions.

Shapes are those of API version 2025-09-30.clover.
"""

import json
import threading
from collections.abc import Mapping
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Form = dict[str, str]


class StripeApi:
    """Remembers what it was asked: method and path, the form's fields, and the headers."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Form, Mapping[str, str]]] = []
        self.refuses: tuple[int, dict[str, Any]] | None = None
        self.has_prices = True
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def forget(self) -> None:
        self.asked, self.refuses, self.has_prices = [], None, True

    def answer(self, call: str, form: Form, headers: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        self.asked.append((call, form, headers))
        if self.refuses:
            return self.refuses
        if call == "GET /v1/prices":
            price = {
                "id": f"price_of_{form['lookup_keys[0]']}",
                "object": "price",
                "lookup_key": form["lookup_keys[0]"],
            }
            return 200, {"object": "list", "data": [price] if self.has_prices else [], "has_more": False}
        kind = "checkout" if call == "POST /v1/checkout/sessions" else "billing"
        key = headers.get("Idempotency-Key", "none")
        return 200, {"id": f"cs_{key}", "object": f"{kind}.session", "url": f"https://{kind}.stripe.com/c/pay/{key}"}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        api = self

        class Handler(BaseHTTPRequestHandler):
            def _any(self) -> None:
                asked = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                form = {name: values[0] for name, values in parse_qs(body or asked.query).items()}
                status, said = api.answer(f"{self.command} {asked.path}", form, dict(self.headers))
                text = json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = _any  # noqa: N815 - names of http.server

            def log_message(self, *_: Any) -> None:
                pass

        return Handler


@cache
def stripe_api() -> StripeApi:
    return StripeApi()
