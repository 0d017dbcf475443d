"""No state: a frame that is published on its own is made while `imaging360_api.publishing` waits for it."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from vitrine.capture.publishing import alone
from vitrine.capture.publishing.models import LoneFrame
from vitrine.kernel.environment import Buckets, Deployment
from vitrine.kernel.observability import logger

BUCKETS = Buckets.load()
BUILD = Deployment.load().build


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    frame = LoneFrame.model_validate(event)
    made = alone.make(frame, BUCKETS.media_bucket, BUILD)
    logger.info("frame made", image_id=frame.image_id, refused=made.refused)
    return made.model_dump(mode="json")
