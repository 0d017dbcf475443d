"""State "Finish the batch": its success, once all its photos are over, however each of them ended."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from vitrine.jobs.rules import JobIsOver
from vitrine.kernel.clock import utc_now
from vitrine.kernel.observability import logger
from vitrine.staging import batches


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """`open` is how many photos are still on their way."""
    still_open = _finish(event)
    logger.info("batch looked at", job_id=event["job_id"], open=still_open)
    return {"tenant": event["tenant"], "job_id": event["job_id"], "open": still_open}


def _finish(event: dict[str, Any]) -> int:
    try:
        return batches.finish(event["tenant"], event["job_id"], utc_now())
    except JobIsOver:
        return 0
