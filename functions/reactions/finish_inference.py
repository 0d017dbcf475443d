"""SageMaker's success and error topics: wake the state machine that waits for the inference."""

import json
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from vitrine.kernel.observability import logger
from vitrine.staging import endpoint


def handler(event: dict[str, Any], _context: LambdaContext) -> None:
    for record in event["Records"]:
        notification = _notification(record["Sns"]["Message"])
        if notification is None:
            logger.info("message about no inference", message_id=record["Sns"].get("MessageId"))
            continue
        outcome = endpoint.deliver(notification)
        logger.info("inference finished", inference_id=notification.get("inferenceId"), outcome=outcome)


def _notification(message: str) -> dict[str, Any] | None:
    """None for what names no request: SageMaker tries its topics when an endpoint is made, changed or scaled."""
    try:
        found = json.loads(message)
    except ValueError:
        return None
    return found if isinstance(found, dict) and "requestParameters" in found else None
