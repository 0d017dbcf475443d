"""Functions are versions behind the alias `live`: what calls them, and how a new version takes over."""

from typing import Any

import pytest

from tests.infra.clouds import Cloud, Resource, cloud, text

ALARM = "AWS::CloudWatch::Alarm"
CALLERS = (
    "AWS::ApiGatewayV2::Integration",
    "AWS::Events::Rule",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Permission",
    "AWS::StepFunctions::StateMachine",
)


def test_every_function_has_one_version_and_the_alias_live_on_it(anywhere: Cloud) -> None:
    for function in anywhere.all("AWS::Lambda::Function"):
        (version,) = of_function(anywhere, "AWS::Lambda::Version", function)
        (alias,) = of_function(anywhere, "AWS::Lambda::Alias", function)
        assert alias.properties["Name"] == "live"
        assert alias.properties["FunctionVersion"] == {"Fn::GetAtt": [version.id, "Version"]}
        # Lambda keeps 75 GB of code in all: a version goes once the alias has left it.
        assert version.body.get("DeletionPolicy", "Delete") == "Delete"


def of_function(cloud: Cloud, type_: str, function: Resource) -> list[Resource]:
    named = {"Ref": function.id}
    return [it for it in cloud.all(type_) if it.stack == function.stack and it.properties["FunctionName"] == named]


ROLLOUTS = "AWS::CodeDeploy::DeploymentGroup"


def test_prod_gives_a_new_version_a_tenth_of_the_calls_and_takes_it_back_when_it_fails(prod: Cloud) -> None:
    groups = {(group.stack, group.id): group for group in prod.all(ROLLOUTS)}
    for alias in prod.all("AWS::Lambda::Alias"):
        policy = alias.body["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
        group = groups.pop((alias.stack, policy["DeploymentGroupName"]["Ref"]))
        assert policy["ApplicationName"] == group.properties["ApplicationName"]
        assert group.properties["DeploymentConfigName"] == "CodeDeployDefault.LambdaCanary10Percent5Minutes"
        rollback = group.properties["AutoRollbackConfiguration"]
        assert rollback["Enabled"] is True
        assert {"DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"} <= set(rollback["Events"])
        assert watched_versions(prod, group) == [alias.properties["FunctionVersion"]]
    assert groups == {}
    assert {
        len(role.properties["ManagedPolicyArns"]) for role in prod.all("AWS::IAM::Role") if "Rollout" in role.id
    } == {1}


def alarms_of(cloud: Cloud, group: Resource) -> list[Resource]:
    watched = group.properties["AlarmConfiguration"]
    assert watched["Enabled"] is True
    named = [alarm["Name"]["Ref"] for alarm in watched["Alarms"]]
    return [alarm for alarm in cloud.all(ALARM) if alarm.stack == group.stack and alarm.id in named]


def watched_versions(cloud: Cloud, group: Resource) -> list[Any]:
    """The versions whose errors take the deployment back: errors of the old one must not."""
    errors = [it for it in alarms_of(cloud, group) if it.properties["MetricName"] == "Errors"]
    dimensions = [{each["Name"]: each["Value"] for each in alarm.properties["Dimensions"]} for alarm in errors]
    assert all(text(each["Resource"]).count(":live") == 1 for each in dimensions)
    return [each["ExecutedVersion"] for each in dimensions]


def test_a_function_that_answers_500_is_taken_back_too(prod: Cloud) -> None:
    for group in prod.all(ROLLOUTS):
        called = [it for it in prod.all("AWS::ApiGatewayV2::Integration") if it.stack == group.stack]
        metrics_watched = {alarm.properties["MetricName"] for alarm in alarms_of(prod, group)}
        assert metrics_watched == ({"Errors", "5xx"} if called else {"Errors"}), group.label


@pytest.mark.parametrize("environment", ["local", "dev"])
def test_elsewhere_a_new_version_takes_all_calls_at_once(environment: str) -> None:
    deployed = cloud(environment)
    assert not [it.label for it in deployed if it.type.startswith("AWS::CodeDeploy")]
    assert not [alias.label for alias in deployed.all("AWS::Lambda::Alias") if "UpdatePolicy" in alias.body]


MOST_RESOURCES, MOST_ROUTES = 500, 300
"""CloudFormation's and API Gateway's quotas: of a stack, and of an HTTP API."""


def test_no_stack_uses_more_than_half_of_what_cloudformation_and_the_gateway_allow(anywhere: Cloud) -> None:
    for stack, template in anywhere.templates.items():
        routes = [it for it in anywhere.all("AWS::ApiGatewayV2::Route") if it.stack == stack]
        print(f"{anywhere.environment} {stack}: {len(template['Resources'])} resources, {len(routes)} routes")
        assert len(template["Resources"]) <= MOST_RESOURCES / 2, stack
        assert len(routes) <= MOST_ROUTES / 2, stack


OF_A_FUNCTION = {"AWS::Lambda::Version", "AWS::Lambda::Alias", "AWS::Lambda::EventInvokeConfig", ALARM}
"""What belongs to a function and so names it, while whatever calls it names its alias."""


def test_whatever_calls_a_function_calls_its_alias_and_never_latest(anywhere: Cloud) -> None:
    for resource in anywhere:
        if resource.type not in OF_A_FUNCTION:
            functions = [f for f in anywhere.all("AWS::Lambda::Function") if f.stack == resource.stack]
            written = text(resource.properties)
            assert not [f.id for f in functions if f'"{f.id}"' in written], resource.label
            assert "$LATEST" not in written, resource.label


def test_every_kind_of_caller_names_an_alias_or_a_machine(anywhere: Cloud) -> None:
    """Lest the test before this one passes because callers name functions in a way that it does not know."""
    for caller in anywhere.all(*CALLERS):
        called = anywhere.all("AWS::Lambda::Alias", "AWS::StepFunctions::StateMachine")
        names = [f'"{each.id}"' for each in called if each.stack == caller.stack]
        assert any(name in text(caller.properties) for name in names), caller.label
