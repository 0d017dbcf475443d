"""When a set is due, one job of the kind `inspect` is queued for it, and no second one while that is open."""

from contextlib import suppress
from datetime import datetime

from vitrine.capture import places, rules, store
from vitrine.capture.kinds import INSPECT
from vitrine.capture.models import Session, SetStatus
from vitrine.jobs import service as jobs
from vitrine.jobs.models import Job, JobState
from vitrine.kernel import tables
from vitrine.kernel.ids import Ids
from vitrine.kernel.tables import Write
from vitrine.work import queueing
from vitrine.work.rules import new_job

_TRIES = 8
MOST_TRIES = 3
"""Of a verdict on one state of a set. Each is a whole execution, whose states are tried again too; what fails three
times needs somebody, who hears of it by the machine's alarm."""


def consider(tenant: str, session_id: str, now: datetime, tries: int = 1) -> Job | None:
    """Queue a verdict on a session's set if one is due. Whoever changes a set calls this after its commit, so that of
    two changes at once the later one sees both. `tries` counts the jobs that were queued for the same change.

    Idempotency key: the session's version, of which one job is queued at most. Raises `StaleSession`.
    """
    for _ in range(_TRIES):
        captured = store.read(tenant, session_id)
        if captured is None or not rules.is_due(captured.session, places.arrange(captured.session, captured.images)):
            return None
        with suppress(store.StaleSession):
            return queue(captured.session, Ids.random(now).uuid(), now, tries=tries)
    raise store.StaleSession("The session kept changing. Try again.")


def queue(session: Session, job_id: str, now: datetime, *also: Write, tries: int = 1, **more: bool) -> Job:
    """A verdict on the session's set as it is now, together with `also`. Idempotency key: the session's version. Raises
    `StaleSession`, and the conflicts of `also`."""
    given = {"set_version": session.set_version, "tries": tries, **more}
    job = new_job(INSPECT, job_id, session.tenant, now, subject=session.id, input=given)
    judging = rules.changed(session, now, set_job=job_id, set_status=SetStatus.JUDGING)
    return queueing.queue(job, INSPECT, store.replace(judging), *also)


def release(tenant: str, session_id: str, job_id: str, now: datetime) -> Job | None:
    """The job ended without a verdict: its set is judged again, by another job at once if this one failed, up to
    `MOST_TRIES`; otherwise with its next change. A verdict that it had before holds on.

    Idempotency key: the job, while it is the session's; while another one is at it, nothing is queued.
    Raises `StaleSession`.
    """
    _let_go(tenant, session_id, job_id, now)
    ended = jobs.seek(tenant, job_id)
    if ended is None or ended.state is not JobState.ERROR:
        return None
    tries = int(ended.input.get("tries", 1))
    return consider(tenant, session_id, now, tries + 1) if tries < MOST_TRIES else None


def _let_go(tenant: str, session_id: str, job_id: str, now: datetime) -> None:
    for _ in range(_TRIES):
        found = store.judged(tenant, [session_id]).get(session_id)
        if found is None or found.session.set_job != job_id:
            return
        with suppress(store.StaleSession):
            tables.commit(store.replace(rules.changed(found.session, now, set_job=None, set_status=found.status)))
            return
    raise store.StaleSession("The session kept changing. Try again.")
