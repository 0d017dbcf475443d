"""The committed OpenAPI documents are what the code says, and cover the contract's routes."""

import csv
import json
import re
from pathlib import Path

import pytest
from openapi_spec_validator import validate

from infra.local import openapi

ROUTES = Path(__file__).parents[1] / "support" / "routes.csv"
SHARED = Path(__file__).parents[3] / "shared" / "contracts" / "routes.csv"


def rows(surface: str) -> set[tuple[str, str, str]]:
    with ROUTES.open() as file:
        return {
            (row["method"], row["path"], row["success"]) for row in csv.DictReader(file) if row["surface"] == surface
        }


@pytest.mark.parametrize("surface", openapi.SURFACES)
def test_the_committed_document_is_what_the_code_says(surface: str) -> None:
    committed = (openapi.DOCUMENTS / f"{surface}.json").read_text()
    assert committed == openapi.render(openapi.document(surface)), "run `uv run vitrine openapi`"


@pytest.mark.parametrize("surface", openapi.SURFACES)
def test_the_document_is_valid_openapi(surface: str) -> None:
    validate(json.loads((openapi.DOCUMENTS / f"{surface}.json").read_text()))


@pytest.mark.parametrize("surface", openapi.SURFACES)
def test_the_document_has_exactly_the_contracts_routes_with_their_success_status(surface: str) -> None:
    document = openapi.document(surface)
    found = {
        (method.upper(), path, min(status for status in operation["responses"] if re.match("2", status)))
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    }
    assert found == rows(surface)


@pytest.mark.skipif(not SHARED.exists(), reason="the shared contracts are not beside this checkout")
def test_our_copy_of_the_routes_is_the_contracts_own() -> None:
    assert ROUTES.read_text() == SHARED.read_text()
