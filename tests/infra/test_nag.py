"""cdk-nag's pack AwsSolutions: nothing found that is not accepted with a reason, nothing accepted that is not found."""

import json
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from unittest.mock import patch

import pytest
from aws_cdk import Validations
from cdk_nag import AwsSolutionsChecks
from constructs import IConstruct

from infra.constructs import api, bucket, function, machine, nag, queue, rollout, topic
from infra.stacks import batch, data, delivery, endpoint, reactions
from infra.stacks.environment import create
from tests.infra.clouds import ENVIRONMENTS, context

ACCEPTING = (api, batch, bucket, data, delivery, endpoint, function, machine, queue, reactions, rollout, topic)
PREFIX = "AwsSolutions-"


def findings(environment: str) -> set[tuple[str, str]]:
    """The path of a construct and what cdk-nag says about it."""
    folder = Path(mkdtemp(prefix="vitrine-nag-"))
    app = create(str(folder), {**context(environment), "@aws-cdk/core:failSynthOnValidationErrors": False})
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()
    report = json.loads((folder / "validation-report.json").read_text())
    return {
        (construct["constructPath"], violation["ruleName"].removeprefix(PREFIX))
        for plugin in report["pluginReports"]
        for violation in plugin["violations"]
        for construct in violation["violatingConstructs"]
    }


@cache
def accepted_and_found(environment: str) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """What is accepted where, and what cdk-nag finds when nothing is."""
    accepted: set[tuple[str, str]] = set()

    def note(construct: IConstruct, reason: str, *ids: str) -> None:
        assert len(reason.split()) > 3, "a reason is a sentence"
        accepted.update((construct.node.path, id_) for id_ in ids)

    patches = [patch.object(module, "accept", note) for module in ACCEPTING]
    for each in patches:
        each.start()
    try:
        return accepted, findings(environment)
    finally:
        for each in patches:
            each.stop()


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_nothing_is_found_that_is_not_accepted_with_a_reason(environment: str) -> None:
    assert findings(environment) == set()


def test_nothing_is_accepted_that_is_not_found_somewhere() -> None:
    used = {
        (_place(path), id_)
        for environment in ("local", "prod")
        for accepted, found in [accepted_and_found(environment)]
        for path, id_ in accepted
        if any(where.startswith(path) and what == id_ for where, what in found)
    }
    stale = {
        (_place(path), id_)
        for environment in ("local", "prod")
        for path, id_ in accepted_and_found(environment)[0]
        if (_place(path), id_) not in used
    }
    assert not stale


def test_without_acceptances_cdk_nag_finds_what_we_know_of() -> None:
    _, found = accepted_and_found("prod")
    assert ("vitrine-prod-realstaging/Api/ANY--api--v1--images/Resource", "APIG4") in found


def _place(path: str) -> str:
    """The construct, whatever its environment."""
    return path.split("-", 2)[-1]


def test_all_modules_that_accept_are_watched_here() -> None:
    accepting = {
        path.stem
        for folder in ("constructs", "stacks")
        for path in (Path(nag.__file__).parents[1] / folder).glob("*.py")
        if "import accept" in path.read_text()
    }
    assert accepting == {module.__name__.rsplit(".", 1)[-1] for module in ACCEPTING}
