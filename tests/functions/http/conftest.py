from collections.abc import Iterator

import pytest

from tests.support.clock import NOW, an_argument
from tests.support.toy import Toy


@pytest.fixture
def toy() -> Iterator[Toy]:
    """Its clock is an argument, `toy.now`, so nothing may ask the real one."""
    with an_argument():
        yield Toy(NOW)
