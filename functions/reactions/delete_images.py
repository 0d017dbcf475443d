"""Every hour: delete the pictures that were promised to be gone by now."""

from datetime import datetime
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from vitrine.kernel import metrics
from vitrine.kernel.clock import utc_now
from vitrine.kernel.environment import Buckets
from vitrine.kernel.observability import count, logger
from vitrine.staging import retention

BUCKETS = Buckets.load()
TO_FINISH_MS = 60_000
"""Enough for the deletion under way, and to count what is left."""


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """`time` is when the schedule fired; an operator who gives a later one deletes what is due by then."""
    now = datetime.fromisoformat(event["time"])
    deleted, overdue = retention.delete_due(
        BUCKETS, now, lambda: context.get_remaining_time_in_millis() > TO_FINISH_MS, ahead=now > utc_now()
    )
    count(metrics.PICTURES_OVERDUE, {}, overdue)
    logger.info("pictures deleted", deleted=deleted, overdue=overdue)
    return {"deleted": deleted, "overdue": overdue}
