"""Every minute: end what passed its deadline, nudge what should have started, and say how old the oldest job is."""

from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from vitrine.jobs import service as jobs
from vitrine.kernel import metrics
from vitrine.kernel.clock import utc_now
from vitrine.kernel.environment import StagingMachine
from vitrine.kernel.observability import count, logger
from vitrine.staging import meeting

MACHINE = StagingMachine.load()


def handler(_event: dict[str, Any], _context: LambdaContext) -> dict[str, int]:
    now = utc_now()
    swept = meeting.sweep(MACHINE, now)
    oldest = jobs.oldest_at_work(now)
    age = (now - oldest).total_seconds() if oldest else 0.0
    count(metrics.OLDEST_JOB_AGE, {}, age, MetricUnit.Seconds)
    logger.info("swept", swept=swept, oldest_job_age_s=round(age))
    return swept
