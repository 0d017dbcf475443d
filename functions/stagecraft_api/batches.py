from collections import Counter
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body, Query, UploadFile
from pydantic import AwareDatetime, BaseModel, BeforeValidator, Field

from functions.stagecraft_api.errors import document_code
from functions.stagecraft_api.options import (
    Image,
    OptionalRoom,
    OptionalStyle,
    PropertyName,
    QualityMode,
    photo,
    request,
)
from functions.stagecraft_api.surface import SURFACE
from vitrine.contracts.catalogue import Quality
from vitrine.jobs.models import Job, JobState
from vitrine.kernel import operations
from vitrine.kernel.environment import Buckets, EngineCapacity
from vitrine.kernel.errors import Invalid
from vitrine.kernel.http import Api, Caller, Form, Repeat
from vitrine.kernel.http.paging import (
    DEFAULT_LIMIT,
    CreatedBefore,
    CreatedFrom,
    Page,
    PageCursor,
    PageLimit,
    Pages,
)
from vitrine.staging import batches, cancelling, deleting, failures, listings, rules
from vitrine.staging.batches import Batch
from vitrine.staging.models import BatchInput, BatchOutcome, ListQuery

api = Api(SURFACE)
handler = api.handler

Buckets.load()
_capacity = EngineCapacity.load()
_pages = Pages()
MOST_IN_A_FORM = batches.MOST_RECEIVED
"""They are stored before the answer, which has to come in time."""
_TARGET = {Quality.STANDARD: timedelta(seconds=30), Quality.PREMIUM: timedelta(seconds=45)}
"""The document's response time targets: what a photo is taken to last before any has been measured."""


class PhotoStatus(StrEnum):
    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


STATUS_OF = {
    JobState.QUEUED: PhotoStatus.QUEUED,
    JobState.PROCESSING: PhotoStatus.PROCESSING,
    JobState.READY: PhotoStatus.COMPLETED,
    JobState.ERROR: PhotoStatus.FAILED,
    JobState.CANCELLED: PhotoStatus.FAILED,
}


def _listed(value: Any) -> Any:
    """A form's file that came alone is a list of one."""
    return [value] if isinstance(value, UploadFile) else value


class BatchForm(Form):
    """`images` are the photos themselves in a form, or in JSON the `file_key`s of uploads: up to 500 of one home.

    In a form the field may be called `images[]` too. All photos are furnished from one plan.
    """

    images: Annotated[list[Image], BeforeValidator(_listed), Field(min_length=1, max_length=batches.MOST_PHOTOS)]
    style: OptionalStyle = None
    room_type: OptionalRoom = None
    quality_mode: QualityMode = QualityMode.PREMIUM
    property_name: PropertyName = None


class BatchPhotoView(BaseModel):
    """One photo; `GET /api/stage/{staging_id}` has its result."""

    id: str
    status: PhotoStatus
    error: str | None = None
    error_code: str | None = None


class BatchView(BaseModel):
    """A batch and its photos, in the order sent. One photo that fails leaves the others alone.

    `estimated_completion_time` follows the pace so far, and before the first photo the average of the last hour and
    what waits; once all photos are over it is when the last one was.
    """

    batch_id: str
    total_images: int
    completed_images: int
    failed_images: int
    processing_status: PhotoStatus
    estimated_completion_time: AwareDatetime
    individual_stagings: list[BatchPhotoView]
    style: str
    property_name: str | None
    created_at: AwareDatetime


class BatchStatus(StrEnum):
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


class ListedBatch(BaseModel):
    """A batch as its list shows it; `GET /api/stage/batch/{batch_id}` has its photos.

    Until it is over it is `processing`, also while it waits. How many photos are completed or failed is null until
    then, and for a batch that was cancelled.
    """

    batch_id: str
    total_images: int
    completed_images: int | None
    failed_images: int | None
    processing_status: BatchStatus
    style: str
    property_name: str | None
    created_at: AwareDatetime


class BatchPage(Page[ListedBatch]):
    """The newest batches first; `next_cursor` continues the list, and is null at its end."""


@api.post(
    "/api/stage/batch",
    status_code=202,
    summary="Stage many photos of one home",
    description="Counts as one request an hour and as many photos as it has. In a form there may be 40 photos, which "
    "have 4 MB together; more go by `POST /api/uploads/presign`.",
    tags=["batches"],
    form=True,
    brings_work=True,
    # A repeat is answered anew: its photos may be further than they were.
    repeat=Repeat.RUN_AGAIN,
    round_trips=4,
    leads_to={"GET /api/stage/batch/{batch_id}": {"batch_id": "$response.body#/batch_id"}},
)
def stage_batch(body: Annotated[BatchForm, Body(media_type="multipart/form-data")], caller: Caller) -> BatchView:
    staging = request(caller, body.style, body.room_type, body.quality_mode, body.property_name)
    photos = [photo(image) for image in body.images]
    if len(photos) > MOST_IN_A_FORM and not isinstance(photos[0], str):
        advice = f"A form takes at most {MOST_IN_A_FORM} photos. Send more by `POST /api/uploads/presign`."
        raise Invalid.field("body.images", "too_many", advice)
    if len({type(one) for one in photos}) > 1:
        raise Invalid.field("body.images", "mixed", "Send either photos or file keys, not both.")
    if len(set(photos)) < len(photos) and isinstance(photos[0], str):
        raise Invalid.field("body.images", "repeated", "A file key is there more than once.")
    return _view(batches.create(caller, staging, photos), caller.now)


