"""SageMaker's success and error topics: wake the state machine that waits for the inference."""

import json
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from vitrine.kernel.observability import logger
from vitrine.staging import endpoint


def handler(event: dict[str, Any], _context: LambdaContext) -> None:
    for record in event["Records"]:
        notification = json.loads(record["Sns"]["Message"])
        outcome = endpoint.deliver(notification)
        logger.info("inference finished", inference_id=notification.get("inferenceId"), outcome=outcome)
