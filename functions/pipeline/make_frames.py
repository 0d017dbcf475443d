"""State "Make some frames": from originals to what everybody may see."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from vitrine.capture.publishing import making
from vitrine.capture.publishing.models import Group
from vitrine.kernel.environment import Buckets
from vitrine.kernel.observability import logger

BUCKETS = Buckets.load()


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, int]:
    group = Group.model_validate(event)
    made = making.make(group, BUCKETS.media_bucket)
    logger.info("frames made", job_id=group.job_id, frames=made)
    return {"made": made}
