"""What happened to a job goes to the webhooks that its owner registered for it: bus events of jobs."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from vitrine.engagement import service
from vitrine.jobs.models import JobEvent
from vitrine.kernel.environment import WebhookMachine
from vitrine.kernel.observability import logger

MACHINE = WebhookMachine.load()


def handler(event: dict[str, Any], _context: LambdaContext) -> None:
    happened = JobEvent.model_validate(event["detail"])
    told = service.announce(happened, MACHINE)
    logger.info("webhooks told", job_id=happened.job_id, number=happened.number, told=told)
