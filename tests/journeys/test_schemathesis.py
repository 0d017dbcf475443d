"""Each surface as its OpenAPI document says, by schemathesis: all phases, every check, no failure.

The document is the committed one. Each phase has an account of its own, since accounts have limits. VITRINE_EXAMPLES
raises how many cases each operation gets (CI: a few; for a search, some hundreds).
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import pytest

from infra.documents import DOCUMENTS
from tests.journeys.conftest import Stack
from tests.support import empty_room
from tests.support.customer import Customer

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "tests" / "support" / "schemathesis.toml"
EXAMPLES = int(os.environ.get("VITRINE_EXAMPLES", "6"))
PHASES = {"examples,coverage": EXAMPLES, "fuzzing": EXAMPLES, "stateful": 3 * EXAMPLES}
"""With the number of cases for each operation; walks along links are few for all operations together."""
PATIENCE_S = 420
"""A run takes 20 to 100 s; four times as long when other work has the machine."""


@dataclass(frozen=True)
class Caller:
    """A bearer token, and what the hooks are told of its account."""

    token: str
    known: dict[str, str] = field(default_factory=dict)


def explored(stack: Stack, surface: str, phases: str, caller: Caller, folder: Path) -> str:
    """Run schemathesis; answers what it said. Fails with that when it found anything."""
    told = {
        **os.environ,
        **caller.known,
        "VITRINE_TOKEN": caller.token,
        "SCHEMATHESIS_HOOKS": "tests.support.schemathesis_hooks",
        "PYTHONPATH": str(ROOT),
    }
    ran = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG)),
            *("run", str(DOCUMENTS / f"{surface}.json"), "--url", stack.deployment.base_url(surface)),
            *("--phases", phases, "--checks", "all", "--max-examples", str(PHASES[phases])),
        ],
        cwd=folder,
        env=told,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    if ran.returncode:
        pytest.fail(f"{ran.stdout[-12_000:]}\n{ran.stderr[-2000:]}", pytrace=False)
    return ran.stdout


def generated(said: str) -> int:
    found = re.search(r"(\d+) generated", said)
    assert found, said[-2000:]
    return int(found[1])


@pytest.mark.timeout(PATIENCE_S + 20)
@pytest.mark.parametrize("phases", PHASES)
def test_realstaging_does_what_its_document_says(
    stack: Stack, customer: Callable[[], Customer], phases: str, tmp_path: Path
) -> None:
    alice = customer()
    known = {
        "VITRINE_PROJECT": alice.project(),
        "VITRINE_UPLOAD": alice.presign(empty_room.photo())["file_key"],
    }
    said = explored(stack, "realstaging", phases, Caller(alice.token, known), tmp_path)
    assert "20 selected" in said
    assert generated(said) > 10


@pytest.mark.timeout(PATIENCE_S + 20)
@pytest.mark.parametrize("phases", PHASES)
def test_stagecraft_does_what_its_document_says(stack: Stack, phases: str, tmp_path: Path) -> None:
    key = stack.api_key(f"schemathesis-{uuid4().hex[:8]}", plan="enterprise")
    with stack.bearing("stagecraft", key) as http:
        (own,) = http.get("/api/account").json()["api_keys"]
        photo = {"filename": "room.jpg", "content_type": "image/jpeg", "file_size": 1000}
        upload = http.post("/api/uploads/presign", json=photo).json()["file_key"]
    known = {"VITRINE_OWN_KEY": own["key_id"], "VITRINE_UPLOAD": upload}
    said = explored(stack, "stagecraft", phases, Caller(key, known), tmp_path)
    assert "24 selected" in said
    assert generated(said) > 10
