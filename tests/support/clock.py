"""A test has one clock: an argument, or the real one. Never both.

A module that names `NOW` has the clock as an argument: it passes moments to what it tests, and whatever asks the real
clock there fails (`one_clock` in tests/conftest.py). A module that does not name it is on the real clock: it asks
`utc_now`, and may name no date (tests/unit/test_one_clock.py), so that it passes on any day. Builders ask `now`.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, NoReturn
from unittest.mock import patch

from vitrine.kernel import clock

NOW = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)

_is_an_argument = False


def now() -> datetime:
    """The moment at which a test begins to look at things: `NOW` where the clock is an argument, else the real one."""
    return NOW if _is_an_argument else clock.utc_now()


def names_now(module: Any) -> bool:
    """Whether the clock is an argument in the tests of this module."""
    return getattr(module, "NOW", None) is NOW


class _NoClock:
    """Takes the place of `datetime` in `vitrine.kernel.clock`, where every function asks what time it is."""

    @staticmethod
    def now(*_: object) -> NoReturn:
        raise AssertionError(
            "This test's module names NOW, so its clock is an argument, and this code asked the real one. "
            "Pass a moment to it, or take utc_now() for NOW in the whole module: see tests/support/clock.py."
        )


@contextmanager
def an_argument() -> Iterator[None]:
    """Within the block nothing may ask the real clock, in no thread of this process."""
    here = sys.modules[__name__]
    with patch.object(clock, "datetime", _NoClock), patch.object(here, "_is_an_argument", True):
        yield
