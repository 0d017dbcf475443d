"""What routes do with publications: ask for one, see it, take it back."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from vitrine.capture import service as sessions
from vitrine.capture.models import Image, Session
from vitrine.capture.publishing import finishing, rules
from vitrine.capture.publishing.kinds import EXPORT
from vitrine.capture.publishing.models import Order, Override, Publication
from vitrine.jobs import service as jobs
from vitrine.jobs.models import Job, JobState
from vitrine.kernel import tables
from vitrine.kernel.call import Call
from vitrine.kernel.errors import NotFound
from vitrine.kernel.idempotency import Repeated
from vitrine.work import queueing
from vitrine.work.rules import new_job

__all__ = ["Published", "find", "request", "withdraw"]

_TRIES = 5
_FAILED = (JobState.ERROR, JobState.CANCELLED)


@dataclass(frozen=True)
class Published:
    """A publication, and the job that was at it last; None if that is forgotten."""

    publication: Publication
    job: Job | None

    @property
    def holds(self) -> bool:
        """Whether it is there or under way, so that no other is needed for the same set."""
        return self.job is None or self.job.state not in _FAILED


def request(call: Call, session_id: str, reason: str | None) -> Published:
    """Have a session's set published as it is now.

    Idempotency key: session and set version, for which one job is at work or done at most; one that failed is followed
    by another, unless it is asked for under the key of the first. Raises `NotFound`, `Conflict` for a set that is not
    ready, `Invalid` for one that needs a reason.
    """
    for _ in range(_TRIES):
        captured = sessions.read_for(call, session_id)
        known = _known(captured.session, captured.publication)
        if known is not None and known.holds:
            return known
        rules.check_may_publish(captured.session, reason)
        rules.check_frames(captured.images, reason)
        try:
            return _queue(call, captured.session, captured.publication, reason)
        except sessions.StalePublication:
            continue
        except Repeated:
            return known or _as_it_is(captured.publication)
    raise sessions.StalePublication("The publication kept changing. Try again.")


def _known(session: Session, found: Publication | None) -> Published | None:
    """The publication of this very set; None where there is no such one, or it was withdrawn."""
    if found is None or found.set_version != session.set_version or found.withdrawn_at is not None:
        return None
    return Published(found, jobs.seek(found.tenant, found.job_id))


def _as_it_is(publication: Publication | None) -> Published:
    """For who asks again under a key that was used. Raises `Repeated` where nothing was done here under it."""
    if publication is None:
        raise Repeated("This key was used for something else.")
    return Published(publication, jobs.seek(publication.tenant, publication.job_id))


def _queue(call: Call, session: Session, before: Publication | None, reason: str | None) -> Published:
    override = Override(reason=reason, at=call.now) if reason else None
    order = Order(set_version=session.set_version, override=override, by=call.principal.actor)
    given = order.model_dump(mode="json")
    job = new_job(EXPORT, call.ids.uuid(), call.tenant, call.now, subject=session.id, input=given)
    publication = rules.requested(session, before, job.id, call.now)
    also = (sessions.put_publication(publication), *call.key_writes)
    return Published(publication, queueing.queue(job, EXPORT, *also))


def find(call: Call, session_id: str) -> Published:
    """By two reads. Raises `NotFound`, for a session that nobody published too."""
    found = sessions.publication_of(call.tenant, session_id)
    if found is None or not call.principal.may_use(found.site_id):
        raise _no_publication()
    return Published(found, jobs.seek(found.tenant, found.job_id))


def withdraw(call: Call, session_id: str, bucket: str) -> None:
    """Make nothing of a session public any more: its set, and frames that were published on their own. A job that is at
    it makes nothing public either. Their files are deleted, addresses end at once.

    Idempotency key: the session. Raises `NotFound`.
    """
    for _ in range(_TRIES):
        captured = sessions.read(call.tenant, session_id)
        before = captured.publication if captured else None
        if captured is None or before is None or not call.principal.may_use(before.site_id):
            raise _no_publication()
        with suppress(sessions.StalePublication, sessions.StaleImage):
            _withdraw(before, captured.images, call, bucket)
            return
    raise sessions.StalePublication("The publication kept changing. Try again.")


def _withdraw(before: Publication, images: Sequence[Image], call: Call, bucket: str) -> None:
    after, hidden = rules.withdrawn(before, call.now), rules.all_hidden(images, call.now)
    ends = () if after is before else (sessions.put_publication(after),)
    first, rest = hidden[: finishing.IN_ONE], hidden[finishing.IN_ONE :]
    if writes := (*ends, *map(sessions.replace_image, first)):
        tables.commit(*writes)
    finishing.change_images(rest)
    finishing.tidy(after, rules.shown_of(images, hidden), bucket)


def _no_publication() -> NotFound:
    return NotFound("Nothing of this session was published.", code="publication_not_found")
