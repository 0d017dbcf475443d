"""The container's entry point: `python -m functions.inference serve`, as SageMaker runs it (`docker run IMAGE serve`).

`warm` opens everything that `serve` opens and ends: the image's build fills its caches with it.

Environment:
- `VITRINE_ENGINE`: `module:attribute` that makes the staging engine; empty for a worker that only judges (the
  serverless endpoint `qc`, which must start fast). Default: the render engine.
- `VITRINE_RUN_AS`: user to become before anything else runs. SageMaker starts containers as root and documents that
  other users may lack permissions, so the image starts as root and steps down here.
- `AWS_ENDPOINT_URL`, `AWS_REGION` and credentials: as every AWS SDK reads them.
"""

import argparse
import importlib
import os
import pwd
import signal
import sys
import threading
from collections.abc import Callable, Sequence

import uvicorn

from functions.inference.engines.base import StagingEngine
from functions.inference.logs import configure, log
from functions.inference.serve import create_app
from functions.inference.storage import open_store
from functions.inference.tasks import Bench

RENDER_ENGINE = "functions.inference.engines.render:RenderEngine"
GRACE_S = 25
"""SageMaker kills a container 30 seconds after SIGTERM."""


def main(arguments: Sequence[str] | None = None, open_bench: Callable[[], Bench] | None = None) -> int:
    """Serve until SIGTERM; answers the exit code, 1 when the engine did not start."""
    options = _parser().parse_args(arguments)
    _become(os.environ.get("VITRINE_RUN_AS", ""))
    configure()
    if options.stop_with_stdin:
        threading.Thread(target=_stop_at_end_of_stdin, daemon=True).start()
    make = open_bench or open_production_bench
    if options.command == "warm":
        make()
        return 0
    return _serve(options.host, options.port, make)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="functions.inference")
    parser.add_argument("command", choices=["serve", "warm"])
    parser.add_argument("--host", default="0.0.0.0", help="SageMaker calls from outside the container")  # noqa: S104
    parser.add_argument("--port", type=int, default=int(os.environ.get("SAGEMAKER_BIND_TO_PORT", "8080")))
    parser.add_argument("--stop-with-stdin", action="store_true", help="stop when whoever started this has gone")
    return parser


def _serve(host: str, port: int, open_bench: Callable[[], Bench]) -> int:
    broken = threading.Event()

    def stop() -> None:
        broken.set()
        signal.raise_signal(signal.SIGTERM)

    config = uvicorn.Config(
        create_app(open_bench, stop),
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=GRACE_S,
        timeout_keep_alive=75,
        server_header=False,
    )
    # uvicorn raises the signal again once it has shut down; then it has nothing left to end.
    signal.signal(signal.SIGTERM, lambda *_: None)
    uvicorn.Server(config).run()
    return 1 if broken.is_set() else 0


def open_production_bench() -> Bench:
    """Everything a worker needs, warmed up; the slow part of starting."""
    from functions.inference.qc.judge import JUDGE, judge

    spec = os.environ.get("VITRINE_ENGINE", RENDER_ENGINE)
    return Bench(store=open_store(), judge=judge, judged_by=JUDGE, engine=_load(spec)() if spec else None)


def _load(spec: str) -> Callable[[], StagingEngine]:
    module, _, attribute = spec.partition(":")
    make: Callable[[], StagingEngine] = getattr(importlib.import_module(module), attribute)
    return make


def _become(user: str) -> None:
    if not user or os.geteuid() != 0:
        return
    entry = pwd.getpwnam(user)
    try:
        os.initgroups(user, entry.pw_gid)
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
    except PermissionError:
        # A host that withholds CAP_SETUID has its own way to confine the container.
        log("stays root", {"user": user})
    os.environ["HOME"] = entry.pw_dir


def _stop_at_end_of_stdin() -> None:
    while sys.stdin.buffer.read(4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    # Threads of work that nobody waits for any more must not hold up the exit.
    code = main()
    sys.stdout.flush()
    os._exit(code)
