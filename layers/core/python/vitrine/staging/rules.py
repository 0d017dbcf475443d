"""Which seed an attempt uses, when a result is good enough, and what a failure is called."""

import math
import zlib
from datetime import datetime, timedelta

from vitrine.contracts.catalogue import Quality
from vitrine.contracts.inference import StageResult
from vitrine.jobs.models import Job, JobError, JobKind, JobState
from vitrine.jobs.rules import WAIT_FOR_UPLOAD
from vitrine.kernel.environment import InferenceEndpoint
from vitrine.staging.models import Reason, RecentStaging, StageInput, StageOrder, Surface, Verdict

CREDITS = {Quality.PREVIEW: 1, Quality.STANDARD: 1, Quality.PREMIUM: 2}

# Odd, so that stepping by it visits every 32-bit seed before one comes twice.
_SEED_STEP = 0x9E3779B1

BATCH_LONGEST = timedelta(hours=26)
"""A photo waits up to 24 hours for its upload; its batch outlives it."""
INSPECTED = 0.05
STARTED = 0.1
_LEFT_BY_AN_ATTEMPT = 0.15
"""For judging and publishing, and for another attempt if the picture is not good enough."""
IMAGES_KEPT_DAYS = {Surface.STAGECRAFT: 30}
"""Realstaging keeps pictures until their owner is deleted; stagecraft promises 30 days ("Data Security")."""

FAILURES = {
    "States.Timeout": Reason(
        code="processing_timeout", message="Staging took too long. Nothing was charged; please try again."
    ),
    "EndpointUnavailable": Reason(
        code="engine_unavailable",
        message="The staging engine cannot be reached for now. Nothing was charged; please try again later.",
    ),
    "InferenceFailed": Reason(
        code="engine_failed", message="The staging engine failed on this photo. Nothing was charged; please try again."
    ),
}
FAILED = Reason(code="staging_failed", message="Staging failed on our side. Nothing was charged; please try again.")
TOO_LATE = Reason(
    code="deadline_passed", message="This took longer than it may. Nothing was charged; please try again."
)
UPLOAD_REJECTED = Reason(code="upload_rejected", message="The photo was rejected. Nothing was charged.")
NOT_STORED = Reason(code="photo_not_stored", message="The photo could not be stored on our side. Please send it again.")
NEVER_UPLOADED = Reason(code="upload_missing", message="The photo was never uploaded. Nothing was charged.")


def new_job(order: StageOrder, job_id: str, tenant: str, now: datetime) -> Job:
    """A queued staging job. Without a seed, the job's id gives one."""
    asset_id, key = order.upload
    wish = order.wish
    stage = StageInput(
        photo_key=key,
        room_type=wish.room_type,
        style=wish.style,
        seed=seed_from(job_id) if wish.seed is None else wish.seed,
        quality=wish.quality,
        surface=order.surface,
        plan_seed=order.plan_seed,
        property_name=order.property_name,
    )
    return Job(
        id=job_id,
        tenant=tenant,
        kind=JobKind.STAGE,
        state=JobState.QUEUED,
        version=1,
        subject=order.subject,
        batch=order.batch,
        asset_id=asset_id,
        credits=0 if order.metered else CREDITS[wish.quality],
        metered=order.metered,
        held=order.held,
        images_kept_days=IMAGES_KEPT_DAYS.get(order.surface),
        input=stage.model_dump(mode="json"),
        created_at=now,
        updated_at=now,
        deadline=now + WAIT_FOR_UPLOAD,
    )


def listed(job: Job) -> RecentStaging:
    return RecentStaging(id=job.id, created_at=job.created_at, property_name=job.input.get("property_name"))


def seed_from(text: str) -> int:
    """A 32-bit seed that an id gives."""
    return zlib.crc32(text.encode())


def seed_of(seed: int, attempt: int) -> int:
    """The first attempt uses the seed that was asked for; later ones walk through all others."""
    return (seed + (attempt - 1) * _SEED_STEP) % 2**32


def estimate_by_pace(now: datetime, since: datetime, ended: int, left: int) -> datetime:
    """When `left` more photos will be over, at the pace of those that have `ended` since then."""
    return now + (now - since) / ended * left


def estimate_by_average(now: datetime, average: timedelta, left: int, at_once: int) -> datetime:
    """When `left` photos will be over, if each takes the average time and so many are worked on at once."""
    return now + average * math.ceil(left / at_once)


def progress(attempt: int, share: float) -> float:
    """How far a job is when an attempt has done `share`: each attempt covers most of what the one before left."""
    left = (1 - STARTED) * _LEFT_BY_AN_ATTEMPT ** max(attempt - 1, 0)
    return round(1 - left * (1 - (1 - _LEFT_BY_AN_ATTEMPT) * share), 3)


def judge(result: StageResult, attempt: int, gate: InferenceEndpoint) -> tuple[Verdict, Reason | None]:
    """Publish what keeps the room intact and looks right; try another seed for what is weak, while there are any."""
    if result.refusal is not None:
        return Verdict.REFUSE, Reason(code=result.refusal.code.value, message=result.refusal.message)
    assert result.scores is not None
    if result.scores.integrity < gate.staging_integrity_floor:
        weak = Reason(
            code="architecture_changed",
            message="No staging of this photo left the room itself untouched. Nothing was charged.",
        )
    elif result.scores.quality < gate.staging_quality_floor:
        weak = Reason(
            code="quality_too_low",
            message="No staging of this photo looked right. A photo with more of the floor in view may help.",
        )
    else:
        return Verdict.PUBLISH, None
    return (Verdict.TRY_AGAIN, None) if attempt < gate.staging_max_attempts else (Verdict.REFUSE, weak)


def reason_of_failure(error: str) -> Reason:
    """What a Step Functions error name means to the image's owner. The cause is for operators and stays inside."""
    return FAILURES.get(error, FAILED)


def job_error(reason: Reason) -> JobError:
    return JobError(code=reason.code, message=reason.message)
