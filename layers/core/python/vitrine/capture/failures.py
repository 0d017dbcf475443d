"""Why a set is not judged or not published, as its owner reads it."""

from vitrine.jobs.models import JobError
from vitrine.work.kinds import Failures

NOT_JUDGED = JobError(
    code="set_not_judged",
    message="The set could not be judged on our side. It is tried again by itself, and with its next change.",
)
JUDGED_TOO_LATE = JobError(
    code="deadline_passed",
    message="Judging the set took longer than it may. It is tried again by itself, and with its next change.",
)
OF_JUDGING = Failures(failed=NOT_JUDGED, too_late=JUDGED_TOO_LATE)
