"""Pictures go: every hour those that were promised to be gone by now, and at once those that their owner withdraws (bus
event ImagesWithdrawn)."""

from datetime import datetime
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from vitrine.kernel import metrics
from vitrine.kernel.clock import utc_now
from vitrine.kernel.environment import Buckets
from vitrine.kernel.observability import count, logger
from vitrine.staging import deleting, retention
from vitrine.staging.events import IMAGES_WITHDRAWN
from vitrine.staging.models import WithdrawnEvent

BUCKETS = Buckets.load()
TO_FINISH_MS = 60_000
"""Enough for the deletion under way, and to count what is left."""


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """`time` is when the schedule fired; an operator who gives a later one deletes what is due by then."""
    if event.get("detail-type") == IMAGES_WITHDRAWN.detail_type:
        return _withdrawn(WithdrawnEvent.model_validate(event["detail"]))
    now = datetime.fromisoformat(event["time"])

    def has_time() -> bool:
        return context.get_remaining_time_in_millis() > TO_FINISH_MS

    projects = deleting.past_recovery(now, has_time)
    deleted, overdue = retention.delete_due(BUCKETS, now, has_time, ahead=now > utc_now())
    count(metrics.PICTURES_OVERDUE, {}, overdue)
    logger.info("pictures deleted", deleted=deleted, overdue=overdue, projects=projects)
    return {"deleted": deleted, "overdue": overdue}


def _withdrawn(withdrawn: WithdrawnEvent) -> dict[str, int]:
    retention.delete_withdrawn(withdrawn, BUCKETS, utc_now())
    logger.info("pictures withdrawn", job_id=withdrawn.job_id)
    return {"deleted": 1}
