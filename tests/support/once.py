"""What a run of tests makes once, however many workers it has: each environment's synth, a room's reading."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

_RUN = "VITRINE_TEST_RUN"
"""The folder of the run, which the workers inherit."""


def once(name: str, make: Callable[[Path], object]) -> Path:
    """The folder `name` of this run, filled by `make`; whoever comes meanwhile waits. `name` may hold slashes."""
    made = _folder() / name
    if made.exists():
        return made
    made.parent.mkdir(parents=True, exist_ok=True)
    with made.with_name(f"{made.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            partial = Path(tempfile.mkdtemp(prefix=f"{made.name}.", dir=made.parent))
            make(partial)
            partial.rename(made)
    return made


def _folder() -> Path:
    if _RUN not in os.environ:
        os.environ[_RUN] = tempfile.mkdtemp(prefix="vitrine-tests-")
    return Path(os.environ[_RUN])


def pytest_configure(config: pytest.Config) -> None:
    if not _is_worker(config):
        os.environ.pop(_RUN, None)
        _folder()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not _is_worker(config):
        shutil.rmtree(_folder(), ignore_errors=True)


def _is_worker(config: pytest.Config) -> bool:
    """Of pytest-xdist."""
    return hasattr(config, "workerinput")
