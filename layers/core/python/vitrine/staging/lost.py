"""Batches whose start was lost: the event that tells of them reached nobody, or who heard it could not start them."""

from datetime import datetime, timedelta

from vitrine.jobs import service as jobs
from vitrine.jobs.models import JobKind
from vitrine.kernel.environment import BatchMachine
from vitrine.kernel.observability import crash_fields, logger
from vitrine.staging import batches, rules

OFTEN = timedelta(minutes=15)
"""How long a batch is looked after every minute; from then on once an hour, as long as it is open."""


def start_batches(machine: BatchMachine, now: datetime) -> int:
    """Start every batch that was queued a while ago and is not over. Key: its id; one that has begun stays as it is."""
    since = rules.BATCH_LONGEST if now.minute == 0 else OFTEN
    found = jobs.queued_a_while(now, since, rules.BATCH_LONGEST)
    return sum(_start(job.tenant, job.id, machine) for job in found if job.kind is JobKind.BATCH)


def _start(tenant: str, batch_id: str, machine: BatchMachine) -> bool:
    try:
        batches.start(tenant, batch_id, machine)
    except Exception as error:
        logger.error("batch could not be started", batch_id=batch_id, **crash_fields(error))
        return False
    return True
