"""What is deployed: the CDK app's templates (the assembly) and the zips of functions and layers, made side by side."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Self

from infra.errors import CommandError
from infra.local import emulator, sources, tools
from infra.local.emulator_entry import digest
from infra.local.progress import Progress
from infra.local.run import kill, run, start
from infra.local.workspace import REPOSITORY, Workspace, write_atomically

ASSET_BUCKET = f"cdk-hnb659fds-assets-{emulator.ACCOUNT}-{emulator.REGION}"
"""Where `CliCredentialsStackSynthesizer` puts assets; the only part of a bootstrap that it needs."""
LIMIT_S = 300.0
PACKAGING = (sys.executable, "-m", "infra.packaging")


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

    def whole_context(self) -> dict[str, Any]:
        """What the CDK CLI would hand to the app."""
        flags = json.loads((self.folder / "cdk.json").read_text()).get("context", {})
        # A layer has 250 MB: the assembly names the zips where they lie instead of holding copies.
        return {**flags, **dict(self.context), "aws:cdk:disable-asset-staging": True}


def is_current(workspace: Workspace, fingerprint: str) -> bool:
    """Whether the assembly there was made of the same, and the zips that it names are still there."""
    made_of = _made_of(workspace)
    same = made_of.exists() and made_of.read_text() == fingerprint
    return same and all(path.exists() for path in _zips(workspace))


def zip_digests(workspace: Workspace) -> frozenset[str]:
    """By which names unpacked layers of what was last synthesised are known."""
    return frozenset(digest(path.read_bytes()) for path in _zips(workspace) if path.is_file())


def synthesise(workspace: Workspace, app: CdkApp, fingerprint: str) -> None:
    """Make the assembly by running the app. Raises `CommandError`.

    Without the CDK CLI, which would start the same process and must be installed before: this begins at once.
    """
    _made_of(workspace).unlink(missing_ok=True)
    environment = {
        **emulator.clean_environment(),
        **tools.node_first(),
        "CDK_OUTDIR": str(workspace.assembly),
        "CDK_CONTEXT_JSON": json.dumps(app.whole_context()),
    }
    with (workspace.logs / "cdk.log").open("a") as log:
        ended = run(app.command, app.folder, environment, log, LIMIT_S)
    if ended.code:
        raise CommandError("The stacks could not be synthesised.", f"The whole output is {log.name}.", ended.last)
    write_atomically(_made_of(workspace), fingerprint)


def begin_packaging(workspace: Workspace) -> "subprocess.Popen[str]":
    """A process that makes every zip and names each on a line when it is there."""
    with (workspace.logs / "cdk.log").open("a") as log:
        return start(PACKAGING, REPOSITORY, emulator.clean_environment(), log)


def upload(packaging: "subprocess.Popen[str]", port: int) -> None:
    """Put each zip, as it is made, where the CDK CLI looks before it uploads.

    A zip that is missing here is no error: the synth makes it, or fails and says why, and the CLI uploads it.
    """
    s3 = emulator.client("s3", port)
    emulator.have_bucket(port, ASSET_BUCKET)
    there = {item["Key"] for item in s3.list_objects_v2(Bucket=ASSET_BUCKET).get("Contents", ())}
    try:
        for line in packaging.stdout or ():
            key, path = line.split(maxsplit=1)
            if object_key(key) not in there:
                with Path(path.strip()).open("rb") as body:
                    s3.put_object(Bucket=ASSET_BUCKET, Key=object_key(key), Body=body)
    finally:
        kill(packaging)


def object_key(asset_hash: str) -> str:
    """An asset's name in the bucket: the CDK hashes the hash that a construct gives it."""
    return f"{hashlib.sha256(asset_hash.encode()).hexdigest()}.zip"


@dataclass
class Build:
    """The assembly and the zips while they are made."""

    fingerprint: str
    packaging: "subprocess.Popen[str] | None" = None
    running: "list[Future[None]]" = field(default_factory=list)

    @classmethod
    def begin(cls, workspace: Workspace, app: CdkApp, pool: Executor, progress: Progress) -> Self:
        """Start both, unless the assembly there was made of the same."""
        fingerprint = app.fingerprint()
        if is_current(workspace, fingerprint):
            return cls(fingerprint)
        work = partial(synthesise, workspace, app, fingerprint)
        synthesis = pool.submit(progress.in_background, "Run the CDK app", work)
        return cls(fingerprint, begin_packaging(workspace), [synthesis])

    def upload(self, pool: Executor, port: int, progress: Progress) -> None:
        """From now on put what is packaged into the emulator, which must run."""
        if self.packaging:
            work = partial(upload, self.packaging, port)
            self.running.append(pool.submit(progress.in_background, "Package functions and layers", work))

    def wait(self) -> None:
        """Until everything is made. Raises `CommandError`."""
        for work in self.running:
            work.result()


def _made_of(workspace: Workspace) -> Path:
    return workspace.root / "assembly.fingerprint"


def _zips(workspace: Workspace) -> Iterator[Path]:
    for manifest in workspace.assembly.glob("*.assets.json"):
        for asset in json.loads(manifest.read_text())["files"].values():
            yield workspace.assembly / asset["source"]["path"]
