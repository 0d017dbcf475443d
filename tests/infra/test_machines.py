"""The state machines, as Step Functions will read them."""

import json
import re
import subprocess
import sys
from functools import cache
from typing import Any

import pytest

from infra.packaging.assets import ROOT
from tests.infra.clouds import ENVIRONMENTS, Resource, cloud, text
from tests.infra.machines import definition, states
from vitrine.staging.kinds import BATCH_LONGEST

TOO_MANY = "Lambda.TooManyRequestsException"
MOST_TRIES = {
    ("Stage a photo", "States.Timeout"): 104,
    ("Stage the photo", "EndpointUnavailable"): 12,
    ("Inspect the frame", TOO_MANY): 60,
}
"""Waiting long is no failure of a photo in a batch: it is looked at every 15 minutes, as long as a batch may take. Nor
is it one of a frame that waits for its turn."""
ONE_MORE_TRY = {"Inspect the upload", "Inspect the frame", "Look at some frames"}
"""A picture that took all memory will again. And who waits for a verdict gets it without masks rather than late."""
NAMES = ("ingest", "staging", "batch", "webhook", "frames", "set", "publish")
MACHINES = [(environment, name) for environment in ENVIRONMENTS for name in NAMES]


def tasks(machine: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: state for name, state in states(machine).items() if state["Type"] == "Task"}


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
    for state in states(definition(environment, name)):
        assert re.fullmatch(r"[A-Z][a-z]+( [a-z]+)*\??", state), state


@pytest.mark.parametrize(("environment", "name"), MACHINES)
def test_every_task_retries_with_jitter_and_catches_everything(environment: str, name: str) -> None:
    for title, state in tasks(definition(environment, name)).items():
        assert state["Retry"], title
        for retry in state["Retry"]:
            assert retry["JitterStrategy"] == "FULL"
            assert retry["MaxAttempts"] <= MOST_TRIES.get((title, retry["ErrorEquals"][0]), 4)
            assert retry["MaxDelaySeconds"] <= 60
            assert "States.ALL" not in retry["ErrorEquals"]
            assert "States.TaskFailed" not in retry["ErrorEquals"]
        assert state["Catch"][-1]["ErrorEquals"] == ["States.ALL"], title


@pytest.mark.parametrize(("environment", "name"), MACHINES)
def test_executions_are_logged_on_errors_without_their_data_and_traced(environment: str, name: str) -> None:
    for machine in cloud(environment).all("AWS::StepFunctions::StateMachine"):
        logging = machine.properties["LoggingConfiguration"]
        assert (logging["Level"], logging["IncludeExecutionData"]) == ("ERROR", False)
        assert machine.properties["TracingConfiguration"] == {"Enabled": True}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_execution_ends_by_itself(environment: str) -> None:
    for name in ("ingest", "staging", "frames", "set", "publish"):
        assert definition(environment, name)["TimeoutSeconds"] <= 3 * 3600
    assert definition(environment, "webhook")["TimeoutSeconds"] > 72 * 3600


AWS_NAMES = ("States.", "Lambda.", "Sandbox.", "Runtime.")
"""How names begin that Step Functions and Lambda give; every other name is that of an exception's class."""
EXCEPTIONS = """
import importlib, sys
importlib.import_module(sys.argv[1])
for name in [name for name in sys.modules if name.split(".")[0] in {"vitrine", "functions", "pynamodb"}]:
    for value in vars(sys.modules[name]).values():
        if isinstance(value, type) and issubclass(value, Exception):
            print(value.__name__)
"""


def function_of(state: dict[str, Any]) -> Resource:
    """The function that a state of `local` calls."""
    called = f"{state['Resource']}{state.get('Parameters', {}).get('FunctionName', '')}"
    (alias,) = [found for found in cloud("local").all("AWS::Lambda::Alias") if f"'{found.id}'" in called]
    id_ = alias.properties["FunctionName"]["Ref"]
    (function,) = [f for f in cloud("local").all("AWS::Lambda::Function") if (f.stack, f.id) == (alias.stack, id_)]
    return function


