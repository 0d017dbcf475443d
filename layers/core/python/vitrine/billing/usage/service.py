"""What others do with usage. It is taken with the job that it is for, and given back when that job fails."""

from datetime import datetime

from vitrine.billing.usage import rules, store
from vitrine.billing.usage.models import Span, Usage, UsagePlan
from vitrine.jobs.models import Job, JobState, Metering
from vitrine.kernel.call import Call
from vitrine.kernel.errors import NotFound
from vitrine.kernel.tables import Write

PLANS = rules.PLANS


def plan_named(name: str | None) -> UsagePlan:
    """Raises `NotFound`."""
    plan = PLANS.get(name or "")
    if plan is None:
        raise NotFound(f"There is no plan {name}: there are {', '.join(PLANS)}.", code="plan_not_found")
    return plan


def metering(call: Call, request_id: str, photos: int) -> Metering:
    """What the jobs of a request carry, so that their ends find what they counted for."""
    return Metering(request=request_id, at=call.now, photos=photos)


def taking(call: Call, request_id: str, photos: int) -> tuple[Write, ...]:
    """The writes that count a request of so many photos, for the transaction that queues it.

    Idempotency key: that of the caller.
    Conflicts with `TooManyRequests`: code `rate_limit_exceeded` by hour and day, `usage_limit_exceeded` by month.
    """
    plan = plan_named(call.principal.plan)
    rules.check_fits(plan, photos)
    return store.take(call.tenant, metering(call, request_id, photos), plan)


def concluding(job: Job, now: datetime) -> tuple[Write, ...]:
    """The writes that count a finished job, or give back what a failed one counted for.

    Idempotency key: the job's version.

    None for a job that is not metered or not over. Conflicts with `StaleJob` when another photo of the batch ended.
    """
    if job.metered is None or not job.state.is_over:
        return ()
    if job.state is JobState.READY:
        return store.complete(job.tenant, job.metered)
    return _giving_back(job.tenant, job.metered, now)


def of(tenant: str, plan: str, now: datetime) -> Usage:
    """In one read."""
    return Usage(plan=plan_named(plan), counts=store.counts(tenant, now), resets_at=rules.resets_at(Span.MONTH, now))


def _giving_back(tenant: str, metered: Metering, now: datetime) -> tuple[Write, ...]:
    batch = store.request(tenant, metered.request) if metered.photos > 1 else None
    if batch is None:
        return (store.give_back(tenant, metered, metered.photos == 1, now),)
    is_last = batch.failed == batch.photos - 1
    return (
        store.note_failure(tenant, metered.request, is_last, batch.photos),
        store.give_back(tenant, metered, is_last, now),
    )
