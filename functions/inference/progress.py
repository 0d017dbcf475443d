"""Write down how far a staging is, for those who wait: a small object beside its results, written every few seconds."""

import time
from collections.abc import Callable

from pydantic import ValidationError

from functions.inference.logs import log
from functions.inference.storage import ObjectStore, ObjectUnusable, StorageFailed
from vitrine.contracts.inference import Progress, StageRequest, progress_key
from vitrine.contracts.message import ObjectLocation

EVERY_S = 2.0
_LIMIT = 1000


class ProgressNote:
    """Call it with a step and the share done. What it writes never goes back, not even when an attempt is repeated.

    A note that cannot be written is left out: nobody's staging fails for it.
    """

    def __init__(self, store: ObjectStore, request: StageRequest, clock: Callable[[], float] = time.monotonic) -> None:
        self._store, self._request, self._clock = store, request, clock
        self._where = ObjectLocation(
            bucket=request.output.bucket, key=progress_key(request.output.key, request.attempt)
        )
        self._written: float | None = None
        self._next = clock() + EVERY_S

    def __call__(self, step: str, share: float) -> None:
        about = {"job_id": self._request.job_id, "attempt": self._request.attempt}
        log("progress", {**about, "step": step, "share": round(share, 3)})
        if self._clock() < self._next:
            return
        self._next = self._clock() + EVERY_S
        if self._written is None:
            self._written = self._written_before()
        if share > self._written:
            self._write(Progress(step=step, share=round(min(share, 1.0), 3)))

    def _write(self, progress: Progress) -> None:
        try:
            self._store.write(self._where, progress.model_dump_json().encode(), "application/json")
        except StorageFailed:
            log("progress not written", {"job_id": self._request.job_id})
        else:
            self._written = progress.share

    def _written_before(self) -> float:
        """The share that an earlier try at the same attempt wrote."""
        try:
            return Progress.model_validate_json(self._store.read(self._where, _LIMIT)).share
        except (ObjectUnusable, StorageFailed, ValidationError):
            return 0.0
