import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from infra.errors import CommandError
from infra.local.journey import client, demo, pictures
from infra.local.journey.client import Realstaging
from tests.support.patience import PATIENCE_S


class Server(ThreadingHTTPServer):
    """Answers with what it is given, in order, and remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list[tuple[int, str]] = []
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        self.server.asked.append((self.command, self.path, headers, body))
        status, text = self.server.answers.pop(0)
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    do_PUT = do_GET  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def service(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Realstaging]:
    monkeypatch.setattr(client, "RECONNECT_S", 0.01)
    with httpx.Client(trust_env=False) as http:
        yield Realstaging(http, server.url, "secret-token")


def event(number: int, status: str) -> str:
    return f"id: {number}\nevent: status\ndata: {json.dumps({'status': status})}\n\n"


def statuses(service: Realstaging, within_s: float = PATIENCE_S) -> list[str]:
    return [client.status_of(event) for event in service.follow("img_1", within_s)]


def test_following_goes_on_over_connections_without_loss_or_repeat(server: Server, service: Realstaging) -> None:
    server.answers = [
        (200, "retry: 1\n\n" + event(1, "queued")),
        (200, ": heartbeat\n\n"),
        (502, "bad gateway"),
        (200, event(2, "processing") + event(3, "ready")),
    ]

    assert statuses(service) == ["queued", "processing", "ready"]
    assert [headers.get("last-event-id") for _, _, headers, _ in server.asked] == [None, "1", "1", "1"]


def test_following_ends_when_the_server_has_nothing_left(server: Server, service: Realstaging) -> None:
    server.answers = [(200, event(1, "processing")), (204, "")]

    assert statuses(service) == ["processing"]


def test_following_has_a_deadline(server: Server, service: Realstaging) -> None:
    server.answers = [(200, "")] * 1000

    with pytest.raises(CommandError, match="was not staged within"):
        statuses(service, within_s=0.1)


def test_a_refusal_is_shown_with_the_answer_and_without_the_query(
    server: Server, service: Realstaging, tmp_path: Path
) -> None:
    server.answers = [(403, "SignatureDoesNotMatch")]

    with pytest.raises(CommandError) as failed:
        service.download(f"{server.url}/media/after.png?X-Amz-Signature=secret", tmp_path / "after.png")

    assert failed.value.detail == "SignatureDoesNotMatch"
    assert "403" in failed.value.message
    assert "secret" not in failed.value.message


def test_an_upload_sends_the_signed_headers_and_every_byte_and_no_token(
    server: Server, service: Realstaging, tmp_path: Path
) -> None:
    photo = tmp_path / "room.jpg"
    photo.write_bytes(b"x" * 200_000)
    server.answers = [(200, "")]
    moved: list[tuple[int, int]] = []

    upload = {"upload_url": f"{server.url}/uploads/room.jpg", "headers": {"Content-Type": "image/jpeg"}}
    service.upload(photo, upload, lambda sent, total: moved.append((sent, total)))

    method, _, headers, body = server.asked[0]
    assert (method, len(body), headers["content-length"]) == ("PUT", 200_000, "200000")
    assert headers["content-type"] == "image/jpeg"
    assert "authorization" not in headers
    assert moved[-1] == (200_000, 200_000)
    assert len(moved) > 2


def test_a_wish_names_only_what_was_chosen() -> None:
    request = demo.StagingRequest(Path("room.jpg"), style="scandinavian")

    assert request.body("prj_1", "uploads/1") == {
        "project_id": "prj_1",
        "original_url": "uploads/1",
        "style": "scandinavian",
    }


def test_a_photo_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no file"):
        demo._type_of(tmp_path / "none.jpg")


@pytest.mark.parametrize(
    ("name", "content_type"),
    [("a.JPG", "image/jpeg"), ("a.png", "image/png"), ("a.webp", "image/webp"), ("a.HEIC", "image/heic")],
)
def test_a_photo_s_type_is_known_by_its_name(tmp_path: Path, name: str, content_type: str) -> None:
    (tmp_path / name).touch()

    assert demo._type_of(tmp_path / name) == content_type


def test_an_image_in_error_ends_the_demo_with_its_reason() -> None:
    with pytest.raises(CommandError, match="No floor is visible"):
        demo._ready({"status": "error", "error": "No floor is visible."})


def test_before_and_after_stand_upright_at_one_height(tmp_path: Path) -> None:
    turned = Image.Exif()
    turned[0x0112] = 6
    Image.new("RGB", (400, 300), "red").save(tmp_path / "before.jpg", exif=turned)
    Image.new("RGB", (300, 400), "blue").save(tmp_path / "after.png")

    pictures.side_by_side(tmp_path / "before.jpg", tmp_path / "after.png", tmp_path / "both.jpg")

    with Image.open(tmp_path / "both.jpg") as both:
        assert both.size == (675 + pictures.GAP + 675, pictures.HEIGHT)
        red, _, blue = both.getpixel((300, 450))  # type: ignore[misc]
        assert red > 200
        assert blue < 60
