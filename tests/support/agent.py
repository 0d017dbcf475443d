"""Somebody who stages rooms by stagecraft over HTTP, with an API key."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import httpx

from tests.support.backstage import Backstage
from tests.support.patience import until
from vitrine.jobs.models import Job

Json = dict[str, Any]


@dataclass(frozen=True)
class Agent:
    """`http` has the surface as its base and sends the key; `plain` sends nothing of its own, for signed URLs."""

    http: httpx.Client
    plain: httpx.Client
    backstage: Backstage

    @cached_property
    def tenant(self) -> str:
        """Whose data it is, by the key of any upload of its own."""
        return str(self.presign(1000)["file_key"]).split("/")[1]

    def order(self, photo: bytes, name: str = "room.jpg", **options: Any) -> httpx.Response:
        """`POST /api/stage` with a form; `headers` are sent along."""
        headers = options.pop("headers", {})
        fields = {"style": "modern_luxury", "quality_mode": "standard", **options}
        return self.http.post("/api/stage", files={"image": (name, photo)}, data=fields, headers=headers)

    def stage(self, photo: bytes, **options: Any) -> str:
        """The id of a staging that was taken."""
        return str(good(self.order(photo, **options), 202)["id"])

    def order_batch(self, photos: Sequence[bytes], **options: Any) -> httpx.Response:
        files = [("images[]", (f"room-{number}.jpg", photo)) for number, photo in enumerate(photos)]
        fields = {"style": "modern_luxury", "quality_mode": "standard", **options}
        return self.http.post("/api/stage/batch", files=files, data=fields)

    def presign(self, size: int, content_type: str = "image/jpeg") -> Json:
        options = {"filename": "room.jpg", "content_type": content_type, "file_size": size}
        return good(self.http.post("/api/uploads/presign", json=options), 200)

    def upload(self, photo: bytes) -> str:
        """The file key of an upload."""
        promised = self.presign(len(photo))
        put = self.plain.put(promised["upload_url"], content=photo, headers=promised["headers"])
        assert put.status_code == 200, put.text
        return str(promised["file_key"])

    def upload_inspected(self, photo: bytes) -> str:
        """The file key of an upload whose verdict is in."""
        key = self.upload(photo)
        until(lambda: self.backstage.asset(self.tenant, key.split("/")[2]).inspection, what="a verdict")
        return key

    def read(self, staging_id: str) -> Json:
        return good(self.http.get(f"/api/stage/{staging_id}"), 200)

    def read_batch(self, batch_id: str) -> Json:
        return good(self.http.get(f"/api/stage/batch/{batch_id}"), 200)

    def wait(self, staging_id: str, within_s: float = 120) -> Json:
        """The staging once it is over."""
        until(lambda: self.job(staging_id).state.is_over, within_s, f"{staging_id} to end")
        return self.read(staging_id)

    def job(self, job_id: str) -> Job:
        return self.backstage.job(self.tenant, job_id)

    @property
    def usage(self) -> Json:
        used: Json = good(self.http.get("/api/account"), 200)["usage_this_month"]
        return used


def good(answer: httpx.Response, status: int) -> Json:
    assert answer.status_code == status, answer.text
    document: Json = answer.json()
    return document


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """Status and the document's error code."""
    return answer.status_code, answer.json()["error"]["code"]
