"""The tasks: staging, judging, and looking at vehicles: read what a request names, work, write the outcome. No HTTP."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from functions.inference.engines.base import DeadlinePassed, StagedPhoto, StageOptions, StagingEngine
from functions.inference.progress import ProgressNote
from functions.inference.storage import ObjectReplaced, ObjectStore
from functions.inference.vehicle.seen import Look
from functions.inference.vehicle.task import Looker, look_at
from vitrine.contracts.inference import (
    Engine,
    QcRequest,
    QcResult,
    Refusal,
    RefusalCode,
    Scores,
    StageRequest,
    StageResult,
    VehicleRequest,
    VehicleResult,
)
from vitrine.contracts.message import ObjectLocation

PHOTO_LIMIT = 100 * 2**20
"""Bytes; the largest upload that any surface takes."""
PICTURE_LIMIT = 400 * 2**20
"""Bytes; a lossless PNG of 100 megapixels stays under it."""

REPLACED = Refusal(
    code=RefusalCode.UNREADABLE_FILE,
    message="The photo was replaced after it had been checked. Upload it again, as a new photo.",
)

Judge = Callable[[bytes, bytes, bytes | None], Scores]
Clock = Callable[[], datetime]


class RequestRefused(Exception):
    """The request is well formed and still cannot be served here; its text is safe to show."""


@dataclass(frozen=True)
class Services:
    """What tasks need. `engine` None: this endpoint only judges."""

    store: ObjectStore
    judge: Judge
    judged_by: Engine
    look: Look
    engine: StagingEngine | None = None
    clock: Clock = lambda: datetime.now(UTC)


def stage(services: Services, request: StageRequest) -> StageResult:
    """Stage the request's photo; raises what the engine and the store raise, and `RequestRefused`."""
    if services.engine is None:
        raise RequestRefused("this endpoint judges and does not stage")
    if not request.output.key.endswith("/"):
        raise RequestRefused("output.key is a prefix and ends in /")
    time_left(services, request.deadline)
    started = time.perf_counter()
    try:
        photo = services.store.read(request.photo, PHOTO_LIMIT)
    except ObjectReplaced:
        return _refused(request, services.engine.engine, REPLACED, {})
    read_s = time.perf_counter() - started
    options = _options(request, time_left(services, request.deadline))
    outcome = services.engine.stage(photo, options, ProgressNote(services.store, request))
    if isinstance(outcome, Refusal):
        return _refused(request, services.engine.engine, outcome, {"read": read_s})
    return _stored(request, services.engine.engine, outcome, services.store, {**outcome.timings, "read": read_s})


def qc(services: Services, request: QcRequest) -> QcResult:
    """Judge the request's picture; raises what the judge and the store raise."""
    time_left(services, request.deadline)
    started = time.perf_counter()
    photo = services.store.read(request.photo, PHOTO_LIMIT)
    picture = services.store.read(request.picture, PICTURE_LIMIT)
    mask = services.store.read(request.mask, PICTURE_LIMIT) if request.mask else None
    read_at = time.perf_counter()
    scores = services.judge(photo, picture, mask)
    timings = {"read": read_at - started, "judge": time.perf_counter() - read_at}
    return QcResult(job_id=request.job_id, engine=services.judged_by, timings=timings, scores=scores)


def vehicle(services: Services, request: VehicleRequest) -> VehicleResult:
    """Look at the request's frames; raises what the store raises, `DeadlinePassed` and `RequestRefused`."""
    if not request.output.key.endswith("/"):
        raise RequestRefused("output.key is a prefix and ends in /")
    return look_at(Looker(request, services.look, services.store, partial(time_left, services)))


def time_left(services: Services, deadline: datetime) -> float:
    """Seconds until `deadline`; raises `DeadlinePassed` when none are left."""
    left = (deadline - services.clock()).total_seconds()
    if left <= 0:
        raise DeadlinePassed
    return left


def _options(request: StageRequest, deadline_s: float) -> StageOptions:
    return StageOptions(
        room_type=request.room_type,
        style=request.style,
        seed=request.seed,
        quality=request.quality,
        ceiling_height_m=request.ceiling_height_m,
        deadline_s=deadline_s,
        plan_seed=request.plan_seed,
    )


def _refused(request: StageRequest, engine: Engine, refusal: Refusal, timings: dict[str, float]) -> StageResult:
    return StageResult(
        job_id=request.job_id,
        attempt=request.attempt,
        engine=engine,
        timings=timings,
        style=request.style,
        seed=request.seed,
        refusal=refusal,
    )


def _stored(
    request: StageRequest, engine: Engine, staged: StagedPhoto, store: ObjectStore, timings: dict[str, float]
) -> StageResult:
    started = time.perf_counter()
    picture, mask, layout = _written(request, staged, store)
    return StageResult(
        job_id=request.job_id,
        attempt=request.attempt,
        engine=engine,
        timings={**timings, "write": time.perf_counter() - started},
        style=request.style,
        seed=request.seed,
        room_type=staged.room_type,
        picture=picture,
        mask=mask,
        layout=layout,
        width=staged.width,
        height=staged.height,
        scores=staged.scores,
        warnings=staged.warnings,
    )


def _written(request: StageRequest, staged: StagedPhoto, store: ObjectStore) -> tuple[ObjectLocation, ...]:
    """Where picture, mask and layout are now."""
    layout = staged.layout.model_dump_json().encode()
    return (
        store.write(_output(request, "picture.png"), staged.picture_png, "image/png"),
        store.write(_output(request, "mask.png"), staged.mask_png, "image/png"),
        store.write(_output(request, "layout.json"), layout, "application/json"),
    )


def _output(request: StageRequest, name: str) -> ObjectLocation:
    # Named by attempt, so that a late answer to an earlier attempt cannot overwrite a newer picture.
    key = f"{request.output.key}attempt-{request.attempt}/{name}"
    return ObjectLocation(bucket=request.output.bucket, key=key)
