"""State machines from outside: executions that start once, and the task tokens that they wait for."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from vitrine.kernel import clients

# The ARN is ours, so what StopExecution finds invalid is an execution that has ended.
_NOTHING_TO_STOP = ("ExecutionDoesNotExist", "ValidationException")
_MOST_RETRIES = 6
"""Of an operator's hand: who has tried four times looks elsewhere."""
_NOBODY_WAITS = ("TaskTimedOut", "TaskDoesNotExist", "InvalidToken")


def start(machine_arn: str, name: str, given: Mapping[str, Any]) -> None:
    """Idempotency key: the name. Starting it again does nothing, even after it ended."""
    call = clients.states().start_execution
    _unless(("ExecutionAlreadyExists",), lambda: call(stateMachineArn=machine_arn, name=name, input=json.dumps(given)))


def stop(machine_arn: str, name: str) -> None:
    """Stop the execution of that name, if there is one that still runs."""
    call = clients.states().stop_execution
    arn = machine_arn.replace(":stateMachine:", ":execution:") + f":{name}"
    cause = "The job was ended from outside."
    _unless(_NOTHING_TO_STOP, lambda: call(executionArn=arn, error="JobIsOver", cause=cause))


def of(machine_arn: str, name: str) -> list[dict[str, Any]]:
    """The executions of that name and those of its retries (`NAME-2`), as Step Functions describes them."""
    prefix = machine_arn.replace(":stateMachine:", ":execution:") + f":{name}"
    found: list[dict[str, Any]] = []
    for arn in (prefix, *(f"{prefix}-{number}" for number in range(2, _MOST_RETRIES))):
        try:
            found.append(dict(clients.states().describe_execution(executionArn=arn)))
        except ClientError as error:
            if error.response["Error"]["Code"] not in _NOTHING_TO_STOP:
                raise
    return found


def failures(execution_arn: str) -> list[tuple[str, str]]:
    """What failed in an execution, in order: the kind of its history's event, and the error's name."""
    events = clients.states().get_execution_history(executionArn=execution_arn, maxResults=1000)["events"]
    found = ((event["type"], _details(dict(event))) for event in events)
    return [(kind, details["error"]) for kind, details in found if details.get("error")]


def _details(event: dict[str, Any]) -> dict[str, Any]:
    return next((value for key, value in event.items() if key.endswith("EventDetails")), {})


def succeed(token: str, output: Mapping[str, Any]) -> bool:
    """Give a task token its output; False when nobody waits for it any more. Idempotency key: the token."""
    call = clients.states().send_task_success
    return _unless(_NOBODY_WAITS, lambda: call(taskToken=token, output=json.dumps(output)))


def fail(token: str, error: type[Exception], cause: str) -> bool:
    """End a task token with an error, which Step Functions knows by its class's name; False as for `succeed`."""
    call = clients.states().send_task_failure
    return _unless(_NOBODY_WAITS, lambda: call(taskToken=token, error=error.__name__, cause=cause))


def _unless(refusals: tuple[str, ...], call: Callable[[], object]) -> bool:
    """Whether the call was taken: False for a refusal that means that there is nothing to do."""
    try:
        call()
    except ClientError as error:
        if error.response["Error"]["Code"] not in refusals:
            raise
        return False
    return True
