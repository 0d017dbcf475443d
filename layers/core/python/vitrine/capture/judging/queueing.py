"""When a set is due, one job of the kind `inspect` is queued for it, and no second one while that is open."""

from contextlib import suppress
from datetime import datetime

from vitrine.capture import places, rules, store
from vitrine.capture.kinds import INSPECT
from vitrine.capture.models import Session, SetStatus
from vitrine.jobs.models import Job
from vitrine.kernel import tables
from vitrine.kernel.ids import Ids
from vitrine.kernel.tables import Write
from vitrine.work import queueing
from vitrine.work.rules import new_job

_TRIES = 8


def consider(tenant: str, session_id: str, now: datetime) -> Job | None:
    """Queue a verdict on a session's set if one is due. Whoever changes a set calls this after its commit, so that of
    two changes at once the later one sees both.

    Idempotency key: the session's version, of which one job is queued at most. Raises `StaleSession`.
    """
    for _ in range(_TRIES):
        captured = store.read(tenant, session_id)
        if captured is None or not rules.is_due(captured.session, places.arrange(captured.session, captured.images)):
            return None
        with suppress(store.StaleSession):
            return queue(captured.session, Ids.random(now).uuid(), now)
    raise store.StaleSession("The session kept changing. Try again.")


def queue(session: Session, job_id: str, now: datetime, *also: Write, **more: bool) -> Job:
    """A verdict on the session's set as it is now, together with `also`. Idempotency key: the session's version. Raises
    `StaleSession`, and the conflicts of `also`."""
    given = {"set_version": session.set_version, **more}
    job = new_job(INSPECT, job_id, session.tenant, now, subject=session.id, input=given)
    judging = rules.changed(session, now, set_job=job_id, set_status=SetStatus.JUDGING)
    return queueing.queue(job, INSPECT, store.replace(judging), *also)


def release(tenant: str, session_id: str, job_id: str, now: datetime) -> bool:
    """The job ended without a verdict: its set may be judged again, with its next change. A verdict that it had before
    holds on.

    Idempotency key: the job, while it is the session's. Raises `StaleSession`.
    """
    for _ in range(_TRIES):
        found = store.judged(tenant, [session_id]).get(session_id)
        if found is None or found.session.set_job != job_id:
            return False
        with suppress(store.StaleSession):
            tables.commit(store.replace(rules.changed(found.session, now, set_job=None, set_status=found.status)))
            return True
    raise store.StaleSession("The session kept changing. Try again.")
