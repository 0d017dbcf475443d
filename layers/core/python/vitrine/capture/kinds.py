"""The kinds of work of this context. They hold no credits, wait for no upload and take no slot."""

from datetime import timedelta

from vitrine.capture import failures
from vitrine.capture.telling import announcements
from vitrine.jobs.models import JobKind
from vitrine.work.kinds import Kind

JUDGING_MAY_WORK = timedelta(minutes=15)
"""The endpoint has some minutes of it at most; then the verdict is given without."""

INSPECT = Kind(
    name=JobKind.INSPECT,
    machine="set",
    failures=failures.OF_JUDGING,
    may_wait=timedelta(minutes=30),
    may_work=JUDGING_MAY_WORK,
    announce=announcements.of_job,
)
