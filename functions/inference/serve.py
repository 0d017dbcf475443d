"""The container's HTTP app, and nothing but HTTP: `GET /ping` and `POST /invocations`, as SageMaker calls them.

SageMaker wants `/ping` answered within 2 seconds, so all work happens on a thread per task. One request of a task works
at a time and a few wait, so that memory stays bounded; no task holds up another.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from pydantic import TypeAdapter, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from functions.inference.engines.base import DeadlinePassed
from functions.inference.logs import log
from functions.inference.storage import ObjectUnusable, StorageFailed
from functions.inference.tasks import RequestRefused, Services, qc, stage, vehicle
from vitrine.contracts.inference import Failure, InferenceRequest, InferenceResult, StageRequest, VehicleRequest

BODY_LIMIT = 64 * 2**10
"""Bytes of a request's JSON; real ones take less than 16 KiB."""
WAITING = 4
"""Requests of one task that may wait for the one at work."""
SETS_WAITING = 12
"""The same for looking at vehicles: the parts of some sets, a few seconds each."""
INFERENCE_ID = "X-Amzn-SageMaker-Inference-Id"

REQUEST: TypeAdapter[InferenceRequest] = TypeAdapter(InferenceRequest)
RESULT: TypeAdapter[InferenceResult] = TypeAdapter(InferenceResult)
T = TypeVar("T")


class Busy(Exception):
    """As many requests of this task wait as may."""


class Starting(Exception):
    """The engine is not ready yet."""


class TaskQueue:
    """Runs one job at a time on a thread, in order; raises `Busy` when more than `waiting` would wait."""

    def __init__(self, waiting: int = WAITING) -> None:
        self._places = waiting + 1
        self._taken = 0
        self._one = CapacityLimiter(1)

    async def run(self, job: Callable[[], T]) -> T:
        if self._taken == self._places:
            raise Busy
        self._taken += 1
        try:
            return await to_thread.run_sync(job, limiter=self._one, abandon_on_cancel=True)
        finally:
            self._taken -= 1


class Dispatcher:
    """The services once they are open, and a queue for each task."""

    def __init__(self, open_services: Callable[[], Services]) -> None:
        self._open = open_services
        self._queues = {"stage": TaskQueue(), "qc": TaskQueue(), "vehicle": TaskQueue(SETS_WAITING)}
        self.services: Services | None = None

    async def open(self) -> None:
        started = time.perf_counter()
        self.services = await to_thread.run_sync(self._open, abandon_on_cancel=True)
        log("ready", {"seconds": _since(started)})

    async def work(self, request: InferenceRequest) -> InferenceResult:
        if self.services is None:
            raise Starting
        services = self.services
        if isinstance(request, StageRequest):
            return await self._queues["stage"].run(partial(stage, services, request))
        if isinstance(request, VehicleRequest):
            return await self._queues["vehicle"].run(partial(vehicle, services, request))
        return await self._queues["qc"].run(partial(qc, services, request))


def create_app(open_services: Callable[[], Services], on_broken: Callable[[], None] = lambda: None) -> Starlette:
    """The app; `open_services` runs on a thread at start, and `on_broken` is called when it raises."""
    dispatcher = Dispatcher(open_services)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        opening = asyncio.create_task(_open(dispatcher, on_broken))
        yield
        opening.cancel()

    app = Starlette(
        routes=[Route("/ping", ping, methods=["GET"]), Route("/invocations", invocations, methods=["POST"])],
        lifespan=lifespan,
    )
    app.state.dispatcher = dispatcher
    return app


async def ping(request: Request) -> Response:
    return Response(status_code=200 if request.app.state.dispatcher.services else 503)


async def invocations(request: Request) -> Response:
    started = time.perf_counter()
    fields: dict[str, object] = {"inference_id": request.headers.get(INFERENCE_ID)}
    try:
        message = REQUEST.validate_json(await _body(request))
        fields |= {"job_id": message.job_id, "task": message.task}
        result = await request.app.state.dispatcher.work(message)
    except Exception as error:
        return _failed(error, fields, started)
    fields |= {"status": 200, "outcome": _outcome(result), "timings": result.timings, "seconds": _since(started)}
    log("invocation", fields)
    return Response(RESULT.dump_json(result), media_type="application/json")


async def _open(dispatcher: Dispatcher, on_broken: Callable[[], None]) -> None:
    try:
        await dispatcher.open()
    except Exception:
        log("engine does not start", {}, level=logging.ERROR, traceback=True)
        on_broken()


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise RequestRefused(f"the body is larger than {BODY_LIMIT} bytes")
    return bytes(body)


def _outcome(result: InferenceResult) -> str:
    refusal = getattr(result, "refusal", None)
    return f"refused: {refusal.code}" if refusal else "done"


def _failed(error: Exception, fields: dict[str, object], started: float) -> Response:
    status, failure = _failure(error)
    level = logging.ERROR if status >= 500 else logging.WARNING
    fields |= {"status": status, "outcome": failure.code, "seconds": _since(started)}
    log("invocation", fields, level=level, traceback=not isinstance(error, EXPECTED))
    headers = {"Retry-After": "5"} if status == 503 else None
    return Response(failure.model_dump_json(), status, headers, media_type="application/json")


def _failure(error: Exception) -> tuple[int, Failure]:
    match error:
        case ValidationError():
            return 400, Failure(code="invalid_request", message=_where(error))
        case RequestRefused() | ObjectUnusable():
            return 400, Failure(code="invalid_request", message=str(error))
        case DeadlinePassed():
            return 504, Failure(code="deadline_passed", message="the deadline passed before the work was done")
        case StorageFailed():
            return 502, Failure(code="storage_failed", message="the storage refused or did not answer")
        case Busy() | Starting():
            return 503, Failure(code="engine_failed", message="the worker is starting or has enough to do; try again")
        case _:
            return 500, Failure(code="engine_failed", message="the engine failed on this request")


EXPECTED = (ValidationError, RequestRefused, ObjectUnusable, DeadlinePassed, StorageFailed, Busy, Starting)


def _where(error: ValidationError) -> str:
    """The places that do not match; what stands there is not repeated."""
    places = {".".join(str(step) for step in problem["loc"]) or "the body" for problem in error.errors()[:8]}
    return f"the request does not match its contract at {', '.join(sorted(places))}"


def _since(started: float) -> float:
    return round(time.perf_counter() - started, 3)
