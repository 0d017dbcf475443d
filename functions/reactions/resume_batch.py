"""A photo of a batch is over, however it ended: tell the batch that waits for it."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from vitrine.kernel.observability import logger
from vitrine.staging import batches


def handler(event: dict[str, Any], _context: LambdaContext) -> None:
    detail = event["detail"]
    outcome = batches.resume(detail["tenant"], detail["job_id"])
    logger.info("photo of a batch is over", job_id=detail["job_id"], outcome=outcome)
