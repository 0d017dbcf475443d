"""Runs tests at another time than now: `--days-ahead 40`, or `--at 2027-12-31T23:59:59.8Z`, where each test begins.

With CI set, tests run 40 days ahead unless told otherwise. Journeys stay at the machine's time, since the emulator and
its functions are processes of their own. Children of other tests stay there too, so a test that compares a child's
clock with its own is marked `todays_clock`.
"""

import os
from collections.abc import Generator
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

STAYS = ("journey", "todays_clock")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("clock")
    group.addoption("--days-ahead", type=float, default=None, help="run the fast tests so many days ahead")
    group.addoption("--at", type=_moment, default=None, help="the moment (ISO 8601) at which each fast test begins")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "todays_clock: stays at the machine's time, whatever --days-ahead or --at say")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    with _travel(item):
        return (yield)


def _travel(item: pytest.Item) -> AbstractContextManager[object]:
    moment = _begin(item.config)
    if moment is None or any(item.get_closest_marker(name) for name in STAYS):
        return nullcontext()
    return time_machine.travel(moment, tick=True)


def _begin(config: pytest.Config) -> datetime | None:
    at: datetime | None = config.getoption("--at")
    days: float | None = config.getoption("--days-ahead")
    if days is None:
        days = 40 if os.environ.get("CI") else 0
    return at or (datetime.now(UTC) + timedelta(days=days) if days else None)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
