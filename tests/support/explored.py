"""A surface walked along its OpenAPI document by schemathesis, against whatever answers at an address."""

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from infra.documents import DOCUMENTS

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "tests" / "support" / "schemathesis.toml"
HOOKS = "tests.support.schemathesis_hooks"


@dataclass(frozen=True)
class Caller:
    """A bearer token, and what the hooks are told of its account."""

    token: str
    known: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Walk:
    """`phases` of schemathesis, with so many cases for each operation; the same seed makes the same cases."""

    phases: str
    examples: int
    seed: int
    within_s: float

    def along(self, surface: str, url: str, caller: Caller, folder: Path) -> subprocess.CompletedProcess[str]:
        """It ends with another code than 0 when it found anything, and says what."""
        variables = {"VITRINE_TOKEN": caller.token, "SCHEMATHESIS_HOOKS": HOOKS, "PYTHONPATH": str(ROOT)}
        return subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG)),
                *("run", str(DOCUMENTS / f"{surface}.json"), "--url", url, "--seed", str(self.seed)),
                *("--phases", self.phases, "--checks", "all", "--max-examples", str(self.examples)),
            ],
            cwd=folder,
            env={**os.environ, **caller.known, **variables},
            capture_output=True,
            text=True,
            timeout=self.within_s,
            check=False,
        )
