"""Names that two stacks must agree on without one exporting to the other, so that either can be replaced."""

from aws_cdk import Arn, ArnComponents, ArnFormat, Stack

from infra.settings import Settings
from vitrine.kernel.environment import BatchMachine, EngineCapacity, InferenceEndpoint, StagingMachine, WebhookMachine

STAGING = "staging"
INGEST = "ingest"
QC = "qc"
WEBHOOK = "webhook"
BATCH = "batch"


def machine_arn(stack: Stack, settings: Settings, name: str) -> str:
    return Arn.format(
        ArnComponents(
            service="states",
            resource="stateMachine",
            resource_name=settings.named(name),
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        ),
        stack,
    )


def execution_arns(stack: Stack, settings: Settings, name: str) -> str:
    return Arn.format(
        ArnComponents(
            service="states",
            resource="execution",
            resource_name=f"{settings.named(name)}:*",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        ),
        stack,
    )


def endpoint_arn(stack: Stack, settings: Settings, name: str) -> str:
    return Arn.format(
        ArnComponents(service="sagemaker", resource="endpoint", resource_name=settings.named(name)), stack
    )


def staging_machine(stack: Stack, settings: Settings) -> StagingMachine:
    arn = machine_arn(stack, settings, STAGING)
    return StagingMachine(staging_state_machine_arn=arn, staging_jobs_at_once=settings.jobs_at_work)


def webhook_machine(stack: Stack, settings: Settings) -> WebhookMachine:
    return WebhookMachine(webhook_state_machine_arn=machine_arn(stack, settings, WEBHOOK))


def batch_machine(stack: Stack, settings: Settings) -> BatchMachine:
    return BatchMachine(batch_state_machine_arn=machine_arn(stack, settings, BATCH))


def engine_capacity(settings: Settings) -> EngineCapacity:
    return EngineCapacity(engine_photos_at_once=settings.engine.staging_most_instances)


def staging_endpoint(settings: Settings) -> InferenceEndpoint:
    return InferenceEndpoint(staging_endpoint=settings.named(STAGING))
