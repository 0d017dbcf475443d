"""Linting and typing are tests, so that one command is all that a newcomer and CI run."""

import fcntl
import subprocess
import sys

import pytest

from functions.inference.engines.render.render.toolchain import cache_folder
from infra.local.workspace import REPOSITORY


@pytest.mark.parametrize("check", [("check",), ("format", "--check")], ids=" ".join)
def test_ruff_finds_nothing(check: tuple[str, ...]) -> None:
    passes("ruff", *check)


@pytest.mark.timeout(900)
def test_mypy_finds_nothing() -> None:
    """Its cache is the user's, not the clone's: mypy compares contents, so a fresh clone is checked in seconds."""
    cache = cache_folder() / "mypy"
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:  # Two runs at once would write the same files.
        fcntl.flock(lock, fcntl.LOCK_EX)
        passes("mypy", "--cache-dir", str(cache))


def passes(*check: str) -> None:
    ran = subprocess.run([sys.executable, "-m", *check], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
