"""States "Plan the publication" and "Plan it again": what will be published, and who still has to look for plates."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from vitrine.capture.publishing import planning
from vitrine.kernel.clock import utc_now
from vitrine.kernel.environment import Buckets
from vitrine.kernel.observability import logger

BUCKETS = Buckets.load()


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """`chunks` are in the input once the endpoint was asked for them: it is not asked twice."""
    looked = bool(event.get("chunks"))
    steps = planning.plan(event["tenant"], event["job_id"], event["attempt"], looked, BUCKETS.media_bucket, utc_now())
    logger.info("publication planned", job_id=steps.job_id, groups=len(steps.groups), unseen=len(steps.chunks))
    return steps.model_dump(mode="json")
