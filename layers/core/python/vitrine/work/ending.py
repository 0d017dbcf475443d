"""A job ends once: state, event, and the settlement or refund of what it held are one transaction."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from vitrine.billing import service as billing
from vitrine.jobs import rules as jobs_rules
from vitrine.jobs.models import Job, JobError
from vitrine.jobs.rules import JobIsOver
from vitrine.kernel.observability import logger
from vitrine.kernel.tables import Write
from vitrine.work.kinds import Kinds


def complete(tenant: str, job_id: str, result: dict[str, Any], now: datetime) -> Job:
    """The work is done, and its credits are spent. Idempotency key: the job. Raises `JobIsOver`, `NotFound`."""
    return billing.end_job(tenant, job_id, lambda job: jobs_rules.complete(job, result, now), now)


def fail(tenant: str, job_id: str, error: JobError, now: datetime) -> Job:
    """The job ends as an error that says why, and its credits come back. Idempotency key: the job.

    Raises `JobIsOver`, `NotFound`.
    """
    return billing.end_job(tenant, job_id, lambda job: jobs_rules.fail(job, error, now), now)


def fail_by(tenant: str, job_id: str, error: str, kinds: Kinds, now: datetime) -> Job:
    """As `fail`, in the words that the job's kind has for a Step Functions error name. Raises `UnknownKind` too."""

    def failed(job: Job) -> Job:
        return jobs_rules.fail(job, kinds.of(job.kind).failures.of(error), now)

    return billing.end_job(tenant, job_id, failed, now)


def of_execution(event: Mapping[str, Any], kinds: Kinds, now: datetime) -> dict[str, str]:
    """What the last state of a machine does: end the job for its refusal (`reason`), or for the Step Functions error
    that was caught (`failure.Error`). Idempotency key: the job."""
    tenant, job_id, reason = event["tenant"], event["job_id"], event.get("reason")
    try:
        job = (
            fail(tenant, job_id, JobError.model_validate(reason), now)
            if reason
            else fail_by(tenant, job_id, event.get("failure", {}).get("Error", ""), kinds, now)
        )
    except JobIsOver:
        return {"outcome": "over_already"}
    logger.info("job ended", job_id=job.id, state=job.state.value, code=job.error.code if job.error else None)
    return {"outcome": job.state.value}


def withdraw_images(tenant: str, job_id: str, now: datetime, also: Callable[[Job], tuple[Write, ...]]) -> Job:
    """The job's pictures shall be gone, and an open job is cancelled for it, together with `also`.

    Idempotency key: the job. Raises `NotFound`.
    """
    return billing.withdraw_images(tenant, job_id, now, also)


def cancel(tenant: str, job_id: str, now: datetime) -> Job:
    """The job ends as cancelled, and its credits come back. Idempotency key: the job. Raises `JobIsOver`, `NotFound`.

    Its event leads to `machine.stop` (`reactions.call_off`), so who cancels needs no permission on any machine.
    """
    return billing.end_job(tenant, job_id, lambda job: jobs_rules.cancel(job, now), now)
