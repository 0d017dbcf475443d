"""State "Deliver the event": one attempt, and when to make the next."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from vitrine.engagement import sending
from vitrine.kernel.clock import utc_now
from vitrine.kernel.observability import logger

LOOPBACK = sending.loopback_allowed()


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    keys = event["tenant"], event["webhook_id"], event["delivery_id"]
    step = sending.deliver(*keys, utc_now(), loopback=LOOPBACK)
    logger.info("webhook attempted", delivery_id=event["delivery_id"], again=step.again, wait_s=step.wait_s)
    return step.model_dump()
