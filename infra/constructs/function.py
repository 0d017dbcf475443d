"""A Lambda function, from the module that holds its handler."""

from collections.abc import Sequence

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.constructs.alarm import Alarm, Runbook
from infra.constructs.nag import accept
from infra.constructs.rollout import Rollout
from infra.constructs.stack import VitrineStack, code, stack_of
from infra.settings import LIVE
from vitrine.kernel.environment import Deployment, Environment
from vitrine.kernel.metrics import NAMESPACE


class VitrineFunction(lambda_.Function):
    """`functions.GROUP.NAME`: its zip, the layers that it imports from, logs, tracing, an alarm, an alias.

    `fails_machine`: a state machine alone calls it, and what its tries do not solve fails the execution. Then the
    machine's alarm tells, and none of its own: it raises by design too, for a job that is over or when two write at
    once.

    Whatever calls it calls `live`, the alias of its newest published version. `$LATEST` changes in two calls, code and
    configuration, and nobody may see it in between.
    """

    def __init__(
        self,
        scope: Construct,
        group: str,
        name: str,
        *,
        about: str,
        environment: Sequence[Environment],
        timeout_s: int = 10,
        memory_mb: int = 512,
        at_once: int | None = None,
        fails_machine: bool = False,
    ) -> None:
        stack = stack_of(scope)
        id_ = name.title().replace("_", "")
        self.physical_name = stack.settings.function(group, name)
        module = f"functions.{group}.{name}"
        super().__init__(
            scope,
            id_,
            function_name=self.physical_name,
            description=about,
            runtime=stack.runtime,
            architecture=stack.architecture,
            code=code(stack.packages.function(module)),
            handler=f"{module}.handler",
            layers=[stack.layer(layer) for layer in stack.packages.layers_of(module)],
            environment=_variables(stack, module, environment),
            timeout=Duration.seconds(timeout_s),
            memory_size=memory_mb,
            reserved_concurrent_executions=at_once,
            tracing=lambda_.Tracing.ACTIVE,
            log_group=_log_group(scope, id_, self.physical_name, stack),
        )
        self.live = lambda_.Alias(self, "Live", alias_name=LIVE, version=self.current_version)
        self.rollout = Rollout(self, self.live) if stack.settings.canary else None
        stack.function_names.append(self.physical_name)
        if not fails_machine:
            Alarm(
                self,
                "Fails",
                metric=self.metric_errors(period=Duration.minutes(5)),
                about=f"{self.physical_name} ended invocations with an error or ran out of time",
                runbook=Runbook.FUNCTION_FAILS,
            )
        accept(self, "Function and log group share a name, so the basic policy's scope is the smallest one.", *_BASIC)
        accept(self, "X-Ray's two actions know no resources.", "IAM5[Resource::*]")
        accept(self, "3.14 is the newest that our wheels support; locally it is the host's own.", "L1")


_BASIC = ("IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]",)


def _variables(stack: VitrineStack, module: str, environment: Sequence[Environment]) -> dict[str, str]:
    deployment = Deployment(environment=stack.settings.environment, build=stack.packages.build_of(module))
    merged = {name: value for part in (deployment, *environment) for name, value in part.variables().items()}
    return merged | {
        "POWERTOOLS_SERVICE_NAME": module.split(".")[1].replace("_", "-"),
        "POWERTOOLS_METRICS_NAMESPACE": NAMESPACE,
        "POWERTOOLS_LOG_LEVEL": stack.settings.log_level,
    }


def _log_group(scope: Construct, id_: str, function: str, stack: VitrineStack) -> logs.LogGroup:
    return logs.LogGroup(
        scope,
        f"{id_}Logs",
        log_group_name=f"/aws/lambda/{function}",
        retention=stack.log_retention,
        removal_policy=RemovalPolicy.DESTROY,
    )
