"""Names that two stacks must agree on without one exporting to the other, so that either can be replaced."""

from collections.abc import Iterable

from aws_cdk import Arn, ArnComponents, ArnFormat, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam

from infra.settings import LIVE, Settings
from vitrine.capture.kinds import INSPECT
from vitrine.capture.publishing.kinds import EXPORT
from vitrine.kernel.environment import (
    EngineCapacity,
    FrameMaker,
    InferenceEndpoint,
    QcEndpoint,
    WebhookMachine,
    WorkMachines,
)
from vitrine.kernel.events import EventType
from vitrine.kernel.surface import Callee
from vitrine.staging.kinds import BATCH as BATCH_KIND
from vitrine.staging.kinds import STAGE
from vitrine.work.kinds import Kind

STAGING = STAGE.machine
INGEST = "ingest"
FRAMES = "frames"
SET = INSPECT.machine
PUBLISH = EXPORT.machine
QC = "qc"
WEBHOOK = "webhook"
BATCH = BATCH_KIND.machine


def machine_arn(stack: Stack, settings: Settings, name: str) -> str:
    return _arn(stack, "states", "stateMachine", settings.named(name))


def execution_arns(stack: Stack, settings: Settings, name: str) -> str:
    return _arn(stack, "states", "execution", f"{settings.named(name)}:*")


def function_arn(stack: Stack, settings: Settings, group: str, name: str) -> str:
    """A function by its alias."""
    return _arn(stack, "lambda", "function", f"{settings.function(group, name)}:{LIVE}")


def _arn(stack: Stack, service: str, resource: str, name: str) -> str:
    form = ArnFormat.COLON_RESOURCE_NAME
    return Arn.format(ArnComponents(service=service, resource=resource, resource_name=name, arn_format=form), stack)


def frame_maker(stack: Stack, settings: Settings) -> FrameMaker:
    return FrameMaker(frame_maker_arn=function_arn(stack, settings, "pipeline", Callee.MAKE_FRAME))


def endpoint_arn(stack: Stack, settings: Settings, name: str) -> str:
    return Arn.format(
        ArnComponents(service="sagemaker", resource="endpoint", resource_name=settings.named(name)), stack
    )


def work_machines(stack: Stack, settings: Settings) -> WorkMachines:
    """Where the machines of all kinds of work are, for functions that start or stop them."""
    return WorkMachines(work_machines_prefix=machine_arn(stack, settings, ""), jobs_at_once=settings.jobs_at_work)


def allow_starting(function: iam.IGrantable, stack: Stack, settings: Settings, kinds: Iterable[Kind]) -> None:
    """To start executions of the machines of these kinds."""
    arns = [machine_arn(stack, settings, kind.machine) for kind in kinds]
    iam.Grant.add_to_principal(grantee=function, actions=["states:StartExecution"], resource_arns=arns)


def webhook_machine(stack: Stack, settings: Settings) -> WebhookMachine:
    return WebhookMachine(webhook_state_machine_arn=machine_arn(stack, settings, WEBHOOK))


def event_pattern(types: Iterable[EventType], **detail: object) -> events.EventPattern:
    """Events of the bus of these types whose detail is like that."""
    heard = list(types)
    sources = list(dict.fromkeys(each.source for each in heard))
    return events.EventPattern(
        source=sources, detail_type=[each.detail_type for each in heard], detail=dict(detail) or None
    )


def engine_capacity(settings: Settings) -> EngineCapacity:
    return EngineCapacity(engine_photos_at_once=settings.engine.staging_most_instances)


def staging_endpoint(settings: Settings) -> InferenceEndpoint:
    return InferenceEndpoint(staging_endpoint=settings.named(STAGING))


def qc_endpoint(settings: Settings) -> QcEndpoint:
    return QcEndpoint(qc_endpoint=settings.named(QC))
