"""What reacts: to table streams, to the bus, to the endpoint's topics, to the clock."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.constructs.alarm import Alarm, Runbook, Severity
from infra.constructs.function import VitrineFunction
from infra.constructs.nag import accept, overrule
from infra.constructs.queue import DeadLetterQueue, dead_letters_of
from infra.constructs.table import Table
from infra.packaging.assets import Assets
from infra.settings import Settings
from infra.stacks.data import DataStack, UsingDataStack
from infra.stacks.names import (
    STAGING,
    allow_starting,
    endpoint_arn,
    event_pattern,
    execution_arns,
    staging_endpoint,
    work_machines,
)
from vitrine.assets.events import UPLOAD_INSPECTED
from vitrine.jobs import events as job_events
from vitrine.jobs.models import JobKind
from vitrine.kernel import schema
from vitrine.kernel.environment import Environment
from vitrine.kinds_of_work import KINDS
from vitrine.staging.events import IMAGES_WITHDRAWN, PROJECT_DELETED

GROUP = "reactions"
EVENTS_LATE_MS = 60_000
INSERTED = lambda_.FilterRule.is_equal("INSERT")
NEW_JOB_EVENT = {
    "eventName": INSERTED,
    "dynamodb": {"Keys": {"sk": {"S": lambda_.FilterRule.begins_with("EVENT#")}}},
}
NEW_ASSET_EVENT = {
    "eventName": INSERTED,
    "dynamodb": {"NewImage": {"kind": {"S": lambda_.FilterRule.is_equal("EVENT")}}},
}

DELETED = {
    "eventName": INSERTED,
    "dynamodb": {"Keys": {"sk": {"S": [{"prefix": "DELETED#"}, {"prefix": "WITHDRAWN#"}]}}},
}


NEW_CHANGE = {
    "eventName": INSERTED,
    "dynamodb": {"NewImage": {"kind": {"S": lambda_.FilterRule.is_equal("CHANGE")}}},
}


class ReactionsStack(UsingDataStack):
    def __init__(self, scope: Construct, *, settings: Settings, assets: Assets, data: DataStack) -> None:
        super().__init__(
            scope,
            GROUP,
            settings=settings,
            assets=assets,
            data=data,
            about="what reacts to streams, events, topics and the clock",
        )
        self._publish_changes()
        self._start_work()
        self._pass_on_slots()
        self._call_off()
        self._finish_inference()
        self._sweep_deadlines()
        self._delete_images()

    def _publish_changes(self) -> None:
        function = self._function(
            "publish_changes",
            "Puts what changed onto the bus, and counts it",
            self.data.bus_env,
            self.data.tables_env,
            timeout_s=30,
        )
        self.data.table(schema.GUARD).allow_reads_and_writes(function)
        queue = DeadLetterQueue(self, "PublishChangesDead", of="Changes that did not reach the bus")
        for table, pattern in (
            (self.data.table(schema.JOBS), NEW_JOB_EVENT),
            (self.data.table(schema.ASSETS), NEW_ASSET_EVENT),
            (self.data.table(schema.STAGING), DELETED),
            (self.data.table(schema.CAPTURE), NEW_CHANGE),
        ):
            function.live.add_event_source(_stream(table, pattern, queue))
        self._watch_age(function)
        self.data.bus.grant_put_events_to(function)
        accept(function, "ListStreams knows no resources.", "IAM5[Resource::*]")

    def _watch_age(self, function: VitrineFunction) -> None:
        """A record that cannot be handled holds up its shard, and with it all later news of the same things."""
        Alarm(
            self,
            "EventsLate",
            metric=function.metric("IteratorAge", period=Duration.minutes(1), statistic=cloudwatch.Stats.MAXIMUM),
            threshold=EVENTS_LATE_MS,
            datapoints=3,
            about="What changed reaches the bus more than a minute late: nothing starts, and nobody is told",
            runbook=Runbook.EVENTS_LATE,
            severity=Severity.PAGE,
        )

    def _start_work(self) -> None:
        function = self._function(
            "start_work",
            "Starts a job once it has all it needs",
            self.data.tables_env,
            work_machines(self, self.settings),
        )
        queue = dead_letters_of(function, "Uploads and jobs that did not start")
        self.data.table(schema.JOBS).allow_reads_and_writes(function)
        self.data.table(schema.BILLING).allow_reads_and_writes(function)
        self.data.table(schema.ASSETS).allow_reads(function)
        allow_starting(function, self, self.settings, KINDS)
        rule = events.Rule(
            self,
            "MayStart",
            description="A job or its upload became ready",
            event_bus=self.data.bus,
            event_pattern=event_pattern([UPLOAD_INSPECTED, job_events.QUEUED]),
        )
        rule.add_target(targets.LambdaFunction(function.live, dead_letter_queue=queue))

    def _pass_on_slots(self) -> None:
        function = self._function(
            "pass_on_slots",
            "Gives the slot of a job that is over to the next in the fair queue",
            self.data.tables_env,
            work_machines(self, self.settings),
        )
        queue = dead_letters_of(function, "Slots that were not passed on")
        self.data.table(schema.JOBS).allow_reads_and_writes(function)
        allow_starting(function, self, self.settings, [kind for kind in KINDS if kind.takes_slot])
        rule = events.Rule(
            self,
            "JobIsOver",
            description="A job is over, so another may be at work",
            event_bus=self.data.bus,
            event_pattern=event_pattern(job_events.ENDED),
        )
        rule.add_target(targets.LambdaFunction(function.live, dead_letter_queue=queue))

    def _call_off(self) -> None:
        function = self._function(
            "call_off",
            "Stops machines of cancelled jobs, and cancels what belongs to a cancelled batch or a deleted project",
            self.data.tables_env,
            work_machines(self, self.settings),
            timeout_s=300,
        )
        queue = dead_letters_of(function, "Work that was not called off")
        for table in (schema.JOBS, schema.BILLING, schema.STAGING):
            self.data.table(table).allow_reads_and_writes(function)
        self._allow_stopping(function)
        for id_, heard, detail in (
            ("JobIsCancelled", job_events.CANCELLED, {}),
            ("ProjectIsDeleted", PROJECT_DELETED, {}),
            ("BatchIsDeleted", IMAGES_WITHDRAWN, {"kind": [JobKind.BATCH.value]}),
        ):
            rule = events.Rule(
                self,
                id_,
                description=f"Work was called off: {heard.detail_type}",
                event_bus=self.data.bus,
                event_pattern=event_pattern([heard], **detail),
            )
            rule.add_target(targets.LambdaFunction(function.live, dead_letter_queue=queue))

    def _finish_inference(self) -> None:
        function = self._function(
            "finish_inference",
            "Gives the endpoint's answer to the state machine that waits for it",
            self.data.tables_env,
            self.data.buckets_env,
        )
        queue = dead_letters_of(function, "Answers of the endpoint that reached no state machine")
        self.data.table(schema.JOBS).allow_reads(function)
        self.data.media.allow_get(function, "inference/")
        _allow(function, ["states:SendTaskSuccess", "states:SendTaskFailure"], "*")
        accept(function, "The calls by task token know no resources; a token is its own secret.", "IAM5[Resource::*]")
        for topic in (self.data.inference_done, self.data.inference_failed):
            topic.add_subscription(subscriptions.LambdaSubscription(function.live, dead_letter_queue=queue))
        overrule(function, "SNS takes an alias for a function; the rule does not know that.", "W3694")

    def _sweep_deadlines(self) -> None:
        function = self._function(
            "sweep_deadlines",
            "Ends and refunds jobs past their deadline, starts those that an event was lost for, and says how it goes",
            self.data.tables_env,
            self.data.buckets_env,
            work_machines(self, self.settings),
            staging_endpoint(self.settings),
            timeout_s=50,
        )
        self.data.table(schema.GUARD).allow_reads_and_writes(function)
        _allow(function, ["sagemaker:DescribeEndpoint"], endpoint_arn(self, self.settings, STAGING))
        if self.settings.inference_endpoint_url:
            function.add_environment("AWS_ENDPOINT_URL_SAGEMAKER", self.settings.inference_endpoint_url)
        queue = dead_letters_of(function, "Sweeps that did not run")
        self.data.table(schema.JOBS).allow_reads_and_writes(function)
        self.data.table(schema.BILLING).allow_reads_and_writes(function)
        self.data.table(schema.ASSETS).allow_reads(function)
        allow_starting(function, self, self.settings, KINDS)
        self.data.uploads.allow_get(function, "uploads/")
        self._allow_stopping(function)
        rule = events.Rule(
            self,
            "EveryMinute",
            description="Looks for jobs past their deadline",
            schedule=events.Schedule.rate(Duration.minutes(1)),
        )
        rule.add_target(
            targets.LambdaFunction(
                function.live, dead_letter_queue=queue, max_event_age=Duration.minutes(5), retry_attempts=2
            )
        )

    def _delete_images(self) -> None:
        function = self._function(
            "delete_images",
            "Deletes pictures that were promised to be gone, or that their owner withdraws",
            self.data.tables_env,
            self.data.buckets_env,
            timeout_s=600,
        )
        queue = dead_letters_of(function, "Deletions of pictures that did not run")
        # A project's images that are open still when it can be recovered no more are cancelled, and paid back.
        for table in (schema.JOBS, schema.ASSETS, schema.BILLING, schema.STAGING):
            self.data.table(table).allow_reads_and_writes(function)
        self.data.uploads.allow_deletion(function, "uploads/")
        self.data.media.allow_deletion(function, "inference/", "originals/", "published/", "thumbnails/")
        rule = events.Rule(
            self,
            "EveryHour",
            description="Looks for pictures whose time has come",
            schedule=events.Schedule.rate(Duration.hours(1)),
        )
        withdrawn = events.Rule(
            self,
            "ImagesAreWithdrawn",
            description="An owner wants pictures gone",
            event_bus=self.data.bus,
            event_pattern=event_pattern([IMAGES_WITHDRAWN], kind=[{"anything-but": JobKind.BATCH.value}]),
        )
        withdrawn.add_target(targets.LambdaFunction(function.live, dead_letter_queue=queue))
        rule.add_target(
            targets.LambdaFunction(
                function.live, dead_letter_queue=queue, max_event_age=Duration.hours(1), retry_attempts=2
            )
        )

    def _allow_stopping(self, function: VitrineFunction) -> None:
        for kind in KINDS:
            _allow(function, ["states:StopExecution"], execution_arns(self, self.settings, kind.machine))
            accept(function, "The executions of that one machine.", _executions_shown(self.settings, kind.machine))

    def _function(self, name: str, about: str, *environment: Environment, timeout_s: int = 20) -> VitrineFunction:
        at_once = self.settings.set_aside.get(name)
        return VitrineFunction(
            self, GROUP, name, about=about, environment=environment, timeout_s=timeout_s, at_once=at_once
        )


def _stream(table: Table, pattern: dict[str, object], queue: DeadLetterQueue) -> sources.DynamoEventSource:
    return sources.DynamoEventSource(
        table,
        starting_position=lambda_.StartingPosition.TRIM_HORIZON,
        batch_size=100,
        bisect_batch_on_error=True,
        report_batch_item_failures=True,
        retry_attempts=10,
        parallelization_factor=2,
        filters=[lambda_.FilterCriteria.filter(pattern)],
        on_failure=sources.SqsDlq(queue),
    )


def _allow(function: VitrineFunction, actions: Sequence[str], resource: str) -> None:
    function.add_to_role_policy(iam.PolicyStatement(actions=list(actions), resources=[resource]))


def _executions_shown(settings: Settings, machine: str) -> str:
    region, account = settings.region or "<AWS::Region>", settings.account or "<AWS::AccountId>"
    return f"IAM5[Resource::arn:<AWS::Partition>:states:{region}:{account}:execution:{settings.named(machine)}:*]"
