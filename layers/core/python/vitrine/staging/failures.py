"""Every reason for which a staging or a batch ends in error, with its code and the words that its owner reads.

Two more sets of reasons come from elsewhere: why an upload is rejected (`vitrine.assets.refusals`), and why the engine
refuses a photo (`vitrine.contracts.inference.RefusalCode`; its words stand in `functions/inference`).
"""

from vitrine.jobs.models import Job, JobError, JobEvent, JobState
from vitrine.work.kinds import Failures

TIMED_OUT = JobError(code="processing_timeout", message="Staging took too long. Nothing was charged; please try again.")
ENGINE_UNAVAILABLE = JobError(
    code="engine_unavailable",
    message="The staging engine cannot be reached for now. Nothing was charged; please try again later.",
)
ENGINE_FAILED = JobError(
    code="engine_failed", message="The staging engine failed on this photo. Nothing was charged; please try again."
)
FAILED = JobError(code="staging_failed", message="Staging failed on our side. Nothing was charged; please try again.")
TOO_LATE = JobError(
    code="deadline_passed", message="This took longer than it may. Nothing was charged; please try again."
)
UPLOAD_REJECTED = JobError(code="upload_rejected", message="The photo was rejected. Nothing was charged.")
UPLOAD_MISSING = JobError(
    code="upload_missing",
    message="No photo had come when its upload URL ran out. Nothing was charged; please upload it again.",
)
NOT_STORED = JobError(
    code="photo_not_stored", message="The photo could not be stored on our side. Please send it again."
)
ARCHITECTURE_CHANGED = JobError(
    code="architecture_changed",
    message="No staging of this photo left the room itself untouched. Nothing was charged.",
)
QUALITY_TOO_LOW = JobError(
    code="quality_too_low",
    message="No staging of this photo looked right. A photo with more of the floor in view may help.",
)
CANCELLED = JobError(code="cancelled", message="This staging was cancelled. Nothing was charged.")


def of(ended: Job | JobEvent) -> JobError | None:
    """Why it ended without a result; None for what is staged or not over."""
    return CANCELLED if ended.state is JobState.CANCELLED else ended.error


OF_STAGING = Failures(
    failed=FAILED,
    too_late=TOO_LATE,
    by_error={
        "States.Timeout": TIMED_OUT,
        "EndpointUnavailable": ENGINE_UNAVAILABLE,
        "InferenceFailed": ENGINE_FAILED,
    },
    upload_missing=UPLOAD_MISSING,
    upload_rejected=UPLOAD_REJECTED,
    also_ours=(NOT_STORED,),
)
OF_BATCH = Failures(failed=FAILED, too_late=TOO_LATE)
