"""How callers get to a function's new version: in prod a tenth of them first, elsewhere all at once."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from infra.constructs.alarm import Alarm, Runbook
from infra.constructs.nag import accept
from infra.constructs.stack import VitrineStack, stack_of

POLICY = "service-role/AWSCodeDeployRoleForLambdaLimited"


class Rollout(codedeploy.LambdaDeploymentGroup):
    """A tenth of the alias's invocations for five minutes, then all; back to the old version when the new one fails."""

    def __init__(self, function: lambda_.Function, alias: lambda_.Alias) -> None:
        stack = stack_of(function)
        super().__init__(
            function,
            "Rollout",
            application=_application(stack),
            alias=alias,
            # Each group would add its policy to the role once more, and ten are the most.
            role=_role(stack).without_policy_updates(),
            deployment_config=codedeploy.LambdaDeploymentConfig.CANARY_10_PERCENT_5_MINUTES,
            alarms=[_alarm(function, alias)],
        )


def _alarm(function: lambda_.Function, alias: lambda_.Alias) -> Alarm:
    # By its version: the errors of the old one must not stop the deployment that mends them.
    metric = cloudwatch.Metric(
        namespace="AWS/Lambda",
        metric_name="Errors",
        dimensions_map={
            "FunctionName": function.function_name,
            "Resource": f"{function.function_name}:{alias.alias_name}",
            "ExecutedVersion": function.current_version.version,
        },
        statistic=cloudwatch.Stats.SUM,
        period=Duration.minutes(1),
    )
    return Alarm(
        function,
        "NewVersionFails",
        metric=metric,
        about="The newest version ended invocations with an error; a deployment that brings it is rolled back",
        runbook=Runbook.NEW_VERSION_FAILS,
    )


def _application(stack: VitrineStack) -> codedeploy.LambdaApplication:
    found = stack.node.try_find_child("Rollouts")
    return found if isinstance(found, codedeploy.LambdaApplication) else codedeploy.LambdaApplication(stack, "Rollouts")


def _role(stack: VitrineStack) -> iam.Role:
    if isinstance(found := stack.node.try_find_child("RolloutRole"), iam.Role):
        return found
    policy = iam.ManagedPolicy.from_aws_managed_policy_name(POLICY)
    codedeploy_itself = iam.ServicePrincipal("codedeploy.amazonaws.com")
    role = iam.Role(stack, "RolloutRole", assumed_by=codedeploy_itself, managed_policies=[policy])
    accept(role, "AWS's policy for exactly this, the one without leave to invoke.", f"IAM4[Policy::{_SHOWN}]")
    return role


_SHOWN = f"arn:<AWS::Partition>:iam::aws:policy/{POLICY}"
