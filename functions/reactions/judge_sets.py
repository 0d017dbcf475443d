"""What may make a set due for a verdict: bus events SessionChanged, FrameReviewed and SetJudged, of which the last one
says that frames may have changed meanwhile; and jobs of that kind that ended without a verdict. Each verdict is counted
with what people said against it."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from vitrine.capture.judging import queueing
from vitrine.capture.overrules import service as overrules
from vitrine.capture.telling import events
from vitrine.capture.telling.models import SetJudged
from vitrine.jobs.models import JobEvent
from vitrine.kernel.clock import utc_now
from vitrine.kernel.observability import logger


def handler(event: dict[str, Any], _context: LambdaContext) -> None:
    change = events.change_in(event)
    if change is None:
        return _release(JobEvent.model_validate(event["detail"]))
    job = queueing.consider(change.tenant, change.session_id, utc_now())
    logger.info("set considered", session_id=change.session_id, job_id=job.id if job else None)
    if isinstance(change, SetJudged):
        overrules.count_set(change.tenant, change.session_id, utc_now())
    return None


def _release(ended: JobEvent) -> None:
    job = queueing.release(ended.tenant, ended.subject, ended.job_id, utc_now())
    logger.info("set released", job_id=ended.job_id, session_id=ended.subject, next=job.id if job else None)
