"""In which order tests run: what takes a minute first, and files of journeys spread among the other files.

A journey mostly waits for the emulator while other tests keep a processor busy, so the two go well side by side.
"""

import os
from collections.abc import Iterator
from itertools import groupby

import pytest

FIRST = "test_checks"
"""Typing takes longest, and nothing must wait for it at the end."""

WAITING = 2
"""Workers beyond the processors: so many, at any moment, are journeys that wait for the emulator."""

File = list[pytest.Item]


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    return (os.cpu_count() or 1) + WAITING


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    files = [list(file) for _, file in groupby(items, key=lambda item: item.path)]
    first = [file for file in files if file[0].path.stem == FIRST]
    journeys = [file for file in files if file not in first and file[0].get_closest_marker("journey")]
    others = [file for file in files if file not in first and file not in journeys]
    items[:] = [item for file in (*first, *spread(journeys, others)) for item in file]


def spread(few: list[File], many: list[File]) -> Iterator[File]:
    """`few` among `many`, at even distances of tests; both keep their order."""
    total, done, given = sum(map(len, many)), 0, 0
    for file in many:
        while given < len(few) and done * len(few) >= given * total:
            yield few[given]
            given += 1
        yield file
        done += len(file)
    yield from few[given:]
