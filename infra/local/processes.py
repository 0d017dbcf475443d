"""Detached child processes: started once, found again by later commands, stopped whole.

A running child holds a lock on its pid file, inherited from its parent. The lock goes when the child does, so a pid
file that was left behind, or a pid that now belongs to another program, is never taken for ours.
"""

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from infra.errors import CommandError
from infra.local.sources import fingerprint
from infra.local.workspace import Workspace, write_atomically

LOG_LIMIT = 5_000_000
STOP_GRACE_S = 10.0
KILL_LIMIT_S = 5.0


@dataclass(frozen=True)
class Program:
    """One long-running part: its command, its whole environment, and the sources whose change calls for a restart."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path
    sources: tuple[str, ...] = ()
    grace_s: float = STOP_GRACE_S

    def fingerprint(self) -> str:
        return fingerprint(self.folder, self.sources, self.command)


def start(workspace: Workspace, program: Program) -> int:
    """Start `program` unless it runs; start it again when it runs from other sources. Returns its pid."""
    made_of, current = workspace.processes / f"{program.name}.fingerprint", program.fingerprint()
    running = pid_of(workspace, program.name)
    if running and made_of.exists() and made_of.read_text() == current:
        return running
    stop(workspace, program.name, program.grace_s)
    write_atomically(made_of, current)
    return _spawn(workspace, program)


def _spawn(workspace: Workspace, program: Program) -> int:
    log = log_file(workspace, program.name)
    _rotate(log)
    with _pid_file(workspace, program.name).open("w") as held, log.open("a") as output:
        fcntl.flock(held, fcntl.LOCK_EX)
        child = subprocess.Popen(  # noqa: S603
            program.command,
            env=dict(program.environment),
            cwd=program.folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=(held.fileno(),),
        )
        held.write(str(child.pid))
    return child.pid


def pid_of(workspace: Workspace, name: str) -> int | None:
    """The pid of the running part, None when it does not run."""
    try:
        with _pid_file(workspace, name).open() as held:
            return int(held.read()) if _is_held(held.fileno()) else None
    except (FileNotFoundError, ValueError):
        return None


def stop(workspace: Workspace, name: str, grace_s: float = STOP_GRACE_S) -> bool:
    """End the part and whatever it started; killed when it does not end by itself. Returns whether it was running."""
    pid = pid_of(workspace, name)
    if pid is None:
        return False
    _signal(pid, signal.SIGTERM, os.kill)
    _wait_for_end(workspace, name, pid, grace_s)
    _signal(pid, signal.SIGKILL, os.killpg)
    _wait_for_end(workspace, name, pid, KILL_LIMIT_S)
    return True


def wait_until(ready: Callable[[], bool], workspace: Workspace, name: str, within_s: float) -> None:
    """Wait for `ready`. Raises `CommandError` with the end of the part's log when it dies or `within_s` passes."""
    deadline = time.monotonic() + within_s
    while not ready():
        if pid_of(workspace, name) is None:
            raise _failed(workspace, name, f"The {name} ended while it was starting.")
        if time.monotonic() > deadline:
            raise _failed(workspace, name, f"The {name} did not answer within {within_s:.0f} s.")
        time.sleep(0.05)


def log_file(workspace: Workspace, name: str) -> Path:
    return workspace.logs / f"{name}.log"


def tail(path: Path, lines: int) -> str:
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.exists() else ""


def _failed(workspace: Workspace, name: str, message: str) -> CommandError:
    log = log_file(workspace, name)
    return CommandError(message, f"The whole log is {log}. `vitrine down`, then try again.", tail(log, 15))


def _pid_file(workspace: Workspace, name: str) -> Path:
    return workspace.processes / f"{name}.pid"


def _is_held(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


def _signal(pid: int, number: signal.Signals, send: Callable[[int, int], None]) -> None:
    with suppress(ProcessLookupError, PermissionError):
        send(pid, number)


def _wait_for_end(workspace: Workspace, name: str, pid: int, within_s: float) -> None:
    deadline = time.monotonic() + within_s
    while pid_of(workspace, name) and time.monotonic() < deadline:
        time.sleep(0.02)
    _reap(pid)


def _reap(pid: int) -> None:
    # Only a child of this very process can be a zombie of ours; `vitrine down` is another process.
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def _rotate(log: Path) -> None:
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_suffix(".log.1"))
