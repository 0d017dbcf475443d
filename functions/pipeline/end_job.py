"""State "End the job and refund": what every failure and refusal of a state machine leads to, of every kind."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from vitrine.jobs.models import Job, JobError
from vitrine.jobs.rules import JobIsOver
from vitrine.kernel.clock import utc_now
from vitrine.kernel.observability import logger
from vitrine.kinds_of_work import KINDS
from vitrine.work import ending


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, str]:
    """`reason` is a refusal's; without one, `failure.Error` is the Step Functions error that was caught."""
    try:
        job = _end(event)
    except JobIsOver:
        return {"outcome": "over_already"}
    logger.info("job ended", job_id=job.id, state=job.state.value, code=job.error.code if job.error else None)
    return {"outcome": job.state.value}


def _end(event: dict[str, Any]) -> Job:
    tenant, job_id = event["tenant"], event["job_id"]
    if event.get("reason"):
        return ending.fail(tenant, job_id, JobError.model_validate(event["reason"]), utc_now())
    return ending.fail_by(tenant, job_id, event.get("failure", {}).get("Error", ""), KINDS, utc_now())
