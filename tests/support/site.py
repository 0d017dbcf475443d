"""A small web site on loopback for pages under test: what it serves is given, and what was asked is kept."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from PIL import Image, ImageDraw

TYPES = {
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "json": "application/json",
    "jpg": "image/jpeg",
}
BACKGROUNDS = [(222 - k, 226 - k, 232 - 2 * k) for k in range(24)]


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    content_type: str = TYPES["json"]
    headers: Mapping[str, str] = field(default_factory=dict)


Route = Callable[[Request], Answer]


@dataclass
class Site:
    """`routes` by method and path, `files` by path. `slow_s` is how long each picture takes."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    routes: dict[str, Route] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    slow_s: float = 0.0
    asked: list[Request] = field(default_factory=list)

    def answer(self, request: Request) -> Answer:
        self.asked.append(request)
        if route := self.routes.get(f"{request.method} {request.path}"):
            return route(request)
        ending = request.path.rpartition(".")[2]
        if ending == "jpg":
            time.sleep(self.slow_s)
        if request.path == "/favicon.ico":
            return Answer(204, b"")
        if (data := self.files.get(request.path)) is None:
            return Answer(404, b"{}")
        return Answer(200, data, TYPES[ending], self.headers)

    def pictures(self) -> list[str]:
        return [request.path for request in self.asked if request.path.endswith(".jpg")]


def as_json(status: int, body: Any) -> Answer:
    return Answer(status, json.dumps(body).encode())


@contextmanager
def site() -> Iterator[Site]:
    made = Site()
    server = _Server(("127.0.0.1", 0), _handler(made))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A page that is closed takes no more of what it asked for."""


def _handler(made: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = urlsplit(self.path)
            answer = made.answer(Request(self.command, parts.path, parts.query, dict(self.headers), body))
            self.send_response(answer.status)
            sent = {"Content-Type": answer.content_type, "Content-Length": str(len(answer.body)), **answer.headers}
            for name, value in sent.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        do_POST = do_GET  # noqa: N815 - what http.server calls it

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@cache
def drawn_frame(k: int, n: int = 24, width: int = 1200) -> bytes:
    """A frame that says which it is: a picture of 4:3 with a bar whose place tells the angle."""
    height = width * 3 // 4
    picture = Image.new("RGB", (width, height), BACKGROUNDS[k % 24])
    draw = ImageDraw.Draw(picture)
    draw.rectangle((width // 5, height // 3, width * 4 // 5, height * 2 // 3), fill=(47, 93, 80))
    draw.rectangle((width * k // n, height // 2, width * (k + 1) // n, height), fill=(200, 60, 40))
    draw.text((width // 2, height // 2), str(k), fill="white", font_size=height // 5, anchor="mm")
    sent = BytesIO()
    picture.save(sent, "JPEG", quality=70)
    return sent.getvalue()
