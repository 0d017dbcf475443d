"""Each surface as its OpenAPI document says, by schemathesis: all phases, every check, no failure.

The document is the committed one, and the seed the same in every run: `python -m tests.bench.search` tries others. Each
phase has an account of its own, since accounts have limits. VITRINE_EXAMPLES raises how many cases each operation gets.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from tests.journeys.conftest import Stack
from tests.support import empty_room
from tests.support.customer import Customer
from tests.support.explored import Caller, Walk

EXAMPLES = int(os.environ.get("VITRINE_EXAMPLES", "6"))
PHASES = {"examples,coverage": EXAMPLES, "fuzzing": EXAMPLES, "stateful": 3 * EXAMPLES}
"""With the number of cases for each operation; walks along links are few for all operations together."""
SEED = 1
PATIENCE_S = 600
"""A run takes 20 to 100 s; several times as long when other work has the machine."""


def explored(stack: Stack, surface: str, phases: str, caller: Caller, folder: Path) -> str:
    """What schemathesis said. Fails with that when it found anything."""
    walk = Walk(phases, PHASES[phases], SEED, PATIENCE_S)
    ran = walk.along(surface, stack.deployment.base_url(surface), caller, folder)
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
