"""State "Choose the frames": a set's verdict begins."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from vitrine.capture.judging import planning
from vitrine.kernel.clock import utc_now
from vitrine.kernel.environment import Buckets
from vitrine.kernel.observability import logger

BUCKETS = Buckets.load()


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    asked = frozenset(event.get("asked", ()))
    plan = planning.plan(event["tenant"], event["job_id"], event["attempt"], BUCKETS.media_bucket, utc_now(), asked)
    logger.info("set planned", job_id=plan.job_id, session_id=plan.session_id, chunks=len(plan.chunks))
    return plan.model_dump(mode="json")
