"""State "Judge the set": its verdict, with its report, in one transaction."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from vitrine.capture.judging import verdict
from vitrine.kernel.clock import utc_now
from vitrine.kernel.environment import Buckets
from vitrine.kernel.observability import logger

BUCKETS = Buckets.load()


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    outcome = verdict.give(event["tenant"], event["job_id"], BUCKETS.media_bucket, utc_now())
    logger.info(
        "set judged",
        job_id=event["job_id"],
        session_id=outcome.session_id,
        set_version=outcome.set_version,
        status=outcome.status.value,
    )
    return outcome.model_dump(mode="json")
