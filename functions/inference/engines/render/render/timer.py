"""Seconds per step of a staging."""

import time


class Timer:
    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, step: str) -> None:
        """Note what has passed since the lap before as `step`."""
        now = time.perf_counter()
        self.seconds[step] = now - self._last
        self._last = now
