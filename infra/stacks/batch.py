"""The state machine `batch`: input {tenant, job_id, attempt}; named after the batch, so an execution starts once.

Its photos go through `staging` as every photo does; here they are only released, some at a time, and waited for.
"""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from infra.constructs.function import VitrineFunction
from infra.constructs.machine import CRASHES, LAMBDA_MAY_RECOVER, Machine, retry, retry_lambda, task
from infra.constructs.nag import accept
from infra.constructs.queue import dead_letters_of
from infra.packaging.assets import Assets
from infra.settings import Settings
from infra.stacks import raised
from infra.stacks.data import DataStack, UsingDataStack
from infra.stacks.names import BATCH, allow_starting, event_pattern, work_machines
from vitrine.jobs import events as job_events
from vitrine.kernel import schema
from vitrine.kernel.environment import Environment
from vitrine.kinds_of_work import KINDS
from vitrine.staging.kinds import BATCH_LONGEST

LOOK_AGAIN_S = 900
"""A photo whose end was not heard of is looked at again after this time."""
LOOKS = 104
"""As many as make up the longest batch."""
WAIT_S = 60
LONGEST_S = int(BATCH_LONGEST.total_seconds()) + 3600
NOT_QUEUED = (
    "The batch's photos could not all be queued. Once the cause is gone, start a new execution with this input."
)
NOT_FINISHED = "The batch could not be completed. Once the cause is gone, start a new execution with this one's input."


class BatchStack(UsingDataStack):
    def __init__(self, scope: Construct, *, settings: Settings, assets: Assets, data: DataStack) -> None:
        super().__init__(scope, BATCH, settings=settings, assets=assets, data=data, about="batches of photos")
        self.machine = self._machine()
        self._resume_batch()

    def _machine(self) -> Machine:
        queue, release, finish = self._queue_photos(), self._release_photo(), self._finish_batch()
        return Machine(
            self,
            BATCH,
            start=definition(self, queue, release, finish, at_once=self.settings.batch_photos_at_once),
            about="Stages the photos of a batch, some at a time; one that fails ends alone",
            timeout_s=LONGEST_S,
        )

    def _queue_photos(self) -> VitrineFunction:
        function = self._function(
            "pipeline", "queue_photos", "Queue the photos of a batch that are not queued yet", fails_machine=True
        )
        self.data.table(schema.JOBS).allow_reads_and_writes(function)
        self.data.table(schema.STAGING).allow_reads_and_writes(function)
        return function

    def _release_photo(self) -> VitrineFunction:
        function = self._function(
            "pipeline",
            "release_photo",
            "Let a photo of a batch go its way",
            self.data.buckets_env,
            work_machines(self, self.settings),
        )
        self.data.uploads.allow_get(function, "uploads/")
        for table in (self.data.table(schema.JOBS), self.data.table(schema.BILLING)):
            table.allow_reads_and_writes(function)
        self.data.table(schema.ASSETS).allow_reads(function)
        allow_starting(function, self, self.settings, [kind for kind in KINDS if kind.takes_slot])
        _allow_tokens(function)
        return function

    def _finish_batch(self) -> VitrineFunction:
        function = self._function(
            "pipeline", "finish_batch", "Complete a batch whose photos are all over", fails_machine=True
        )
        self.data.table(schema.JOBS).allow_reads_and_writes(function)
        return function

    def _resume_batch(self) -> None:
        function = self._function("reactions", "resume_batch", "Tells a batch that one of its photos is over")
        self.data.table(schema.JOBS).allow_reads(function)
        _allow_tokens(function)
        about = "A photo of a batch is over"
        queue = dead_letters_of(function, f"Not followed: {about.lower()}", "BatchPhotoOverDead")
        pattern = event_pattern(job_events.ENDED, batch=events.Match.prefix(""))
        rule = events.Rule(self, "BatchPhotoOver", description=about, event_bus=self.data.bus, event_pattern=pattern)
        rule.add_target(targets.LambdaFunction(function.live, dead_letter_queue=queue))

    def _function(
        self, group: str, name: str, about: str, *environment: Environment, fails_machine: bool = False
    ) -> VitrineFunction:
        everything = (self.data.tables_env, *environment)
        return VitrineFunction(
            self, group, name, about=about, environment=everything, timeout_s=30, fails_machine=fails_machine
        )


