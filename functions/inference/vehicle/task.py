"""The task `vehicle`: read a request's frames, look at each, write the masks. No HTTP here, and no model."""

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from functions.inference.logs import log
from functions.inference.storage import ObjectReplaced, ObjectStore, ObjectUnusable
from functions.inference.vehicle.seen import Look, Seen, Timings, UnreadableFrame
from vitrine.contracts.inference import (
    VEHICLE_ENGINE,
    FrameProblem,
    FrameToLookAt,
    SeenFrame,
    VehicleRequest,
    VehicleResult,
)
from vitrine.contracts.message import ObjectLocation

FRAME_LIMIT = 100 * 2**20
"""Bytes; the largest upload that any surface takes."""
AT_ONCE = max(1, min(4, len(os.sched_getaffinity(0))))
"""Frames at work at once, each on one core."""


@dataclass(frozen=True)
class Looker:
    """Looks at one request's frames."""

    request: VehicleRequest
    look: Look
    store: ObjectStore
    time_left: Callable[[datetime], float]
    timings: list[Timings] = field(default_factory=list)

    def seen(self, frame: FrameToLookAt) -> SeenFrame:
        """Raises `DeadlinePassed` and `StorageFailed`; a frame that is the problem has it in its answer."""
        self.time_left(self.request.deadline)
        started = time.perf_counter()
        try:
            data = self.store.read(frame.photo, FRAME_LIMIT)
            read_s = time.perf_counter() - started
            found = self.look(data)
        except ObjectReplaced:
            return SeenFrame(id=frame.id, problem=FrameProblem.REPLACED)
        except ObjectUnusable:
            return SeenFrame(id=frame.id, problem=FrameProblem.MISSING)
        except UnreadableFrame:
            return SeenFrame(id=frame.id, problem=FrameProblem.UNREADABLE)
        answer = self._answer(frame, found)
        self._note(frame, {**found.timings, "read": read_s}, time.perf_counter() - started)
        return answer

    def _answer(self, frame: FrameToLookAt, found: Seen) -> SeenFrame:
        if found.mask_png is None:
            return SeenFrame(id=frame.id, plates=found.plates, problem=FrameProblem.NO_VEHICLE)
        output = self.request.output
        where = ObjectLocation(bucket=output.bucket, key=f"{output.key}{frame.id}.png")
        return SeenFrame(
            id=frame.id,
            mask=self.store.write(where, found.mask_png, "image/png"),
            box=found.box,
            area=found.area,
            touches=found.touches,
            confidence=found.confidence,
            plates=found.plates,
        )

    def _note(self, frame: FrameToLookAt, timings: Timings, seconds: float) -> None:
        self.timings.append(timings)
        log("frame", {"job_id": self.request.job_id, "frame": frame.id, "seconds": round(seconds, 3)})


def look_at(looker: Looker) -> VehicleResult:
    """All of the request's frames, or an exception: what has been seen by then is not answered, and seen again."""
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="frame")
    try:
        frames = tuple(pool.map(looker.seen, looker.request.frames))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return VehicleResult(
        job_id=looker.request.job_id, engine=VEHICLE_ENGINE, timings=_summed(looker.timings), frames=frames
    )


def _summed(timings: list[Timings]) -> Timings:
    steps = sorted({step for each in timings for step in each})
    return {step: round(sum(each.get(step, 0.0) for each in timings), 3) for step in steps}
