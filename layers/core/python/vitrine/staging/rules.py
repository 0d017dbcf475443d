"""What a staging job is made of, which seed an attempt uses, and when a result is good enough."""

import math
import zlib
from datetime import UTC, datetime, timedelta

from vitrine.contracts.inference import StageResult
from vitrine.jobs.models import Job, JobError, JobKind
from vitrine.kernel.environment import InferenceEndpoint
from vitrine.staging import failures, kinds
from vitrine.staging.models import Decision, Listed, StageInput, StageOrder
from vitrine.work import rules as work_rules

# Odd, so that stepping by it visits every 32-bit seed before one comes twice.
_SEED_STEP = 0x9E3779B1

STAGINGS, BATCHES = "STAGING", "BATCH"
"""Names of lists."""

INSPECTED = 0.05
STARTED = 0.1
_ROUNDED_S = 30
_LEFT_BY_AN_ATTEMPT = 0.15
"""For judging and publishing, and for another attempt if the picture is not good enough."""


def new_job(order: StageOrder, job_id: str, tenant: str, now: datetime) -> Job:
    """A queued staging job. Without a seed, the job's id gives one."""
    asset_id, key = order.upload
    options = order.options
    stage = StageInput(
        photo_key=key,
        room_type=options.room_type,
        style=options.style,
        seed=seed_from(job_id) if options.seed is None else options.seed,
        quality=options.quality,
        surface=order.surface,
        plan_seed=order.plan_seed,
        property_name=order.property_name,
    )
    return work_rules.new_job(
        kinds.STAGE,
        job_id,
        tenant,
        now,
        subject=order.subject,
        batch=order.batch,
        asset_id=asset_id,
        credits=0 if order.metered else kinds.CREDITS[options.quality],
        metered=order.metered,
        held=order.held,
        pictures_kept_days=order.pictures_kept_days,
        input=stage.model_dump(mode="json"),
    )


def list_of(job: Job) -> str:
    """The list that shows a job: batches, the images of a project, or else stagings."""
    if job.kind is JobKind.BATCH:
        return BATCHES
    return images_of(job.subject) if job.subject else STAGINGS


def images_of(project_id: str) -> str:
    return f"IMAGE#{project_id}"


def listed(job: Job) -> Listed:
    return Listed(id=job.id, created_at=job.created_at, property_name=job.input.get("property_name"))


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


def rounded_up(moment: datetime) -> datetime:
    """To the next half minute. An estimate is no better than that, and one that moved with every look at it would make
    every answer a new version."""
    return datetime.fromtimestamp(math.ceil(moment.timestamp() / _ROUNDED_S) * _ROUNDED_S, UTC)


def progress(attempt: int, share: float) -> float:
    """How far a job is when an attempt has done `share`: each attempt covers most of what the one before left."""
    left = (1 - STARTED) * _LEFT_BY_AN_ATTEMPT ** max(attempt - 1, 0)
    return round(1 - left * (1 - (1 - _LEFT_BY_AN_ATTEMPT) * share), 3)


def judge(result: StageResult, attempt: int, floors: InferenceEndpoint) -> tuple[Decision, JobError | None]:
    """Publish what keeps the room intact and looks right; try another seed for what is weak, while there are any."""
    if result.refusal is not None:
        return Decision.REFUSE, JobError(code=result.refusal.code.value, message=result.refusal.message)
    assert result.scores is not None
    if result.scores.integrity < floors.staging_integrity_floor:
        weak = failures.ARCHITECTURE_CHANGED
    elif result.scores.quality < floors.staging_quality_floor:
        weak = failures.QUALITY_TOO_LOW
    else:
        return Decision.PUBLISH, None
    return (Decision.TRY_AGAIN, None) if attempt < floors.staging_max_attempts else (Decision.REFUSE, weak)
