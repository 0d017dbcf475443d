"""The state machines, as Step Functions will read them."""

import json
import re
from typing import Any

import pytest

from tests.infra.clouds import ENVIRONMENTS, cloud

MACHINES = [(environment, name) for environment in ENVIRONMENTS for name in ("ingest", "staging")]


def definition(environment: str, name: str) -> dict[str, Any]:
    (machine,) = [
        machine
        for machine in cloud(environment).all("AWS::StepFunctions::StateMachine")
        if machine.properties["StateMachineName"] == f"vitrine-{environment}-{name}"
    ]
    text = machine.properties["DefinitionString"]
    if not isinstance(text, str):
        text = "".join(
            part if isinstance(part, str) else json.dumps(part).replace('"', "'") for part in text["Fn::Join"][1]
        )
    parsed: dict[str, Any] = json.loads(text)
    return parsed


def tasks(machine: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: state for name, state in machine["States"].items() if state["Type"] == "Task"}


def follow(machine: dict[str, Any], answers: dict[str, Any], start: str | None = None) -> list[str]:
    """The states that an execution passes when tasks and choices go as `answers` say: a name, or an error's name."""
    path, here = [], start or machine["StartAt"]
    while True:
        path.append(here)
        state = machine["States"][here]
        if state["Type"] in {"Succeed", "Fail"}:
            return path
        here = _next(state, answers.get(here))


def _next(state: dict[str, Any], answer: Any) -> str:
    if state["Type"] == "Choice":
        for choice in state["Choices"]:
            if answer is not None and answer == choice.get("StringEquals", "present"):
                return str(choice["Next"])
        return str(state["Default"])
    if answer is None:
        return str(state["Next"])
    return next(str(catch["Next"]) for catch in state["Catch"] if {answer, "States.ALL"} & set(catch["ErrorEquals"]))


@pytest.mark.parametrize(("environment", "name"), MACHINES)
def test_states_are_named_as_sentences(environment: str, name: str) -> None:
    for state in definition(environment, name)["States"]:
        assert re.fullmatch(r"[A-Z][a-z]+( [a-z]+)*\??", state), state


@pytest.mark.parametrize(("environment", "name"), MACHINES)
def test_every_task_retries_with_jitter_and_catches_everything(environment: str, name: str) -> None:
    for title, state in tasks(definition(environment, name)).items():
        assert state["Retry"], title
        for retry in state["Retry"]:
            assert retry["JitterStrategy"] == "FULL"
            assert retry["MaxAttempts"] <= 4
            assert retry["MaxDelaySeconds"] <= 60
            assert "States.ALL" not in retry["ErrorEquals"]
            assert "States.TaskFailed" not in retry["ErrorEquals"]
        if title != "Record the failure":
            assert state["Catch"][-1]["ErrorEquals"] == ["States.ALL"], title


@pytest.mark.parametrize(("environment", "name"), MACHINES)
def test_executions_are_logged_on_errors_without_their_data_and_traced(environment: str, name: str) -> None:
    for machine in cloud(environment).all("AWS::StepFunctions::StateMachine"):
        logging = machine.properties["LoggingConfiguration"]
        assert (logging["Level"], logging["IncludeExecutionData"]) == ("ERROR", False)
        assert machine.properties["TracingConfiguration"] == {"Enabled": True}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_execution_ends_by_itself(environment: str) -> None:
    for name in ("ingest", "staging"):
        assert definition(environment, name)["TimeoutSeconds"] <= 3 * 3600
    assert definition(environment, "staging")["States"]["Stage the photo"]["TimeoutSeconds"] == 900


def test_a_good_upload_is_accepted_and_a_bad_one_rejected_without_failing() -> None:
    machine = definition("local", "ingest")
    question = "Is it a usable photo?"
    assert follow(machine, {question: "accepted"})[-1] == "Upload accepted"
    assert follow(machine, {question: "rejected"})[-1] == "Upload rejected"
    assert machine["States"]["Upload rejected"]["Type"] == "Succeed"


@pytest.mark.parametrize("state", ["Inspect the upload", "Record what was found"])
def test_an_upload_that_cannot_be_inspected_is_recorded_as_such(state: str) -> None:
    assert follow(definition("local", "ingest"), {state: "States.Timeout"})[-2:] == [
        "Record the failure",
        "Inspection failed",
    ]


def test_a_good_picture_is_published() -> None:
    assert follow(definition("local", "staging"), {"Good enough?": "publish"}) == [
        "Stage the photo",
        "Judge the picture",
        "Good enough?",
        "Publish the picture",
        "Published",
    ]


def test_a_refused_picture_ends_the_job_without_failing_the_execution() -> None:
    assert follow(definition("local", "staging"), {"Good enough?": "refuse"})[-3:] == [
        "End the job and refund",
        "Was it refused or did it fail?",
        "Ended with an error",
    ]


def test_a_weak_picture_leads_to_the_next_seed_as_a_new_attempt() -> None:
    machine = definition("local", "staging")
    again = machine["States"]["Take the next seed"]
    assert again["Next"] == "Stage the photo"
    assert again["Parameters"] == {"tenant.$": "$.tenant", "job_id.$": "$.job_id", "attempt.$": "$.next_attempt"}


@pytest.mark.parametrize("state", ["Stage the photo", "Judge the picture", "Publish the picture"])
def test_whatever_fails_the_job_ends_and_is_refunded(state: str) -> None:
    answers = {"Good enough?": "publish", state: "States.TaskFailed", "Was it refused or did it fail?": "present"}
    assert follow(definition("local", "staging"), answers)[-3:] == [
        "End the job and refund",
        "Was it refused or did it fail?",
        "Staging failed",
    ]


@pytest.mark.parametrize("state", ["Stage the photo", "Publish the picture"])
def test_a_job_that_is_over_already_ends_its_execution_quietly(state: str) -> None:
    answers = {"Good enough?": "publish", state: "JobIsOver"}
    assert follow(definition("local", "staging"), answers)[-1] == "Nothing left to do"


def test_a_failed_inference_is_tried_twice_more_and_a_busy_endpoint_four_times() -> None:
    retries = definition("local", "staging")["States"]["Stage the photo"]["Retry"]
    attempts = {error: retry["MaxAttempts"] for retry in retries for error in retry["ErrorEquals"]}
    assert attempts["InferenceFailed"] == 2
    assert attempts["Throttled"] == attempts["EndpointUnavailable"] == 4


def test_the_engine_answers_by_task_token() -> None:
    state = definition("local", "staging")["States"]["Stage the photo"]
    assert state["Resource"].endswith("lambda:invoke.waitForTaskToken")
    assert state["Parameters"]["Payload"]["task_token.$"] == "$$.Task.Token"
