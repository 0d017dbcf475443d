"""State "Look at some frames": the endpoint finds the vehicle and its plates on them."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from vitrine.capture.judging import looking
from vitrine.capture.judging.models import Chunk
from vitrine.kernel.clock import utc_now
from vitrine.kernel.environment import Buckets, QcEndpoint
from vitrine.kernel.observability import logger

BUCKETS = Buckets.load()
ENDPOINT = QcEndpoint.load().qc_endpoint


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, int]:
    chunk = Chunk.model_validate(event)
    seen = looking.look(chunk, ENDPOINT, BUCKETS.media_bucket, utc_now())
    logger.info("frames looked at", job_id=chunk.job_id, frames=len(chunk.frames), seen=seen)
    return {"seen": seen}
