"""What the engine's tests share: synthetic rooms read once, and one warm engine."""

import pickle
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from functions.inference.engines.render import RenderEngine
from functions.inference.engines.render.read.reading import Reading, read_room
from functions.inference.vision import images
from tests.support.once import once
from tests.support.rooms import Truth, truths
from vitrine.contracts.inference import Refusal

READING = "reading.pickle"


@cache
def reading_of(truth: Truth) -> Reading:
    """Read once for all workers of a run, since it takes a second or two."""
    file = once(f"readings/{truth.name}", lambda folder: _read(truth, folder / READING)) / READING
    reading = pickle.loads(file.read_bytes())
    assert isinstance(reading, Reading)
    return reading


def _read(truth: Truth, file: Path) -> None:
    found = read_room(images.decode(truth.picture.read_bytes()))
    assert not isinstance(found, Refusal), found
    file.write_bytes(pickle.dumps(found))


@pytest.fixture(params=truths(), ids=lambda truth: truth.name)
def truth(request: pytest.FixtureRequest) -> Truth:
    assert isinstance(request.param, Truth)
    return request.param


@pytest.fixture
def reading(truth: Truth) -> Reading:
    return reading_of(truth)


@pytest.fixture(scope="session")
def engine() -> Iterator[RenderEngine]:
    engine = RenderEngine()
    yield engine
    engine.close()
