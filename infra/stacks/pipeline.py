"""What happens to a photo: the state machines `ingest` and `staging`, and the function behind each state."""

from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.constructs.function import VitrineFunction
from infra.constructs.machine import Machine
from infra.constructs.queue import DeadLetterQueue
from infra.constructs.stack import VitrineStack
from infra.packaging.assets import Assets
from infra.settings import Settings
from infra.stacks import ingest, staging
from infra.stacks.data import DataStack, UsingDataStack
from infra.stacks.names import INGEST, STAGING, endpoint_arn, staging_endpoint
from vitrine.kernel import schema
from vitrine.kernel.environment import Environment

GROUP = "pipeline"


class PipelineStack(UsingDataStack):
    def __init__(self, scope: Construct, *, settings: Settings, assets: Assets, data: DataStack) -> None:
        super().__init__(scope, GROUP, settings=settings, assets=assets, data=data, about="what happens to a photo")
        self.ingest = self._ingest()
        self.staging = self._staging()

    def _ingest(self) -> Machine:
        inspect, record = self._inspect_upload(), self._record_inspection()
        machine = Machine(
            self,
            INGEST,
            start=ingest.definition(self, inspect=inspect, record=record),
            about="Looks at every upload once and records what it is",
            timeout_s=ingest.LONGEST_S,
        )
        rule = events.Rule(
            self,
            "Uploaded",
            description="A photo arrived in the uploads bucket",
            event_pattern=events.EventPattern(
                source=["aws.s3"],
                detail_type=["Object Created"],
                detail={
                    "bucket": {"name": [self.data.uploads.bucket_name]},
                    "object": {"key": events.Match.prefix("uploads/")},
                },
            ),
        )
        queue = DeadLetterQueue(self, "IngestDead", of="Uploads that no inspection could be started for")
        rule.add_target(targets.SfnStateMachine(machine, dead_letter_queue=queue))
        return machine

    def _staging(self) -> Machine:
        start, judge = self._start_inference(), self._judge_result()
        publish, end = self._publish_picture(), self._end_job()
        return Machine(
            self,
            STAGING,
            start=staging.definition(self, start_inference=start, judge=judge, publish=publish, end=end),
            about="Stages one photo, judges the result, tries again or publishes, and settles or refunds",
            timeout_s=staging.LONGEST_S,
        )

    def _inspect_upload(self) -> VitrineFunction:
        function = self._function(
            "inspect_upload", "Inspect an upload in one decode", self.data.buckets_env, pictures=True
        )
        self.data.uploads.allow_get(function, "uploads/")
        self.data.uploads.allow_listing(function)
        self.data.media.allow_get(function, "originals/")
        self.data.media.allow_put(function, "originals/", "thumbnails/")
        return function

    def _record_inspection(self) -> VitrineFunction:
        function = self._function("record_inspection", "Record what an inspection found", self.data.tables_env)
        self.data.table(schema.ASSETS).allow_reads_and_writes(function)
        return function

    def _start_inference(self) -> VitrineFunction:
        function = self._function(
            "start_inference",
            "Send a photo to the endpoint, with the task token",
            self.data.tables_env,
            self.data.buckets_env,
            staging_endpoint(self.settings),
        )
        self.data.table(schema.JOBS).allow_reads_and_writes(function)
        self.data.table(schema.ASSETS).allow_reads(function)
        self.data.media.allow_put(function, "inference/")
        function.add_to_role_policy(_invoke_endpoint(self, self.settings))
        function.add_to_role_policy(iam.PolicyStatement(actions=["states:SendTaskFailure"], resources=["*"]))
        if self.settings.inference_endpoint_url:
            function.add_environment("AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME", self.settings.inference_endpoint_url)
        return function

    def _judge_result(self) -> VitrineFunction:
        return self._function("judge_result", "Decide what becomes of a result", staging_endpoint(self.settings))

    def _publish_picture(self) -> VitrineFunction:
        function = self._function(
            "publish_picture",
            "Make the variants of a staged picture, publish them and settle",
            self.data.tables_env,
            self.data.buckets_env,
            pictures=True,
        )
        self.data.table(schema.JOBS).allow_reads_and_writes(function)
        self.data.table(schema.BILLING).allow_reads_and_writes(function)
        self.data.media.allow_get(function, "inference/")
        self.data.media.allow_put(function, "published/")
        return function

    def _end_job(self) -> VitrineFunction:
        function = self._function("end_job", "End a job and refund it", self.data.tables_env)
        self.data.table(schema.JOBS).allow_reads_and_writes(function)
        self.data.table(schema.BILLING).allow_reads_and_writes(function)
        return function

    def _function(self, name: str, about: str, *environment: Environment, pictures: bool = False) -> VitrineFunction:
        sized = {"memory_mb": 2048, "timeout_s": 60} if pictures else {"timeout_s": 20}
        return VitrineFunction(self, GROUP, name, about=about, environment=environment, fails_machine=True, **sized)


def _invoke_endpoint(stack: VitrineStack, settings: Settings) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        actions=["sagemaker:InvokeEndpointAsync"], resources=[endpoint_arn(stack, settings, STAGING)]
    )