@api.get(
    "/api/stage/batch",
    summary="List batches",
    description="The newest first. With `status` a page may be shorter than `limit`, even empty, while `next_cursor` "
    "says that there is more.",
    tags=["batches"],
    round_trips=3,
)
def list_batches(
    caller: Caller,
    status: Annotated[BatchStatus | None, Query()] = None,
    created_from: CreatedFrom = None,
    created_before: CreatedBefore = None,
    limit: PageLimit = DEFAULT_LIMIT,
    cursor: PageCursor = None,
) -> BatchPage:
    query = ListQuery(limit=limit, created_from=created_from, created_before=created_before)
    wanted = (lambda job: _status_of(job) is status) if status else None
    found, next_cursor = _pages.read(
        query.of(f"batches#{caller.tenant}"),
        cursor,
        lambda after: listings.page(caller.tenant, rules.BATCHES, query, after, wanted),
    )
    return BatchPage(items=[_summary(job) for job in found], next_cursor=next_cursor)


@api.get("/api/stage/batch/{batch_id}", summary="Read how a batch is doing", tags=["batches"], round_trips=4)
def get_batch(batch_id: str, caller: Caller) -> BatchView:
    return _view(batches.find(caller.tenant, batch_id), caller.now)


@api.post(
    "/api/stage/batch/{batch_id}/cancel",
    status_code=202,
    summary="Cancel a batch",
    description="Its photos that are not over follow within seconds, end as `failed` and count no more. 409 if the "
    "batch has ended.",
    tags=["batches"],
    # Cancelling twice changes nothing.
    repeat=Repeat.RUN_AGAIN,
    round_trips=4,
    leads_to={"GET /api/stage/batch/{batch_id}": {"batch_id": "$response.body#/batch_id"}},
)
def cancel_batch(batch_id: str, caller: Caller) -> ListedBatch:
    return _summary(cancelling.batch(caller, batch_id))


@api.delete(
    "/api/stage/batch/{batch_id}",
    status_code=204,
    summary="Delete a batch",
    description="As if each of its photos was deleted; those follow within seconds.",
    tags=["batches"],
    round_trips=3,
)
def delete_batch(batch_id: str, caller: Caller) -> None:
    deleting.batch(caller, batch_id)


def _view(batch: Batch, now: datetime) -> BatchView:
    photos = [_photo(job_id, job) for job_id, job in batch.photos.items()]
    counted = Counter(photo.status for photo in photos)
    return BatchView(
        batch_id=batch.job.id,
        total_images=len(photos),
        completed_images=counted[PhotoStatus.COMPLETED],
        failed_images=counted[PhotoStatus.FAILED],
        processing_status=_status(counted, len(photos)),
        estimated_completion_time=_shown(_estimate(batch, now), now),
        individual_stagings=photos,
        style=batch.input.options.style.value,
        property_name=batch.input.property_name,
        created_at=batch.job.created_at,
    )


def _summary(job: Job) -> ListedBatch:
    shared, outcome = BatchInput.model_validate(job.input), _outcome(job)
    return ListedBatch(
        batch_id=job.id,
        total_images=len(shared.photos),
        completed_images=outcome.completed if outcome else None,
        failed_images=outcome.failed if outcome else None,
        processing_status=_status_of(job),
        style=shared.options.style.value,
        property_name=shared.property_name,
        created_at=job.created_at,
    )


def _outcome(job: Job) -> BatchOutcome | None:
    return BatchOutcome.model_validate(job.result) if job.result else None


def _status_of(job: Job) -> BatchStatus:
    """Failed if nothing came of it, as for a batch that is looked at with its photos."""
    if not job.state.is_over:
        return BatchStatus.PROCESSING
    outcome = _outcome(job)
    return BatchStatus.COMPLETED if outcome and outcome.completed else BatchStatus.FAILED


def _photo(job_id: str, job: Job | None) -> BatchPhotoView:
    state = job.state if job else JobState.QUEUED
    error = failures.of(job) if job else None
    return BatchPhotoView(
        id=job_id,
        status=STATUS_OF[state],
        error=error.message if error else None,
        error_code=document_code(error.code) if error else None,
    )


def _status(counted: Counter[PhotoStatus], total: int) -> PhotoStatus:
    """Failed only if nothing came of it; a batch of which one photo failed is completed."""
    if counted[PhotoStatus.QUEUED] == total:
        return PhotoStatus.QUEUED
    if counted[PhotoStatus.FAILED] == total:
        return PhotoStatus.FAILED
    over = counted[PhotoStatus.COMPLETED] + counted[PhotoStatus.FAILED]
    return PhotoStatus.COMPLETED if over == total else PhotoStatus.PROCESSING


def _shown(estimate: datetime, now: datetime) -> datetime:
    """What is over stays as it was."""
    return rules.rounded_up(estimate) if estimate > now else estimate


def _estimate(batch: Batch, now: datetime) -> datetime:
    ends = [job.updated_at for job in batch.photos.values() if job and job.state.is_over]
    left = len(batch.photos) - len(ends)
    if not left:
        return max(ends)
    if ends:
        return rules.estimate_by_pace(now, batch.job.created_at, len(ends), left)
    standing = operations.health()
    average = (
        timedelta(milliseconds=standing.average_ms) if standing.average_ms else _TARGET[batch.input.options.quality]
    )
    before = standing.snapshot.jobs_waiting + standing.snapshot.jobs_at_work if standing.snapshot else 0
    return rules.estimate_by_average(now, average, before + left, _capacity.engine_photos_at_once)
