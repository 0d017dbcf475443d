"""The render engine as its callers see it: a warm child process that is replaced when it crashes or hangs."""

import atexit
import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import functions
import vitrine
from functions.inference.engines.base import (
    DeadlinePassed,
    EngineFailed,
    Progress,
    StagedPhoto,
    StageOptions,
)
from functions.inference.engines.render.render import toolchain
from functions.inference.version import VERSION
from vitrine.contracts.inference import Engine, Refusal

WORKER = "functions.inference.render_worker"
"""The child's program, by name: it joins this engine and the judge, and nothing here may import the judge."""
START_TIMEOUT_S = 120.0
MEMORY_LIMIT_BYTES = 6 << 30


def _import_paths() -> str:
    """Where the child finds what this process has imported."""
    folders = [str(Path(next(iter(package.__path__))).parent) for package in (functions, vitrine)]
    return os.pathsep.join(dict.fromkeys([*folders, *filter(None, [os.environ.get("PYTHONPATH")])]))


LONGEST_POLL_S = 86_400
"""poll(2) counts milliseconds in 32 bits: a deadline of a month ahead would be an OverflowError."""


class _Child:
    """A running worker and the connection to it."""

    def __init__(self, library: Path | None, memory_limit: int) -> None:
        ours, theirs = socket.socketpair()
        env = {**toolchain.environment(library), "PYTHONPATH": _import_paths()}
        command = [sys.executable, "-m", WORKER, str(theirs.fileno())]
        with theirs:
            self.process = subprocess.Popen(  # noqa: S603
                [*command, "fast" if library else "slow", str(memory_limit)],
                env=env,
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
            )
        self.connection: Connection[Any, Any] = Connection(ours.detach())

    def receive(self, deadline: float) -> Any:
        """The next message; raises DeadlinePassed, or EngineFailed when the child has died."""
        try:
            left_s = min(max(0.0, deadline - time.monotonic()), LONGEST_POLL_S)
            if not self.connection.poll(left_s):
                raise DeadlinePassed
            return self.connection.recv()
        except (EOFError, OSError):
            raise EngineFailed("the renderer stopped unexpectedly") from None

    def send(self, message: Any) -> None:
        try:
            self.connection.send(message)
        except OSError:
            raise EngineFailed("the renderer stopped unexpectedly") from None

    def stop(self) -> None:
        with contextlib.suppress(OSError):
            self.connection.close()
        self.process.kill()
        self.process.wait()


class RenderEngine:
    """Stages photos by geometry and path tracing, on the CPU.

    Constructing it is cheap: the first `stage` finds an LLVM (see `toolchain`) and starts the child, which then stays
    warm. One job runs at a time; others wait within their deadline. `memory_limit` is the child's, in bytes.
    """

    def __init__(self, memory_limit: int = MEMORY_LIMIT_BYTES) -> None:
        self._memory_limit = memory_limit
        self._lock = threading.Lock()
        self._child: _Child | None = None
        self._library: Path | None = None
        self._looked = False
        atexit.register(self.close)

    @property
    def engine(self) -> Engine:
        return Engine(name="render", version=VERSION)

    @property
    def child_pid(self) -> int | None:
        return self._child.process.pid if self._child else None

    def close(self) -> None:
        """Stop the child; a later `stage` starts another."""
        child, self._child = self._child, None
        if child is not None:
            child.stop()

    def warm_up(self, progress: Progress = lambda _step, _share: None) -> None:
        """Find LLVM and start the child; until a job comes, it compiles and draws what the first one would wait for."""
        with self._lock:
            self._ready(time.monotonic() + START_TIMEOUT_S, progress).send(None)

    def stage(self, photo: bytes, request: StageOptions, progress: Progress) -> StagedPhoto | Refusal:
        deadline = time.monotonic() + request.deadline_s
        if not self._lock.acquire(timeout=max(0.0, request.deadline_s)):
            raise DeadlinePassed
        try:
            return self._stage(photo, request, progress, deadline)
        except BaseException:
            self.close()  # whatever it was doing, the next job gets a child in a known state
            raise
        finally:
            self._lock.release()

    def _stage(self, photo: bytes, request: StageOptions, progress: Progress, deadline: float) -> StagedPhoto | Refusal:
        # Finding LLVM has shares of its own, which are none of this photo's.
        child = self._ready(deadline, lambda step, _share: progress(step, 0.0))
        child.send((photo, request))
        while True:
            kind, *rest = child.receive(deadline)
            if kind == "progress":
                progress(rest[0], rest[1])
            elif kind == "done" and isinstance(rest[0], StagedPhoto | Refusal):
                return rest[0]
            else:
                raise EngineFailed("the renderer could not finish this photo")

    def _ready(self, deadline: float, progress: Progress) -> _Child:
        if not self._looked:
            self._library, self._looked = toolchain.ensure_llvm(progress), True
        if self._child is not None and self._child.process.poll() is not None:
            self.close()
        if self._child is None:
            self._child = _Child(self._library, self._memory_limit)
            self._child.receive(min(deadline, time.monotonic() + START_TIMEOUT_S))
        return self._child
