"""The state machine `ingest`: input is the event that S3 sent, output a verdict on the asset.

EventBridge names executions at random, so the same event may run twice. It does no harm: whichever inspection is
recorded first holds, by the asset's conditional write.
"""

from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.constructs.function import VitrineFunction
from infra.constructs.machine import retry_lambda, task
from infra.stacks import raised

LONGEST_S = 1800
"""All tries of all tasks, with their waits."""
RECORDED = (
    "The upload was recorded as rejected (inspection_failed). The task that failed is in this execution's history."
)
NOT_RECORDED = (
    "The upload could not be inspected, and that could not be recorded: it counts as not arrived, and its jobs wait "
    "until they run out after a day. Once the cause is gone, start a new execution with this one's input."
)


def definition(scope: Construct, *, inspect: VitrineFunction, record: VitrineFunction) -> sfn.IChainable:
    looked = task(scope, "Inspect the upload", inspect)
    recorded = task(scope, "Record what was found", record)
    failed = _record_failure(scope, record)
    # A photo that takes all memory will do so again.
    retry_lambda(looked, *raised.INSPECT, crashes=1)
    retry_lambda(recorded, *raised.RECORD)
    for state in (looked, recorded):
        state.add_catch(failed, errors=[sfn.Errors.ALL], result_path="$.failure")
    return looked.next(recorded).next(_answer(scope))


def _record_failure(scope: Construct, record: VitrineFunction) -> sfn.TaskStateBase:
    state = task(scope, "Record the failure", record, keep="$.recorded")
    retry_lambda(state, *raised.RECORD)
    state.add_catch(sfn.Fail(scope, "Failure not recorded", error="InspectionNotRecorded", cause=NOT_RECORDED))
    state.next(sfn.Fail(scope, "Inspection failed", error="InspectionFailed", cause=RECORDED))
    return state


def _answer(scope: Construct) -> sfn.Choice:
    # A photo that is refused is an answer, not a failure: both ends succeed.
    return (
        sfn.Choice(scope, "Is it a usable photo?")
        .when(
            sfn.Condition.string_equals("$.verdict", "accepted"),
            sfn.Succeed(scope, "Upload accepted"),
        )
        .otherwise(sfn.Succeed(scope, "Upload rejected"))
    )
