"""Pictures that their owner wants gone.

One transaction cancels the job if it is open, takes it off its list and ends its links. Its files follow by the event
(`retention.delete_withdrawn`, or for a batch `photos`), and are looked for once more after `SETTLES`. The record stays
and says so.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from vitrine.jobs import service as jobs
from vitrine.jobs.models import Job, JobKind
from vitrine.kernel.call import Call
from vitrine.kernel.errors import NotFound
from vitrine.kernel.tables import Write
from vitrine.staging import batches, resources, rules, store
from vitrine.staging.models import WithdrawnEvent
from vitrine.staging.resources import Resource
from vitrine.work import ending


def image(call: Call, image_id: str) -> None:
    """Delete an image of a project. Idempotency key: the job. Raises `NotFound`."""
    _delete(call, resources.IMAGE, image_id)


def staging(call: Call, staging_id: str) -> None:
    """Delete one staging, a batch's photo included. Idempotency key: the job. Raises `NotFound`."""
    _delete(call, resources.STAGING, staging_id)


def batch(call: Call, batch_id: str) -> None:
    """Delete a batch; its photos are deleted after it, by `photos`. Idempotency key: the job. Raises `NotFound`."""
    _delete(call, resources.BATCH, batch_id)


def photos(withdrawn: WithdrawnEvent, now: datetime) -> int:
    """Delete the photos of a batch that was deleted, and say how many it has; none for what is no batch.

    Those that nobody has queued yet are queued first, as in `cancelling.photos`. Idempotency key: the photos' jobs.
    """
    job = jobs.seek(withdrawn.tenant, withdrawn.job_id) if withdrawn.kind is JobKind.BATCH else None
    made = batches.make_photos(job) if job else []
    for job_id in made:
        _withdraw_if_there(withdrawn.tenant, job_id, now)
    return len(made)


def past_recovery(now: datetime, has_time: Callable[[], bool] = lambda: True) -> int:
    """Delete the images of projects that can be recovered no more, as long as there is time: of how many projects.

    The project goes first, so that none is restored without its pictures; a run that dies is made up for by the next.
    Idempotency key: the project, and the images' jobs.
    """
    done = 0
    for tenant, project_id, until in store.past_recovery(now):
        if not has_time():
            break
        if store.get(tenant, project_id) is None:
            store.forget(tenant, project_id)
            for image_id in store.image_ids(tenant, project_id):
                _withdraw_if_there(tenant, image_id, now)
        store.no_longer_due(tenant, project_id, until)
        done += 1
    return done


def _delete(call: Call, resource: Resource, job_id: str) -> None:
    resource.change(job_id, lambda: _withdraw(call.tenant, job_id, call.now))


def _withdraw_if_there(tenant: str, job_id: str, now: datetime) -> None:
    """A job whose record was kept no more, or is erased, has nothing left to be deleted."""
    with suppress(NotFound):
        _withdraw(tenant, job_id, now)


def _withdraw(tenant: str, job_id: str, now: datetime) -> None:
    ending.withdraw_images(tenant, job_id, now, lambda job: _withdrawing(job, now))


def _withdrawing(job: Job, now: datetime) -> tuple[Write, ...]:
    event = WithdrawnEvent(tenant=job.tenant, job_id=job.id, kind=job.kind, at=now)
    return store.remove_listed(job.tenant, rules.list_of(job), job.id), store.put_withdrawn(event)
