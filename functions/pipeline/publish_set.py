"""State "Publish the set": all of it becomes public at once, and the job is done."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from vitrine.capture.publishing import finishing
from vitrine.kernel.clock import utc_now
from vitrine.kernel.environment import Buckets
from vitrine.kernel.observability import logger

BUCKETS = Buckets.load()


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, str]:
    job = finishing.publish(event["tenant"], event["job_id"], BUCKETS.media_bucket, utc_now())
    logger.info("set published", job_id=job.id)
    return {"outcome": job.state.value}
