"""How staging does: measured by the sweep, counted from the jobs' events."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from botocore.exceptions import BotoCoreError, ClientError

from vitrine.jobs.fair_queue import service as fair_queue
from vitrine.jobs.models import JobEvent, JobEventType, JobKind
from vitrine.kernel import clients, operations
from vitrine.kernel.environment import InferenceEndpoint
from vitrine.kernel.health import Endpoint, Snapshot, Tally
from vitrine.staging import rules

RECENTLY = timedelta(minutes=15)
_OURS = {
    *(reason.code for reason in rules.FAILURES.values()),
    *(reason.code for reason in (rules.FAILED, rules.TOO_LATE, rules.NOT_STORED)),
}
"""Errors that no other photo would have spared us."""
_STATES = {
    "InService": Endpoint.IN_SERVICE,
    "Updating": Endpoint.IN_SERVICE,
    "SystemUpdating": Endpoint.IN_SERVICE,
    "RollingBack": Endpoint.IN_SERVICE,
    "Creating": Endpoint.STARTING,
}
"""SageMaker API reference, DescribeEndpoint: an endpoint answers while it is updated."""


def measure(endpoint: InferenceEndpoint, now: datetime) -> Snapshot:
    """Find out how things stand, and keep it for whoever asks."""
    periods = [RECENTLY, timedelta(hours=1), timedelta(days=1)]
    minutes, hour, day = operations.ended_since([now - period for period in periods], now)
    snapshot = Snapshot(
        as_of=now,
        jobs_waiting=len(fair_queue.waiting()),
        jobs_at_work=len(fair_queue.holders()),
        last_minutes=minutes,
        last_hour=hour,
        last_day=day,
        endpoint=state_of(endpoint),
    )
    operations.keep(snapshot)
    return snapshot


def state_of(endpoint: InferenceEndpoint) -> Endpoint:
    """An endpoint that is not there, or whose control plane does not answer, is out of service."""
    try:
        answer = clients.sagemaker().describe_endpoint(EndpointName=endpoint.staging_endpoint)
    except ClientError as error:
        throttled = error.response["Error"]["Code"] == "ThrottlingException"
        return Endpoint.UNKNOWN if throttled else Endpoint.OUT_OF_SERVICE
    except BotoCoreError:
        return Endpoint.OUT_OF_SERVICE
    return _STATES.get(answer["EndpointStatus"], Endpoint.OUT_OF_SERVICE)


def tally(event: JobEvent) -> Tally:
    """What a job's event adds to the numbers; cancelled jobs count nowhere."""
    if event.kind is not JobKind.STAGE:
        return Tally()
    if event.type is JobEventType.COMPLETED:
        return Tally(completed=1, processing_ms=round(_processing(event).total_seconds() * 1000))
    if event.type is JobEventType.FAILED and event.error is not None:
        return Tally(failed=1) if event.error.code in _OURS else Tally(refused=1)
    return Tally()


def count(events: Iterable[JobEvent]) -> None:
    """Add events to what ended in their minutes; one write for each five minutes that they fall into."""
    sums = defaultdict[datetime, Tally](Tally)
    for event in events:
        sums[event.at.replace(minute=event.at.minute // 5 * 5, second=0, microsecond=0)] += tally(event)
    for at, ended in sums.items():
        operations.count(at, ended)


def _processing(event: JobEvent) -> timedelta:
    return event.at - (event.started_at or event.queued_at)
