"""How long a set takes from its last byte to inspected, judged and published, and how many events a second are taken.

    uv run python -m tests.bench.capture [--state DIR] [--runs 1] [--frames FOLDER] [--events-s 10]

Everything happens in a deployment of its own, in a temporary folder that is removed afterwards; with `--state`, in the
one that `vitrine up --state DIR` made. A camera brings the frames of the demo's turn, as they were rendered, in random
order and four at a time; a reviewer publishes. Seconds are counted from the last frame's PUT; the goal on 2 cores is
10 s to the verdict and 20 s to the publication. Polled every quarter of a second, so no step is surer than that.
"""

import argparse
import itertools
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import httpx

from infra.local.commands.demo import KEPT_FRAMES
from infra.local.deployment import describe, down
from infra.local.identity.client import sign_in
from infra.local.organisations import open_demo
from infra.local.spin.client import Document, Imaging360
from infra.local.spin.faults import Upload
from infra.local.workspace import Workspace

POLL_S = 0.25
WITHIN_S = 300.0
AT_ONCE = 4
BATCH = 100
CLIENTS = 4
SETTLED = ("complete", "incomplete", "failed")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--state", type=Path)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--frames", type=Path, default=KEPT_FRAMES)
    parser.add_argument("--events-s", type=float, default=10.0)
    options = parser.parse_args()
    if options.state:
        measure(Workspace(root=options.state), options)
        return
    with tempfile.TemporaryDirectory(prefix="vitrine-bench-") as folder:
        workspace = Workspace(root=Path(folder) / ".vitrine")
        try:
            up = [sys.executable, "-m", "infra.cli", "up", "--state", str(workspace.root)]
            subprocess.run(up, check=True, stdout=subprocess.DEVNULL)
            measure(workspace, options)
        finally:
            down(workspace, forget=True)


def measure(workspace: Workspace, options: argparse.Namespace) -> None:
    deployment, org_id = describe(workspace), open_demo(workspace)
    base_url = deployment.base_url("imaging360")
    id_token = sign_in(deployment.identity["issuer"], "demo").id_token
    frames = sorted(options.frames.glob("*.jpg"))
    with httpx.Client(timeout=60, trust_env=False) as http:
        camera = Imaging360.device(http, base_url, org_id)
        reviewer = Imaging360.person(http, base_url, id_token)
        for run in range(options.runs):
            times = of_a_set(camera, reviewer, frames, run)
            print(f"set of {len(frames)}: " + ", ".join(f"{step} {taken:.1f} s" for step, taken in times.items()))
        print(f"events: {events_a_second(camera, options.events_s):.0f} a second, batches of {BATCH}")


def of_a_set(camera: Imaging360, reviewer: Imaging360, frames: list[Path], run: int) -> dict[str, float]:
    """Seconds since the last frame's PUT, by step; how long the uploads took comes first."""
    vehicle = {"stock": f"BENCH-{uuid4().hex[:10]}"}
    session_id = str(camera.open_session(camera.first_site(), vehicle, len(frames))["id"])
    uploads = [Upload(name=path.name, data=path.read_bytes(), place=place) for place, path in enumerate(frames)]
    began = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        shuffled = random.Random(run).sample(uploads, len(uploads))
        list(pool.map(lambda each: camera.upload(session_id, each), shuffled))
    sent = time.monotonic()
    camera.complete(session_id)
    times = {"uploaded in": sent - began}
    times["inspected"] = _after(sent, lambda: _inspected(reviewer.images(session_id), len(frames)))
    times["judged"] = _after(sent, lambda: _judged(reviewer.session(session_id)))
    asked = time.monotonic()
    reviewer.publish(session_id, "bench")
    settled = _after(asked, lambda: reviewer.publication(session_id)["status"] != "publishing")
    status = reviewer.publication(session_id)["status"]
    return {**times, f"publication {status}, since it was asked for": settled}


def _after(since: float, is_so: Callable[[], bool]) -> float:
    while not is_so():
        if time.monotonic() - since > WITHIN_S:
            raise TimeoutError(f"not within {WITHIN_S:.0f} s")
        time.sleep(POLL_S)
    return time.monotonic() - since


def _inspected(images: list[Document], frames: int) -> bool:
    return len(images) == frames and all(image["status"] not in ("pending", "processing") for image in images)


def _judged(session: Document) -> bool:
    known = session["set"]
    return known["status"] in SETTLED and known["judged_version"] == known["set_version"]


def events_a_second(camera: Imaging360, seconds: float) -> float:
    """Events of one session, taken in batches by some clients at once."""
    vehicle = {"stock": f"BENCH-{uuid4().hex[:10]}"}
    session_id = str(camera.open_session(camera.first_site(), vehicle, 24)["id"])
    numbers = itertools.count()
    until_when = time.monotonic() + seconds

    def send(_: int) -> int:
        taken = 0
        while time.monotonic() < until_when:
            batch = [_event(session_id, next(numbers)) for _ in range(BATCH)]
            taken += camera.tell(batch)
        return taken

    began = time.monotonic()
    with ThreadPoolExecutor(CLIENTS) as pool:
        total = sum(pool.map(send, range(CLIENTS)))
    return total / (time.monotonic() - began)


def _event(session_id: str, number: int) -> Document:
    about = {"entity_type": "session", "entity_id": session_id, "type": "upload_started"}
    return {**about, "event_id": f"bench-{number}", "sequence": number}


if __name__ == "__main__":
    main()
