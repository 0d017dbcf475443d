"""A job is over: its slot goes to the next in the fair queue. Bus events JobCompleted, JobFailed and JobCancelled."""

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
    started = start.pass_on_slot(detail["tenant"], detail["job_id"], WORK, utc_now())
    logger.info("slot passed on", job_id=detail["job_id"], started=started)
