"""Somebody who uses the surface realstaging over HTTP, as its documents say."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx

from infra.local.journey.client import Realstaging, status_of
from tests.support.backstage import Backstage
from tests.support.patience import PATIENCE_S, until
from vitrine.billing.models import Balances
from vitrine.jobs.models import Job
from vitrine.kernel.clock import utc_now

Json = dict[str, Any]


@dataclass(frozen=True)
class Customer:
    """`http` has the surface as its base and sends the token; `plain` sends nothing of its own, for signed URLs."""

    name: str
    tenant: str
    token: str
    http: httpx.Client
    plain: httpx.Client
    backstage: Backstage

    def post(self, path: str, body: Any, key: str | None = None, **headers: str) -> httpx.Response:
        sent = {**headers, **({"Idempotency-Key": key} if key else {})}
        return self.http.post(f"/api/v1/{path}", json=body, headers=sent)

    def get(self, path: str, **query: Any) -> httpx.Response:
        return self.http.get(f"/api/v1/{path}", params=query)

    def project(self, name: str = "Elm Street 4") -> str:
        return str(_good(self.post("projects", {"name": name}), 201)["id"])

    def presign(self, photo: bytes, content_type: str = "image/jpeg", *, bind_bytes: bool = False) -> Json:
        options: Json = {"filename": "room.jpg", "content_type": content_type, "file_size": len(photo)}
        if bind_bytes:
            options["sha256"] = hashlib.sha256(photo).hexdigest()
        return _good(self.post("uploads/presign", options), 200)

    def put(self, presigned: Json, photo: bytes | Iterable[bytes], **changes: str) -> httpx.Response:
        return self.plain.put(presigned["upload_url"], content=photo, headers={**presigned["headers"], **changes})

    def upload(self, photo: bytes, content_type: str = "image/jpeg") -> Json:
        presigned = self.presign(photo, content_type)
        assert self.put(presigned, photo).status_code == 200
        return presigned

    def upload_inspected(self, photo: bytes) -> Json:
        """Uploaded, and the verdict is in."""
        presigned = self.upload(photo)
        until(lambda: self.backstage.asset(self.tenant, presigned["asset_id"]).inspection, what="a verdict")
        return presigned

    def order(self, upload: Json, key: str | None = None, **options: Any) -> str:
        """Create an image of an upload; answers its id."""
        body = {"project_id": self.project(), "original_url": upload["file_key"], "room_type": "living_room", **options}
        return str(_good(self.post("images", body, key), 202)["id"])

    def image(self, image_id: str) -> Json:
        return _good(self.get(f"images/{image_id}"), 200)

    def follow(self, image_id: str) -> list[str]:
        """Every status over SSE, until the last."""
        service = Realstaging(self.plain, str(self.http.base_url).rstrip("/"), self.token)
        return [status_of(event) for event in service.follow(image_id, PATIENCE_S)]

    def job(self, image_id: str) -> Job:
        return self.backstage.job(self.tenant, image_id)

    def wait(self, image_id: str) -> Json:
        """The image once it is over, and its money has moved."""
        until(lambda: self.job(image_id).state.is_over, what=f"{image_id} to end")
        return self.image(image_id)

    def wait_until(self, image_id: str, state: str) -> None:
        until(lambda: self.job(image_id).state == state, what=f"{image_id} to be {state}")

    def is_overdue(self, image_id: str) -> None:
        """Let the job's deadline pass, and the sweeper come."""
        self.backstage.set_deadline(self.tenant, image_id, utc_now() - timedelta(seconds=1))
        assert not self.backstage.invoke("reactions-sweep-deadlines", {}).failed

    def history(self, image_id: str) -> list[str]:
        return self.backstage.history(self.tenant, image_id)

    @property
    def balances(self) -> Balances:
        return self.backstage.balances(self.tenant)


def _good(answer: httpx.Response, status: int) -> Json:
    assert answer.status_code == status, answer.text
    document: Json = answer.json()
    return document
