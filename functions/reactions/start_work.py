"""Bus events JobQueued and UploadInspected: start the jobs that have all they need by now, of every kind."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from vitrine.kernel.clock import utc_now
from vitrine.kernel.environment import WorkMachines
from vitrine.kernel.observability import logger
from vitrine.kinds_of_work import KINDS
from vitrine.work import start
from vitrine.work.models import Work

WORK = Work(KINDS, WorkMachines.load())


def handler(event: dict[str, Any], _context: LambdaContext) -> None:
    detail = event["detail"]
    for job_id in start.jobs_of(event["detail-type"], detail):
        outcome = start.begin(detail["tenant"], job_id, WORK, utc_now())
        logger.info("job considered", job_id=job_id, outcome=outcome)
