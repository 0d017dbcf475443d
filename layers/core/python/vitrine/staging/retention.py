"""Pictures are deleted when their time has come.

How long a surface keeps them is said in `functions/<surface>`, and is written into the job when it is made: a promise
holds. An upload goes with the last job that uses it, or if there never was one, as long after it was promised. What its
owner withdraws goes at once (`deleting`). Files go before the record says so, hence a deletion that died is made again.
What cannot be deleted is tried again after all that is overdue, and keeps nothing waiting.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from itertools import zip_longest

from vitrine.assets import service as assets
from vitrine.assets.models import DueUpload
from vitrine.jobs import service as jobs
from vitrine.jobs.models import Job
from vitrine.kernel import objects
from vitrine.kernel.environment import Buckets
from vitrine.kernel.observability import crash_fields, logger
from vitrine.staging import keys
from vitrine.staging.models import WithdrawnEvent


def delete_due(
    buckets: Buckets, now: datetime, has_time: Callable[[], bool] = lambda: True, *, ahead: bool = False
) -> tuple[int, int]:
    """Delete pictures whose time has come, as long as there is time: of how many jobs and unused uploads, and how many
    are overdue then: because they could not be deleted, or were not reached. Idempotency key: the job or the upload.

    `ahead` says that `now` is in the future; then what fails keeps its place in the line.
    """
    deleted = kept = 0
    for due in _in_turns(jobs.images_past_due(now), assets.past_due(now)):
        if not has_time():
            return deleted, kept + jobs.count_images_past_due(now) + assets.count_past_due(now)
        if _try(due, buckets, now):
            deleted += 1
        else:
            kept += 1
            if not ahead:
                _postpone(due, now)
    return deleted, kept


def _in_turns(found: Iterator[Job], uploads: Iterator[DueUpload]) -> Iterator[Job | DueUpload]:
    pairs = zip_longest(found, uploads)
    return (due for pair in pairs for due in pair if due is not None)


def _try(due: Job | DueUpload, buckets: Buckets, now: datetime) -> bool:
    try:
        if isinstance(due, Job):
            delete_pictures(due, buckets, now)
        else:
            delete_unused(due, buckets)
    except Exception as error:
        logger.error("pictures could not be deleted", due=_name(due), **crash_fields(error))
        return False
    return True


def _name(due: Job | DueUpload) -> str:
    return due.id if isinstance(due, Job) else due.asset_id


def _postpone(due: Job | DueUpload, now: datetime) -> None:
    """To be tried again by the next run, after all that is overdue by now."""
    try:
        if isinstance(due, Job):
            jobs.postpone_images(due, now)
        else:
            assets.postpone(due, now)
    except Exception as error:
        logger.error("deletion could not be postponed", due=_name(due), **crash_fields(error))


def delete_pictures(job: Job, buckets: Buckets, now: datetime) -> None:
    """Delete all pictures of a job that is over, and its upload if nothing else uses it; then the record says so."""
    for prefix in keys.prefixes(job.tenant, job.id):
        objects.delete(buckets.media_bucket, prefix)
    if job.asset_id is not None:
        _delete_upload(job.tenant, job.asset_id, buckets, job.id)
    with suppress(jobs.StaleJob):  # another run has said it
        jobs.images_deleted(job, now)


def delete_withdrawn(withdrawn: WithdrawnEvent, buckets: Buckets, now: datetime) -> None:
    """Delete the pictures that a job's owner wants gone. Idempotency key: the job."""
    job = jobs.seek(withdrawn.tenant, withdrawn.job_id)
    if job is not None and not job.has_images:
        delete_pictures(job, buckets, now)


def delete_unused(upload: DueUpload, buckets: Buckets) -> None:
    """Delete an upload that no work has used; one that some has used goes with that."""
    _delete_upload(upload.tenant, upload.asset_id, buckets)
    assets.no_longer_due(upload)


def _delete_upload(tenant: str, asset_id: str, buckets: Buckets, of: str | None = None) -> None:
    """Withdrawn first, then looked at again: a job that was queued in between has seen the upload, and keeps it."""
    if _is_needed(tenant, asset_id, of):
        return
    asset = assets.find(tenant, asset_id)
    if asset is not None:
        assets.withdraw(asset)
        if _is_needed(tenant, asset_id, of):
            assets.restore(asset)
            return
    assets.delete_pictures(tenant, asset_id, buckets)


def _is_needed(tenant: str, asset_id: str, but_by: str | None) -> bool:
    """Whether a job of the upload, another than the one given, still has its pictures."""
    others = (jobs.seek(tenant, other) for other in jobs.waiting_for(tenant, asset_id) if other != but_by)
    return any(other is not None and other.has_images for other in others)
