"""The committed OpenAPI documents and event schemas are what the code says, and cover the contract's routes."""

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from openapi_spec_validator import validate

from infra.local import contracts
from tests.support.builders import any_job
from tests.support.clock import NOW
from vitrine.jobs import events as job_events
from vitrine.jobs import rules
from vitrine.jobs.models import Job, JobError

ROUTES = Path(__file__).parents[1] / "support" / "routes.csv"
EXTRA = ROUTES.with_name("extra_routes.csv")
SHARED = Path(__file__).parents[3] / "shared" / "contracts" / "routes.csv"


OTHER_SUCCESS = {"/api/stage": {"200"}, "/api/v1/events": {"204"}}
"""With `Prefer: wait` a staging may be finished in its answer; a stream that told everything has no more content."""


def test_events_on_the_bus_match_their_schemas() -> None:
    job = any_job()
    changes: dict[str, Callable[[], Job]] = {
        "JobQueued": lambda: job,
        "JobStarted": lambda: rules.start(job, NOW),
        "JobCompleted": lambda: rules.complete(job, {}, NOW),
        "JobFailed": lambda: rules.fail(job, JobError(code="c", message="m"), NOW),
        "JobCancelled": lambda: rules.cancel(job, NOW),
    }
    for name, change in changes.items():
        entry = job_events.entry(rules.event_of(change()), "bus")
        assert entry["DetailType"] == name
        jsonschema.validate(json.loads(entry["Detail"]), contracts.event_schemas()[name])


def rows(surface: str) -> set[tuple[str, str, str]]:
    """The contract's routes, and those of ours that no document asks for."""
    lines = [row for path in (ROUTES, EXTRA) for row in csv.DictReader(path.read_text().splitlines())]
    return {(row["method"], row["path"], row["success"]) for row in lines if row["surface"] == surface}


def test_the_committed_files_are_what_the_code_says() -> None:
    for path, text in contracts.files().items():
        assert path.read_text() == text, f"{path.name}: run `uv run vitrine contracts`"


@pytest.mark.parametrize("surface", contracts.SURFACES)
def test_the_document_is_valid_openapi(surface: str) -> None:
    validate(json.loads((contracts.DOCUMENTS / f"{surface}.json").read_text()))


@pytest.mark.parametrize("surface", contracts.SURFACES)
def test_the_document_has_exactly_the_contracts_routes_with_their_success_status(surface: str) -> None:
    document = contracts.document(surface)
    found = {
        (method.upper(), path): {status for status in operation["responses"] if re.match("2", status)}
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    }
    wanted = {(method, path): {success, *OTHER_SUCCESS.get(path, ())} for method, path, success in rows(surface)}
    assert found == wanted


@pytest.mark.skipif(not SHARED.exists(), reason="the shared contracts are not beside this checkout")
def test_our_copy_of_the_routes_is_the_contracts_own() -> None:
    assert ROUTES.read_text() == SHARED.read_text()
