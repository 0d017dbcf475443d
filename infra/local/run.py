"""Programs that run to their end, within a limit. Those that stay are in processes.py."""

import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

LAST_LINES = 25


@dataclass(frozen=True)
class Ended:
    """How a program ended: its exit code (negative when killed) and its last lines."""

    code: int
    last: str


def run(
    command: tuple[str, ...],
    folder: Path,
    environment: Mapping[str, str],
    log: TextIO,
    limit_s: float,
    on_line: Callable[[str], None] = lambda _: None,
) -> Ended:
    """Run to the end, killed after `limit_s`; each line goes to `log` and to `on_line`."""
    last: deque[str] = deque(maxlen=LAST_LINES)
    child = start(command, folder, environment)
    deadline = threading.Timer(limit_s, kill, (child,))
    deadline.start()
    try:
        for line in child.stdout or ():
            log.write(line)
            last.append(line.rstrip())
            on_line(line)
    except KeyboardInterrupt:
        # The program sits in a session of its own, where Ctrl-C does not reach.
        kill(child)
        raise
    finally:
        deadline.cancel()
    return Ended(child.wait(), "\n".join(last))


def start(
    command: tuple[str, ...], folder: Path, environment: Mapping[str, str], errors: TextIO | None = None
) -> subprocess.Popen[str]:
    """A child in a session of its own, its output on a pipe; errors go there too, or to a file."""
    return subprocess.Popen(  # noqa: S603
        command,
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=errors or subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def kill(child: subprocess.Popen[str]) -> None:
    """End the child and all that it started."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
