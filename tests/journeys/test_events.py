"""An image's events over HTTP: replayed without loss or repeat, and followed by a real browser."""

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from infra.local.journey import sse
from infra.local.journey.client import status_of
from tests.support import empty_room
from tests.support.customer import Customer
from tests.support.patience import until

CHROMIUM = shutil.which("chromium")


def ask(alice: Customer, image_id: str, last: str = "") -> httpx.Response:
    headers = {"Last-Event-ID": last} if last else {}
    return alice.http.get("/api/v1/events", params={"image_id": image_id}, headers=headers)


def events(answer: httpx.Response) -> list[tuple[str, str]]:
    assert answer.headers["content-type"].startswith("text/event-stream")
    return [(event.id, status_of(event)) for event in sse.parse(answer.text)]


def test_a_client_that_reconnects_hears_everything_once_while_the_image_moves(alice: Customer) -> None:
    upload = alice.presign(empty_room.no_room())
    image_id = alice.order(upload)
    heard = events(ask(alice, image_id))
    assert heard == [("1", "queued")]
    alice.put(upload, empty_room.no_room())
    while (answer := ask(alice, image_id, heard[-1][0])).status_code == 200:
        heard += events(answer)
    assert heard == [("1", "queued"), ("2", "processing"), ("3", "error")]
    assert answer.status_code == 204
    assert answer.text == ""
    for seen in range(3):
        assert events(ask(alice, image_id, str(seen) if seen else "")) == heard[seen:]
    assert ask(alice, image_id, "3").status_code == 204


def test_an_answer_begins_with_when_to_reconnect_and_may_not_be_cached(alice: Customer) -> None:
    answer = ask(alice, alice.order(alice.presign(empty_room.photo())))
    assert answer.text.startswith("retry: 1000\n\n: heartbeat\n\n")
    assert answer.headers["cache-control"] == "no-store"


def test_a_client_that_reads_with_a_limit_of_ten_seconds_gets_every_answer(alice: Customer) -> None:
    image_id = alice.order(alice.presign(empty_room.photo()))
    query = {"image_id": image_id, "lastEventId": "1"}
    answer = alice.http.get("/api/v1/events", params=query, timeout=httpx.Timeout(10))
    assert (answer.status_code, events(answer)) == (200, [])
    print(f"an answer without news came after {answer.elapsed.total_seconds():.2f} s")


@pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")
def test_a_browser_follows_an_image_from_another_origin_and_stops_at_its_end(alice: Customer, tmp_path: Path) -> None:
    upload = alice.presign(empty_room.no_room())
    image_id = alice.order(upload)
    url = alice.http.base_url.join(f"api/v1/events?image_id={image_id}&access_token={alice.token}")
    with page(str(url)) as (origin, found), browser(origin, tmp_path):
        until(lambda: {"heard": "queued", "id": "1"} in found, what="the browser to hear of the queue")
        alice.put(upload, empty_room.no_room())
        until(lambda: {"closed": True} in found, what="the browser to stop")
    assert [each for each in found if "heard" in each] == [
        {"heard": "queued", "id": "1"},
        {"heard": "processing", "id": "2"},
        {"heard": "error", "id": "3"},
    ]


PAGE = """<!doctype html><title>follow</title><script>
let found = Promise.resolve();
const tell = fact => found = found.then(() => fetch("/found", {method: "POST", body: JSON.stringify(fact)}));
const source = new EventSource(%s);
source.addEventListener("status", event => tell({heard: JSON.parse(event.data).status, id: event.lastEventId}));
source.onerror = () => { if (source.readyState === EventSource.CLOSED) tell({closed: true}); };
</script>"""


@contextmanager
def page(url: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A web page on an origin of its own that follows `url` with EventSource, and tells us what it hears."""
    found: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(PAGE % json.dumps(url), "text/html")

        def do_POST(self) -> None:
            found.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self._answer("", "text/plain")

        def _answer(self, body: str, content_type: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/", found
        server.shutdown()


@contextmanager
def browser(url: str, profile: Path) -> Iterator[None]:
    options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
    command = [str(CHROMIUM), *options, "--no-proxy-server", f"--user-data-dir={profile}", url]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True) as running:
        try:
            yield
        finally:
            running.terminate()
