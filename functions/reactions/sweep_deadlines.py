"""Every minute: end what passed its deadline, nudge what should have started, mend the turns, and say how it goes."""

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from vitrine.jobs import service as jobs
from vitrine.kernel import metrics
from vitrine.kernel.clock import utc_now
from vitrine.kernel.environment import BatchMachine, InferenceEndpoint, StagingMachine
from vitrine.kernel.health import Endpoint, Snapshot
from vitrine.kernel.observability import count, logger
from vitrine.staging import health, lost, meeting

MACHINE = StagingMachine.load()
BATCHES = BatchMachine.load()
ENDPOINT = InferenceEndpoint.load()


def handler(_event: dict[str, Any], _context: LambdaContext) -> dict[str, int]:
    now = utc_now()
    swept = {**meeting.sweep(MACHINE, now), "batches": lost.start_batches(BATCHES, now)}
    oldest = jobs.oldest_at_work(now)
    age = (now - oldest).total_seconds() if oldest else 0.0
    count(metrics.OLDEST_JOB_AGE, {}, age, MetricUnit.Seconds)
    _tell(health.measure(ENDPOINT, now))
    logger.info("swept", swept=swept, oldest_job_age_s=round(age))
    return swept


def _tell(snapshot: Snapshot) -> None:
    count(metrics.JOBS_WAITING, {}, snapshot.jobs_waiting)
    count(metrics.JOBS_AT_WORK, {}, snapshot.jobs_at_work)
    count(metrics.ENDPOINT_OUT_OF_SERVICE, {}, snapshot.endpoint is Endpoint.OUT_OF_SERVICE)
