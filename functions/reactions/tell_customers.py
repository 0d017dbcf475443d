"""What happened to a job goes to the webhooks that its owner registered for it: bus events of jobs.

Contexts say what is announced of their kinds of work; `engagement` delivers it and knows none of them.
"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from vitrine.contracts.announcements import Announcement
from vitrine.engagement import service
from vitrine.jobs import service as jobs
from vitrine.jobs.models import JobEvent
from vitrine.kernel.environment import WebhookMachine
from vitrine.kernel.observability import logger
from vitrine.kinds_of_work import KINDS

MACHINE = WebhookMachine.load()


def handler(event: dict[str, Any], _context: LambdaContext) -> None:
    happened = JobEvent.model_validate(event["detail"])
    sent = service.announce(happened.tenant, lambda: _announcement(happened), MACHINE)
    logger.info("webhooks told", job_id=happened.job_id, number=happened.number, told=sent)


def _announcement(happened: JobEvent) -> Announcement | None:
    """Raises `UnknownKind`."""
    announce = KINDS.of(happened.kind).announce
    return announce(happened, jobs.find(happened.tenant, happened.job_id)) if announce else None
