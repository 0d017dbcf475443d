"""The kind of work that publishes a set. It holds no credits and takes no slot of the engine's queue."""

from datetime import timedelta

from vitrine.capture.publishing import failures
from vitrine.capture.telling import announcements
from vitrine.jobs.models import JobKind
from vitrine.work.kinds import Kind

EXPORT = Kind(
    name=JobKind.EXPORT,
    machine="publish",
    failures=failures.OF_EXPORT,
    may_wait=timedelta(minutes=30),
    may_work=timedelta(minutes=30),
    announce=announcements.of_job,
)
