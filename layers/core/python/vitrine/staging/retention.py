"""How long a surface keeps pictures, and their deletion.

A promise that was made with a job holds: the days are written into the job when it is made. An upload goes with the
last job that uses it. Files go before the record says so, hence a deletion that died is made again.
"""

from contextlib import suppress
from datetime import datetime
from itertools import islice

from vitrine.assets import service as assets
from vitrine.jobs import service as jobs
from vitrine.jobs.models import Job
from vitrine.kernel import objects
from vitrine.kernel.environment import Buckets
from vitrine.kernel.observability import crash_fields, logger
from vitrine.staging import keys, rules
from vitrine.staging.models import Surface

AT_ONCE = 500
"""Jobs in one run: a job takes about 0.2 s, and the next run goes on."""


def days_of(surface: Surface) -> int | None:
    """Days from the end of a job to the deletion of its pictures; None for never."""
    return rules.IMAGES_KEPT_DAYS.get(surface)


def delete_due(buckets: Buckets, now: datetime) -> tuple[int, int]:
    """Delete the pictures of jobs whose time has come; of how many, and how many kept theirs. Key: the job."""
    outcomes = [_try(job, buckets, now) for job in islice(jobs.images_past_due(now), AT_ONCE)]
    return outcomes.count(True), outcomes.count(False)


def _try(job: Job, buckets: Buckets, now: datetime) -> bool:
    """One job that cannot be dealt with must not keep the others waiting; the next run comes back to it."""
    try:
        delete_pictures(job, buckets, now)
    except Exception as error:
        logger.error("pictures could not be deleted", job_id=job.id, **crash_fields(error))
        return False
    return True


def delete_pictures(job: Job, buckets: Buckets, now: datetime) -> None:
    """Delete all pictures of a job that is over, and its upload if nothing else uses it; then the record says so."""
    for prefix in keys.prefixes(job.tenant, job.id):
        objects.delete(buckets.media_bucket, prefix)
    if job.asset_id is not None:
        _delete_upload(job, job.asset_id, buckets)
    with suppress(jobs.StaleJob):  # another run has said it
        jobs.images_deleted(job, now)


def _delete_upload(job: Job, asset_id: str, buckets: Buckets) -> None:
    """Withdrawn first, then looked at again: a job that was queued in between has seen the upload, and keeps it."""
    if _is_needed(job, asset_id):
        return
    asset = assets.find(job.tenant, asset_id)
    if asset is not None:
        assets.withdraw(asset)
        if _is_needed(job, asset_id):
            assets.restore(asset)
            return
    assets.delete_pictures(job.tenant, asset_id, buckets)


def _is_needed(job: Job, asset_id: str) -> bool:
    """Whether another job of the upload has not had its pictures deleted yet."""
    others = (jobs.seek(job.tenant, other) for other in jobs.waiting_for(job.tenant, asset_id) if other != job.id)
    return any(other is not None and other.images_deleted_at is None for other in others)
