"""A batch was queued (bus event JobQueued of that kind): start its state machine."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from vitrine.kernel.environment import BatchMachine
from vitrine.kernel.observability import logger
from vitrine.staging import batches

MACHINE = BatchMachine.load()


def handler(event: dict[str, Any], _context: LambdaContext) -> None:
    detail = event["detail"]
    batches.start(detail["tenant"], detail["job_id"], MACHINE)
    logger.info("batch started", batch_id=detail["job_id"])
