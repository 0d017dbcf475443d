"""Many callers at the same time."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def at_once(act: Callable[[int], T], times: int, threads: int = 16) -> list[T]:
    """What `act` answers to each number below `times`, asked in `threads` threads."""
    with ThreadPoolExecutor(min(times, threads)) as pool:
        return list(pool.map(act, range(times)))
