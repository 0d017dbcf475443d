"""A set is judged again because other thresholds hold: by its numbers, without a picture."""

from dataclasses import dataclass

from vitrine.capture import rules, service, store
from vitrine.capture.judging import queueing
from vitrine.capture.judging.planning import AGAIN
from vitrine.capture.models import Session, SetStatus, SetVerdict
from vitrine.capture.thresholds import service as thresholds
from vitrine.capture.thresholds.models import mode_of
from vitrine.kernel.call import Call
from vitrine.kernel.errors import Conflict
from vitrine.kernel.idempotency import Repeated

_TRIES = 5


@dataclass(frozen=True)
class Asked:
    """What became of the request. `job_id` is the job that judges the set now; None: its last verdict is by the
    thresholds that hold, or the request came under a key that did its work before."""

    session: Session
    status: SetStatus
    thresholds: str
    verdict: SetVerdict | None
    job_id: str | None


def ask(call: Call, session_id: str) -> Asked:
    """Have a session's set judged by the thresholds that hold now. What people said of its frames holds on.

    A verdict that is under way will be by them, whenever it began. Idempotency key: session, set version and the
    thresholds' version, for which one job is at work or done at most. Raises `NotFound`, and `Conflict` for a set that
    was never judged and is not due.
    """
    for _ in range(_TRIES):
        found = service.read_for(call, session_id)
        session, verdict = found.session, found.verdict
        held = thresholds.in_force(call.tenant, session.site_id, mode_of(session.mode)).thresholds.version
        status = rules.set_status(session, found.images)
        if session.set_job is not None or _is_judged(session, verdict, held):
            return Asked(session, status, held, verdict, session.set_job)
        is_due = rules.is_due(session, found.images)
        if verdict is None and not is_due:
            raise Conflict("The set was not judged yet: frames are missing.", code="set_not_judged")
        try:
            job = queueing.queue(session, call.ids.uuid(), call.now, *call.key_writes, **{AGAIN: not is_due})
        except store.StaleSession:
            continue
        except Repeated:
            return Asked(session, status, held, verdict, None)
        return Asked(session, SetStatus.JUDGING, held, verdict, job.id)
    raise store.StaleSession("The session kept changing. Try again.")


def _is_judged(session: Session, verdict: SetVerdict | None, held: str) -> bool:
    if verdict is None or verdict.set_version != session.set_version:
        return False
    return verdict.thresholds == held
