"""State "Stage a photo" of a batch: let its job go, and leave word that the batch waits for its end."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from vitrine.jobs.models import TaskToken
from vitrine.kernel.clock import utc_now
from vitrine.kernel.environment import WorkMachines
from vitrine.kernel.observability import logger
from vitrine.kinds_of_work import KINDS
from vitrine.staging import batches
from vitrine.work.models import Work

WORK = Work(KINDS, WorkMachines.load())


def handler(event: dict[str, Any], _context: LambdaContext) -> None:
    token = TaskToken(tenant=event["tenant"], job_id=event["job_id"], attempt=0, token=event["task_token"])
    outcome = batches.release(token, WORK, utc_now())
    logger.info("photo released", job_id=token.job_id, outcome=outcome)
