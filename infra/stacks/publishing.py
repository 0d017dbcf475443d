"""The state machine `publish`: input {tenant, job_id, attempt}; named after the job, so an execution starts once.

Nothing is public before its last task, which is one transaction. What nobody has looked at for number plates is looked
at here; where that fails, planning it again does, and nothing is published.
"""

from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.constructs.function import VitrineFunction
from infra.constructs.machine import LAMBDA_MAY_RECOVER, each, end_job, retry, retry_lambda, task
from infra.stacks import raised

LONGEST_S = 3600
LOOKS_AT_ONCE = 4
"""Calls of the serverless endpoint at once."""
MADE_AT_ONCE = 10
"""Groups of frames."""


def definition(
    scope: Construct,
    *,
    plan: VitrineFunction,
    look: VitrineFunction,
    make: VitrineFunction,
    pack: VitrineFunction,
    publish: VitrineFunction,
    end: VitrineFunction,
) -> sfn.IChainable:
    scope = Construct(scope, "Publishing")  # its states have names that other machines of the stack have too
    over = sfn.Succeed(scope, "Nothing left to publish")
    ended = _end(scope, end)
    planned, again = task(scope, "Plan the publication", plan), task(scope, "Plan it again", plan)
    packed, published = task(scope, "Pack the set", pack), task(scope, "Publish the set", publish)
    looked, made = _look(scope, look), _make(scope, make)
    for state in (planned, again):
        retry_lambda(state, *raised.PLAN_PUBLICATION)
    retry_lambda(packed, *raised.PACK_SET)
    retry_lambda(published, *raised.PUBLISH_SET)
    for state in (planned, again, published):
        state.add_catch(over, errors=[raised.OVER])
    for state in (planned, again, packed, published):
        state.add_catch(ended, errors=[sfn.Errors.ALL], result_path="$.failure")
    for mapped in (looked, made):
        mapped.add_catch(ended, errors=[sfn.Errors.ALL], result_path="$.failure")
    made.next(packed).next(published).next(sfn.Succeed(scope, "Set published"))
    unseen = sfn.Condition.string_equals("$.next", "look")
    planned.next(
        sfn.Choice(scope, "Were all frames looked at?").when(unseen, looked.next(again).next(made)).otherwise(made)
    )
    return planned


def _look(scope: Construct, look: VitrineFunction) -> sfn.Map:
    frames = task(scope, "Look for plates", look)
    retry(frames, (*LAMBDA_MAY_RECOVER, *raised.LOOK), times=4, first_s=2, longest_s=30)
    retry_lambda(frames)
    frames.add_catch(sfn.Pass(scope, "Leave it to the next plan"), errors=[sfn.Errors.ALL])
    return each(scope, "Look at the frames", frames, items="$.chunks", at_once=LOOKS_AT_ONCE)


def _make(scope: Construct, make: VitrineFunction) -> sfn.Map:
    frames = task(scope, "Make some frames", make)
    retry_lambda(frames, *raised.MAKE_FRAMES)
    # Packing finds what is missing, and fails.
    frames.add_catch(sfn.Pass(scope, "Leave it to the packing"), errors=[sfn.Errors.ALL])
    return each(scope, "Make the frames", frames, items="$.groups", at_once=MADE_AT_ONCE)


def _end(scope: Construct, function: VitrineFunction) -> sfn.TaskStateBase:
    state = task(scope, "End the job", function, keep="$.ended")
    failed = sfn.Fail(scope, "Set not published", error="SetNotPublished", cause="The state that failed has the error.")
    end_job(state, failed, *raised.END)
    return state
