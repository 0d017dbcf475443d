"""Who hears of a function that fails: its own alarm, or that of the machine whose state it is.

A state's function raises by design too (a job that was cancelled, two who wrote at once), and is tried again. What the
tries do not solve fails the execution, and the machine has an alarm.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.infra.arns import Resolver
from tests.infra.clouds import cloud, text
from tests.infra.machines import called_by

Json = Mapping[str, Any]


def ends(states: Json, name: str, seen: frozenset[str] = frozenset()) -> set[str]:
    """The kinds of end that a failure can reach from a state, what is caught on the way included."""
    state = states[name]
    if name in seen:
        return set()
    choices = state.get("Choices", [])
    told = [each["Next"] for each in choices if each.get("Variable") == "$.failure" and each.get("IsPresent")]
    onwards = told or [state[key] for key in ("Next", "Default") if key in state] + [each["Next"] for each in choices]
    onwards += [each["Next"] for each in state.get("Catch", [])]
    return set().union(*(ends(states, each, seen | {name}) for each in onwards)) or {state["Type"]}


def called(machine: Json, fails: bool = True) -> Iterator[tuple[str, bool]]:
    """Each function that a machine calls, and whether its failure always fails the execution. `fails` is what becomes
    of this machine when one of its states fails: those of a map may be caught by the map."""
    states = machine["States"]
    for state in states.values():
        caught = [each["Next"] for each in state.get("Catch", []) if each["ErrorEquals"] == ["States.ALL"]]
        loud = set().union(*(ends(states, name) for name in caught)) == {"Fail"} if caught else fails
        if state["Type"] == "Task":
            yield called_by(state).split(":")[6], loud
        if "ItemProcessor" in state:
            yield from called(state["ItemProcessor"], loud)


def loud_states() -> set[str]:
    """Functions of states alone, whose failure always fails the execution."""
    resolver = Resolver(cloud("prod"))
    found = [
        each
        for machine in resolver.cloud.all("AWS::StepFunctions::StateMachine")
        for each in called(json.loads(resolver.of(machine)["DefinitionString"]))
    ]
    quiet = {name for name, loud in found if not loud}
    return {name for name, _ in found} - quiet - called_otherwise()


def called_otherwise() -> set[str]:
    """By rules, streams, topics, APIs."""
    resolver = Resolver(cloud("prod"))
    permissions = [resolver.of(each) for each in resolver.cloud.all("AWS::Lambda::Permission")]
    mappings = [resolver.of(each) for each in resolver.cloud.all("AWS::Lambda::EventSourceMapping")]
    invoked = {permission["FunctionName"].split(":")[6] for permission in permissions}
    return invoked | {mapping["FunctionName"].split(":")[0] for mapping in mappings}


def test_every_function_has_an_alarm_but_states_whose_failure_fails_the_machine() -> None:
    resolver = Resolver(cloud("prod"))
    functions = {each.properties["FunctionName"] for each in resolver.cloud.all("AWS::Lambda::Function")}
    watched = {
        dimension["Value"]
        for alarm in resolver.cloud.all("AWS::CloudWatch::Alarm")
        if alarm.properties["AlarmDescription"].endswith("function-fails.md")
        for dimension in resolver.of(alarm)["Dimensions"]
    }
    assert functions - watched == loud_states()


def test_every_machine_has_its_alarms() -> None:
    watched = text([each.properties.get("Dimensions") for each in cloud("prod").all("AWS::CloudWatch::Alarm")])
    for machine in cloud("prod").all("AWS::StepFunctions::StateMachine"):
        assert watched.count(machine.id) == 2, machine.label
