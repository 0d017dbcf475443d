"""Each surface as its OpenAPI document says, by schemathesis: all phases, every check, no failure.

The handlers answer on moto, which takes seconds; what only the deployed stack can show is walked in
tests/journeys/test_schemathesis.py. The seed is the same in every run: `python -m tests.bench.search` tries others.
"""

import pytest

from functions.surfaces import SURFACES
from tests.support.patience import PATIENCE_S
from tests.support.walks import Walk, on_moto
from vitrine.kernel.surface import Surface

SEED, EXAMPLES = 1, 3
PHASES = "examples,coverage,fuzzing,stateful"


@pytest.mark.timeout(8 * PATIENCE_S)
@pytest.mark.parametrize("surface", SURFACES, ids=lambda surface: surface.name)
def test_a_surface_does_what_its_document_says(surface: Surface) -> None:
    found = on_moto(surface, Walk(PHASES, EXAMPLES, SEED, within_s=7 * PATIENCE_S))
    if found.anything:
        pytest.fail(found.said[-12_000:], pytrace=False)
    assert found.generated > 300
