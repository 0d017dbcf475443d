"""The real CDK CLI against the emulator: synthesise, deploy, and know when neither is needed."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from infra.errors import CommandError
from infra.local import emulator, sources, tools
from infra.local.progress import Step
from infra.local.workspace import REPOSITORY, Workspace, write_atomically

ASSET_BUCKET = f"cdk-hnb659fds-assets-{emulator.ACCOUNT}-{emulator.REGION}"
"""Where `CliCredentialsStackSynthesizer` puts assets; the only part of a bootstrap that it needs."""
FINGERPRINT = "/vitrine/local/fingerprint"
LIMIT_S = 300
EVENT = re.compile(r"^(?P<stack>\S+) \|\s*(?P<done>\d+)/(?P<total>\d+) \|")


@dataclass(frozen=True)
class CdkApp:
    """What is deployed: the app's command, the folders it is made from, and its context."""

    folder: Path = REPOSITORY
    command: tuple[str, ...] = (sys.executable, "-m", "infra.app")
    sources: tuple[str, ...] = ("infra", "functions", "layers", "events", "cdk.json", "pyproject.toml", "uv.lock")
    context: tuple[tuple[str, str], ...] = ()

    def fingerprint(self) -> str:
        """Changes when any file or value that the synthesis reads changes."""
        return sources.fingerprint(self.folder, self.sources, (self.command, self.context))


@dataclass(frozen=True)
class Said:
    """How a run of the CLI ended: its exit code (negative when killed) and its last lines."""

    code: int
    last: str


def deployed_fingerprint(port: int) -> str | None:
    """Of what the emulator holds. It is kept in the emulator, so it is lost with what it speaks of."""
    ssm = emulator.client("ssm", port)
    try:
        return str(ssm.get_parameter(Name=FINGERPRINT)["Parameter"]["Value"])
    except ssm.exceptions.ParameterNotFound:
        return None


def record_fingerprint(port: int, fingerprint: str) -> None:
    emulator.client("ssm", port).put_parameter(Name=FINGERPRINT, Value=fingerprint, Type="String", Overwrite=True)


def synthesise(workspace: Workspace, app: CdkApp, port: int) -> str:
    """Make the assembly, unless the one there was made of the same. Returns the fingerprint of what it was made of."""
    fingerprint, made_of = app.fingerprint(), workspace.root / "assembly.fingerprint"
    if made_of.exists() and made_of.read_text() == fingerprint:
        return fingerprint
    made_of.unlink(missing_ok=True)
    _synthesise(workspace, app, port)
    write_atomically(made_of, fingerprint)
    return fingerprint


def _synthesise(workspace: Workspace, app: CdkApp, port: int) -> None:
    context = [word for key, value in app.context for word in ("--context", f"{key}={value}")]
    arguments = ("synth", "--quiet", "--app", shlex.join(app.command), "--output", str(workspace.assembly), *context)
    _cdk(workspace, app, port, arguments, Step())


def deploy(workspace: Workspace, app: CdkApp, port: int, step: Step) -> dict[str, str]:
    """Deploy every stack of the synthesised assembly. Returns the stacks' outputs by key."""
    _make_asset_bucket(port)
    outputs = workspace.root / "outputs.json"
    how = ("--require-approval", "never", "--method", "direct", "--concurrency", "4")
    files = ("--app", str(workspace.assembly), "--outputs-file", str(outputs))
    _cdk(workspace, app, port, ("deploy", "--all", *how, *files), step)
    stacks = json.loads(outputs.read_text()).values() if outputs.exists() else ()
    return {key: value for stack in stacks for key, value in stack.items()}


def _make_asset_bucket(port: int) -> None:
    emulator.client("s3", port).create_bucket(Bucket=ASSET_BUCKET)


def _cdk(workspace: Workspace, app: CdkApp, port: int, arguments: tuple[str, ...], step: Step) -> None:
    quiet = ("--no-notices", "--no-version-reporting", "--no-color", "--ci")
    command = (str(tools.node()), str(tools.cdk_cli(workspace)), *arguments, *quiet)
    with (workspace.logs / "cdk.log").open("a") as log:
        said = _watch(command, app, _environment(workspace, port), log, step)
    if said.code:
        raise _failed(arguments[0], said, log.name)


def _failed(action: str, said: Said, log: str) -> CommandError:
    return CommandError(
        f"`cdk {action}` took more than {LIMIT_S} s." if said.code < 0 else f"`cdk {action}` failed.",
        f"The whole output is {log}. When what is deployed is broken, `vitrine down --forget` and `vitrine up` "
        "start from nothing.",
        said.last,
    )


def _watch(command: tuple[str, ...], app: CdkApp, environment: Mapping[str, str], log: TextIO, step: Step) -> Said:
    """Run to the end, killed after `LIMIT_S`; its lines go to `log` and move the step's bar."""
    last: deque[str] = deque(maxlen=25)
    child = subprocess.Popen(  # noqa: S603
        command,
        cwd=app.folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    # A custom resource that never answers would hold the CLI for an hour.
    deadline = threading.Timer(LIMIT_S, _kill, (child,))
    deadline.start()
    try:
        for line in child.stdout or ():
            log.write(line)
            last.append(line.rstrip())
            _show(line, step)
    except KeyboardInterrupt:
        # The CLI sits in a session of its own, where Ctrl-C does not reach.
        _kill(child)
        raise
    finally:
        deadline.cancel()
    return Said(child.wait(), "\n".join(last))


def _kill(child: subprocess.Popen[str]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)


def _show(line: str, step: Step) -> None:
    if event := EVENT.match(line):
        step.at(int(event["done"]), int(event["total"]), event["stack"])


def _environment(workspace: Workspace, port: int) -> Mapping[str, str]:
    node_first = f"{tools.node().parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return {
        **emulator.aws_environment(port),
        "PATH": node_first,
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "CDK_HOME": str(workspace.tools / "cdk-home"),
        "NO_COLOR": "1",
    }
