"""What the engine's tests share: synthetic rooms read once, and one warm engine."""

from collections.abc import Iterator
from functools import cache

import pytest

from functions.inference.engines.render import RenderEngine
from functions.inference.engines.render.read.reading import Reading, read_room
from functions.inference.vision import images
from tests.support.rooms import Truth, truths
from vitrine.contracts.inference import Refusal


@cache
def reading_of(truth: Truth) -> Reading:
    found = read_room(images.decode(truth.picture.read_bytes()))
    assert not isinstance(found, Refusal), found
    return found


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
