"""How staging does, as the recovery measures it every minute. What ended is counted by `vitrine.work.tally`."""

from datetime import datetime, timedelta

from botocore.exceptions import BotoCoreError, ClientError

from vitrine.jobs.fair_queue import service as fair_queue
from vitrine.kernel import clients, operations
from vitrine.kernel.environment import InferenceEndpoint
from vitrine.kernel.health import EndpointState, Snapshot

RECENTLY = timedelta(minutes=15)
_STATES = {
    "InService": EndpointState.IN_SERVICE,
    "Updating": EndpointState.IN_SERVICE,
    "SystemUpdating": EndpointState.IN_SERVICE,
    "RollingBack": EndpointState.IN_SERVICE,
    "Creating": EndpointState.STARTING,
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


def state_of(endpoint: InferenceEndpoint) -> EndpointState:
    """An endpoint that is not there, or whose control plane does not answer, is out of service."""
    try:
        answer = clients.sagemaker().describe_endpoint(EndpointName=endpoint.staging_endpoint)
    except ClientError as error:
        throttled = error.response["Error"]["Code"] == "ThrottlingException"
        return EndpointState.UNKNOWN if throttled else EndpointState.OUT_OF_SERVICE
    except BotoCoreError:
        return EndpointState.OUT_OF_SERVICE
    return _STATES.get(answer["EndpointStatus"], EndpointState.OUT_OF_SERVICE)
