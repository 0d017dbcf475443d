"""The state machine `set`: input {tenant, job_id, attempt}; named after the job, so an execution starts once.

The verdict waits for the endpoint for some minutes at most, and is given without its masks then.
"""

from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.constructs.function import VitrineFunction
from infra.constructs.machine import LAMBDA_MAY_RECOVER, each, end_job, retry, retry_lambda, task
from infra.stacks import raised

LONGEST_S = 1800
AT_ONCE = 4
"""Calls of the serverless endpoint at once."""


def definition(
    scope: Construct, *, plan: VitrineFunction, look: VitrineFunction, judge: VitrineFunction, end: VitrineFunction
) -> sfn.IChainable:
    over = sfn.Succeed(scope, "Nothing left to judge")
    ended = _end(scope, end)
    planned = task(scope, "Choose the frames", plan)
    judged = task(scope, "Judge the set", judge)
    retry_lambda(planned, *raised.PLAN_SET)
    retry_lambda(judged, *raised.JUDGE_SET)
    for state in (planned, judged):
        state.add_catch(over, errors=[raised.OVER])
        state.add_catch(ended, errors=[sfn.Errors.ALL], result_path="$.failure")
    looked = _look(scope, look)
    looked.add_catch(judged, errors=[sfn.Errors.ALL], result_path=sfn.JsonPath.DISCARD)
    # Frames that come while the endpoint looks are looked at next: the verdict is on them too. None is asked for twice.
    looked.next(planned)
    some_new = sfn.Condition.boolean_equals("$.looks", True)
    planned.next(sfn.Choice(scope, "Are there frames to look at?").when(some_new, looked).otherwise(judged))
    judged.next(sfn.Succeed(scope, "Set judged"))
    return planned


def _look(scope: Construct, look: VitrineFunction) -> sfn.Map:
    """What one chunk cannot be told is missing for its frames alone."""
    frames = task(scope, "Look at some frames", look)
    # One more try each: whoever waits for the verdict gets it without masks rather than late.
    retry(frames, (*LAMBDA_MAY_RECOVER, *raised.LOOK), times=1, first_s=2, longest_s=5)
    retry_lambda(frames, crashes=1)
    frames.add_catch(sfn.Pass(scope, "Do without their masks"), errors=[sfn.Errors.ALL])
    return each(scope, "Look at the frames", frames, items="$.chunks", at_once=AT_ONCE)


def _end(scope: Construct, function: VitrineFunction) -> sfn.TaskStateBase:
    state = task(scope, "End the job", function, keep="$.ended")
    failed = sfn.Fail(scope, "Set not judged", error="SetNotJudged", cause="The state that failed has the error.")
    end_job(state, failed, *raised.END)
    return state
