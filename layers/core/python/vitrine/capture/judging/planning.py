"""A set's verdict begins: which frames it is about, and what of them the endpoint has not seen yet."""

from datetime import datetime

from vitrine.capture.frames import keys
from vitrine.capture.judging import counted
from vitrine.capture.judging.models import AT_ONCE, Chunk, FrameAt, Plan
from vitrine.capture.kinds import INSPECT
from vitrine.capture.models import Image, Session
from vitrine.jobs import rules as jobs_rules
from vitrine.jobs import service as jobs
from vitrine.jobs.models import Job
from vitrine.kernel import objects

AGAIN = "again"
"""In a job's input: the set is judged by other thresholds, and nobody looks at its frames."""


def plan(
    tenant: str, job_id: str, attempt: int, bucket: str, now: datetime, asked: frozenset[str] = frozenset()
) -> Plan:
    """Start the job's clock, and choose the frames but those that were `asked` for in rounds before: while the endpoint
    looked, more may have come, and the verdict is on all. Idempotency key: the job. Raises `JobIsOver`, `NotFound`.
    """
    job = jobs.change(tenant, job_id, lambda job: jobs_rules.start(job, now, INSPECT.may_work))
    session, images = counted.read(tenant, job.subject)
    if is_only_judged_again(job, session):
        return Plan(tenant=tenant, job_id=job_id, attempt=attempt, session_id=job.subject, chunks=())
    seen = frozenset(objects.keys(bucket, keys.set_folder(tenant, job.subject)))
    new = [each for each in images if each.id not in asked]
    unseen = [each for each in new if keys.view_key(tenant, job.subject, each.id) not in seen]
    return Plan(
        tenant=tenant,
        job_id=job_id,
        attempt=attempt,
        session_id=job.subject,
        chunks=tuple(_chunk(job, unseen[at : at + AT_ONCE]) for at in range(0, len(unseen), AT_ONCE)),
        looks=bool(unseen),
        asked=tuple(sorted(asked | {each.id for each in unseen})),
    )


def is_only_judged_again(job: Job, session: Session) -> bool:
    """Whether the job was queued for other thresholds, and the set is the one that was judged before."""
    return bool(job.input.get(AGAIN)) and session.judged_version == session.set_version


def _chunk(job: Job, images: list[Image]) -> Chunk:
    frames = tuple(FrameAt(id=image.id, key=keys.original_key(image.storage_key)) for image in images)
    return Chunk(tenant=job.tenant, job_id=job.id, session_id=job.subject, frames=frames)
