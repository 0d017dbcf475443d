"""Where messages go that nobody could handle."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.constructs.alarm import Alarm, Runbook
from infra.constructs.function import VitrineFunction
from infra.constructs.nag import accept
from infra.constructs.stack import stack_of


class DeadLetterQueue(sqs.Queue):
    """Keeps a message for two weeks and raises an alarm at the first."""

    def __init__(self, scope: Construct, id_: str, *, of: str) -> None:
        super().__init__(
            scope,
            id_,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=stack_of(scope).settings.tls_only,
            retention_period=Duration.days(14),
        )
        accept(self, "It is itself the dead-letter queue.", "SQS3")
        accept(self, "Only the embedded cloud, which has no TLS, takes requests without.", "SQS4")
        Alarm(
            self,
            "HasMessages",
            metric=self.metric_approximate_number_of_messages_visible(
                period=Duration.minutes(1), statistic=cloudwatch.Stats.MAXIMUM
            ),
            about=f"{of}: a message could not be handled and lies in {stack_of(scope).part}/{id_}",
            runbook=Runbook.DEAD_LETTERS,
        )


def dead_letters_of(function: VitrineFunction, of: str, id_: str | None = None) -> DeadLetterQueue:
    """One queue for what did not reach the function and for what it could not do; `id_` if not after the function.

    Retries and dead letters belong to the qualifier that is called, so they stand on the alias.
    """
    queue = DeadLetterQueue(stack_of(function), id_ or f"{function.node.id}Dead", of=of)
    function.live.configure_async_invoke(
        on_failure=destinations.SqsDestination(queue), retry_attempts=2, max_event_age=Duration.hours(1)
    )
    return queue
