"""Work that its owner calls off. The job ends at once and gives back what it held; its machine is stopped afterwards,
by the event (`reactions.call_off`). What has ended otherwise stays as it is.
"""

from collections.abc import Iterable
from datetime import datetime

from vitrine.jobs import service as jobs
from vitrine.jobs.models import Job, JobEvent, JobKind
from vitrine.jobs.rules import JobIsOver
from vitrine.kernel.call import Call
from vitrine.kernel.errors import NotFound
from vitrine.staging import batches, resources, store
from vitrine.staging.models import ProjectEvent
from vitrine.staging.resources import Resource
from vitrine.work import ending


def image(call: Call, image_id: str) -> Job:
    """Cancel an image of a project. Idempotency key: the job. Raises `NotFound`, `JobIsOver`."""
    return _cancel(call, resources.IMAGE, image_id)


def staging(call: Call, staging_id: str) -> Job:
    """Cancel one staging, a batch's photo included: its batch goes on with the others.

    Idempotency key: the job. Raises `NotFound`, `JobIsOver`.
    """
    return _cancel(call, resources.STAGING, staging_id)


def batch(call: Call, batch_id: str) -> Job:
    """Cancel a batch. Its photos are cancelled after it, by `photos`; those that are over stay as they are.

    Idempotency key: the job. Raises `NotFound`, `JobIsOver`.
    """
    return _cancel(call, resources.BATCH, batch_id)


def photos(batch: JobEvent, now: datetime) -> int:
    """Cancel the photos of a batch that was cancelled, and say how many were; none for what is no batch.

    Those that nobody has queued yet are queued first: each gives back its own share of the usage, and whoever queues it
    later finds it there. Idempotency key: the photos' jobs.
    """
    job = jobs.seek(batch.tenant, batch.job_id) if batch.kind is JobKind.BATCH else None
    return _cancel_all(batch.tenant, batches.make_photos(job) if job else (), now)


def images(project: ProjectEvent, now: datetime) -> int:
    """Cancel the images of a project that was deleted, and say how many were; none if it has been restored since.

    No image can join a project once it is deleted, so none is missed. Idempotency key: the images' jobs.
    """
    if not store.is_deleted(project.tenant, project.project_id):
        return 0
    return _cancel_all(project.tenant, store.image_ids(project.tenant, project.project_id), now)


def _cancel_all(tenant: str, job_ids: Iterable[str], now: datetime) -> int:
    return sum(_is_cancelled(tenant, job_id, now) for job_id in job_ids)


def _is_cancelled(tenant: str, job_id: str, now: datetime) -> bool:
    """Cancel a job: False for one that has ended otherwise, or whose record is gone."""
    try:
        ending.cancel(tenant, job_id, now)
    except (JobIsOver, NotFound):
        return False
    return True


def _cancel(call: Call, resource: Resource, job_id: str) -> Job:
    return resource.change(job_id, lambda: ending.cancel(call.tenant, job_id, call.now))
