"""An image's events as a text/event-stream, with replay and a bounded wait."""

import json
import re
import time
from collections.abc import Callable
from typing import Final

from vitrine.jobs import service as jobs
from vitrine.jobs.models import Job, JobEvent, JobState
from vitrine.kernel.http.request import pause
from vitrine.staging.resources import IMAGE

HOLD_S: Final = 8.0
"""The gateway sends nothing before the whole answer is there, so a client that reads with a limit of 10 s (a common
default) must get it before: 2 s are left for the way and for a cold start."""
POLL_S: Final = 0.5
RETRY_MS: Final = 1000
HEARTBEAT: Final = ": heartbeat\n\n"

_NUMBER = re.compile("[0-9]{1,5}")
_STATUS = {JobState.CANCELLED: "error"}


def number_of(last_event_id: str | None) -> int:
    """The event number in a `Last-Event-ID`; anything that we did not send counts as none, and replays all."""
    return int(last_event_id) if last_event_id and _NUMBER.fullmatch(last_event_id) else 0


def events_since(
    tenant: str,
    image_id: str,
    number: int,
    *,
    hold_s: float = HOLD_S,
    sleep: Callable[[float], None] = pause,
) -> str | None:
    """All events past `number`, waiting up to `hold_s` seconds for the first; None when there will be no more.

    Raises `NotFound` for an image that is not the tenant's.
    """
    IMAGE.check(image_id)
    polls = int(hold_s / POLL_S)
    for poll in range(polls + 1):
        events = jobs.events_after(tenant, image_id, number)
        if events:
            return _stream(events)
        if poll == 0 and IMAGE.find(tenant, image_id).state.is_over:
            # It may have ended after the query above: look once more before saying that there is nothing left.
            events = jobs.events_after(tenant, image_id, number)
            return _stream(events) if events else None
        if poll < polls:
            sleep(POLL_S)
    return f"retry: {RETRY_MS}\n\n{HEARTBEAT}"


def until_over(
    job: Job, wait_s: float, *, sleep: Callable[[float], None] = pause, clock: Callable[[], float] = time.monotonic
) -> Job:
    """The job once it is over, or as it is after `wait_s` seconds. Each look costs one read."""
    deadline = clock() + wait_s
    while not job.state.is_over and clock() < deadline:
        sleep(min(POLL_S, max(deadline - clock(), 0)))
        job = jobs.find(job.tenant, job.id)
    return job


def _stream(events: list[JobEvent]) -> str:
    return f"retry: {RETRY_MS}\n\n{HEARTBEAT}" + "".join(map(_event, events))


def _event(event: JobEvent) -> str:
    status = _STATUS.get(event.state, event.state.value)
    return f"id: {event.number}\nevent: status\ndata: {json.dumps({'status': status})}\n\n"
