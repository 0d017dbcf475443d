"""A job is over: its slot goes to whoever is next in line. Bus events JobCompleted, JobFailed and JobCancelled."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from vitrine.kernel.clock import utc_now
from vitrine.kernel.environment import StagingMachine
from vitrine.kernel.observability import logger
from vitrine.staging import meeting

MACHINE = StagingMachine.load()


def handler(event: dict[str, Any], _context: LambdaContext) -> None:
    detail = event["detail"]
    started = meeting.make_room(detail["tenant"], detail["job_id"], MACHINE, utc_now())
    logger.info("turn handed on", job_id=detail["job_id"], started=started)
