"""Where a local deployment keeps what it has: tools, data, logs, and `state.json`."""

import contextlib
import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
DEFAULT_ROOT = REPOSITORY / ".vitrine"


@dataclass(frozen=True)
class State:
    """What stays the same at the next start: the ports in every address, the webhook secret that Stripe would give."""

    ports: Mapping[str, int] = field(default_factory=dict)
    stripe_webhook_secret: str = field(default_factory=lambda: f"whsec_{secrets.token_hex(16)}")
    outputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Workspace:
    """The folders of one deployment. Tools are shared by all deployments of a checkout."""

    root: Path = DEFAULT_ROOT
    tools: Path = DEFAULT_ROOT / "tools"
    keeps_data: bool = True

    @property
    def state_file(self) -> Path:
        return self.root / "state.json"

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def processes(self) -> Path:
        return self.root / "processes"

    @property
    def scratch(self) -> Path:
        """Emptied whenever the emulator stops: its workers leave their code behind."""
        return self.root / "scratch"

    @property
    def layers(self) -> Path:
        """Unpacked layers, by the hash of their zip; those that are no longer deployed go when the emulator starts."""
        return self.root / "layers"

    @property
    def assembly(self) -> Path:
        return self.root / "cdk.out"

    def prepare(self) -> None:
        for folder in (self.data, self.logs, self.processes, self.scratch, self.tools):
            folder.mkdir(parents=True, exist_ok=True)

    def load(self) -> State:
        """The state, or a new one when there is none or it cannot be read."""
        try:
            return State(**json.loads(self.state_file.read_text()))
        except (FileNotFoundError, json.JSONDecodeError, TypeError):
            return State()

    def save(self, state: State) -> State:
        write_atomically(self.state_file, json.dumps(asdict(state), indent=2) + "\n")
        return state

    def change(self, **fields: Any) -> State:
        return self.save(replace(self.load(), **fields))


def write_atomically(path: Path, text: str) -> None:
    """Readers see the old text or the new one, never a part; only the owner may read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(text)
    draft.replace(path)


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold `path` alone among processes; waits for whoever holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
