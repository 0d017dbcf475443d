"""Events on their way to customers: the state machine `webhook`, and the reaction that starts it."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.constructs.function import VitrineFunction
from infra.constructs.machine import Machine, retry_lambda, task
from infra.constructs.queue import dead_letters_of
from infra.constructs.stack import stack_of
from infra.packaging.assets import Assets
from infra.settings import Settings
from infra.stacks import raised
from infra.stacks.data import DataStack, UsingDataStack
from infra.stacks.names import WEBHOOK, event_pattern, machine_arn, webhook_machine
from vitrine.capture.telling import events as capture_events
from vitrine.jobs import events as job_events
from vitrine.kernel import schema
from vitrine.kernel.environment import MailSender, Receivers
from vitrine.kinds_of_work import KINDS

LONGEST_S = 96 * 3600
"""The 72 hours of attempts, and a day for an outage of our own."""
OUTAGE_S = 900


class WebhooksStack(UsingDataStack):
    def __init__(self, scope: Construct, *, settings: Settings, assets: Assets, data: DataStack) -> None:
        super().__init__(scope, "webhooks", settings=settings, assets=assets, data=data, about="what customers hear")
        self._machine()
        self._tell_customers()
        self._send_mail()

    def _machine(self) -> None:
        """Its function may touch the log of deliveries and nothing else, since customers say whom it calls."""
        deliver = VitrineFunction(
            self,
            "pipeline",
            "deliver_webhook",
            about="Makes one attempt at delivering an event",
            environment=[self.data.tables_env, receivers(self.settings)],
            timeout_s=30,
            memory_mb=256,
        )
        self.data.table(schema.ENGAGEMENT).allow_reads_and_writes(deliver)
        Machine(
            self,
            WEBHOOK,
            start=definition(self, deliver=deliver),
            about="Delivers one event to one webhook, over 72 hours if it must",
            timeout_s=LONGEST_S,
        )

    def _tell_customers(self) -> None:
        function = VitrineFunction(
            self,
            "reactions",
            "tell_customers",
            about="Starts events on their way to the webhooks that asked for them",
            environment=[self.data.tables_env, webhook_machine(self, self.settings)],
            timeout_s=20,
        )
        allow(function, self.data)
        self.data.table(schema.JOBS).allow_reads(function)
        rule = events.Rule(
            self,
            "Happened",
            description="Something happened to a job that its owner may want to hear of",
            event_bus=self.data.bus,
            event_pattern=event_pattern(
                (job_events.STARTED, *job_events.ENDED), kind=[kind.name.value for kind in KINDS if kind.announce]
            ),
        )
        queue = dead_letters_of(function, "Events that were sent to no webhook")
        changed = events.Rule(
            self,
            "Captured",
            description="Something happened to a vehicle's frames that its owner may want to hear of",
            event_bus=self.data.bus,
            event_pattern=event_pattern(
                each for each in capture_events.EVENT_TYPES if each is not capture_events.FRAME_REVIEWED
            ),
        )
        for each in (rule, changed):
            each.add_target(targets.LambdaFunction(function.live, dead_letter_queue=queue))

    def _send_mail(self) -> None:
        function = VitrineFunction(
            self,
            "reactions",
            "send_mail",
            about="Mails accounts what they asked to be mailed",
            environment=[self.data.tables_env, MailSender(mail_sender=self.settings.mail_sender)],
            timeout_s=30,
        )
        self.data.table(schema.ENGAGEMENT).allow_reads_and_writes(function)
        for table in (schema.IDENTITY, schema.JOBS):
            self.data.table(table).allow_reads(function)
        function.add_to_role_policy(iam.PolicyStatement(actions=["ses:SendEmail"], resources=_senders(self)))
        rule = events.Rule(
            self,
            "MayBeMailed",
            description="Something happened to a job that its owner may want to be mailed",
            event_bus=self.data.bus,
            enabled=self.settings.mail_sender is not None,
            event_pattern=event_pattern(
                (job_events.STARTED, job_events.COMPLETED, job_events.FAILED),
                kind=[kind.name.value for kind in KINDS if kind.announce],
            ),
        )
        queue = dead_letters_of(function, "Mails that were not sent")
        rule.add_target(targets.LambdaFunction(function.live, dead_letter_queue=queue))


def _senders(stack: WebhooksStack) -> list[str]:
    """What SES may have verified of the sender: the address or its domain. The emulator knows no resource here."""
    address = stack.settings.mail_sender or "nobody@invalid"
    if stack.settings.local:
        return ["*"]
    return [
        stack.format_arn(service="ses", resource="identity", resource_name=name)
        for name in (address, address.partition("@")[2])
    ]


def definition(scope: Construct, *, deliver: VitrineFunction) -> sfn.IChainable:
    """A loop of attempts, each of which says how long to wait for the next.

    Not the state's own Retry: a receiver that fails is no failure of ours, and must raise no alarm on our function.
    """
    delivered = task(scope, "Deliver the event", deliver, keep="$.step")
    retry_lambda(delivered, *raised.DELIVER)
    outage = sfn.Wait(scope, "Wait for our own outage to end", time=sfn.WaitTime.duration(Duration.seconds(OUTAGE_S)))
    delivered.add_catch(outage.next(delivered), errors=[sfn.Errors.ALL], result_path="$.failure")
    wait = sfn.Wait(scope, "Wait for the next attempt", time=sfn.WaitTime.seconds_path("$.step.wait_s"))
    more = sfn.Condition.boolean_equals("$.step.again", True)
    delivered.next(
        sfn.Choice(scope, "Is there more to do?")
        .when(more, wait.next(delivered))
        .otherwise(sfn.Succeed(scope, "Nothing left to send"))
    )
    return delivered


def receivers(settings: Settings) -> Receivers:
    return Receivers(webhook_loopback=settings.webhook_loopback)


def allow(function: VitrineFunction, data: DataStack) -> None:
    """Webhooks and their log, and to start an event on its way."""
    data.table(schema.ENGAGEMENT).allow_reads_and_writes(function)
    stack = stack_of(function)
    arn = machine_arn(stack, stack.settings, WEBHOOK)
    function.add_to_role_policy(iam.PolicyStatement(actions=["states:StartExecution"], resources=[arn]))
