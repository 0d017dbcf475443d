"""Every hour: delete the pictures of jobs that were promised to be gone by now."""

from datetime import datetime
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from vitrine.kernel import metrics
from vitrine.kernel.environment import Buckets
from vitrine.kernel.observability import count, logger
from vitrine.staging import retention

BUCKETS = Buckets.load()


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, int]:
    """`time` is when the schedule fired; an operator who gives a later one deletes what is due by then."""
    deleted, kept = retention.delete_due(BUCKETS, datetime.fromisoformat(event["time"]))
    count(metrics.PICTURES_OVERDUE, {}, kept)
    logger.info("pictures deleted", jobs=deleted, overdue=kept)
    return {"jobs": deleted, "overdue": kept}
