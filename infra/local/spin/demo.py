"""The demo of imaging360: a camera brings a turn with four faults, the QC names them, a reviewer publishes the set."""

import json
import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import httpx

from infra.errors import CommandError
from infra.local.progress import Progress, Step
from infra.local.spin import page
from infra.local.spin.client import Document, Imaging360
from infra.local.spin.faults import Faults, Upload, spoilt
from infra.local.spin.verdict import Named, named

VEHICLE = {"vin": "1HGCM82633A004352", "stock": "STK-360"}
Found = TypeVar("Found")
REASON = "Demo: shows what the quality control finds"
AT_ONCE = 4
LIMIT_S = 240.0
POLL_S = 1.0
WAITED_FOR = ("pending", "processing")
JUDGED = ("complete", "incomplete", "failed")


@dataclass(frozen=True)
class Service:
    """Where imaging360 answers, the organisation that the camera enrols with, and who reviews."""

    base_url: str
    org_id: str
    id_token: str


def show_spin(frames: Sequence[Path], service: Service, out: Path, progress: Progress, seed: int = 1) -> Document:
    """Bring the frames with four faults made, wait for the verdict, publish, and write the page into `out`.

    Returns the summary; `named_exactly` says whether the QC named those four and nothing else. Raises `CommandError`.
    """
    faults, out = Faults(), _folder(out)
    uploads = spoilt(list(frames), faults)
    with httpx.Client(timeout=60, trust_env=False) as http:
        session_id, reviewer = _bring(http, service, uploads, len(frames), progress, seed)
        session, images = _judged(reviewer, session_id, progress)
        publication = published(reviewer, session_id, progress)
        pictures = _pictures(reviewer, uploads, images, publication, out, progress)
    found = named(session, images)
    summary = _summary(session, found, faults, publication, progress)
    (out / "summary.json").write_text(json.dumps(summary, indent=2) + "\n")
    page.write(out, session, images, pictures, len(frames), summary)
    return summary


def _folder(out: Path) -> Path:
    (out / "frames").mkdir(parents=True, exist_ok=True)
    return out


def _bring(
    http: httpx.Client, service: Service, uploads: list[Upload], frames: int, progress: Progress, seed: int
) -> tuple[str, Imaging360]:
    """The camera's part, files in random order; answers the session's id and the reviewer's client."""
    with progress.step("Enrol the camera, sign the reviewer in"):
        camera = Imaging360.device(http, service.base_url, service.org_id)
        reviewer = Imaging360.person(http, service.base_url, service.id_token)
    with progress.step("Open a session"):
        session_id = str(camera.open_session(camera.first_site(), VEHICLE, frames)["id"])
    shuffled = random.Random(seed).sample(uploads, len(uploads))  # noqa: S311 - an order, no secret
    with progress.step(f"Upload {len(uploads)} frames in random order") as step, ThreadPoolExecutor(AT_ONCE) as pool:
        for done, _ in enumerate(pool.map(lambda each: camera.upload(session_id, each), shuffled), 1):
            step.at(done, len(uploads))
        camera.complete(session_id)
    return session_id, reviewer


def _judged(reviewer: Imaging360, session_id: str, progress: Progress) -> tuple[Document, list[Document]]:
    with progress.step("Inspect every frame") as step:
        _until(lambda: _inspected(reviewer.images(session_id), step), "The frames were not inspected")
    with progress.step("Judge the set"):
        session = _until(lambda: _verdict(reviewer.session(session_id)), "The set was not judged")
    return session, reviewer.images(session_id)


def _inspected(images: list[Document], step: Step) -> bool | None:
    done = sum(image["status"] not in WAITED_FOR for image in images)
    step.at(done, len(images))
    return done == len(images) > 0 or None


def _verdict(session: Document) -> Document | None:
    known = session["set"]
    return session if known["status"] in JUDGED and known["judged_version"] == known["set_version"] else None


def published(reviewer: Imaging360, session_id: str, progress: Progress) -> Document:
    with progress.step("Publish, number plates hidden") as step:
        try:
            reviewer.publish(session_id, REASON)
        except CommandError as refused:
            # What the quality control found is worth showing all the same.
            progress.say(f"  {refused.message}")
            return {"status": "refused", "frames": []}
        return _until(lambda: _settled(reviewer.publication(session_id), step), "The set was not published")


def _settled(publication: Document, step: Step) -> Document | None:
    step.note(publication["status"])
    return None if publication["status"] == "publishing" else publication


def _until(ask: Callable[[], Found | None], complaint: str) -> Found:
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        found = ask()
        if found is not None:
            return found
        time.sleep(POLL_S)
    raise CommandError(f"{complaint} within {LIMIT_S:.0f} s.", "`vitrine logs` says why.")


def _pictures(
    reviewer: Imaging360,
    uploads: list[Upload],
    images: list[Document],
    publication: Document,
    out: Path,
    progress: Progress,
) -> dict[int, str]:
    """A picture for each place, by its name in `out`: as it is published, else as the camera sent it."""
    public = {frame["frame"]: frame["url"] for frame in publication["frames"]}
    with progress.step("Download the frames"):
        for upload in uploads:
            data = reviewer.file(public[upload.place]) if upload.place in public else upload.data
            (out / "frames" / upload.name).write_bytes(data)
    return {upload.place: f"frames/{upload.name}" for upload in uploads}


def _summary(session: Document, found: Named, faults: Faults, publication: Document, progress: Progress) -> Document:
    return {
        "session_id": session["id"],
        "set_status": session["set"]["status"],
        "confidence": session["set"]["confidence"],
        "made": faults.__dict__,
        "named": found.as_document(),
        "named_exactly": found.exactly(faults),
        "direction": session["set"]["direction"],
        "front_frame": session["set"]["front_frame"],
        "publication": publication["status"],
        "timeline": {step.lower().replace(" ", "_"): taken for step, taken in progress.seconds.items()},
    }
