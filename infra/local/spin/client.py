"""The surface imaging360, as a camera and a reviewer call it."""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from infra.errors import CommandError
from infra.local.answers import PASSING, checked
from infra.local.spin.faults import Upload

Document = dict[str, Any]
RETRIES_S = (0.5, 1.0, 2.0, 4.0)


@dataclass(frozen=True)
class Imaging360:
    """`http` sends the token to `base_url` and to nothing else: signed URLs must not see it."""

    http: httpx.Client
    base_url: str
    token: str

    @classmethod
    def device(cls, http: httpx.Client, base_url: str, org_id: str) -> "Imaging360":
        """Enrols a new camera with the organisation."""
        body = {"org_id": org_id, "platform": "edge", "model": "Vitrine demo camera", "app_version": "1.0.0"}
        answer = checked(http.post(f"{base_url}/v1/auth/device", json=body))
        return cls(http, base_url, str(answer.json()["access_token"]))

    @classmethod
    def person(cls, http: httpx.Client, base_url: str, id_token: str) -> "Imaging360":
        """Signs a person in with what the identity provider said of them."""
        answer = checked(http.post(f"{base_url}/v1/auth/login", json={"id_token": id_token}))
        return cls(http, base_url, str(answer.json()["access_token"]))

    def first_site(self) -> str:
        sites = self._send("GET", "/v1/sites")["data"]
        if not sites:
            raise CommandError("This organisation has no site.", "`vitrine organisation` makes one.")
        return str(sites[0]["id"])

    def open_session(self, site_id: str, vehicle: Mapping[str, str], frames: int) -> Document:
        shots = {"studio360": {"frame_count": frames}}
        body = {"site_id": site_id, "vehicle": dict(vehicle), "mode": "studio360", "shot_list": shots}
        return self._send("POST", "/v1/sessions", body)

    def upload(self, session_id: str, upload: Upload) -> None:
        """Asks for a URL and puts the file there, unless it is there already."""
        body = {
            "session_id": session_id,
            "file_name": upload.name,
            "content_type": "image/jpeg",
            "content_sha256": hashlib.sha256(upload.data).hexdigest(),
            "frame": upload.place,
        }
        presigned = self._send("POST", "/v1/presign", body)
        if not presigned.get("already_uploaded"):
            checked(self.http.put(presigned["upload_url"], content=upload.data, headers=presigned["headers"]))

    def complete(self, session_id: str) -> None:
        self._send("PATCH", f"/v1/sessions/{session_id}", {"status": "complete"})

    def session(self, session_id: str) -> Document:
        return self._send("GET", f"/v1/sessions/{session_id}")

    def images(self, session_id: str) -> list[Document]:
        listed: list[Document] = self._send("GET", f"/v1/images?session_id={session_id}")["data"]
        return listed

    def publish(self, session_id: str, reason: str) -> None:
        self._send("POST", f"/v1/sessions/{session_id}/publish", {"override_reason": reason})

    def publication(self, session_id: str) -> Document:
        return self._send("GET", f"/v1/sessions/{session_id}/publication")

    def tell(self, events: list[Document]) -> int:
        """Sends a batch of events; answers how many were taken."""
        return int(self._send("POST", "/v1/events", {"events": events})["accepted"])

    def file(self, url: str) -> bytes:
        """What lies at an address that needs no token."""
        return checked(self.http.get(url, follow_redirects=True)).content

    def _send(self, method: str, path: str, body: Document | None = None) -> Document:
        """Asks again after an answer that passes: no request here does more when it is repeated."""
        headers = {"Authorization": f"Bearer {self.token}"}
        for wait_s in (*RETRIES_S, None):
            answer = self.http.request(method, f"{self.base_url}{path}", json=body, headers=headers)
            if answer.status_code not in PASSING or wait_s is None:
                break
            time.sleep(wait_s)
        document: Document = checked(answer).json()
        return document
