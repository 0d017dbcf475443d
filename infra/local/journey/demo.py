"""The demo: one photo through the whole journey, with what it gave and how long each step took."""

import json
import mimetypes
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from infra.errors import CommandError
from infra.local.identity.client import sign_in
from infra.local.journey import page
from infra.local.journey.client import Realstaging, status_of
from infra.local.journey.pictures import for_browsers, side_by_side
from infra.local.progress import Progress, Step

STAGE_LIMIT_S = 900
TYPES = {".heic": "image/heic", ".heif": "image/heic", ".webp": "image/webp"}


@dataclass(frozen=True)
class StagingRequest:
    """What to stage, and how; the service decides what is None."""

    photo: Path
    style: str | None = None
    room_type: str | None = None
    seed: int | None = None

    def body(self, project_id: str, file_key: str) -> dict[str, Any]:
        """The body of `POST /api/v1/images`."""
        options = {"style": self.style, "room_type": self.room_type, "seed": self.seed}
        given = {key: value for key, value in options.items() if value is not None}
        return {"project_id": project_id, "original_url": file_key, **given}


@dataclass(frozen=True)
class Service:
    """Where the service answers, and who calls it: by a `token`, or by a name that this machine's `issuer` signs in."""

    base_url: str
    issuer: str = ""
    name: str = "demo"
    token: str = field(default="", repr=False)


def stage_photo(request: StagingRequest, service: Service, out: Path, progress: Progress) -> dict[str, Any]:
    """Stage the photo and write everything into `out`. Returns the summary. Raises `CommandError`."""
    content_type = _type_of(request.photo)
    out.mkdir(parents=True, exist_ok=True)
    with progress.step("Sign in"):
        token = service.token or sign_in(service.issuer, service.name).access_token
    with httpx.Client(timeout=60, trust_env=False) as http:
        client = Realstaging(http, service.base_url, token)
        image = _stage(client, request, content_type, progress)
        files = _collect(client, request, image, out, progress)
    summary = summarise(image, files, progress.seconds)
    (out / "summary.json").write_text(json.dumps(summary, indent=2) + "\n")
    size = (image["width"], image["height"])
    before = for_browsers(out / files["before"], size, out / "before-upright.jpg")
    page.write(out, files, image, before, progress.seconds)
    return summary


def summarise(image: Mapping[str, Any], files: Mapping[str, str], seconds: Mapping[str, float]) -> dict[str, Any]:
    """What `summary.json` says; `timeline` is seconds by step."""
    return {
        **files,
        "image_id": image["id"],
        "project_id": image["projectId"],
        "room_type": image["roomType"],
        "style": image["style"],
        "seed": image["seed"],
        "integrity": image["scores"]["integrity"],
        "quality": image["scores"]["quality"],
        "engine": image["engine"],
        "timeline": {step.lower().replace(" ", "_"): taken for step, taken in seconds.items()},
    }


def _stage(client: Realstaging, request: StagingRequest, content_type: str, progress: Progress) -> dict[str, Any]:
    with progress.step("Create a project"):
        project_id = client.create_project(f"Demo: {request.photo.stem}"[:200])
    with progress.step("Ask for an upload URL"):
        presigned = client.presign(request.photo, content_type)
    with progress.step("Upload the photo") as step:
        client.upload(request.photo, presigned, step.at)
    with progress.step("Create the image"):
        image_id = client.create_image(request.body(project_id, presigned["file_key"]))
    with progress.step("Stage") as step:
        _follow(client, image_id, step)
    return _ready(client.image(image_id))


def _follow(client: Realstaging, image_id: str, step: Step) -> None:
    for event in client.follow(image_id, STAGE_LIMIT_S):
        step.note(status_of(event))


def _ready(image: dict[str, Any]) -> dict[str, Any]:
    if image["status"] != "ready":
        raise CommandError(f"The photo was not staged: {image['error']}", "Try another photo, or another --room-type.")
    return image


def _collect(
    client: Realstaging, request: StagingRequest, image: Mapping[str, Any], out: Path, progress: Progress
) -> dict[str, str]:
    files = {"before": f"before{request.photo.suffix.lower()}", "after": "after.png", "mask": "mask.png"}
    with progress.step("Download the pictures"):
        shutil.copyfile(request.photo, out / files["before"])
        client.download(image["stagedUrl"], out / files["after"])
        client.download(image["maskUrl"], out / files["mask"])
    side_by_side(out / files["before"], out / files["after"], out / "side-by-side.jpg")
    return {**files, "side_by_side": "side-by-side.jpg"}


def _type_of(photo: Path) -> str:
    if not photo.is_file():
        raise CommandError(f"There is no file {photo}.", "--photo takes the path of a JPEG, PNG, WebP or HEIC.")
    known = TYPES.get(photo.suffix.lower()) or mimetypes.guess_type(photo.name)[0]
    if known is None:
        raise CommandError(f"{photo.name} has no known picture type.", "JPEG, PNG, WebP and HEIC can be staged.")
    return known
