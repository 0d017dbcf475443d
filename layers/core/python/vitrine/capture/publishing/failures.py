"""Why a set is not published: what its states raise, whose names are Step Functions error names, and what its owner
reads. Whatever the reason, nothing of it became public."""

from vitrine.jobs.models import JobError
from vitrine.work.kinds import Failures


class SetChanged(Exception):
    """Frames came, or the set was judged, after its publication was asked for."""


class PlatesUnknown(Exception):
    """Plates are to be hidden, and nobody could look for them."""


class NothingToPublish(Exception):
    """No frame of the session is a picture."""


class FrameUnusable(Exception):
    """An original is gone, or is not what the phone announced, or is no whole picture."""


class Withdrawn(Exception):
    """Somebody took the publication back while it was made."""


NOT_PUBLISHED = JobError(
    code="set_not_published", message="The set could not be published on our side. Nothing was published; try again."
)
TOO_LATE = JobError(
    code="deadline_passed", message="Publishing took longer than it may. Nothing was published; try again."
)
PLATES_UNKNOWN = JobError(
    code="plates_unknown",
    message="Number plates could not be looked for on all frames, and your organisation hides them. Nothing was "
    "published; try again later.",
)
SET_CHANGED = JobError(
    code="set_changed", message="The set changed before it was published. Nothing was published; look at it again."
)
NOTHING = JobError(code="nothing_to_publish", message="No frame of the session is a picture.")
FRAME_UNUSABLE = JobError(
    code="frame_unusable",
    message="The original of a frame is missing or damaged. Nothing was published; shoot that frame again.",
)
WITHDRAWN = JobError(code="withdrawn", message="The publication was withdrawn before it was done.")
OF_EXPORT = Failures(
    failed=NOT_PUBLISHED,
    too_late=TOO_LATE,
    by_error={
        PlatesUnknown.__name__: PLATES_UNKNOWN,
        SetChanged.__name__: SET_CHANGED,
        NothingToPublish.__name__: NOTHING,
        FrameUnusable.__name__: FRAME_UNUSABLE,
        Withdrawn.__name__: WITHDRAWN,
    },
)