@cache
def exceptions_of(module: str, variables: str) -> set[str]:
    """Names of the exceptions in all modules, ours and the database's, that come with importing `module`."""
    given = {name: value if isinstance(value, str) else "later" for name, value in json.loads(variables).items()}
    ran = subprocess.run(
        [sys.executable, "-c", EXCEPTIONS, module],
        cwd=ROOT,
        env={**given, "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(ran.stdout.split())


def named_errors(state: dict[str, Any]) -> set[str]:
    return {name for rule in (*state["Retry"], *state["Catch"]) for name in rule["ErrorEquals"]}


@pytest.mark.parametrize("name", NAMES)
def test_every_error_that_a_state_names_is_awss_or_a_class_that_its_function_imports(name: str) -> None:
    for title, state in tasks(definition("local", name)).items():
        function = function_of(state).properties
        module, variables = function["Handler"].removesuffix(".handler"), function["Environment"]["Variables"]
        ours = {error for error in named_errors(state) if not error.startswith(AWS_NAMES)}
        assert ours <= exceptions_of(module, text(variables)), title


CONTENTION = {"Unavailable", "GetError", "TransactWriteError"}


@pytest.mark.parametrize(
    ("name", "title", "raised"),
    [
        ("ingest", "Inspect the upload", {"StorageUnavailable"}),
        ("ingest", "Record what was found", {*CONTENTION, "StaleAsset"}),
        ("ingest", "Record the failure", {*CONTENTION, "StaleAsset"}),
        ("staging", "Stage the photo", {*CONTENTION, "StaleJob", "EndpointUnavailable", "InferenceFailed"}),
        ("staging", "Judge the picture", set()),
        ("staging", "Publish the picture", {*CONTENTION, "StaleJob", "StorageUnavailable"}),
        ("staging", "End the job and refund", {*CONTENTION, "StaleJob"}),
        ("batch", "Queue the photos", CONTENTION),
        ("batch", "Stage a photo", {*CONTENTION, "StaleJob", "ClientError"}),
        ("batch", "Finish the batch", {*CONTENTION, "StaleJob"}),
        ("webhook", "Deliver the event", {*CONTENTION, "StaleDelivery", "StaleWebhook"}),
        ("frames", "Inspect the frame", {*CONTENTION, "StorageUnavailable"}),
        ("frames", "Record the frame", {*CONTENTION, "StaleImage", "StaleSession"}),
        ("frames", "Record the failure", {*CONTENTION, "StaleImage", "StaleSession"}),
        ("set", "Choose the frames", {*CONTENTION, "StaleJob"}),
        ("set", "Look at some frames", {"StorageUnavailable", "EndpointUnavailable"}),
        ("set", "Judge the set", {*CONTENTION, "StaleJob", "StaleSession", "StorageUnavailable"}),
        ("set", "End the job", {*CONTENTION, "StaleJob"}),
        ("publish", "Plan the publication", {*CONTENTION, "StaleJob", "StorageUnavailable"}),
        ("publish", "Plan it again", {*CONTENTION, "StaleJob", "StorageUnavailable"}),
        ("publish", "Look for plates", {"StorageUnavailable", "EndpointUnavailable"}),
        ("publish", "Make some frames", {"StorageUnavailable"}),
        ("publish", "Pack the set", {"StorageUnavailable"}),
        (
            "publish",
            "Publish the set",
            {*CONTENTION, "StaleJob", "StaleImage", "StalePublication", "StorageUnavailable"},
        ),
    ],
)
def test_a_state_tries_again_on_what_its_code_raises_when_things_are_busy(
    name: str, title: str, raised: set[str]
) -> None:
    state = tasks(definition("local", name))[title]
    retried = {error for rule in state["Retry"] for error in rule["ErrorEquals"]}
    assert {error for error in retried if not error.startswith(AWS_NAMES)} == raised


@pytest.mark.parametrize("name", NAMES)
def test_a_function_that_crashed_or_ran_out_of_time_is_tried_again(name: str) -> None:
    for title, state in tasks(definition("local", name)).items():
        attempts = {error: rule["MaxAttempts"] for rule in state["Retry"] for error in rule["ErrorEquals"]}
        times = 1 if title in ONE_MORE_TRY else 2
        for error in ("Lambda.Unknown", "Sandbox.Timedout", "Runtime.ExitError", "Runtime.OutOfMemory"):
            assert attempts[error] == times, title


@pytest.mark.parametrize("name", NAMES)
def test_a_task_waits_a_little_longer_than_its_function_may_run(name: str) -> None:
    for title, state in tasks(definition("local", name)).items():
        longest = function_of(state).properties["Timeout"]
        if not state["Resource"].endswith(".waitForTaskToken"):
            assert longest + 10 <= state["TimeoutSeconds"] <= longest + 30, title


@pytest.mark.parametrize("name", ["ingest", "frames"])
def test_an_inspections_execution_lives_long_enough_for_every_retry_of_all_its_tasks(name: str) -> None:
    machine = definition("local", name)
    needed = 0
    for state in tasks(machine).values():
        needed += state["TimeoutSeconds"]
        for rule in state["Retry"]:
            needed += rule["MaxAttempts"] * (state["TimeoutSeconds"] + rule["MaxDelaySeconds"])
    assert needed <= machine["TimeoutSeconds"]


def test_an_inspection_whose_failure_cannot_be_recorded_says_so_and_what_to_do() -> None:
    machine = definition("local", "ingest")
    path = follow(machine, {"Inspect the upload": "Lambda.Unknown", "Record the failure": "GetError"})
    assert path[-2:] == ["Record the failure", "Failure not recorded"]
    end = machine["States"]["Failure not recorded"]
    assert end["Type"] == "Fail"
    assert "new execution" in end["Cause"]


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


def test_a_frame_is_recorded_and_one_that_cannot_be_inspected_as_failed() -> None:
    machine = definition("local", "frames")
    assert follow(machine, {}) == ["Inspect the frame", "Record the frame", "Frame recorded"]
    for state in ("Inspect the frame", "Record the frame"):
        assert follow(machine, {state: "States.Timeout"})[-2:] == ["Record the failure", "Inspection failed"]
    lost = follow(machine, dict.fromkeys(("Inspect the frame", "Record the failure"), "GetError"))
    assert lost[-1] == "Failure not recorded"


def test_a_set_is_judged_whether_or_not_the_endpoint_looks_at_its_frames() -> None:
    machine = definition("local", "set")
    assert follow(machine, {}) == ["Choose the frames", "Are there frames to look at?", "Judge the set", "Set judged"]
    looking = machine["States"][machine["States"]["Are there frames to look at?"]["Choices"][0]["Next"]]
    assert (looking["Next"], looking["Catch"][0]["Next"]) == ("Choose the frames", "Judge the set")
    looks = looking["ItemProcessor"]["States"]
    (catch,) = looks["Look at some frames"]["Catch"]
    assert (catch["ErrorEquals"], catch["Next"]) == (["States.ALL"], "Do without their masks")
    assert looks["Do without their masks"]["End"]


@pytest.mark.parametrize("state", ["Choose the frames", "Judge the set"])
def test_a_set_that_cannot_be_judged_ends_its_job(state: str) -> None:
    assert follow(definition("local", "set"), {state: "Lambda.Unknown"})[-2:] == ["End the job", "Set not judged"]
    assert follow(definition("local", "set"), {state: "JobIsOver"})[-1] == "Nothing left to judge"


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


def test_a_failed_inference_is_tried_twice_more_and_an_endpoint_that_is_away_for_minutes() -> None:
    retries = definition("local", "staging")["States"]["Stage the photo"]["Retry"]
    attempts = {error: retry["MaxAttempts"] for retry in retries for error in retry["ErrorEquals"]}
    assert attempts["InferenceFailed"] == 2
    assert attempts["States.Timeout"] == 1, "its message was lost, or no instance came in time"
    (away,) = [retry for retry in retries if "EndpointUnavailable" in retry["ErrorEquals"]]
    waits = [min(away["IntervalSeconds"] * 2**number, away["MaxDelaySeconds"]) for number in range(away["MaxAttempts"])]
    assert sum(waits) / 2 > 120, "the mean with full jitter"


def test_the_engine_answers_by_task_token() -> None:
    state = definition("local", "staging")["States"]["Stage the photo"]
    assert state["Resource"].endswith("lambda:invoke.waitForTaskToken")
    assert state["Parameters"]["Payload"]["task_token.$"] == "$$.Task.Token"


def test_an_event_is_delivered_again_after_as_long_as_the_attempt_says() -> None:
    machine = definition("local", "webhook")
    choice, wait = machine["States"]["Is there more to do?"], machine["States"]["Wait for the next attempt"]
    assert machine["States"]["Deliver the event"]["Next"] == "Is there more to do?"
    assert choice["Choices"] == [
        {"Variable": "$.step.again", "BooleanEquals": True, "Next": "Wait for the next attempt"}
    ]
    assert (wait["SecondsPath"], wait["Next"]) == ("$.step.wait_s", "Deliver the event")
    assert machine["States"][choice["Default"]]["Type"] == "Succeed"


def test_an_outage_of_our_own_delays_an_event_and_loses_none() -> None:
    machine = definition("local", "webhook")
    (catch,) = machine["States"]["Deliver the event"]["Catch"]
    outage = machine["States"][catch["Next"]]
    assert (outage["Type"], outage["Next"]) == ("Wait", "Deliver the event")
    assert catch["ResultPath"] == "$.failure", "the delivery's keys stay"


def test_the_photos_of_a_batch_are_staged_some_at_a_time_and_one_that_fails_ends_alone() -> None:
    for environment, at_once in (("local", 2), ("prod", 8)):
        photos = definition(environment, "batch")["States"]["Stage the photos"]
        assert photos["MaxConcurrency"] == at_once
        assert photos["ItemsPath"] == "$.photos"
        assert photos["ItemSelector"] == {"tenant.$": "$.tenant", "job_id.$": "$$.Map.Item.Value"}
        (caught,) = photos["ItemProcessor"]["States"]["Stage a photo"]["Catch"]
        assert photos["ItemProcessor"]["States"][caught["Next"]]["Type"] == "Pass"


def test_a_batch_ends_when_all_its_photos_are_over_and_not_before() -> None:
    machine = definition("local", "batch")
    question = machine["States"]["Are all photos over?"]
    assert question["Choices"] == [{"Variable": "$.open", "NumericEquals": 0, "Next": "Batch finished"}]
    assert machine["States"][question["Default"]]["Type"] == "Wait"
    assert machine["States"][question["Default"]]["Next"] == "Finish the batch"


def test_a_photo_of_a_batch_is_waited_for_by_task_token_and_looked_at_again_as_long_as_a_batch_may_take() -> None:
    machine = definition("local", "batch")
    state = tasks(machine)["Stage a photo"]
    assert state["Resource"].endswith("lambda:invoke.waitForTaskToken")
    assert state["Parameters"]["Payload"]["task_token.$"] == "$$.Task.Token"
    looks = next(retry["MaxAttempts"] for retry in state["Retry"] if retry["ErrorEquals"] == ["States.Timeout"])
    assert BATCH_LONGEST.total_seconds() <= (looks + 1) * state["TimeoutSeconds"]
    assert BATCH_LONGEST.total_seconds() < machine["TimeoutSeconds"]


@pytest.mark.parametrize(
    ("state", "end"), [("Queue the photos", "Photos not queued"), ("Finish the batch", "Batch not finished")]
)
def test_a_batch_that_cannot_go_on_says_so_and_what_to_do(state: str, end: str) -> None:
    machine = definition("local", "batch")
    assert follow(machine, {state: "GetError"})[-1] == end
    assert "new execution" in machine["States"][end]["Cause"]


def test_a_map_that_breaks_leads_to_the_end_that_looks_at_every_photo() -> None:
    (caught,) = definition("local", "batch")["States"]["Stage the photos"]["Catch"]
    assert (caught["ErrorEquals"], caught["Next"]) == (["States.ALL"], "Finish the batch")
