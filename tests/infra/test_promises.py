"""What holds for every resource of its kind, in every environment."""

import re
from typing import Any

import pytest

from functions.surfaces import BY_NAME, SURFACES
from infra.documents import load, operations
from tests.infra.clouds import ENVIRONMENTS, Cloud, Resource, cloud, listed, statements, text
from vitrine.jobs.rules import WORK
from vitrine.kernel import metrics
from vitrine.kernel.surface import Function, Surface

ALARM = "AWS::CloudWatch::Alarm"
CALLERS = (
    "AWS::ApiGatewayV2::Integration",
    "AWS::Events::Rule",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Permission",
    "AWS::StepFunctions::StateMachine",
)
DATA = ("AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SecretsManager::Secret", "AWS::Events::EventBus")


@pytest.fixture(params=ENVIRONMENTS)
def anywhere(request: pytest.FixtureRequest) -> Cloud:
    return cloud(request.param)


@pytest.fixture
def prod() -> Cloud:
    return cloud("prod")


def test_every_table_is_encrypted_restorable_and_on_demand(anywhere: Cloud) -> None:
    for table in anywhere.all("AWS::DynamoDB::Table"):
        assert table.properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        assert table.properties["BillingMode"] == "PAY_PER_REQUEST"
        assert table.properties["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
        # Encryption itself cannot be turned off; this says that nobody pays for, or can delete, a key.
        assert "SSESpecification" not in table.properties


def test_every_bucket_is_private_and_encrypted(anywhere: Cloud) -> None:
    for bucket in anywhere.all("AWS::S3::Bucket"):
        assert set(bucket.properties["PublicAccessBlockConfiguration"].values()) == {True}
        assert "AES256" in text(bucket.properties["BucketEncryption"])
        assert bucket.properties["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_buckets_queues_and_topics_refuse_plain_http(environment: str) -> None:
    deployed = cloud(environment)
    kinds = {
        "AWS::S3::Bucket": ("AWS::S3::BucketPolicy", "Bucket"),
        "AWS::SQS::Queue": ("AWS::SQS::QueuePolicy", "Queues"),
        "AWS::SNS::Topic": ("AWS::SNS::TopicPolicy", "Topics"),
    }
    for kind, (policy, target) in kinds.items():
        refusing = [
            text(found.properties[target])
            for found in deployed.all(policy)
            if '"aws:SecureTransport": "false"' in text(found.properties["PolicyDocument"])
        ]
        for resource in deployed.all(kind):
            assert any(resource.id in named for named in refusing), resource.label


def test_prod_keeps_what_people_own_when_a_stack_goes(prod: Cloud) -> None:
    for resource in prod.all(*DATA[:3]):
        assert resource.body["DeletionPolicy"] == "Retain", resource.label
        assert resource.body["UpdateReplacePolicy"] == "Retain", resource.label
    assert all(table.properties["DeletionProtectionEnabled"] for table in prod.all("AWS::DynamoDB::Table"))
    assert all(bucket.properties["VersioningConfiguration"] for bucket in prod.all("AWS::S3::Bucket"))


def test_things_that_hold_data_live_in_the_data_stack_alone(anywhere: Cloud) -> None:
    assert {resource.stack for resource in anywhere.all(*DATA)} == {"data"}


def test_every_function_has_a_log_group_with_retention(anywhere: Cloud) -> None:
    groups = {group.properties["LogGroupName"]: group for group in anywhere.all("AWS::Logs::LogGroup")}
    for function in anywhere.all("AWS::Lambda::Function"):
        group = groups[f"/aws/lambda/{function.properties['FunctionName']}"]
        assert function.properties["LoggingConfig"]["LogGroup"] == {"Ref": group.id}
    assert all(group.properties["RetentionInDays"] for group in groups.values())


def test_every_function_is_traced_and_runs_no_longer_than_its_gateway_waits(anywhere: Cloud) -> None:
    for function in anywhere.all("AWS::Lambda::Function"):
        assert function.properties["TracingConfig"] == {"Mode": "Active"}
        if function.stack in BY_NAME:
            assert function.properties["Timeout"] <= 29, function.label


def test_every_function_has_an_alarm_on_its_errors(anywhere: Cloud) -> None:
    alarms = anywhere.all("AWS::CloudWatch::Alarm")
    watched = {
        text(alarm.properties["Dimensions"]) for alarm in alarms if alarm.properties.get("MetricName") == "Errors"
    }
    for function in anywhere.all("AWS::Lambda::Function"):
        assert any(function.id in dimensions for dimensions in watched), function.label


def test_every_alarm_tells_the_topic(anywhere: Cloud) -> None:
    for alarm in anywhere.all("AWS::CloudWatch::Alarm"):
        assert "Alarms" in text(alarm.properties["AlarmActions"]) or alarm.id == "NeedsAnInstance", alarm.label


def test_whatever_is_called_asynchronously_has_a_dead_letter_queue(anywhere: Cloud) -> None:
    for rule in anywhere.all("AWS::Events::Rule"):
        assert all("DeadLetterConfig" in target for target in rule.properties["Targets"]), rule.label
    for mapping in anywhere.all("AWS::Lambda::EventSourceMapping"):
        assert "OnFailure" in mapping.properties["DestinationConfig"], mapping.label
    for subscription in anywhere.all("AWS::SNS::Subscription"):
        if subscription.properties["Protocol"] == "lambda":
            assert "deadLetterTargetArn" in subscription.properties["RedrivePolicy"], subscription.label


def test_functions_that_events_and_topics_call_keep_what_they_could_not_do(anywhere: Cloud) -> None:
    kept = {alias_of(config.properties["Qualifier"]) for config in anywhere.all("AWS::Lambda::EventInvokeConfig")}
    called = {
        permission.properties["FunctionName"]["Ref"]
        for permission in anywhere.all("AWS::Lambda::Permission")
        if permission.properties["Principal"] in {"events.amazonaws.com", "sns.amazonaws.com"}
    }
    assert called
    assert called <= kept


def alias_of(qualifier: Any) -> str:
    """The alias whose name this is: {"Fn::Select": [7, {"Fn::Split": [":", {"Ref": ALIAS}]}]}."""
    return str(qualifier["Fn::Select"][1]["Fn::Split"][1]["Ref"])


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


def test_every_kind_of_caller_names_an_alias(anywhere: Cloud) -> None:
    """Lest the test before this one passes because callers name functions in a way that it does not know."""
    for caller in anywhere.all(*CALLERS):
        aliases = [f'"{a.id}"' for a in anywhere.all("AWS::Lambda::Alias") if a.stack == caller.stack]
        named = any(alias in text(caller.properties) for alias in aliases)
        assert named or "IngestMachine" in text(caller.properties), caller.label


def test_every_dead_letter_queue_has_an_alarm(anywhere: Cloud) -> None:
    watched = [
        text(alarm.properties["Dimensions"])
        for alarm in anywhere.all("AWS::CloudWatch::Alarm")
        if alarm.properties.get("MetricName") == "ApproximateNumberOfMessagesVisible"
    ]
    for queue in anywhere.all("AWS::SQS::Queue"):
        assert any(queue.id in dimensions for dimensions in watched), queue.label
        assert queue.properties["MessageRetentionPeriod"] == 14 * 24 * 3600


def test_stream_readers_split_a_bad_batch_and_answer_for_single_records(anywhere: Cloud) -> None:
    mappings = anywhere.all("AWS::Lambda::EventSourceMapping")
    assert len(mappings) == 2
    for mapping in mappings:
        assert mapping.properties["BisectBatchOnFunctionError"] is True
        assert mapping.properties["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert mapping.properties["FilterCriteria"]["Filters"]


def test_no_policy_allows_an_action_by_wildcard(anywhere: Cloud) -> None:
    for place, statement in statements(anywhere):
        assert not [action for action in listed(statement["Action"]) if "*" in action], place


# Calls that know no resources (Service Authorization Reference), or whose log group must be made by the caller.
RESOURCELESS = {
    "cloudwatch:PutMetricData",
    "dynamodb:ListStreams",
    "ecr:GetAuthorizationToken",
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
    "states:SendTaskFailure",
    "states:SendTaskSuccess",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}


def test_only_calls_that_know_no_resources_are_allowed_on_all(anywhere: Cloud) -> None:
    for place, statement in statements(anywhere):
        if "*" in listed(statement["Resource"]):
            assert set(listed(statement["Action"])) <= RESOURCELESS, place


def test_the_functions_that_touch_money_are_the_ones_that_may(anywhere: Cloud) -> None:
    allowed = {name for name, found in everything(anywhere).items() if "w" in found.get("billing", "")}
    of_surfaces = {f"{surface.group}.{function.name}" for surface in SURFACES for function in surface.functions}
    assert allowed - of_surfaces == {
        "pipeline.publish_picture",
        "pipeline.end_job",
        "pipeline.release_photo",
        "reactions.start_work",
        "reactions.sweep_deadlines",
    }
    assert allowed & of_surfaces == {
        name for name, declared in OF_SURFACES.items() if "w" in declared.get("billing", "")
    }


ENDS_JOBS = {"jobs": "rw", "billing": "rw"}
ACCESS = {
    "pipeline.inspect_upload": {"uploads/": "r", "thumbnails/": "w"},
    "pipeline.record_inspection": {"assets": "rw"},
    "pipeline.start_inference": {"jobs": "rw", "assets": "r", "inference/": "w"},
    "pipeline.judge_result": {},
    "pipeline.publish_picture": {**ENDS_JOBS, "inference/": "r", "published/": "w"},
    "pipeline.end_job": ENDS_JOBS,
    "pipeline.queue_photos": {"jobs": "rw", "staging": "rw"},
    "pipeline.release_photo": {**ENDS_JOBS, "assets": "r"},
    "pipeline.finish_batch": {"jobs": "rw"},
    "pipeline.deliver_webhook": {"engagement": "rw"},
    "reactions.publish_changes": {"guard": "rw"},
    "reactions.tell_customers": {"engagement": "rw", "jobs": "r"},
    "reactions.resume_batch": {"jobs": "r"},
    "reactions.start_work": {**ENDS_JOBS, "assets": "r"},
    "reactions.pass_on_slots": {"jobs": "rw"},
    "reactions.delete_images": {
        "jobs": "rw",
        "assets": "rw",
        "uploads/": "d",
        "inference/": "d",
        "published/": "d",
        "thumbnails/": "d",
    },
    "reactions.finish_inference": {"jobs": "r", "inference/": "r"},
    "reactions.sweep_deadlines": {**ENDS_JOBS, "assets": "r", "guard": "rw"},
}
"""What each function behind the APIs may read, write and delete: tables by name (to write is to delete), objects by
prefix. What a surface's functions may do, the surface declares."""
MODES = {
    "r": {"dynamodb:GetItem", "s3:GetObject"},
    "w": {"dynamodb:PutItem", "s3:PutObject"},
    "d": {"s3:DeleteObject", "s3:DeleteObjectVersion"},
}


def access(cloud: Cloud, function: Resource) -> dict[str, str]:
    role, found = function.properties["Role"]["Fn::GetAtt"][0], dict[str, str]()
    for policy in cloud.all("AWS::IAM::Policy"):
        if policy.stack == function.stack and {"Ref": role} in policy.properties["Roles"]:
            for statement in policy.properties["PolicyDocument"]["Statement"]:
                actions = set(listed(statement["Action"]))
                mode = "".join(letter for letter, needed in MODES.items() if actions & needed)
                if mode:
                    found |= dict.fromkeys(things(statement["Resource"]), mode)
    return found


def declared(surface: Surface, function: Function, *, signed_in: bool) -> dict[str, str]:
    """As `access` has it."""
    own = function.access
    if signed_in and surface.callers:
        own = surface.callers.access | own
    tables = {**{table.name: "r" for table in own.reads}, **{table.name: "rw" for table in own.writes}}
    found = dict.fromkeys((prefix.start for prefix in (*own.gets, *own.puts, *own.deletes)), "")
    for mode, prefixes in (("r", own.gets), ("w", own.puts), ("d", own.deletes)):
        found |= {prefix.start: found[prefix.start] + mode for prefix in prefixes}
    return tables | found


OF_SURFACES = {
    f"{surface.group}.{function.name}": declared(
        surface,
        function,
        signed_in=any(not route.is_public for route in operations(load(surface)) if route.function == function.name),
    )
    for surface in SURFACES
    for function in surface.functions
}


def everything(cloud: Cloud) -> dict[str, dict[str, str]]:
    return {
        function.properties["Handler"].removeprefix("functions.").removesuffix(".handler"): access(cloud, function)
        for function in cloud.all("AWS::Lambda::Function")
    }


def things(resources: object) -> set[str]:
    tables = re.findall(r"(Guard|Identity|Assets|Jobs|Billing|Staging|Engagement)Table[0-9A-F]{8}", text(resources))
    return {table.lower() for table in tables} | set(re.findall(r'"/?([a-z]+/)\*"', text(resources)))


def test_each_function_may_read_and_write_what_its_code_does_and_nothing_else(anywhere: Cloud) -> None:
    assert everything(anywhere) == ACCESS | OF_SURFACES


def test_functions_are_not_told_what_only_the_gateway_uses(anywhere: Cloud) -> None:
    for function in anywhere.all("AWS::Lambda::Function"):
        assert "VITRINE_CORS_ORIGINS" not in function.properties["Environment"]["Variables"], function.label


def test_every_table_and_index_has_an_alarm_on_throttles(anywhere: Cloud) -> None:
    watched = {
        (alarm.properties["MetricName"], text(alarm.properties["Dimensions"]))
        for alarm in anywhere.all("AWS::CloudWatch::Alarm")
        if alarm.properties.get("Namespace") == "AWS/DynamoDB"
    }
    for table in anywhere.all("AWS::DynamoDB::Table"):
        indexes = [index["IndexName"] for index in table.properties.get("GlobalSecondaryIndexes", [])]
        own = {metric for metric, where in watched if table.id in where and "IndexName" not in where}
        assert own == {"ReadThrottleEvents", "WriteThrottleEvents"}, table.label
        for index in indexes:
            assert any(table.id in where and f'"{index}"' in where for _, where in watched), index


def alarm(cloud: Cloud, metric: str) -> Resource:
    (found,) = [
        alarm
        for alarm in cloud.all("AWS::CloudWatch::Alarm")
        if alarm.properties.get("MetricName") == metric and alarm.properties["Statistic"] != "SampleCount"
    ]
    return found


def test_an_old_job_alarms_only_once_the_sweeper_should_have_ended_it(anywhere: Cloud) -> None:
    threshold = alarm(anywhere, metrics.OLDEST_JOB_AGE).properties["Threshold"]
    assert WORK.total_seconds() < threshold <= 2 * WORK.total_seconds()


def test_money_that_reached_no_account_raises_an_alarm_at_once(anywhere: Cloud) -> None:
    flagged = alarm(anywhere, metrics.STRIPE_EVENTS_FLAGGED).properties
    assert (flagged["Namespace"], flagged["Threshold"], flagged["EvaluationPeriods"]) == (metrics.NAMESPACE, 1, 1)
    assert "Dimensions" not in flagged


def test_no_stack_imports_what_another_could_want_to_replace(anywhere: Cloud) -> None:
    for stack, template in anywhere.templates.items():
        if stack != "data":
            exported = [output for output in template.get("Outputs", {}).values() if "Export" in output]
            assert not exported, stack


def test_templates_name_no_person_and_no_machine(anywhere: Cloud) -> None:
    import getpass
    import platform

    everything = text(anywhere.templates)
    assert str(anywhere.folder) not in everything
    assert platform.node() not in everything or len(platform.node()) < 4
    assert f"/home/{getpass.getuser()}" not in everything


def test_local_and_prod_make_the_same_functions_with_the_same_access() -> None:
    def actions(environment: str) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for place, statement in statements(cloud(environment)):
            if not place.startswith("endpoint/"):
                found.setdefault(place, set()).update(listed(statement["Action"]))
        return found

    assert actions("local") == actions("prod")


def test_alarms_watch_single_metrics_which_the_embedded_cloud_can_and_which_cost_least(anywhere: Cloud) -> None:
    assert not [alarm.label for alarm in anywhere.all("AWS::CloudWatch::Alarm") if "Metrics" in alarm.properties]


def test_webhooks_may_go_to_loopback_in_the_embedded_cloud_alone(anywhere: Cloud) -> None:
    told = {
        function.properties["Environment"]["Variables"]["VITRINE_WEBHOOK_LOOPBACK"]
        for function in anywhere.all("AWS::Lambda::Function")
        if "VITRINE_WEBHOOK_LOOPBACK" in function.properties["Environment"]["Variables"]
    }
    assert told == {str(anywhere.environment == "local")}


def test_the_function_that_calls_where_customers_say_can_reach_nothing_of_ours(anywhere: Cloud) -> None:
    (function,) = [
        found for found in anywhere.all("AWS::Lambda::Function") if "deliver_webhook" in text(found.properties)
    ]
    assert "VpcConfig" not in function.properties
    assert access(anywhere, function) == {"engagement": "rw"}
