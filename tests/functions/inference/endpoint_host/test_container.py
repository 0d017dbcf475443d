"""The container behind the host: slow, dying, the real one, and left alone."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from functions.inference.drawn_room import drawn_room
from infra.local.endpoint.host import create_app
from tests.functions.inference.conftest import AWS, BUCKET
from tests.functions.inference.endpoint_host.calls import (
    CONTAINER,
    Topics,
    a_stage_request,
    at,
    invoke_async,
    runtime_of,
)
from tests.functions.inference.running import running
from tests.support.patience import PATIENCE_S, until
from vitrine.contracts.inference import StageResult

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient


def test_a_container_that_does_not_answer_in_time_fails_the_invocation(
    runtime: "SageMakerRuntimeClient", put: Callable[[str, bytes], str], topics: Topics, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    put("inference/input.json", a_stage_request(put("wait", b"wait:" + str(go).encode())))
    invoke_async(runtime, "stage-5", InvocationTimeoutSeconds=1)
    message = topics.receive("stage-5")
    go.touch()
    assert message["invocationStatus"] == "Failed"
    assert "timed out" in message["failureReason"]


def test_a_container_that_dies_fails_its_invocation_and_the_next_one_is_served(
    runtime: "SageMakerRuntimeClient", put: Callable[[str, bytes], str], topics: Topics, photo: bytes
) -> None:
    put("inference/input.json", a_stage_request(put("deadly", b"die::")))
    invoke_async(runtime, "stage-6")
    assert topics.receive("stage-6")["invocationStatus"] == "Failed"
    put("inference/input.json", a_stage_request(put("room.jpg", photo)))
    invoke_async(runtime, "stage-7")
    assert topics.receive("stage-7")["invocationStatus"] == "Completed"


@pytest.mark.engine
def test_the_production_container_stages_a_drawn_room_through_the_host(
    put: Callable[[str, bytes], str], s3: "S3Client", topics: Topics, config: dict[str, Any], tmp_path: Path
) -> None:
    put("inference/drawn.json", a_stage_request(put("drawn.jpg", drawn_room()), quality="preview", output=at("drawn/")))
    config_file = tmp_path / "endpoint-host.json"
    config_file.write_text(json.dumps(config))
    with running(create_app(config_file)) as client:
        answer = invoke_async(runtime_of(client), "drawn-1", "inference/drawn.json")
        message = topics.receive("drawn-1", seconds=2 * PATIENCE_S)
    assert message["invocationStatus"] == "Completed"
    key = answer["OutputLocation"].removeprefix(f"s3://{BUCKET}/")
    result = StageResult.model_validate_json(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())
    assert result.refusal is None
    assert result.scores is not None
    assert result.scores.parts["outside_mask_changed"] == 0
    assert result.scores.integrity > 0.9
    assert (result.width, result.height) == (800, 600)


def test_a_container_does_not_outlive_a_killed_host(cloud: str, config_file: Path, tmp_path: Path) -> None:
    script = (
        "import sys, uvicorn, pathlib; from infra.local.endpoint.host import create_app; "
        "uvicorn.run(create_app(pathlib.Path(sys.argv[1]), sys.argv[2:]), port=0)"
    )
    pid_file = tmp_path / "pid"
    container = ("sh", "-c", f'echo $$ > {pid_file}; exec "$@"', "sh", *CONTAINER)
    environment = {**os.environ, **AWS}
    own_config = tmp_path / "endpoint-host.json"
    own_config.write_text(config_file.read_text())
    process = subprocess.Popen([sys.executable, "-c", script, str(own_config), *container], env=environment)
    try:
        until(lambda: pid_file.exists() and pid_file.read_text().strip() != "")
        pid = int(pid_file.read_text())
        until(lambda: _name(pid).startswith("python"))
        assert _name(pid) != ""
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    until(lambda: _name(pid) == "")


def _name(pid: int) -> str:
    """The process's name; empty when it has ended."""
    listed = subprocess.run(["ps", "-o", "stat=,comm=", "-p", str(pid)], capture_output=True, text=True, check=False)
    state, _, name = listed.stdout.strip().partition(" ")
    return "" if state.startswith("Z") else name.strip()
