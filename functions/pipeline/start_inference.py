"""State "Stage the photo": hand the attempt to the endpoint; its notification answers the task token."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from vitrine.jobs.models import TaskToken
from vitrine.kernel.clock import utc_now
from vitrine.kernel.environment import Buckets, InferenceEndpoint
from vitrine.kernel.observability import logger
from vitrine.staging import endpoint
from vitrine.staging.models import Attempt

ENDPOINT = InferenceEndpoint.load()
BUCKETS = Buckets.load()


def handler(event: dict[str, Any], _context: LambdaContext) -> None:
    attempt = Attempt.model_validate(event)
    token = TaskToken(**attempt.model_dump(), token=event["task_token"])
    try:
        endpoint.submit(token, utc_now(), ENDPOINT, BUCKETS)
    except endpoint.EndpointUnavailable:
        endpoint.report_unavailable(token)
        logger.warning("endpoint unavailable", job_id=attempt.job_id, attempt=attempt.attempt)
    else:
        logger.info("inference started", job_id=attempt.job_id, attempt=attempt.attempt)
