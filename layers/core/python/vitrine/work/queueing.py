"""A job is queued in one transaction with its credits and with all that must hold for it."""

from vitrine.billing import service as billing
from vitrine.jobs import service as jobs
from vitrine.jobs.models import Job
from vitrine.kernel import tables
from vitrine.kernel.errors import AppError
from vitrine.kernel.idempotency import Repeated
from vitrine.kernel.tables import Write
from vitrine.work import rules
from vitrine.work.kinds import Kind


def queue(job: Job, kind: Kind, *also: Write) -> Job:
    """Queue a job and hold its credits, together with `also`. Idempotency key: the job's id.

    Raises the conflicts of `also`, `PaymentRequired`, and ValueError for a job that its kind does not allow.
    """
    rules.check(job, kind)
    held = billing.reserving(job.tenant, job.id, job.credits, job.created_at)
    try:
        tables.commit(*jobs.queueing(job), *also, *held)
    except Repeated:
        raise  # its key says that it was done, by another job
    except AppError:
        # The try before this one may have committed and died: then what it asked for may be gone since, and it counts.
        made = jobs.seek(job.tenant, job.id)
        if made is None:
            raise
        return made
    return job
