"""State "End the job and refund": what every failure and every refusal of the staging machine leads to."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from vitrine.jobs.rules import JobIsOver
from vitrine.kernel.clock import utc_now
from vitrine.kernel.observability import logger
from vitrine.staging import rules, service
from vitrine.staging.models import Reason


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, str]:
    """`reason` is a refusal's; without one, `failure.Error` is the Step Functions error that was caught."""
    reason = _reason(event)
    try:
        job = service.give_up(event["tenant"], event["job_id"], reason, utc_now())
    except JobIsOver:
        return {"outcome": "over_already"}
    logger.info("job ended", job_id=job.id, state=job.state.value, code=reason.code)
    return {"outcome": job.state.value}


def _reason(event: dict[str, Any]) -> Reason:
    if event.get("reason"):
        return Reason.model_validate(event["reason"])
    return rules.reason_of_failure(event.get("failure", {}).get("Error", ""))
