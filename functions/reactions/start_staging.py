"""Jobs and their uploads meet here, whichever comes second: bus events JobQueued and UploadInspected."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from vitrine.kernel.clock import utc_now
from vitrine.kernel.environment import StagingMachine
from vitrine.kernel.observability import logger
from vitrine.staging import meeting

MACHINE = StagingMachine.load()


def handler(event: dict[str, Any], _context: LambdaContext) -> None:
    detail = event["detail"]
    for job_id in meeting.jobs_of(event["detail-type"], detail):
        outcome = meeting.begin(detail["tenant"], job_id, MACHINE, utc_now())
        logger.info("staging considered", job_id=job_id, outcome=outcome)
