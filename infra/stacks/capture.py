"""What happens to a vehicle's frames: the state machines `frames`, `set` and `publish`, and the function behind each
state."""

from typing import Any

from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.constructs.function import VitrineFunction
from infra.constructs.machine import Machine
from infra.constructs.queue import DeadLetterQueue, dead_letters_of
from infra.packaging.assets import Assets
from infra.settings import Settings
from infra.stacks import frames, judging, publishing
from infra.stacks.data import DataStack, UsingDataStack
from infra.stacks.names import FRAMES, PUBLISH, QC, SET, endpoint_arn, event_pattern, qc_endpoint
from vitrine.capture.frames import keys
from vitrine.capture.kinds import INSPECT
from vitrine.capture.publishing.keys import PUBLISHED
from vitrine.capture.telling import events as capture_events
from vitrine.jobs import events as job_events
from vitrine.kernel import schema
from vitrine.kernel.environment import Environment

PICTURE_MB = 2048
"""CPU comes with memory: a whole one at 1,769 MB. The largest frame of 100 megapixels takes 0.96 GB."""

JUDGE_MB = 3008
"""1.7 processors, since matching the frames of a set is all computing."""


class CaptureStack(UsingDataStack):
    def __init__(self, scope: Construct, *, settings: Settings, assets: Assets, data: DataStack) -> None:
        super().__init__(scope, "capture", settings=settings, assets=assets, data=data, about="frames of vehicles")
        self.frames = self._frames()
        look, end = self._look_at_frames(), self._end_capture()
        self.set = self._set(look, end)
        self.publish = self._publish(look, end)
        self._make_frame()
        self._judge_sets()

    def _frames(self) -> Machine:
        start = frames.definition(
            self,
            inspect=self._inspect_frame(),
            record=self._record_frame(),
            longest_wait_s=2 if self.settings.frames_at_once else 30,
        )
        about = "Looks at every frame once and records what it is"
        machine = self._machine(FRAMES, start, about, frames.LONGEST_S)
        uploads = {"bucket": {"name": [self.data.uploads.bucket_name]}}
        rule = events.Rule(
            self,
            "FrameUploaded",
            description="A frame arrived in the uploads bucket",
            event_pattern=events.EventPattern(
                source=["aws.s3"],
                detail_type=["Object Created"],
                detail={**uploads, "object": {"key": events.Match.prefix(keys.UPLOADS)}},
            ),
        )
        queue = DeadLetterQueue(self, "FramesDead", of="Frames that no inspection could be started for")
        rule.add_target(targets.SfnStateMachine(machine, dead_letter_queue=queue))
        return machine

    def _inspect_frame(self) -> VitrineFunction:
        about = "Inspect a frame in one decode"
        at_once = self.settings.frames_at_once
        function = self._function(
            "inspect_frame", about, self.data.buckets_env, memory_mb=PICTURE_MB, timeout_s=120, at_once=at_once
        )
        self.data.table(schema.CAPTURE).allow_reads(function)
        self.data.uploads.allow_get(function, keys.UPLOADS)
        self.data.uploads.allow_listing(function)
        self.data.media.allow_get(function, keys.ORIGINALS)
        self.data.media.allow_put(function, keys.ORIGINALS, keys.THUMBNAILS, keys.CAPTURE)
        return function

    def _record_frame(self) -> VitrineFunction:
        function = self._function("record_frame", "Record what an inspection found of a frame")
        self.data.table(schema.CAPTURE).allow_reads_and_writes(function)
        self.data.table(schema.JOBS).allow_reads_and_writes(function)
        return function

    def _set(self, look: VitrineFunction, end: VitrineFunction) -> Machine:
        start = judging.definition(self, plan=self._plan_set(), look=look, judge=self._judge_set(), end=end)
        about = "Judges a session's frames as a set, with the endpoint's masks where it gives them"
        return self._machine(SET, start, about, judging.LONGEST_S)

    def _plan_set(self) -> VitrineFunction:
        function = self._function("plan_set", "Choose the frames of a set", self.data.buckets_env)
        self.data.table(schema.CAPTURE).allow_reads(function)
        self.data.table(schema.JOBS).allow_reads_and_writes(function)
        self.data.media.allow_listing(function)
        return function

    def _look_at_frames(self) -> VitrineFunction:
        about = "Have the endpoint look at some frames of a set"
        environment = (self.data.buckets_env, qc_endpoint(self.settings))
        function = self._function("look_at_frames", about, *environment, timeout_s=70, fails_machine=False)
        self.data.media.allow_put(function, keys.CAPTURE)
        arn = endpoint_arn(self, self.settings, QC)
        iam.Grant.add_to_principal(grantee=function, actions=["sagemaker:InvokeEndpoint"], resource_arns=[arn])
        if self.settings.inference_endpoint_url:
            function.add_environment("AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME", self.settings.inference_endpoint_url)
        return function

    def _judge_set(self) -> VitrineFunction:
        about = "Judge a session's frames as a set"
        function = self._function("judge_set", about, self.data.buckets_env, memory_mb=JUDGE_MB, timeout_s=180)
        self.data.table(schema.CAPTURE).allow_reads_and_writes(function)
        self.data.table(schema.JOBS).allow_reads_and_writes(function)
        self.data.media.allow_get(function, keys.CAPTURE)
        self.data.media.allow_put(function, keys.CAPTURE)
        self.data.media.allow_listing(function)
        return function

    def _publish(self, look: VitrineFunction, end: VitrineFunction) -> Machine:
        plan, make = self._plan_publication(), self._make_frames()
        pack, publish = self._pack_set(), self._publish_set()
        start = publishing.definition(self, plan=plan, look=look, make=make, pack=pack, publish=publish, end=end)
        about = "Publishes a session's set whole: frames without plates, their package and their manifest"
        return self._machine(PUBLISH, start, about, publishing.LONGEST_S)

    def _plan_publication(self) -> VitrineFunction:
        function = self._function("plan_publication", "Decide what a publication holds", self.data.buckets_env)
        self.data.table(schema.CAPTURE).allow_reads(function)
        self.data.table(schema.IDENTITY).allow_reads(function)
        self.data.table(schema.JOBS).allow_reads_and_writes(function)
        self.data.media.allow_get(function, keys.CAPTURE)
        self.data.media.allow_put(function, keys.CAPTURE)
        self.data.media.allow_listing(function)
        return function

    def _make_frames(self) -> VitrineFunction:
        about = "Make the frames that everybody may see"
        function = self._function(
            "make_frames", about, self.data.buckets_env, memory_mb=PICTURE_MB, timeout_s=120, fails_machine=False
        )
        self.data.media.allow_get(function, keys.CAPTURE, keys.ORIGINALS)
        self.data.media.allow_put(function, keys.CAPTURE, PUBLISHED)
        self.data.media.allow_listing(function)
        return function

    def _make_frame(self) -> None:
        """Called by the surface's `publishing`, by the name of its alias."""
        about = "Make a frame that is published on its own"
        function = self._function(
            "make_frame", about, self.data.buckets_env, memory_mb=PICTURE_MB, timeout_s=60, fails_machine=False
        )
        self.data.table(schema.IDENTITY).allow_reads(function)
        self.data.media.allow_get(function, keys.CAPTURE, keys.ORIGINALS, PUBLISHED)
        self.data.media.allow_put(function, PUBLISHED)
        self.data.media.allow_listing(function)

    def _pack_set(self) -> VitrineFunction:
        about = "Pack a set's frames and write their manifest"
        function = self._function("pack_set", about, self.data.buckets_env, memory_mb=1024, timeout_s=300)
        self.data.media.allow_get(function, keys.CAPTURE, PUBLISHED)
        self.data.media.allow_put(function, PUBLISHED)
        self.data.media.allow_listing(function)
        return function

    def _publish_set(self) -> VitrineFunction:
        about = "Make a set public, and delete what it replaces"
        function = self._function("publish_set", about, self.data.buckets_env, timeout_s=60)
        self.data.table(schema.CAPTURE).allow_reads_and_writes(function)
        self.data.table(schema.JOBS).allow_reads_and_writes(function)
        self.data.media.allow_get(function, PUBLISHED)
        self.data.media.allow_deletion(function, PUBLISHED)
        self.data.media.allow_listing(function)
        return function

    def _end_capture(self) -> VitrineFunction:
        function = self._function("end_capture", "End a job of a vehicle's capture")
        self.data.table(schema.JOBS).allow_reads_and_writes(function)
        return function

    def _judge_sets(self) -> None:
        about = "Queues a verdict on a set that changed, and counts verdicts that people overrule"
        function = VitrineFunction(
            self, "reactions", "judge_sets", about=about, environment=[self.data.tables_env], timeout_s=20
        )
        self.data.table(schema.CAPTURE).allow_reads_and_writes(function)
        self.data.table(schema.JOBS).allow_reads_and_writes(function)
        queue = dead_letters_of(function, "Sets that were not considered for a verdict")
        changed = (capture_events.SESSION_CHANGED, capture_events.FRAME_REVIEWED, capture_events.SET_JUDGED)
        ended = event_pattern((job_events.FAILED, job_events.CANCELLED), kind=[INSPECT.name.value])
        for id_, pattern in (("SetChanged", event_pattern(changed)), ("SetNotJudged", ended)):
            rule = events.Rule(self, id_, description=about, event_bus=self.data.bus, event_pattern=pattern)
            rule.add_target(targets.LambdaFunction(function.live, dead_letter_queue=queue))

    def _machine(self, name: str, start: sfn.IChainable, about: str, timeout_s: int) -> Machine:
        return Machine(self, name, start=start, about=about, timeout_s=timeout_s)

    def _function(
        self, name: str, about: str, *given: Environment, memory_mb: int = 512, timeout_s: int = 20, **more: Any
    ) -> VitrineFunction:
        sized = {"memory_mb": memory_mb, "timeout_s": timeout_s, "fails_machine": True, **more}
        environment = (self.data.tables_env, *given)
        return VitrineFunction(self, "pipeline", name, about=about, environment=environment, **sized)
