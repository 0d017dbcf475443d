"""The real CDK CLI against the emulator, and how it is known that nothing needs to be deployed."""

import json
import re
from collections.abc import Mapping

from infra.errors import CommandError
from infra.local import emulator, tools
from infra.local.assembly import ASSET_BUCKET
from infra.local.progress import Step
from infra.local.run import Ended, run
from infra.local.workspace import REPOSITORY, Workspace

FINGERPRINT = "/vitrine/local/fingerprint"
LIMIT_S = 300.0
"""A custom resource that never answers would hold the CLI for an hour."""
EVENT = re.compile(r"^(?P<stack>\S+) \|\s*(?P<done>\d+)/(?P<total>\d+) \|")


def deployed_fingerprint(port: int) -> str | None:
    """The fingerprint of what the emulator holds. It is kept in the emulator, so both are lost together."""
    ssm = emulator.client("ssm", port)
    try:
        return str(ssm.get_parameter(Name=FINGERPRINT)["Parameter"]["Value"])
    except ssm.exceptions.ParameterNotFound:
        return None


def record_fingerprint(port: int, fingerprint: str) -> None:
    emulator.client("ssm", port).put_parameter(Name=FINGERPRINT, Value=fingerprint, Type="String", Overwrite=True)


def deploy(workspace: Workspace, port: int, step: Step) -> dict[str, str]:
    """Deploy every stack of the synthesised assembly. Returns the stacks' outputs by key. Raises `CommandError`."""
    emulator.have_bucket(port, ASSET_BUCKET)
    outputs = workspace.root / "outputs.json"
    how = ("--require-approval", "never", "--method", "direct", "--concurrency", "4")
    files = ("--app", str(workspace.assembly), "--outputs-file", str(outputs))
    _cdk(workspace, port, ("deploy", "--all", *how, *files), step)
    stacks = json.loads(outputs.read_text()).values() if outputs.exists() else ()
    return {key: value for stack in stacks for key, value in stack.items()}


def _cdk(workspace: Workspace, port: int, arguments: tuple[str, ...], step: Step) -> None:
    quiet = ("--no-notices", "--no-version-reporting", "--no-color", "--ci")
    command = (str(tools.node()), str(tools.cdk_cli(workspace)), *arguments, *quiet)
    with (workspace.logs / "cdk.log").open("a") as log:
        ended = run(command, REPOSITORY, _environment(workspace, port), log, LIMIT_S, lambda line: _show(line, step))
    if ended.code:
        raise _failed(arguments[0], ended, log.name)


def _failed(action: str, ended: Ended, log: str) -> CommandError:
    return CommandError(
        f"`cdk {action}` took more than {LIMIT_S:.0f} s." if ended.code < 0 else f"`cdk {action}` failed.",
        f"The whole output is {log}. When what is deployed is broken, `vitrine down --forget` and `vitrine up` "
        "start from nothing.",
        ended.last,
    )


def _show(line: str, step: Step) -> None:
    if event := EVENT.match(line):
        step.at(int(event["done"]), int(event["total"]), event["stack"])


def _environment(workspace: Workspace, port: int) -> Mapping[str, str]:
    return {
        **emulator.aws_environment(port),
        **tools.node_first(),
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "CDK_HOME": str(workspace.tools / "cdk-home"),
        "NO_COLOR": "1",
    }
