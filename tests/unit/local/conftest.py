from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local import processes
from infra.local.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    made = Workspace(root=tmp_path / "state", tools=tmp_path / "tools")
    made.prepare()
    yield made
    for pid_file in made.processes.glob("*.pid"):
        processes.stop(made, pid_file.stem, grace_s=0)
