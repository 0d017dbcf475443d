"""State "Queue the photos": the jobs of a batch, as far as the request that made the batch has not made them."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from vitrine.jobs import service as jobs
from vitrine.kernel.observability import logger
from vitrine.staging import batches


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    photos = batches.make_photos(jobs.find(event["tenant"], event["job_id"]))
    logger.info("batch queued", job_id=event["job_id"], photos=len(photos))
    return {**event, "photos": photos}
