"""Work that its owner calls off. The job ends at once and gives back what it held; its machine is stopped afterwards,
by the event (`reactions.stop_cancelled`). What has ended otherwise stays as it is.
"""

from contextlib import suppress
from datetime import datetime

from vitrine.jobs import service as jobs
from vitrine.jobs.models import Job
from vitrine.jobs.rules import JobIsOver
from vitrine.kernel.call import Call
from vitrine.kernel.errors import NotFound
from vitrine.kernel.ids import is_id
from vitrine.staging import batches
from vitrine.work import ending


def image(call: Call, image_id: str) -> Job:
    """Cancel an image of a project. Idempotency key: the job. Raises `NotFound`, `JobIsOver`."""
    return _cancel(call, "img", image_id, NotFound("There is no such image.", code="image_not_found"))


def staging(call: Call, staging_id: str) -> Job:
    """Cancel one staging, a batch's photo included: its batch goes on with the others.

    Idempotency key: the job. Raises `NotFound`, `JobIsOver`.
    """
    return _cancel(call, "stg", staging_id, NotFound("There is no such staging.", code="staging_not_found"))


def batch(call: Call, batch_id: str) -> Job:
    """Cancel a batch. Its photos are cancelled after it, by `photos`; those that are over stay as they are.

    Idempotency key: the job. Raises `NotFound`, `JobIsOver`.
    """
    return _cancel(call, "bat", batch_id, NotFound("There is no such batch.", code="batch_not_found"))


def photos(tenant: str, batch_id: str, now: datetime) -> int:
    """Cancel the photos of a batch that is cancelled, and say how many were. Idempotency key: the jobs.

    Those that nobody has queued yet are queued first: each gives back its own share of the usage, and whoever queues it
    later finds it there.
    """
    made = batches.make_photos(jobs.find(tenant, batch_id))
    return sum(_cancelled(tenant, job_id, now) for job_id in made)


def _cancel(call: Call, prefix: str, job_id: str, absent: NotFound) -> Job:
    if not is_id(prefix, job_id):
        raise absent
    try:
        return ending.cancel(call.tenant, job_id, call.now)
    except NotFound:
        raise absent from None


def _cancelled(tenant: str, job_id: str, now: datetime) -> bool:
    with suppress(JobIsOver):
        ending.cancel(tenant, job_id, now)
        return True
    return False
