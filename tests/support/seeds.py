"""Hypothesis tries the same cases in every run, however long a case takes; `--seeds N` tries others, N times as many.

`python -m tests.bench.search` does that, and walks the surfaces with as many seeds.
"""

import hypothesis
import pytest
from hypothesis import core

COMMON = {"deadline": None, "database": None, "print_blob": True}
hypothesis.settings.register_profile("same", derandomize=True, **COMMON)  # type: ignore[arg-type]
hypothesis.settings.register_profile("search", derandomize=False, **COMMON)  # type: ignore[arg-type]
hypothesis.settings.load_profile("same")


def pytest_addoption(parser: pytest.Parser) -> None:
    help_ = "run each test of a property so many times, each with a seed of its own"
    parser.getgroup("seeds").addoption("--seeds", type=int, default=0, help=help_)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--seeds"):
        hypothesis.settings.load_profile("search")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    seeds: int = metafunc.config.getoption("--seeds")
    if seeds and hypothesis.is_hypothesis_test(metafunc.function):
        metafunc.fixturenames.append("_seed")
        metafunc.parametrize("_seed", range(seeds), indirect=True, ids=lambda seed: f"seed {seed}")


@pytest.fixture
def _seed(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `--hypothesis-seed` sets for a whole run."""
    monkeypatch.setattr(core, "global_force_seed", request.param)
