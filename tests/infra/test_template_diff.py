"""`vitrine diff` on pairs of templates: prod's own, and what a change would make of them."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra import cli
from infra.operators.template_diff import STATEFUL, losses
from tests.infra.clouds import cloud

Template = dict[str, Any]


@pytest.fixture(scope="module")
def deployed() -> dict[str, Template]:
    return {name: dict(template) for name, template in cloud("prod").templates.items()}


def first(template: Template, kind: str) -> tuple[str, Template]:
    return next((id_, body) for id_, body in template["Resources"].items() if body["Type"] == kind)


def without(id_: str, template: Template) -> None:
    del template["Resources"][id_]


def renamed(id_: str, template: Template) -> None:
    template["Resources"][f"{id_}New"] = template["Resources"].pop(id_)


def other_key(id_: str, template: Template) -> None:
    template["Resources"][id_]["Properties"]["KeySchema"][0]["AttributeName"] = "other"


def named(id_: str, template: Template) -> None:
    template["Resources"][id_]["Properties"]["TableName"] = "a-name"


def of_another_type(id_: str, template: Template) -> None:
    template["Resources"][id_]["Type"] = "AWS::DynamoDB::GlobalTable"


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (without, "abandoned"),
        (renamed, "abandoned"),
        (of_another_type, "abandoned"),
        (other_key, "replaced, because KeySchema changes"),
        (named, "replaced, because TableName changes"),
    ],
)
def test_a_table_that_would_be_lost_is_named_with_the_reason(
    deployed: dict[str, Template], change: Callable[[str, Template], None], what: str
) -> None:
    id_, _ = first(deployed["data"], "AWS::DynamoDB::Table")
    new = copy.deepcopy(deployed)
    change(id_, new["data"])
    (loss,) = losses(deployed, new)
    assert (loss.stack, loss.id) == ("data", id_)
    assert what in str(loss)


def test_what_nothing_keeps_would_be_deleted(deployed: dict[str, Template]) -> None:
    id_, _ = first(deployed["realstaging"], "AWS::ApiGatewayV2::Api")
    new = copy.deepcopy(deployed)
    without(id_, new["realstaging"])
    assert [str(loss) for loss in losses(deployed, new)] == [
        f"realstaging: AWS::ApiGatewayV2::Api {id_} would be deleted"
    ]


def test_a_stack_that_goes_takes_all_that_it_holds(deployed: dict[str, Template]) -> None:
    new = {name: template for name, template in deployed.items() if name != "data"}
    lost = {loss.id for loss in losses(deployed, new)}
    assert lost == {id_ for id_, body in deployed["data"]["Resources"].items() if body["Type"] in STATEFUL}


def test_functions_routes_and_settings_may_change_freely(deployed: dict[str, Template]) -> None:
    new = copy.deepcopy(deployed)
    id_, _ = first(new["pipeline"], "AWS::Lambda::Function")
    without(id_, new["pipeline"])
    _, table = first(new["data"], "AWS::DynamoDB::Table")
    table["Properties"]["TimeToLiveSpecification"]["Enabled"] = False
    table["Properties"]["AttributeDefinitions"].append({"AttributeName": "more", "AttributeType": "S"})
    assert losses(deployed, new) == []


def written(folder: Path, templates: dict[str, Template]) -> Path:
    folder.mkdir()
    for name, template in templates.items():
        (folder / f"vitrine-prod-{name}.template.json").write_text(json.dumps(template))
    return folder


def test_the_command_stops_a_deployment_unless_the_loss_is_accepted(
    deployed: dict[str, Template], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    id_, _ = first(deployed["data"], "AWS::S3::Bucket")
    changed = copy.deepcopy(deployed)
    without(id_, changed["data"])
    folders = ["--old", str(written(tmp_path / "old", deployed)), "--new", str(written(tmp_path / "new", changed))]
    assert cli.main(["diff", *folders]) == 1
    assert f"vitrine-prod-data: AWS::S3::Bucket {id_} would be abandoned" in capsys.readouterr().out
    assert cli.main(["diff", *folders, "--accept", id_]) == 0


def test_an_empty_folder_is_no_approval(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["diff", "--old", str(tmp_path), "--new", str(tmp_path)]) == 1
    assert "There are no templates" in capsys.readouterr().err
