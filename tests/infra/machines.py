"""State machines, as Step Functions will read them."""

import json
from typing import Any

from tests.infra.clouds import cloud


def definition(environment: str, name: str) -> dict[str, Any]:
    (machine,) = [
        machine
        for machine in cloud(environment).all("AWS::StepFunctions::StateMachine")
        if machine.properties["StateMachineName"] == f"vitrine-{environment}-{name}"
    ]
    written = machine.properties["DefinitionString"]
    if not isinstance(written, str):
        written = "".join(
            part if isinstance(part, str) else json.dumps(part).replace('"', "'") for part in written["Fn::Join"][1]
        )
    parsed: dict[str, Any] = json.loads(written)
    return parsed


def states(machine: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """All states, those that a Map goes through for each item included."""
    found: dict[str, dict[str, Any]] = dict(machine["States"])
    for state in machine["States"].values():
        found |= states(state["ItemProcessor"]) if state["Type"] == "Map" else {}
    return found


def called_by(task: dict[str, Any]) -> str:
    """The function that a state calls: by its ARN, or through `lambda:invoke` where it waits for a task token."""
    if ":states:::" not in task["Resource"]:
        return str(task["Resource"])
    assert ":states:::lambda:invoke" in task["Resource"], "say here what this state asks for"
    return str(task["Parameters"]["FunctionName"])
