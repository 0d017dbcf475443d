"""Linting and typing are tests, so that one command is all that a newcomer and CI run."""

import subprocess
import sys

import pytest

from infra.local.workspace import REPOSITORY

CHECKS = {
    "ruff check": ("ruff", "check"),
    "ruff format": ("ruff", "format", "--check"),
    "mypy": ("mypy",),
}


@pytest.mark.timeout(900)
@pytest.mark.parametrize("check", CHECKS)
def test_the_whole_project_passes(check: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", *CHECKS[check]], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
