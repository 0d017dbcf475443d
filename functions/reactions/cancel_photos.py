"""A batch was cancelled: so are its photos. Bus event JobCancelled of batches."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from vitrine.kernel.clock import utc_now
from vitrine.kernel.observability import logger
from vitrine.staging import cancelling


def handler(event: dict[str, Any], _context: LambdaContext) -> None:
    detail = event["detail"]
    cancelled = cancelling.photos(detail["tenant"], detail["job_id"], utc_now())
    logger.info("photos of a batch cancelled", job_id=detail["job_id"], photos=cancelled)
