"""The entry point tried as SageMaker uses it: started with `serve`, pinged, invoked, ended with SIGTERM."""

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
from moto.server import ThreadedMotoServer

from functions.inference.rehearsal.tree import Tree

BUCKET = "rehearsal"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "rehearsal", "AWS_SECRET_ACCESS_KEY": "rehearsal", "AWS_REGION": "us-east-1"}
START_WITHIN_S = 180.0
STAGE_WITHIN_S = 180.0


def rehearse(tree: Tree, photo: bytes) -> dict[str, Any]:
    """What was seen; raises `RuntimeError` when the container does not do its part."""
    with _storage(photo) as cloud, _container(tree, cloud) as (process, port):
        started = time.perf_counter()
        _wait_until_ready(process, port)
        ready_s = time.perf_counter() - started
        first, first_s = _stage(port, "first")
        second, second_s = _stage(port, "second")
        seen = {
            "ready_s": ready_s,
            "first_staging_s": first_s,
            "second_staging_s": second_s,
            "engine": first["engine"],
            "outcome": first["refusal"] or first["scores"],
            "picture_bytes": _stored_bytes(cloud, first),
            "timings": second["timings"],
            **_status(process.pid),
        }
        return seen | _stop(process)


@contextmanager
def _storage(photo: bytes) -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    client = _client(f"http://{host}:{port}")
    client.create_bucket(Bucket=BUCKET)
    client.put_object(Bucket=BUCKET, Key="photo", Body=photo)
    yield f"http://{host}:{port}"
    server.stop()


@contextmanager
def _container(tree: Tree, cloud: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    port = _free_port()
    environment = {
        **tree.environment,
        **CREDENTIALS,
        "AWS_ENDPOINT_URL": cloud,
        "SAGEMAKER_BIND_TO_PORT": str(port),
    }
    process = subprocess.Popen(tree.command([*tree.entry_point, *tree.arguments], environment), stdout=sys.stderr)  # noqa: S603
    try:
        yield process, port
    finally:
        process.kill()
        process.wait()


def _wait_until_ready(process: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + START_WITHIN_S
    while not _ready(port):
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"the container did not become ready (exit code {process.poll()})")
        time.sleep(0.1)


def _ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/ping", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _stage(port: int, name: str) -> tuple[dict[str, Any], float]:
    request = {
        "task": "stage",
        "job_id": name,
        "attempt": 1,
        "photo": {"bucket": BUCKET, "key": "photo"},
        "output": {"bucket": BUCKET, "key": f"staged/{name}/"},
        "deadline": (datetime.now(UTC) + timedelta(seconds=STAGE_WITHIN_S)).isoformat(),
    }
    started = time.perf_counter()
    url = f"http://127.0.0.1:{port}/invocations"
    with urllib.request.urlopen(url, json.dumps(request).encode(), timeout=STAGE_WITHIN_S) as answer:
        return json.load(answer), time.perf_counter() - started


def _stored_bytes(cloud: str, result: dict[str, Any]) -> int | None:
    if result["picture"] is None:
        return None
    return int(_client(cloud).head_object(Bucket=BUCKET, Key=result["picture"]["key"])["ContentLength"])


def _status(pid: int) -> dict[str, Any]:
    """The serving process's user, and its and its children's peak memory, as the kernel tells them."""
    children = [one for task in Path(f"/proc/{pid}/task").iterdir() for one in (task / "children").read_text().split()]
    peaks = [int(_kernel_status(one)["VmHWM"].split()[0]) // 1024 for one in (str(pid), *children)]
    return {"uid": int(_kernel_status(str(pid))["Uid"].split()[0]), "peaks_mb": peaks}


def _kernel_status(pid: str) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def _stop(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    started = time.perf_counter()
    process.send_signal(signal.SIGTERM)
    return {"exit_code": process.wait(30), "stop_s": time.perf_counter() - started}


def _client(cloud: str) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=cloud,
        region_name=CREDENTIALS["AWS_REGION"],
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
