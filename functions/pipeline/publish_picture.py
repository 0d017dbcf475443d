"""State "Publish the picture": thumbnails, a lasting place, and the job's success."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from vitrine.kernel.clock import utc_now
from vitrine.kernel.environment import Buckets
from vitrine.kernel.observability import logger
from vitrine.staging import publishing
from vitrine.staging.models import Judgement

BUCKETS = Buckets.load()


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, str]:
    judgement = Judgement.model_validate(event)
    job = publishing.publish(judgement, BUCKETS, utc_now())
    logger.info("picture published", job_id=job.id, attempt=judgement.attempt)
    return {"outcome": job.state.value}
