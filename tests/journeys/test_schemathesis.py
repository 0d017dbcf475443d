"""Each surface as its OpenAPI document says, by schemathesis: all phases, every check, no failure.

The document is the committed one, and the seed the same in every run: `python -m tests.bench.search` tries others. Each
phase has an account of its own, since accounts have limits. VITRINE_EXAMPLES raises how many cases each operation gets.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from functions.surfaces import SURFACES
from infra.documents import load, operations
from tests.journeys.conftest import Stack
from tests.support.explored import Caller, Walk
from vitrine.kernel.surface import Surface

EXAMPLES = int(os.environ.get("VITRINE_EXAMPLES", "6"))
PHASES = {"examples,coverage": EXAMPLES, "fuzzing": EXAMPLES, "stateful": 3 * EXAMPLES}
"""With the number of cases for each operation; walks along links are few for all operations together."""
PHOTO = {"filename": "room.jpg", "content_type": "image/jpeg", "file_size": 1000}
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


def _of_realstaging(http: httpx.Client) -> dict[str, str]:
    project = http.post("/api/v1/projects", json={"name": "Elm Street 4"}).json()["id"]
    upload = http.post("/api/v1/uploads/presign", json=PHOTO).json()["file_key"]
    return {"VITRINE_PROJECT": project, "VITRINE_UPLOAD": upload}


def _of_stagecraft(http: httpx.Client) -> dict[str, str]:
    (own,) = http.get("/api/account").json()["api_keys"]
    upload = http.post("/api/uploads/presign", json=PHOTO).json()["file_key"]
    return {"VITRINE_OWN_KEY": own["key_id"], "VITRINE_UPLOAD": upload}


KNOWN: dict[str, Callable[[httpx.Client], dict[str, str]]] = {
    "realstaging": _of_realstaging,
    "stagecraft": _of_stagecraft,
}
"""What the hooks are told of an account, so that more requests get past the door; nothing where nothing is listed."""
CREDENTIALS: dict[str, Callable[[Stack, str], str]] = {
    "access token": lambda stack, name: stack.token(name),
    "api key": lambda stack, name: stack.api_key(name, plan="enterprise"),
}


def caller_of(stack: Stack, surface: Surface) -> Caller:
    """Somebody new."""
    assert surface.callers is not None
    token = CREDENTIALS[surface.callers.credential](stack, f"schemathesis-{uuid4().hex[:8]}")
    with stack.bearing(surface.name, token) as http:
        return Caller(token, KNOWN[surface.name](http) if surface.name in KNOWN else {})


@pytest.mark.timeout(PATIENCE_S + 20)
@pytest.mark.parametrize("phases", PHASES)
@pytest.mark.parametrize("surface", SURFACES, ids=lambda surface: surface.name)
def test_a_surface_does_what_its_document_says(stack: Stack, surface: Surface, phases: str, tmp_path: Path) -> None:
    said = explored(stack, surface.name, phases, caller_of(stack, surface), tmp_path)
    assert f"{len(list(operations(load(surface))))} selected" in said
    assert generated(said) > 10
