"""The demo: one photo through the whole journey, with what it gave and how long each step took."""

import json
import mimetypes
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from infra.errors import CommandError
from infra.local.identity.client import sign_in
from infra.local.journey.client import Realstaging, status_of
from infra.local.journey.pictures import side_by_side
from infra.local.progress import Progress, Step

STAGE_LIMIT_S = 900
TYPES = {".heic": "image/heic", ".heif": "image/heic", ".webp": "image/webp"}


@dataclass(frozen=True)
class Wish:
    """What to stage, and how; what is None the service decides."""

    photo: Path
    style: str | None = None
    room_type: str | None = None
    seed: int | None = None

    def of(self, project_id: str, file_key: str) -> dict[str, Any]:
        asked = {"style": self.style, "room_type": self.room_type, "seed": self.seed}
        given = {key: value for key, value in asked.items() if value is not None}
        return {"project_id": project_id, "original_url": file_key, **given}


@dataclass(frozen=True)
class Place:
    """Where the service answers, and who signs in to it."""

    base_url: str
    issuer: str
    name: str = "demo"


def tell(wish: Wish, place: Place, out: Path, progress: Progress) -> dict[str, Any]:
    """Stage the photo and write everything into `out`. Returns the summary. Raises `CommandError`."""
    content_type = _type_of(wish.photo)
    out.mkdir(parents=True, exist_ok=True)
    with progress.step("Sign in"):
        token = sign_in(place.issuer, place.name).access_token
    with httpx.Client(timeout=60, trust_env=False) as http:
        service = Realstaging(http, place.base_url, token)
        image = _stage(service, wish, content_type, progress)
        files = _collect(service, wish, image, out, progress)
    summary = summarise(image, files, progress.seconds)
    (out / "summary.json").write_text(json.dumps(summary, indent=2) + "\n")
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


def _stage(service: Realstaging, wish: Wish, content_type: str, progress: Progress) -> dict[str, Any]:
    with progress.step("Create a project"):
        project_id = service.create_project(f"Demo: {wish.photo.stem}"[:200])
    with progress.step("Ask for an upload URL"):
        presigned = service.presign(wish.photo, content_type)
    with progress.step("Upload the photo") as step:
        service.upload(wish.photo, presigned, step.at)
    with progress.step("Create the image"):
        image_id = service.create_image(wish.of(project_id, presigned["file_key"]))
    with progress.step("Stage") as step:
        _follow(service, image_id, step)
    return _ready(service.image(image_id))


def _follow(service: Realstaging, image_id: str, step: Step) -> None:
    for event in service.follow(image_id, STAGE_LIMIT_S):
        step.note(status_of(event))


def _ready(image: dict[str, Any]) -> dict[str, Any]:
    if image["status"] != "ready":
        raise CommandError(f"The photo was not staged: {image['error']}", "Try another photo, or another --room-type.")
    return image


def _collect(
    service: Realstaging, wish: Wish, image: Mapping[str, Any], out: Path, progress: Progress
) -> dict[str, str]:
    files = {"before": f"before{wish.photo.suffix.lower()}", "after": "after.png", "mask": "mask.png"}
    with progress.step("Download the pictures"):
        shutil.copyfile(wish.photo, out / files["before"])
        service.download(image["stagedUrl"], out / files["after"])
        service.download(image["maskUrl"], out / files["mask"])
    side_by_side(out / files["before"], out / files["after"], out / "side-by-side.jpg")
    return {**files, "side_by_side": "side-by-side.jpg"}


def _type_of(photo: Path) -> str:
    if not photo.is_file():
        raise CommandError(f"There is no file {photo}.", "--photo takes the path of a JPEG, PNG, WebP or HEIC.")
    known = TYPES.get(photo.suffix.lower()) or mimetypes.guess_type(photo.name)[0]
    if known is None:
        raise CommandError(f"{photo.name} has no known picture type.", "JPEG, PNG, WebP and HEIC can be staged.")
    return known
