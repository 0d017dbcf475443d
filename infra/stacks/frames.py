"""The state machine `frames`: input is the event that S3 sent, output what became of the frame.

EventBridge names executions at random, and S3 may send an event twice. It does no harm: a frame whose promised bytes
have their verdict is not looked at again, and whichever inspection is recorded first holds.
"""

from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.constructs.function import VitrineFunction
from infra.constructs.machine import TOO_MANY, retry, retry_lambda, task
from infra.stacks import raised

LONGEST_S = 10_800
"""All tries of all tasks, with their waits."""
RECORDED = "The frame was recorded as failed (inspection_failed). The task that failed is in this execution's history."
NOT_RECORDED = (
    "The frame could not be inspected, and that could not be recorded: it counts as not arrived, and blocks no set. "
    "Once the cause is gone, start a new execution with this one's input."
)


WAITS = 60
"""Times that a frame waits for its turn when more come at once than Lambda may run."""


def definition(
    scope: Construct, *, inspect: VitrineFunction, record: VitrineFunction, longest_wait_s: int
) -> sfn.IChainable:
    looked = task(scope, "Inspect the frame", inspect)
    recorded = task(scope, "Record the frame", record)
    failed = _record_failure(scope, record)
    retry(looked, (TOO_MANY,), times=WAITS, first_s=1, longest_s=longest_wait_s)
    # A frame that takes all memory will do so again.
    retry_lambda(looked, *raised.INSPECT_FRAME, crashes=1)
    retry_lambda(recorded, *raised.RECORD_FRAME)
    for state in (looked, recorded):
        state.add_catch(failed, errors=[sfn.Errors.ALL], result_path="$.failure")
    return looked.next(recorded).next(sfn.Succeed(scope, "Frame recorded"))


def _record_failure(scope: Construct, record: VitrineFunction) -> sfn.TaskStateBase:
    state = task(scope, "Record the failure", record, keep="$.recorded")
    retry_lambda(state, *raised.RECORD_FRAME)
    state.add_catch(sfn.Fail(scope, "Failure not recorded", error="FrameNotRecorded", cause=NOT_RECORDED))
    state.next(sfn.Fail(scope, "Inspection failed", error="InspectionFailed", cause=RECORDED))
    return state
