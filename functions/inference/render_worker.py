"""The child process that renders: one job after another over a socket, until its parent goes.

It joins the render engine and the judge, which do not know each other. Run as a module with the number of an inherited
socket, `fast` or `slow` (no LLVM), and a limit of its memory in bytes. It says `("ready",)` once, then gets messages:

- `(photo, options)`: answered by `("progress", step, share)` any number of times, then `("done", StagedPhoto or
  Refusal)` or `("failed", reason)`.
- `None`: warm up while nothing waits. No answer; the next message ends it.
"""

from __future__ import annotations

import resource
import sys
import traceback
from multiprocessing.connection import Connection
from typing import Any

from functions.inference.engines.base import StageOptions
from vitrine.contracts.catalogue import Quality

QUIET_S = 60.0
"""Without a message for so long, the rarer qualities are warmed up too: at a start the machine has other work."""


class _JobWaits(Exception):
    """A message came while warming up."""


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
    from functions.inference.qc import judge
    from functions.inference.vision import images

    assert pipeline
    assert judge
    images.load_plugins()
    denoise.available()


def _warm_up(connection: Connection[Any, Any]) -> None:
    """Stage a drawn room with hardly any paths, so that the first photo takes no longer than the next ones."""
    import drjit as dr

    from functions.inference.drawn_room import drawn_room
    from functions.inference.engines.render import pipeline
    from functions.inference.qc.judge import judge_pixels

    def stop_for_a_job(_step: str, _share: float) -> None:
        if connection.poll():
            raise _JobWaits

    photo = drawn_room()
    try:
        pipeline.warm_up(photo, [Quality.STANDARD], stop_for_a_job, judge_pixels)
        if not connection.poll(QUIET_S):
            pipeline.warm_up(photo, [Quality.PREVIEW, Quality.PREMIUM], stop_for_a_job, judge_pixels)
    except _JobWaits:
        pass
    except Exception:  # a job would meet it again, and answer for it
        traceback.print_exc()
    dr.flush_malloc_cache()


def _answer(connection: Connection[Any, Any], photo: bytes, options: StageOptions, fast: bool) -> tuple[Any, ...]:
    from functions.inference.engines.render import pipeline
    from functions.inference.engines.render.render.effort import EFFORTS, SLOW_EFFORTS
    from functions.inference.qc.judge import judge_pixels

    def progress(step: str, share: float) -> None:
        connection.send(("progress", step, share))

    try:
        return "done", pipeline.stage(photo, options, progress, judge_pixels, EFFORTS if fast else SLOW_EFFORTS)
    except MemoryError:
        return "failed", "out of memory"
    except Exception:
        traceback.print_exc()
        return "failed", "engine error"


def serve(connection: Connection[Any, Any], fast: bool, memory_limit: int) -> None:
    """Work until the parent goes."""
    _limit_memory(memory_limit)
    _set_variant(fast)
    connection.send(("ready",))
    _prepare()
    while True:
        try:
            message = connection.recv()
            if message is not None:
                photo, options = message
                connection.send(_answer(connection, photo, options, fast))
            elif fast:
                _warm_up(connection)
        except (EOFError, BrokenPipeError, ConnectionResetError):
            return


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])), sys.argv[2] == "fast", int(sys.argv[3]))
