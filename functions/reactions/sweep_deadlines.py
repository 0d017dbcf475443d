"""Every minute: end what passed its deadline, start what should have started, repair the fair queue, and say how it
goes. The same for every kind of work."""

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from vitrine.kernel import metrics
from vitrine.kernel.clock import utc_now
from vitrine.kernel.environment import InferenceEndpoint, WorkMachines
from vitrine.kernel.health import EndpointState, Snapshot
from vitrine.kernel.observability import count, logger
from vitrine.kinds_of_work import KINDS
from vitrine.staging import health
from vitrine.work import recovery
from vitrine.work.models import Work

WORK = Work(KINDS, WorkMachines.load())
ENDPOINT = InferenceEndpoint.load()


def handler(_event: dict[str, Any], _context: LambdaContext) -> dict[str, int]:
    now = utc_now()
    swept = recovery.sweep(WORK, now)
    if swept["failed"]:  # a metric costs only in hours in which it is sent
        count(metrics.JOBS_NOT_RECOVERED, {}, swept["failed"])
    oldest = recovery.oldest_at_work(KINDS, now)
    age = (now - oldest).total_seconds() if oldest else 0.0
    count(metrics.OLDEST_JOB_AGE, {}, age, MetricUnit.Seconds)
    _tell(health.measure(ENDPOINT, now))
    logger.info("swept", swept=swept, oldest_job_age_s=round(age))
    return swept


def _tell(snapshot: Snapshot) -> None:
    count(metrics.JOBS_WAITING, {}, snapshot.jobs_waiting)
    count(metrics.JOBS_AT_WORK, {}, snapshot.jobs_at_work)
    count(metrics.ENDPOINT_OUT_OF_SERVICE, {}, snapshot.endpoint is EndpointState.OUT_OF_SERVICE)
