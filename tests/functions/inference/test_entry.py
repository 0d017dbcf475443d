"""The container's process: how it starts, and how it ends."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from tests.functions.inference.conftest import BUCKET
from tests.support.patience import PATIENCE_S, until

BROKEN = """
from functions.inference.__main__ import main
def broken(): raise RuntimeError("no renderer here")
raise SystemExit(main(["serve", "--host", "127.0.0.1", "--port", "0"], broken))
"""


def a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def container(
    module: str = "tests.functions.inference.container", **variables: str
) -> Iterator[tuple[subprocess.Popen[str], httpx.Client]]:
    port = a_free_port()
    command = [sys.executable, "-m", module, "serve", "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **variables})
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE_S) as client:
            until(lambda: _answers(client))
            yield process, client
    finally:
        process.kill()
        process.communicate()


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("/ping").status_code == 200
    except httpx.TransportError:
        return False


def test_sigterm_lets_the_photo_at_work_be_finished_and_ends_with_code_zero(
    put: Callable[[str, bytes], str], tmp_path: Path
) -> None:
    go = tmp_path / "go"
    request = {
        "task": "stage",
        "job_id": "job-1",
        "attempt": 1,
        "photo": {"bucket": BUCKET, "key": put("wait", b"wait:" + str(go).encode())},
        "output": {"bucket": BUCKET, "key": "staged/"},
        "deadline": (datetime.now(UTC) + timedelta(seconds=PATIENCE_S)).isoformat(),
    }
    answers: list[int] = []
    with container() as (process, client):
        sender = threading.Thread(target=lambda: answers.append(client.post("/invocations", json=request).status_code))
        sender.start()
        log = process.stdout
        assert log is not None
        until(lambda: '"progress"' in log.readline())
        process.send_signal(signal.SIGTERM)
        until(lambda: "Shutting down" in log.readline())
        go.touch()
        sender.join(PATIENCE_S)
        assert process.wait(PATIENCE_S) == 0
    assert answers == [200]


def test_every_log_line_is_json() -> None:
    with container() as (process, client):
        client.post("/invocations", content=b"{}")
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=PATIENCE_S)
    lines = [json.loads(line) for line in output.splitlines()]
    assert {"time", "level", "event"} <= lines[0].keys()
    assert [line["status"] for line in lines if line["event"] == "invocation"] == [400]


def test_an_engine_that_does_not_start_ends_the_container_with_code_one() -> None:
    done = subprocess.run(
        [sys.executable, "-c", BROKEN], capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    assert done.returncode == 1
    assert "engine does not start" in done.stdout


def test_a_container_whose_starter_is_already_gone_ends_at_once() -> None:
    module = "tests.functions.inference.container"
    command = [sys.executable, "-m", module, "serve", "--host", "127.0.0.1", "--port", "0", "--stop-with-stdin"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE_S, check=False)
    assert done.returncode in {0, -signal.SIGTERM}
    assert done.stderr == b""


@pytest.mark.engine
def test_the_production_container_judges_without_an_engine(
    put: Callable[[str, bytes], str], photo: bytes, aws: str
) -> None:
    picture = {"bucket": BUCKET, "key": put("photo.jpg", photo)}
    deadline = (datetime.now(UTC) + timedelta(seconds=PATIENCE_S)).isoformat()
    request = {"task": "qc", "job_id": "j", "photo": picture, "picture": picture, "deadline": deadline}
    text = {"bucket": BUCKET, "key": put("text.jpg", b"no picture")}
    with container("functions.inference", VITRINE_ENGINE="") as (_, client):
        answer = client.post("/invocations", json=request)
        refused = client.post("/invocations", json={**request, "picture": text})
    assert answer.status_code == 200, answer.text
    assert answer.json()["scores"]["integrity"] == 1.0
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_request")


@pytest.mark.parametrize("arguments", [[], ["paint"]])
def test_a_command_that_is_not_known_is_refused(arguments: list[str]) -> None:
    command = [sys.executable, "-m", "functions.inference", *arguments]
    assert subprocess.run(command, capture_output=True, timeout=PATIENCE_S, check=False).returncode == 2
