"""Each deployed surface as its OpenAPI document says, by schemathesis: every check, no failure.

Few cases, since tests/functions/test_schemathesis.py tries all phases without the emulator. Each phase has an account
of its own, since accounts have limits. VITRINE_EXAMPLES raises how many cases each operation gets.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from functions.surfaces import SURFACES
from infra.documents import load, operations
from tests.journeys.conftest import Stack
from tests.support.walks import Caller, Walk, known_of
from vitrine.kernel.surface import Surface

EXAMPLES = int(os.environ.get("VITRINE_EXAMPLES", "3"))
PHASES = {"examples,fuzzing": EXAMPLES, "stateful": 3 * EXAMPLES}
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


CREDENTIALS: dict[str, Callable[[Stack, str], str]] = {
    "access token": lambda stack, name: stack.token(name),
    "api key": lambda stack, name: stack.api_key(name, plan="enterprise"),
    "user token": lambda stack, name: stack.user_token(name),
}


def caller_of(stack: Stack, surface: Surface) -> Caller:
    """Somebody new."""
    assert surface.callers is not None
    token = CREDENTIALS[surface.callers.credential](stack, f"schemathesis-{uuid4().hex[:8]}")
    return Caller(token, known_of(surface, stack.deployment.base_url(surface.name), token))


@pytest.mark.timeout(PATIENCE_S + 20)
@pytest.mark.parametrize("phases", PHASES)
@pytest.mark.parametrize("surface", SURFACES, ids=lambda surface: surface.name)
def test_a_surface_does_what_its_document_says(stack: Stack, surface: Surface, phases: str, tmp_path: Path) -> None:
    said = explored(stack, surface.name, phases, caller_of(stack, surface), tmp_path)
    assert f"{len(list(operations(load(surface))))} selected" in said
    assert generated(said) > 10
