from collections.abc import Iterator

import pytest

from tests.support.cloud import aws


@pytest.fixture(autouse=True)
def _cloud() -> Iterator[None]:
    from vitrine.billing.service import forget_provisioned

    forget_provisioned()
    with aws():
        yield
