"""A job was cancelled: stop the machine that works on it. Bus event JobCancelled, of every kind."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from vitrine.jobs import service as jobs
from vitrine.kernel.environment import WorkMachines
from vitrine.kernel.observability import logger
from vitrine.kinds_of_work import KINDS
from vitrine.work import machine
from vitrine.work.models import Work

WORK = Work(KINDS, WorkMachines.load())


def handler(event: dict[str, Any], _context: LambdaContext) -> None:
    """An execution that starts after this finds that its job is over, and ends by itself."""
    detail = event["detail"]
    job = jobs.seek(detail["tenant"], detail["job_id"])
    if job is not None:
        machine.stop(job, WORK)
    logger.info("machine stopped", job_id=detail["job_id"], erased=job is None)
