"""The surface realstaging, as a client calls it."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from infra.errors import CommandError
from infra.local.answers import PASSING, checked
from infra.local.journey import sse

CHUNK = 65_536
HOLD_S = 20
"""How long the server may hold an event stream open before it has something to say."""
RECONNECT_S = 0.5
FINAL = frozenset({"ready", "error"})
NOTHING_LEFT = 204

OnBytes = Callable[[int, int], None]


@dataclass(frozen=True)
class Realstaging:
    """`http` sends the token to `base_url` and to nothing else: signed URLs must not see it."""

    http: httpx.Client
    base_url: str
    token: str

    def create_project(self, name: str) -> str:
        return str(self._send("POST", "/api/v1/projects", {"name": name})["id"])

    def presign(self, photo: Path, content_type: str) -> dict[str, Any]:
        body = {"filename": photo.name, "content_type": content_type, "file_size": photo.stat().st_size}
        return self._send("POST", "/api/v1/uploads/presign", body)

    def upload(self, photo: Path, presigned: Mapping[str, Any], on_bytes: OnBytes) -> None:
        size = photo.stat().st_size
        headers = {**presigned["headers"], "Content-Length": str(size)}
        body = _chunks(photo, size, on_bytes)
        checked(self.http.put(presigned["upload_url"], content=body, headers=headers))

    def create_image(self, body: Mapping[str, Any]) -> str:
        return str(self._send("POST", "/api/v1/images", body)["id"])

    def image(self, image_id: str) -> dict[str, Any]:
        return self._send("GET", f"/api/v1/images/{image_id}")

    def download(self, url: str, path: Path) -> None:
        with self.http.stream("GET", url) as answer, path.open("wb") as file:
            checked(answer)
            for chunk in answer.iter_bytes():
                file.write(chunk)

    def follow(self, image_id: str, within_s: float) -> Iterator[sse.Event]:
        """Every event until the image is ready or in error, each once, over as many connections as it takes.

        Raises `CommandError` when neither comes `within_s`.
        """
        last_id, deadline = "", time.monotonic() + within_s
        while time.monotonic() < deadline:
            answer = self._listen(image_id, last_id)
            for event in sse.parse(answer.text if answer else ""):
                last_id = event.id
                yield event
                if status_of(event) in FINAL:
                    return
            if answer and answer.status_code == NOTHING_LEFT:
                return
            time.sleep(RECONNECT_S)
        raise CommandError(f"Image {image_id} was not staged within {within_s:.0f} s.", "`vitrine logs` says why.")

    def _listen(self, image_id: str, last_id: str) -> httpx.Response | None:
        """One connection's answer, None when it broke in a way that another may not."""
        headers = self._headers({"Accept": "text/event-stream", **({"Last-Event-ID": last_id} if last_id else {})})
        url = f"{self.base_url}/api/v1/events"
        try:
            answer = self.http.get(url, params={"image_id": image_id}, headers=headers, timeout=HOLD_S + 15)
        except httpx.TransportError:
            return None
        return None if answer.status_code in PASSING else checked(answer)

    def _send(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        answer = checked(self.http.request(method, f"{self.base_url}{path}", json=body, headers=self._headers()))
        document: dict[str, Any] = answer.json()
        return document

    def _headers(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", **(more or {})}


def status_of(event: sse.Event) -> str:
    return str(json.loads(event.data).get("status", ""))


def _chunks(photo: Path, size: int, on_bytes: OnBytes) -> Iterator[bytes]:
    sent = 0
    with photo.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk
            sent += len(chunk)
            on_bytes(sent, size)
