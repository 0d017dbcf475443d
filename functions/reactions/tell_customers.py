"""What happened goes to the webhooks that its owner registered for it: bus events of jobs, and of vehicles' captures.

Contexts say what is announced of their kinds of work; `engagement` delivers it and knows none of them.
"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from vitrine.capture.telling import announcements, events
from vitrine.capture.telling.models import Change
from vitrine.contracts.announcements import Announcement
from vitrine.engagement import service
from vitrine.jobs import service as jobs
from vitrine.jobs.models import JobEvent
from vitrine.kernel.environment import WebhookMachine
from vitrine.kernel.observability import logger
from vitrine.kinds_of_work import KINDS

MACHINE = WebhookMachine.load()


def handler(event: dict[str, Any], _context: LambdaContext) -> None:
    change = events.change_in(event)
    if change is not None:
        _tell_change(change)
    else:
        _tell_job(JobEvent.model_validate(event["detail"]))


def _tell_change(change: Change) -> None:
    sent = service.announce(change.tenant, lambda: announcements.of(change), MACHINE)
    logger.info("webhooks told", session_id=change.session_id, type=type(change).__name__, told=sent)


def _tell_job(happened: JobEvent) -> None:
    sent = service.announce(happened.tenant, lambda: _announcement(happened), MACHINE)
    logger.info("webhooks told", job_id=happened.job_id, number=happened.number, told=sent)


def _announcement(happened: JobEvent) -> Announcement | None:
    """Raises `UnknownKind`."""
    announce = KINDS.of(happened.kind).announce
    return announce(happened, jobs.find(happened.tenant, happened.job_id)) if announce else None
