"""Waiting for what surely comes. How long costs nothing when it comes at once, and a busy machine needs it."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from vitrine.kernel.clock import utc_now

T = TypeVar("T")
PATIENCE_S = 120.0


def until(look: Callable[[], T | None], within_s: float = PATIENCE_S, what: str = "", every_s: float = 0.02) -> T:
    """The first thing that `look` finds that is not false."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(every_s)
    raise AssertionError(f"waited {within_s:.0f} s in vain: {what or look.__qualname__}")


def outlast_the_hour(least: timedelta = timedelta(seconds=90)) -> None:
    """Waits until this hour (and day, and month) has `least` left: for journeys that count by it on the real clock."""
    left = timedelta(hours=1) - (utc_now() - utc_now().replace(minute=0, second=0, microsecond=0))
    if left < least:
        time.sleep(left.total_seconds() + 0.1)
