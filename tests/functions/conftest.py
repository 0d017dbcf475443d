from collections.abc import Iterator

import pytest

from tests.support.cloud import aws


@pytest.fixture(autouse=True)
def _cloud() -> Iterator[None]:
    with aws():
        yield
