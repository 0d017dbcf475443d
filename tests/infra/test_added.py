"""Follows "Adding a kind of work" and "Adding a table" of layers/core/README.md as far as they are infra's."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.stacks import batch, observability, reactions, webhooks
from infra.stacks.environment import create
from tests.functions.test_new_kind import ALL
from tests.infra.clouds import cloud, context, text
from tests.stores.test_new_table import FRAMES
from vitrine.kernel import schema
from vitrine.kinds_of_work import KINDS

NAME = "vitrine-local-sync"


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The stacks of `local` with one kind and one table more, by the last word of the stack's name."""
    folder = tmp_path_factory.mktemp("synth")
    with pytest.MonkeyPatch.context() as patch:
        for module in (batch, observability, reactions, webhooks):
            patch.setattr(module, "KINDS", ALL)
        patch.setattr(schema, "TABLES", (*schema.TABLES, FRAMES))
        create(str(folder), context("local")).synth()
    return {path.name.split(".")[0].rsplit("-", 1)[1]: read(path) for path in folder.glob("*.template.json")}


def read(path: Path) -> dict[str, Any]:
    template: dict[str, Any] = json.loads(path.read_text())
    return template


def policy(template: dict[str, Any], function: str) -> str:
    """All that the policies of a function's role say."""
    resources = template["Resources"]
    found = [body for id_, body in resources.items() if body["Type"] == "AWS::IAM::Policy" and id_.startswith(function)]
    return text(found)


def test_the_functions_that_start_recover_and_end_work_may_do_so_with_a_new_kinds_machine(
    templates: dict[str, Any],
) -> None:
    machine, execution = f"stateMachine:{NAME}", f"execution:{NAME}:*"
    assert machine in policy(templates["reactions"], "StartWork")
    assert machine in policy(templates["reactions"], "SweepDeadlines")
    assert execution in policy(templates["reactions"], "SweepDeadlines")
    assert machine not in policy(templates["reactions"], "PassOnSlots"), "it takes no slot"


def test_what_a_new_kind_announces_reaches_the_reaction_and_its_machine_the_dashboard(
    templates: dict[str, Any],
) -> None:
    rules = [body for body in templates["webhooks"]["Resources"].values() if body["Type"] == "AWS::Events::Rule"]
    patterns = [rule["Properties"]["EventPattern"].get("detail", {}) for rule in rules]
    heard = [pattern["kind"] for pattern in patterns if "kind" in pattern]
    assert heard == [["stage", "batch", "inspect", "export", "sync"]] * 2, "by webhook and by mail"
    assert f"stateMachine:{NAME}" in text(templates["observability"])


def test_a_new_table_is_deployed_with_its_index_named_to_every_function_and_watched(templates: dict[str, Any]) -> None:
    resources = templates["data"]["Resources"]
    (table,) = [body for id_, body in resources.items() if id_.startswith("FramesTable")]
    assert table["Properties"]["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]
    assert [index["IndexName"] for index in table["Properties"]["GlobalSecondaryIndexes"]] == ["by_colour"]
    assert "FramesTableIs" in templates["data"]["Outputs"]
    (start,) = [
        body
        for id_, body in templates["reactions"]["Resources"].items()
        if body["Type"] == "AWS::Lambda::Function" and id_.startswith("StartWork")
    ]
    assert FRAMES.variable in start["Properties"]["Environment"]["Variables"]
    alarms = templates["observability"]["Resources"]
    assert [id_[: -len("12345678")] for id_ in alarms if id_.startswith("Frames")] == [
        "FramesReadThrottles",
        "FramesWriteThrottles",
        "FramesByColourThrottles",
    ]


def test_every_kind_of_work_has_its_machine() -> None:
    deployed = {
        machine.properties["StateMachineName"] for machine in cloud("local").all("AWS::StepFunctions::StateMachine")
    }
    assert {f"vitrine-local-{kind.machine}" for kind in KINDS} <= deployed
