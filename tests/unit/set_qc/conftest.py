from collections.abc import Iterator

import pytest

from tests.support.remembered import remembered_frames


@pytest.fixture(autouse=True, scope="session")
def frames_looked_at_once() -> Iterator[None]:
    with remembered_frames():
        yield
