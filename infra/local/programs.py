"""The two parts that are ours: the inference endpoint's host and the identity provider."""

import json
import sys
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from infra.local import emulator, processes
from infra.local.processes import Program
from infra.local.workspace import REPOSITORY, Workspace, write_atomically
from infra.settings import LOCAL

ENDPOINT, IDENTITY = "endpoint", "identity"
SOURCES = {
    ENDPOINT: (
        "functions/inference",
        "infra/local/endpoint",
        "layers/core/python/vitrine/contracts",
        "layers/core/python/vitrine/pictures",
        "uv.lock",
    ),
    IDENTITY: ("infra/local/identity", "uv.lock"),
}
START_LIMIT_S = 60.0
# The container imports a renderer and compiles its kernels once.
ENDPOINT_READY_LIMIT_S = 180.0


def start_identity(workspace: Workspace, port: int, audience: str) -> None:
    options = ("--port", str(port), "--audience", audience, "--keys", str(identity_keys(workspace)))
    _start(workspace, IDENTITY, ("infra.local.identity.provider", *options), {})


def identity_keys(workspace: Workspace) -> Path:
    return workspace.root / "identity-keys.json"


def wait_identity(workspace: Workspace, port: int) -> None:
    processes.wait_until(lambda: identity_answers(port), workspace, IDENTITY, START_LIMIT_S)


def identity_answers(port: int) -> bool:
    return _get(f"{emulator.url(port)}/.well-known/openid-configuration") is not None


def start_endpoint(workspace: Workspace, port: int, emulator_port: int) -> None:
    options = ("--port", str(port), "--config", str(workspace.root / "endpoint.json"))
    _start(workspace, ENDPOINT, ("infra.local.endpoint.host", *options), emulator.aws_environment(emulator_port))


def configure_endpoint(workspace: Workspace, emulator_port: int, outputs: Mapping[str, str]) -> None:
    """Write what SageMaker's endpoint configuration would say. Before the first deploy: only where the cloud is.

    That is enough for the container to start and load its engine.
    """
    cloud = {"cloud_endpoint": emulator.url(emulator_port), "region": emulator.REGION}
    config = {**cloud, **(_endpoint_locations(outputs) if outputs else {})}
    write_atomically(workspace.root / "endpoint.json", json.dumps(config, indent=2))


def _endpoint_locations(outputs: Mapping[str, str]) -> dict[str, str]:
    results = f"s3://{outputs['MediaBucketIs']}/inference"
    return {
        "staging_endpoint_name": LOCAL.named("staging"),
        "qc_endpoint_name": LOCAL.named("qc"),
        "output_uri": f"{results}/output",
        "failure_uri": f"{results}/failure",
        "success_topic": outputs["InferenceDoneTopicIs"],
        "error_topic": outputs["InferenceFailedTopicIs"],
    }


def wait_endpoint(workspace: Workspace, port: int) -> None:
    processes.wait_until(lambda: endpoint_is_ready(port), workspace, ENDPOINT, ENDPOINT_READY_LIMIT_S)


def endpoint_is_ready(port: int) -> bool:
    health = _get(f"{emulator.url(port)}/health")
    return health is not None and health.get("status") == "ready"


def _start(workspace: Workspace, name: str, module: tuple[str, ...], environment: Mapping[str, str]) -> None:
    command = (sys.executable, "-m", *module)
    whole = {**(environment or emulator.clean_environment()), "PYTHONUNBUFFERED": "1"}
    processes.start(workspace, Program(name, command, whole, REPOSITORY, SOURCES[name]))


def _get(url: str) -> dict[str, object] | None:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310
            document: dict[str, object] = json.load(answer)
            return document
    except (OSError, ValueError):
        return None
