"""`vitrine contracts` runs in a shell that knows nothing of us."""

import os
import subprocess
import sys

from infra.packaging.assets import ROOT


def test_the_generators_need_no_variable_of_ours() -> None:
    program = "from infra.generators import contracts; contracts.files()"
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("VITRINE_", "AWS_"))}
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=bare, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr[-1000:]
