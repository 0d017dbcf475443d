"""The state machine `staging`: input {tenant, job_id, attempt}; named after the job, so an execution starts once.

What a state answers is the next one's input: an attempt, then its result, then a judgement of it.
"""

from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from infra.constructs.function import VitrineFunction
from infra.constructs.machine import CRASHES, LAMBDA_MAY_RECOVER, end_job, retry, retry_lambda, task
from infra.stacks import raised

ANSWER_S = 1500
"""How long one attempt may take: `vitrine.staging.endpoint.DEADLINE`, and a minute for its message. An endpoint that
had scaled to zero wakes in 5 to 15 minutes, and a photo that waits for an instance is not late."""
LONGEST_S = 3 * 3600


def definition(
    scope: Construct,
    *,
    start_inference: VitrineFunction,
    judge: VitrineFunction,
    publish: VitrineFunction,
    end: VitrineFunction,
) -> sfn.IChainable:
    over = sfn.Succeed(scope, "Nothing left to do")
    ended = _end(scope, end)
    staged = _stage(scope, start_inference)
    judged = task(scope, "Judge the picture", judge)
    published = task(scope, "Publish the picture", publish)
    retry_lambda(judged)
    retry_lambda(published, *raised.PUBLISH)
    for state in (staged, published):
        state.add_catch(over, errors=[raised.OVER])
    for state in (staged, judged, published):
        state.add_catch(ended, errors=[sfn.Errors.ALL], result_path="$.failure")
    published.next(sfn.Succeed(scope, "Published"))
    staged.next(judged).next(_decide(scope, again=staged, publish=published, refuse=ended))
    return staged


def _attempt(number_at: str) -> dict[str, Any]:
    return {
        "tenant": sfn.JsonPath.string_at("$.tenant"),
        "job_id": sfn.JsonPath.string_at("$.job_id"),
        "attempt": sfn.JsonPath.number_at(number_at),
    }


def _stage(scope: Construct, function: VitrineFunction) -> tasks.LambdaInvoke:
    state = tasks.LambdaInvoke(
        scope,
        "Stage the photo",
        lambda_function=function.live,
        integration_pattern=sfn.IntegrationPattern.WAIT_FOR_TASK_TOKEN,
        payload=sfn.TaskInput.from_object({**_attempt("$.attempt"), "task_token": sfn.JsonPath.task_token}),
        retry_on_service_exceptions=False,
        task_timeout=sfn.Timeout.duration(Duration.seconds(ANSWER_S)),
    )
    retry(state, (*LAMBDA_MAY_RECOVER, *raised.START), times=4, first_s=2, longest_s=60)
    retry(state, CRASHES, times=2, first_s=2, longest_s=60)
    # The endpoint's message was lost, or no instance came. Once more: then the job's own time is over.
    retry(state, (sfn.Errors.TIMEOUT,), times=1, first_s=1, longest_s=5)
    retry(state, (raised.NO_ANSWER,), times=2, first_s=5, longest_s=60)
    # With full jitter half of this passes on average: two minutes, which an endpoint may be away for.
    retry(state, (raised.NO_ENDPOINT,), times=12, first_s=2, longest_s=30)
    return state


def _decide(scope: Construct, *, again: sfn.State, publish: sfn.State, refuse: sfn.State) -> sfn.Choice:
    next_seed = sfn.Pass(scope, "Take the next seed", parameters=_attempt("$.next_attempt"))
    return (
        sfn.Choice(scope, "Good enough?")
        .when(sfn.Condition.string_equals("$.decision", "publish"), publish)
        .when(sfn.Condition.string_equals("$.decision", "try_again"), next_seed.next(again))
        .otherwise(refuse)
    )


def _end(scope: Construct, function: VitrineFunction) -> tasks.LambdaInvoke:
    state = task(scope, "End the job and refund", function, keep="$.ended")
    failed = sfn.Fail(scope, "Staging failed", error="StagingFailed", cause="The state that failed has the error.")
    which = (
        sfn.Choice(scope, "Was it refused or did it fail?")
        .when(sfn.Condition.is_present("$.failure"), failed)
        .otherwise(sfn.Succeed(scope, "Ended with an error"))
    )
    end_job(state, failed, *raised.END, then=which)
    return state
