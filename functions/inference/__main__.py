"""The container's entry point: `python -m functions.inference serve`, as SageMaker runs it (`docker run IMAGE serve`).

`warm` stages a drawn room and ends: the image's build fills its caches with it.

Environment:
- `VITRINE_ENGINE`: `module:attribute` that makes the staging engine; empty for a worker that only judges and
  looks at vehicles (the serverless endpoint `qc`, which must start fast). Default: the render engine.
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

from functions.inference.drawn_room import drawn_room
from functions.inference.engines.base import StageOptions, StagingEngine
from functions.inference.logs import configure, log
from functions.inference.serve import create_app
from functions.inference.storage import open_store
from functions.inference.tasks import Judge, RequestRefused, Services
from functions.inference.vehicle.seen import Seen
from vitrine.contracts.catalogue import Quality
from vitrine.contracts.inference import Refusal, Scores

RENDER_ENGINE = "functions.inference.engines.render:RenderEngine"
WARM_WITHIN_S = 600.0
GRACE_S = 25
"""SageMaker kills a container 30 seconds after SIGTERM."""


def main(arguments: Sequence[str] | None = None, open_services: Callable[[], Services] | None = None) -> int:
    """Serve until SIGTERM; answers the exit code, 1 when the engine did not start."""
    options = _parser().parse_args(arguments)
    _become(os.environ.get("VITRINE_RUN_AS", ""))
    configure()
    if options.stop_with_stdin:
        threading.Thread(target=_stop_at_end_of_stdin, daemon=True).start()
    make = open_services or open_production_services
    if options.command == "warm":
        return _warm(make())
    return _serve(options.host, options.port, make)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="functions.inference")
    parser.add_argument("command", choices=["serve", "warm"])
    parser.add_argument("--host", default="0.0.0.0", help="SageMaker calls from outside the container")  # noqa: S104
    parser.add_argument("--port", type=int, default=int(os.environ.get("SAGEMAKER_BIND_TO_PORT", "8080")))
    parser.add_argument("--stop-with-stdin", action="store_true", help="stop when whoever started this has gone")
    return parser


def _warm(services: Services) -> int:
    if services.engine is None:
        return 0
    photo = drawn_room()
    # Each quality has kernels of its own.
    options = [StageOptions(quality=quality, deadline_s=WARM_WITHIN_S) for quality in Quality]
    outcomes = [services.engine.stage(photo, option, lambda *_: None) for option in options]
    services.engine.close()
    refused = any(isinstance(outcome, Refusal) for outcome in outcomes)
    log("warm", {"staged": not refused})
    return int(refused)


def _serve(host: str, port: int, open_services: Callable[[], Services]) -> int:
    broken = threading.Event()

    def stop() -> None:
        broken.set()
        signal.raise_signal(signal.SIGTERM)

    server = uvicorn.Server(
        uvicorn.Config(
            create_app(open_services, stop),
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=GRACE_S,
            timeout_keep_alive=75,
            server_header=False,
        )
    )
    # For a signal before uvicorn handles it, and for the one that it raises again once it has shut down.
    signal.signal(signal.SIGTERM, lambda *_: setattr(server, "should_exit", True))
    server.run()
    return 1 if broken.is_set() else 0


def open_production_services() -> Services:
    """Everything a worker needs, warmed up; the slow part of starting."""
    spec = os.environ.get("VITRINE_ENGINE", RENDER_ENGINE)
    engine = _open_engine(spec) if spec else None
    from functions.inference.qc.judge import JUDGE

    return Services(store=open_store(), judge=_open_judge(), judged_by=JUDGE, look=look_when_asked, engine=engine)


def look_when_asked(frame: bytes) -> Seen:
    """Loads the vehicle's models with the first frame: who only stages never pays for them."""
    from functions.inference.vehicle.look import look

    return look(frame)


def _open_judge() -> Judge:
    from functions.inference.qc.judge import judge
    from functions.inference.vision.images import UnreadablePhotoError

    def judge_or_refuse(photo: bytes, picture: bytes, mask: bytes | None) -> Scores:
        try:
            return judge(photo, picture, mask)
        except UnreadablePhotoError as error:
            raise RequestRefused("photo, picture or mask is not a picture that can be read") from error

    return judge_or_refuse


def _open_engine(spec: str) -> StagingEngine:
    module, _, attribute = spec.partition(":")
    engine: StagingEngine = getattr(importlib.import_module(module), attribute)()
    engine.warm_up()
    return engine


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
    # Not through sys.stdin: the interpreter cannot shut down while a thread waits in its buffer.
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
