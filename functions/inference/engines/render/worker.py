"""The child process that renders: one job after another over a socket, until its parent goes.

Run as a module with the number of an inherited socket, `fast` or `slow` (no LLVM), and a limit of its memory in bytes.
It gets `(photo, options)` and answers `("progress", step, share)` any number of times, then `("done", StagedPhoto or
Refusal)` or `("failed", reason)`.
"""

from __future__ import annotations

import resource
import sys
import traceback
from multiprocessing.connection import Connection
from typing import Any

from functions.inference.engines.base import StageOptions


def _limit_memory(limit: int) -> None:
    # The data segment and private anonymous memory: address space as such is no measure with a JIT compiler.
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _set_variant(fast: bool) -> None:
    import mitsuba as mi

    mi.set_variant("llvm_ad_rgb" if fast else "scalar_rgb")


def _prepare() -> None:
    """Load what the first photo would wait for, while it is still on its way."""
    from functions.inference.engines.render import pipeline
    from functions.inference.engines.render.render import denoise
    from functions.inference.vision import images

    assert pipeline
    images.load_plugins()
    denoise.available()


def _answer(connection: Connection[Any, Any], photo: bytes, options: StageOptions, fast: bool) -> tuple[Any, ...]:
    from functions.inference.engines.render import pipeline

    def progress(step: str, share: float) -> None:
        connection.send(("progress", step, share))

    try:
        return "done", pipeline.stage(photo, options, progress, slow=not fast)
    except MemoryError:
        return "failed", "out of memory"
    except Exception:
        traceback.print_exc()
        return "failed", "engine error"


def serve(connection: Connection[Any, Any], fast: bool, memory_limit: int) -> None:
    _limit_memory(memory_limit)
    _set_variant(fast)
    connection.send(("ready",))
    _prepare()
    while True:
        try:
            photo, options = connection.recv()
            connection.send(_answer(connection, photo, options, fast))
        except (EOFError, BrokenPipeError, ConnectionResetError):
            return


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])), sys.argv[2] == "fast", int(sys.argv[3]))