def definition(
    scope: Construct, queue: VitrineFunction, release: VitrineFunction, finish: VitrineFunction, *, at_once: int
) -> sfn.IChainable:
    queued = task(scope, "Queue the photos", queue)
    retry_lambda(queued, *raised.QUEUE)
    queued.add_catch(sfn.Fail(scope, "Photos not queued", error="BatchNotQueued", cause=NOT_QUEUED))
    finished = _finish(scope, finish)
    photos = _photos(scope, release, at_once)
    # Whatever becomes of one photo, the batch is over when all are: finishing it looks at each job itself.
    photos.add_catch(finished, errors=[sfn.Errors.ALL], result_path=sfn.JsonPath.DISCARD)
    return queued.next(photos).next(finished)


def _photos(scope: Construct, release: VitrineFunction, at_once: int) -> sfn.Map:
    state = sfn.Map(
        scope,
        "Stage the photos",
        items_path="$.photos",
        item_selector={
            "tenant": sfn.JsonPath.string_at("$.tenant"),
            "job_id": sfn.JsonPath.string_at("$$.Map.Item.Value"),
        },
        max_concurrency=at_once,
        result_path=sfn.JsonPath.DISCARD,
    )
    state.item_processor(_photo(scope, release))
    return state


def _photo(scope: Construct, release: VitrineFunction) -> sfn.IChainable:
    state = tasks.LambdaInvoke(
        scope,
        "Stage a photo",
        lambda_function=release.live,
        integration_pattern=sfn.IntegrationPattern.WAIT_FOR_TASK_TOKEN,
        payload=sfn.TaskInput.from_object(
            {
                "tenant": sfn.JsonPath.string_at("$.tenant"),
                "job_id": sfn.JsonPath.string_at("$.job_id"),
                "task_token": sfn.JsonPath.task_token,
            }
        ),
        retry_on_service_exceptions=False,
        task_timeout=sfn.Timeout.duration(Duration.seconds(LOOK_AGAIN_S)),
    )
    retry(state, (*LAMBDA_MAY_RECOVER, *raised.RELEASE), times=4, first_s=2, longest_s=60)
    retry(state, CRASHES, times=2, first_s=2, longest_s=60)
    retry(state, (sfn.Errors.TIMEOUT,), times=LOOKS, first_s=1, longest_s=1)
    left = sfn.Pass(scope, "Leave it to its deadline")
    state.add_catch(left, errors=[sfn.Errors.ALL])
    return state


def _finish(scope: Construct, function: VitrineFunction) -> sfn.State:
    state = task(scope, "Finish the batch", function)
    retry_lambda(state, *raised.END)
    state.add_catch(sfn.Fail(scope, "Batch not finished", error="BatchNotFinished", cause=NOT_FINISHED))
    wait = sfn.Wait(scope, "Wait for the others", time=sfn.WaitTime.duration(Duration.seconds(WAIT_S)))
    state.next(
        sfn.Choice(scope, "Are all photos over?")
        .when(sfn.Condition.number_equals("$.open", 0), sfn.Succeed(scope, "Batch finished"))
        .otherwise(wait)
    )
    wait.next(state)
    return state


def _allow(function: VitrineFunction, action: str, resource: str) -> None:
    function.add_to_role_policy(iam.PolicyStatement(actions=[action], resources=[resource]))


def _allow_tokens(function: VitrineFunction) -> None:
    _allow(function, "states:SendTaskSuccess", "*")
    accept(function, "The calls by task token know no resources; a token is its own secret.", "IAM5[Resource::*]")
