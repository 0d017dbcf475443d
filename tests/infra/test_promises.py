"""What holds for every resource of its kind, in every environment."""

import re
from pathlib import Path

import pytest

from functions.surfaces import BY_NAME
from infra import cli
from infra.constructs.alarm import Runbook
from tests.infra.clouds import Cloud, Resource, alias_of, cloud, text
from vitrine.jobs.rules import WORK
from vitrine.kernel import metrics

ALARM = "AWS::CloudWatch::Alarm"
COMPOSITE = "AWS::CloudWatch::CompositeAlarm"
ROOT = Path(__file__).parents[2]
BOOKS = sorted((ROOT / "infra" / "runbooks").glob("*.md"))
DATA = ("AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SecretsManager::Secret", "AWS::Events::EventBus")


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
        assert resource.body["DeletionPolicy"] == "RetainExceptOnCreate", resource.label
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


def told(alarm: Resource, actions: str) -> str:
    """The topic that an alarm's actions name, without the import's name around it."""
    (topic,) = (id_ for id_ in ("Warnings", "Alarms") if id_ in text(alarm.properties[actions]))
    return topic


def test_every_alarm_pages_or_warns_says_when_it_is_over_and_names_its_runbook(anywhere: Cloud) -> None:
    for alarm in anywhere.all(ALARM, COMPOSITE):
        if alarm.id == "NeedsAnInstance" or "nothing to act on" in alarm.properties["AlarmDescription"]:
            continue
        description = alarm.properties["AlarmDescription"]
        severity, _, rest = description.partition(": ")
        topic = {"PAGE": "Alarms", "WARN": "Warnings"}[severity]
        assert told(alarm, "AlarmActions") == told(alarm, "OKActions") == topic, alarm.label
        assert (ROOT / rest.rpartition("What to do: ")[2]).is_file(), alarm.label


def test_every_runbook_is_an_alarms_and_says_what_an_operator_needs() -> None:
    assert {path.stem for path in BOOKS} == set(Runbook)
    described = text([alarm.properties["AlarmDescription"] for alarm in cloud("prod").all(ALARM, COMPOSITE)])
    for book in BOOKS:
        assert f"/{book.name}" in described
        headings = [line for line in book.read_text().splitlines() if line.startswith("## ")]
        assert headings == ["## What it means", "## First look", "## What to do", "## How to know that it is over"]


def test_runbooks_name_only_commands_and_runbooks_that_exist() -> None:
    for book in BOOKS:
        assert set(re.findall(r"`vitrine ([a-z-]+)", book.read_text())) <= set(cli.MODULES)
        assert set(re.findall(r"\]\(([a-z0-9-]+\.md)\)", book.read_text())) <= {each.name for each in BOOKS}


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
    assert len(mappings) == 4
    for mapping in mappings:
        assert mapping.properties["BisectBatchOnFunctionError"] is True
        assert mapping.properties["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert mapping.properties["FilterCriteria"]["Filters"]


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


def test_alarms_watch_single_metrics_which_the_embedded_cloud_can_and_which_cost_least(anywhere: Cloud) -> None:
    assert not [alarm.label for alarm in anywhere.all("AWS::CloudWatch::Alarm") if "Metrics" in alarm.properties]


def test_webhooks_may_go_to_loopback_in_the_embedded_cloud_alone(anywhere: Cloud) -> None:
    answered = {
        function.properties["Environment"]["Variables"]["VITRINE_WEBHOOK_LOOPBACK"]
        for function in anywhere.all("AWS::Lambda::Function")
        if "VITRINE_WEBHOOK_LOOPBACK" in function.properties["Environment"]["Variables"]
    }
    assert answered == {str(anywhere.environment == "local")}
