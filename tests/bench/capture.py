"""How long a set takes from its last byte to inspected, judged and published, and how many events a second are taken.

    uv run python -m tests.bench.capture [--state DIR] [--runs 2] [--frames FOLDER] [--events-s 10]

Everything happens in a deployment of its own, in a temporary folder that is removed afterwards, so the functions of the
first run are cold and those of the others warm; with `--state`, in the one that `vitrine up --state DIR` made. A camera
brings the frames of the demo's turn, as they were rendered, in random order and four at a time; a reviewer publishes
as soon as there is a verdict. Seconds are counted from the last frame's PUT; the goal on 2 cores is 10 s to the verdict
and 20 s to the publication. Polled every quarter of a second, so no step is surer than that.

Events go by `POST /v1/events`, 500 in a request. Rivals in the same run: the same route with one event in a request,
and boto3's `batch_writer`, which puts as many items of that size straight into a table of the emulator: no identity, no
limit, no check, no order, no double found. Prints the machine's load, since all of it says little on a busy one.
"""

import argparse
import itertools
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import httpx

from infra.local import emulator
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
BATCH = 500
CLIENTS = 2
SETTLED = ("complete", "incomplete", "failed")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--state", type=Path)
    parser.add_argument("--runs", type=int, default=2)
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
            steps = ", ".join(f"{step} {taken:.1f} s" for step, taken in times.items())
            say(f"set of {len(frames)}, {'cold' if run == 0 and not options.state else 'warm'}: {steps}")
        for batch in (BATCH, 1):
            say(f"events, {batch} in a request: {events_a_second(camera, batch, options.events_s):,.0f} a second")
        say(f"rival, batch_writer without any check: {items_a_second(workspace, options.events_s):,.0f} a second")


def say(line: str) -> None:
    print(f"load {os.getloadavg()[0]:>4.1f}  {line}", flush=True)


def of_a_set(camera: Imaging360, reviewer: Imaging360, frames: list[Path], run: int) -> dict[str, float]:
    """Seconds since the last frame's PUT, by step; how long the uploads took comes first. Raises when not published."""
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
    reviewer.publish(session_id, "bench")
    times["published"] = _after(sent, lambda: reviewer.publication(session_id)["status"] != "publishing")
    if (status := reviewer.publication(session_id)["status"]) != "published":
        raise RuntimeError(f"the set was to be published and is {status}")
    return times


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


def events_a_second(camera: Imaging360, batch: int, seconds: float) -> float:
    """Events of one session, taken in batches by some clients at once."""
    vehicle = {"stock": f"BENCH-{uuid4().hex[:10]}"}
    session_id = str(camera.open_session(camera.first_site(), vehicle, 24)["id"])
    numbers = itertools.count()

    def send() -> int:
        taken = camera.tell([_event(session_id, next(numbers)) for _ in range(batch)])
        assert taken == batch, f"{taken} of {batch} events were taken"
        return taken

    return a_second(send, seconds)


def items_a_second(workspace: Workspace, seconds: float) -> float:
    """Items of an event's size, put into a table of their own by boto3's `batch_writer`."""
    port = workspace.load().ports[emulator.NAME]
    emulator.client("dynamodb", port).create_table(
        TableName="bench",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        BillingMode="PAY_PER_REQUEST",
    )
    numbers = itertools.count()

    def put() -> int:
        with _table(port).batch_writer() as writer:
            for number in itertools.islice(numbers, BATCH):
                writer.put_item({"pk": "session", "sk": f"{number:012}", **_event("session", number)})
        return BATCH

    return a_second(put, seconds)


def _table(port: int) -> Any:
    session = boto3.Session(
        aws_access_key_id=emulator.CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=emulator.CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        region_name=emulator.REGION,
    )
    return session.resource("dynamodb", endpoint_url=emulator.url(port)).Table("bench")


def a_second(do: Callable[[], int], seconds: float) -> float:
    """How many of what `do` does at a time are done in a second, by some clients at once and after one for warmth."""
    do()
    began = time.monotonic()

    def work(_: int) -> int:
        done = 0
        while time.monotonic() < began + seconds:
            done += do()
        return done

    with ThreadPoolExecutor(CLIENTS) as pool:
        total = sum(pool.map(work, range(CLIENTS)))
    return total / (time.monotonic() - began)


def _event(session_id: str, number: int) -> Document:
    about = {"entity_type": "session", "entity_id": session_id, "type": "upload_started"}
    return {**about, "event_id": f"bench-{number}", "sequence": number}


if __name__ == "__main__":
    main()
