"""State machines whose states read as sentences in the console."""

from collections.abc import Sequence

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from infra.constructs.alarm import Alarm, Runbook
from infra.constructs.function import VitrineFunction
from infra.constructs.nag import accept
from infra.constructs.stack import stack_of

TOO_MANY = "Lambda.TooManyRequestsException"
LAMBDA_MAY_RECOVER = (
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    TOO_MANY,
)
CRASHES = ("Lambda.Unknown", "Sandbox.Timedout", "Runtime.ExitError", "Runtime.OutOfMemory")
"""A function that ran out of time or memory, or whose process ended. Step Functions documents `Lambda.Unknown`; newer
runtimes hand on the error type that Lambda itself gives."""
GRACE_S = 15
"""What a task waits beyond its function's own timeout: a cold start takes up to 10 s that Lambda does not count."""


class Machine(sfn.StateMachine):
    """Named, traced, logging errors without their data, with an alarm on failed and timed out executions."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        start: sfn.IChainable,
        about: str,
        timeout_s: int,
    ) -> None:
        stack = stack_of(scope)
        physical_name = stack.settings.named(name)
        super().__init__(
            scope,
            f"{name.title()}Machine",
            state_machine_name=physical_name,
            comment=about,
            definition_body=sfn.DefinitionBody.from_chainable(start),
            timeout=Duration.seconds(timeout_s),
            tracing_enabled=True,
            logs=sfn.LogOptions(
                destination=_log_group(scope, name, physical_name),
                level=sfn.LogLevel.ERROR,
                include_execution_data=False,
            ),
        )
        self.physical_name = physical_name
        accept(self, "Log deliveries and X-Ray know no resources.", "IAM5[Resource::*]")
        accept(self, "Errors are logged; all events would hold every execution's data twice.", "SF1")
        for id_, metric in (("Fails", self.metric_failed()), ("TimesOut", self.metric_timed_out())):
            Alarm(
                self,
                id_,
                metric=metric.with_(period=Duration.minutes(5), statistic=cloudwatch.Stats.SUM),
                about=f"Executions of {physical_name}: {id_}",
                runbook=Runbook.MACHINE_FAILS,
            )


def _log_group(scope: Construct, name: str, physical_name: str) -> logs.LogGroup:
    return logs.LogGroup(
        scope,
        f"{name.title()}MachineLogs",
        log_group_name=f"/aws/vendedlogs/states/{physical_name}",
        retention=stack_of(scope).log_retention,
        removal_policy=RemovalPolicy.DESTROY,
    )


def task(scope: Construct, name: str, function: VitrineFunction, *, keep: str = "$") -> tasks.LambdaInvoke:
    """A state that calls a function with the state's whole input and puts the answer at `keep`: by default, alone."""
    assert function.timeout, "VitrineFunction always has one"
    return tasks.LambdaInvoke(
        scope,
        name,
        lambda_function=function.live,
        payload_response_only=True,
        retry_on_service_exceptions=False,
        result_path=keep,
        task_timeout=sfn.Timeout.duration(function.timeout.plus(Duration.seconds(GRACE_S))),
    )


def each(scope: Construct, name: str, state: sfn.TaskStateBase, *, items: str, at_once: int) -> sfn.Map:
    """The state for every one of the items, of whose answers nothing is kept."""
    result = sfn.JsonPath.DISCARD
    of_each = sfn.Map(scope, name, items_path=items, max_concurrency=at_once, result_path=result)
    return of_each.item_processor(state)


def end_job(state: sfn.TaskStateBase, failed: sfn.Fail, *raised: str, then: sfn.IChainable | None = None) -> None:
    """The state in which a failure's way ends: try again, then go to `then`, or to `failed` where nothing is said.

    What cannot be ended there is ended by the sweeper, at the job's deadline.
    """
    retry_lambda(state, *raised)
    state.add_catch(failed, errors=[sfn.Errors.ALL])
    state.next(then or failed)


def retry(state: sfn.TaskStateBase, errors: Sequence[str], *, times: int, first_s: int, longest_s: int) -> None:
    """Try again after waits that double from `first_s` up to `longest_s`, each with full jitter."""
    state.add_retry(
        errors=list(errors),
        max_attempts=times,
        interval=Duration.seconds(first_s),
        backoff_rate=2,
        max_delay=Duration.seconds(longest_s),
        jitter_strategy=sfn.JitterType.FULL,
    )


def retry_lambda(state: sfn.TaskStateBase, *raised: str, crashes: int = 2) -> None:
    """What Lambda could not do just now, and what the function says is busy, may work in a moment. So may what crashed:
    every state of ours can be repeated."""
    retry(state, (*LAMBDA_MAY_RECOVER, *raised), times=4, first_s=1, longest_s=20)
    retry(state, (*CRASHES, sfn.Errors.TIMEOUT), times=crashes, first_s=2, longest_s=20)
