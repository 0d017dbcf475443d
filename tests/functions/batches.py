"""What tests of batches share: an account, batches of it, and what its machine does with them."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from functions.pipeline import finish_batch, release_photo
from functions.stagecraft_api import batches as api
from functions.stagecraft_api import uploads
from tests.support import pictures
from tests.support.agency import Agency
from tests.support.requests import CONTEXT, Reply
from tests.support.work import WORK
from vitrine.assets.models import Rejection
from vitrine.jobs import service as jobs
from vitrine.jobs.models import JobError
from vitrine.kernel.clock import utc_now
from vitrine.work import ending, recovery

PHOTO = pictures.file(pictures.room(320, 256))
TRUNCATED = Rejection(code="truncated", message="The file ends early.")


class States:
    """Step Functions, as far as it is asked: what was started and stopped, and what tokens were answered."""

    def __init__(self) -> None:
        self.started: list[tuple[str, Any]] = []
        self.answered: list[str] = []
        self.stopped: list[str] = []

    def start_execution(self, *, name: str, input: str, **_: str) -> None:  # noqa: A002 - boto3's name
        self.started.append((name, json.loads(input)))

    def stop_execution(self, *, executionArn: str, **_: str) -> None:  # noqa: N803 - boto3's name
        self.stopped.append(executionArn.rpartition(":")[2])

    def send_task_success(self, *, taskToken: str, output: str) -> None:  # noqa: N803 - boto3's name
        self.answered.append(taskToken)


def ask(ann: Agency, photos: int = 3, **fields: str) -> Reply:
    options = {"style": "art_deco", "quality_mode": "standard", **fields}
    return ann.post_form(api, "/api/stage/batch", *[("images[]", PHOTO)] * photos, *options.items())


def made(ann: Agency, photos: int = 3, **fields: str) -> Any:
    reply = ask(ann, photos, **fields)
    assert reply.status == 202, reply.text
    return reply.json()


def lost_batches(ann: Agency, batch: Any, later: Callable[[datetime], datetime]) -> int:
    queued_at = jobs.find(ann.tenant, batch["batch_id"]).created_at
    return recovery.sweep(WORK, later(queued_at))["restarted"]


def ids(batch: Any) -> list[str]:
    return [photo["id"] for photo in batch["individual_stagings"]]


def read(ann: Agency, batch: Any) -> Any:
    return ann.get(api, f"/api/stage/batch/{batch['batch_id']}").json()


def uploaded(ann: Agency, number: int) -> list[Any]:
    options = {"filename": "room.jpg", "content_type": "image/jpeg", "file_size": 1000}
    return [ann.post(uploads, "/api/uploads/presign", options).json() for _ in range(number)]


def release(ann: Agency, job_id: str, token: str = "token") -> None:
    release_photo.handler({"tenant": ann.tenant, "job_id": job_id, "task_token": token}, CONTEXT)


def inspected(ann: Agency, job_id: str, reason: Rejection | None = None) -> None:
    asset_id = jobs.find(ann.tenant, job_id).asset_id
    assert asset_id is not None
    ann.inspected(asset_id, reason)


def finish(ann: Agency, batch: Any) -> int:
    answer = finish_batch.handler({"tenant": ann.tenant, "job_id": batch["batch_id"]}, CONTEXT)
    assert answer.keys() == {"tenant", "job_id", "open"}
    return int(answer["open"])


def fail(ann: Agency, job_id: str, reason: str = "engine_failed") -> None:
    ending.fail(ann.tenant, job_id, JobError(code=reason, message="What happened."), utc_now())
