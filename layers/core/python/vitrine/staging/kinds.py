"""The kinds of work of this context."""

from datetime import timedelta

from vitrine.contracts.catalogue import Quality
from vitrine.jobs.models import JobKind
from vitrine.jobs.rules import WAIT_FOR_UPLOAD, WORK
from vitrine.staging import announcements, failures
from vitrine.work.kinds import Kind

CREDITS = {Quality.PREVIEW: 1, Quality.STANDARD: 1, Quality.PREMIUM: 2}
BATCH_LONGEST = timedelta(hours=26)
"""A photo waits up to 24 hours for its upload; its batch outlives it."""

STAGE = Kind(
    name=JobKind.STAGE,
    machine="staging",
    failures=failures.OF_STAGING,
    may_wait=WAIT_FOR_UPLOAD,
    may_work=WORK,
    waits_for_upload=True,
    takes_slot=True,
    most_credits=max(CREDITS.values()),
    announce=announcements.of_staging,
)
BATCH = Kind(
    name=JobKind.BATCH,
    machine="batch",
    failures=failures.OF_BATCH,
    # Its photos wait for their uploads; it is over when they are, and starts at once.
    may_wait=BATCH_LONGEST,
    may_work=BATCH_LONGEST,
    announce=announcements.of_batch,
)
