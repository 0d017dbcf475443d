"""The committed OpenAPI documents and event schemas are what the code says, and cover the contract's routes."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from openapi_spec_validator import validate

from functions.surfaces import SURFACES
from infra.documents import DOCUMENTS, load, operations
from infra.generators import contracts
from tests.support.builders import any_job
from tests.support.clock import NOW
from vitrine.jobs import events as job_events
from vitrine.jobs import rules
from vitrine.jobs.models import Job, JobError
from vitrine.kernel.surface import Surface

ROUTES = Path(__file__).parents[1] / "support" / "routes.csv"
EXTRA = ROUTES.with_name("extra_routes.csv")
SHARED = Path(__file__).parents[3] / "shared" / "contracts" / "routes.csv"


NAMES = [surface.name for surface in SURFACES]
SUCCESSES = {"200", "201", "202", "204", "307"}
WITHOUT_TOKEN = {"public", "stripe-signature", "refresh-token"}
NOT_YET: set[tuple[str, str, str]] = set()
"""Routes of a contract that are being written. Whoever adds one takes its line away."""
OTHER_SUCCESS = {"/api/stage": {"200"}, "/api/v1/events": {"204"}, "/v1/published/{key}/{file}": {"200"}}
"""With `Prefer: wait` a staging may be finished in its answer; a stream that told everything has no more content; a
manifest is answered where pictures are redirected to."""


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


def rows(surface: Surface) -> set[tuple[str, str, str, str]]:
    """The contract's routes, and those of ours that no document asks for."""
    lines = [row for path in (ROUTES, EXTRA) for row in csv.DictReader(path.read_text().splitlines())]
    mine = [
        row
        for row in lines
        if row["surface"] == surface.name and (surface.name, row["method"], row["path"]) not in NOT_YET
    ]
    return {(row["method"], row["path"], row["success"], row["auth"]) for row in mine}


def test_the_committed_files_are_what_the_code_says() -> None:
    for path, text in contracts.files().items():
        assert path.read_text() == text, f"{path.name}: run `uv run vitrine contracts`"


@pytest.mark.parametrize("surface", SURFACES, ids=NAMES)
def test_the_document_is_valid_openapi(surface: Surface) -> None:
    validate(json.loads((DOCUMENTS / f"{surface.name}.json").read_text()))


@pytest.mark.parametrize("surface", SURFACES, ids=NAMES)
def test_the_document_has_exactly_the_contracts_routes_with_their_success_status(surface: Surface) -> None:
    found = {
        (operation.method, operation.path): set(operation.body["responses"].keys() & SUCCESSES)
        for operation in operations(load(surface))
    }
    wanted = {(method, path): {success, *OTHER_SUCCESS.get(path, ())} for method, path, success, _ in rows(surface)}
    assert found == wanted


@pytest.mark.parametrize("surface", SURFACES, ids=NAMES)
def test_who_may_call_a_route_is_what_its_contract_says(surface: Surface) -> None:
    found = {(operation.method, operation.path): operation.is_public for operation in operations(load(surface))}
    assert found == {(method, path): auth in WITHOUT_TOKEN for method, path, _, auth in rows(surface)}


@pytest.mark.parametrize("surface", [each for each in SURFACES if each.callers and each.callers.many])
def test_where_people_have_roles_each_route_says_which_as_its_contract_does(surface: Surface) -> None:
    found = {(operation.method, operation.path): operation.body["x-allow"] for operation in operations(load(surface))}
    assert found == {(method, path): auth for method, path, _, auth in rows(surface)}


@pytest.mark.parametrize("surface", SURFACES, ids=NAMES)
def test_all_methods_of_a_path_belong_to_one_function_since_the_gateway_knows_paths_alone(surface: Surface) -> None:
    found: dict[str, set[str]] = {}
    for operation in operations(load(surface)):
        found.setdefault(operation.path, set()).add(operation.function)
    assert not {path: functions for path, functions in found.items() if len(functions) > 1}


@pytest.mark.parametrize("surface", SURFACES, ids=NAMES)
def test_every_function_that_a_surface_declares_has_a_route(surface: Surface) -> None:
    assert {each.function for each in operations(load(surface))} == {function.name for function in surface.functions}


@pytest.mark.skipif(not SHARED.exists(), reason="the shared contracts are not beside this checkout")
def test_our_copy_of_the_routes_is_the_contracts_own() -> None:
    assert ROUTES.read_text() == SHARED.read_text()
