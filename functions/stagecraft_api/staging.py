from enum import StrEnum
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Header, Query
from pydantic import AwareDatetime, BaseModel, Field

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
from vitrine.assets import service as assets
from vitrine.assets.refusals import Refused
from vitrine.contracts.catalogue import RoomType, Style
from vitrine.jobs.models import Job, JobState
from vitrine.kernel.clock import utc_now
from vitrine.kernel.environment import Buckets
from vitrine.kernel.errors import BadRequest
from vitrine.kernel.http import Allow, Api, Caller, Form, Method, Repeat, address_of
from vitrine.kernel.http.paging import (
    DEFAULT_LIMIT,
    CreatedBefore,
    CreatedFrom,
    Page,
    PageCursor,
    PageLimit,
    Pages,
)
from vitrine.kernel.http.policy import ID
from vitrine.kernel.http.redirects import REDIRECT, PictureKey, redirect
from vitrine.kernel.preferences import wait_s
from vitrine.pictures.faults import Fault
from vitrine.staging import cancelling, deleting, failures, following, listings, progress, rules, service
from vitrine.staging.downloads import Downloads
from vitrine.staging.models import ListQuery, StagedImage, StageInput

LONGEST_WAIT_S = 25
_TO_ANSWER_S = 4
"""The last look and the answer, at the worst."""
api = Api(SURFACE)
handler = api.handler

_buckets = Buckets.load()
_pages = Pages()
_downloads = Downloads()


class StagingStatus(StrEnum):
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


STATUS_OF = {
    JobState.QUEUED: StagingStatus.PROCESSING,
    JobState.PROCESSING: StagingStatus.PROCESSING,
    JobState.READY: StagingStatus.COMPLETED,
    JobState.ERROR: StagingStatus.FAILED,
    JobState.CANCELLED: StagingStatus.FAILED,
}


class StageForm(Form):
    """`image` is the photo itself in a form, or in JSON an upload's `file_key`. A `room_type` not said is detected."""

    image: Image
    style: OptionalStyle = None
    room_type: OptionalRoom = None
    quality_mode: QualityMode = QualityMode.PREMIUM
    property_name: PropertyName = None


class Staging(BaseModel):
    """A staging, with its result once it is completed. URLs hold for 15 minutes; ask again for fresh ones.

    `download_urls` are addresses that hold as long as the picture does, by its name (`original`, `staged`, `mask`,
    `layout`, `thumbnail-…`): who has one needs no token, and is sent to a fresh URL.

    `original_image_url` shows the photo as it was inspected, and nothing before that.
    `processing_time_ms` counts from when the engine had all it needs. Pictures are deleted 30 days after the end, or
    with the staging, which `images_deleted_at` then says.
    """

    id: str
    user_id: str
    status: StagingStatus
    original_image_url: str | None
    style: Style
    room_type: RoomType | None
    quality_mode: QualityMode
    staged_image_url: str | None = None
    mask_url: str | None = None
    download_urls: dict[str, str]
    processing_time_ms: int | None = None
    quality_score: float | None = Field(default=None, ge=0, le=1)
    architectural_integrity: bool | None = None
    created_at: AwareDatetime
    completed_at: AwareDatetime | None = None
    error_message: str | None = None
    error_code: str | None = None
    property_name: str | None = None
    batch_id: str | None = None
    images_deleted_at: AwareDatetime | None = None


class StagingState(BaseModel):
    """`progress` is 0 to 1 while it is processed; `result` is there once it is completed, `error` if it failed."""

    id: str
    status: StagingStatus
    progress: float | None = Field(default=None, ge=0, le=1)
    result: Staging | None = None
    error: str | None = None
    error_code: str | None = None


class StagingPage(Page[Staging]):
    """The newest stagings first; `next_cursor` continues the list, and is null at its end."""


_ANSWERS: Any = {
    202: {"description": "Taken; the staging goes on", "content": {"application/json": {"model": Staging}}},
    200: {
        "description": "Finished within the seconds that `Prefer: wait` gave it",
        "content": {"application/json": {"model": Staging}},
    },
}
Prefer = Annotated[
    str | None, Header(alias="Prefer", description=f"`wait=N` waits up to N seconds, at most {LONGEST_WAIT_S}")
]


@api.post(
    "/api/stage",
    status_code=202,
    summary="Stage a photo",
    description="Answers at once, and again by `GET /api/stage/{staging_id}`. Photos above 4 MB go by "
    "`POST /api/uploads/presign`.",
    tags=["staging"],
    responses=_ANSWERS,
    form=True,
    brings_work=True,
    # What it answers holds links that expire, so a repeat is answered anew.
    repeat=Repeat.RUN_AGAIN,
    round_trips=3,
    leads_to={"GET /api/stage/{staging_id}": {"staging_id": ID}},
)
def stage(
    body: Annotated[StageForm, Body(media_type="multipart/form-data")], caller: Caller, prefer: Prefer = None
) -> Response[Staging]:
    staging = request(caller, body.style, body.room_type, body.quality_mode, body.property_name)
    try:
        job = service.stage_photo(caller, staging, photo(body.image))
    except Refused as refusal:
        raise BadRequest(refusal.reason.message, code=refusal.reason.code, details=_received(refusal)) from None
    return _answer(job, caller.principal.actor, wait_s(prefer, most=LONGEST_WAIT_S))


@api.get(
    "/api/stage",
    summary="List stagings",
    description="The newest first, those of batches included. With `status` a page may be shorter than `limit`, even "
    "empty, while `next_cursor` says that there is more.",
    tags=["staging"],
    round_trips=3,
)
def list_stagings(
    caller: Caller,
    status: Annotated[StagingStatus | None, Query()] = None,
    created_from: CreatedFrom = None,
    created_before: CreatedBefore = None,
    limit: PageLimit = DEFAULT_LIMIT,
    cursor: PageCursor = None,
) -> StagingPage:
    query = ListQuery(limit=limit, created_from=created_from, created_before=created_before)
    wanted = (lambda job: STATUS_OF[job.state] is status) if status else None
    stagings, next_cursor = _pages.read(
        query.of(f"stagings#{caller.tenant}"),
        cursor,
        lambda after: listings.page(caller.tenant, rules.STAGINGS, query, after, wanted),
    )
    return StagingPage(items=[view(job, caller.principal.actor) for job in stagings], next_cursor=next_cursor)


@api.get("/api/stage/{staging_id}", summary="Read a staging's status and result", tags=["staging"], round_trips=3)
def get_staging(staging_id: str, caller: Caller) -> StagingState:
    return _state(service.find_staging(caller, staging_id), caller.principal.actor)


@api.post(
    "/api/stage/{staging_id}/cancel",
    summary="Cancel a staging",
    description="It ends as `failed` with the code CANCELLED, and counts no more. A batch goes on with its other "
    "photos. 409 if it has ended.",
    tags=["staging"],
    # What it answers holds links that expire; cancelling twice changes nothing.
    repeat=Repeat.RUN_AGAIN,
    round_trips=4,
)
def cancel_staging(staging_id: str, caller: Caller) -> StagingState:
    return _state(cancelling.staging(caller, staging_id), caller.principal.actor)


@api.delete(
    "/api/stage/{staging_id}",
    status_code=204,
    summary="Delete a staging",
    description="It leaves the list at once and is cancelled if it is not over. Its pictures are deleted within "
    "seconds, the upload too unless another staging uses it. `GET /api/stage/{staging_id}` says when.",
    tags=["staging"],
    round_trips=3,
)
def delete_staging(staging_id: str, caller: Caller) -> None:
    deleting.staging(caller, staging_id)


@api.get(
    "/api/stage/{staging_id}/pictures/{picture}",
    summary="Download a picture",
    description="Sends you to a link that holds for 15 minutes. The address itself holds as long as the picture is "
    "there: who has it needs no token, so it can stand in a page.",
    tags=["staging"],
    responses=REDIRECT,
    allow=Allow.PUBLIC,
    round_trips=1,
    errors=(404,),
)
def get_picture(staging_id: str, picture: str, key: PictureKey, method: Method) -> Response[None]:
    return redirect(_downloads.link(staging_id, picture, key, method))


def _state(job: Job, user_id: str) -> StagingState:
    staging = view(job, user_id)
    at_work = staging.status is StagingStatus.PROCESSING
    return StagingState(
        id=job.id,
        status=staging.status,
        progress=progress.of(job, _buckets.media_bucket) if at_work else None,
        result=staging if staging.status is StagingStatus.COMPLETED else None,
        error=staging.error_message,
        error_code=staging.error_code,
    )


def _answer(job: Job, user_id: str, wait: int) -> Response[Staging]:
    seen = following.until_over(job, _left_s(wait)) if wait else job
    over = seen.state.is_over
    headers = {"Preference-Applied": f"wait={wait}"} if wait and over else {}
    return Response(
        status_code=200 if wait and over else 202,
        content_type="application/json",
        headers=headers,
        body=view(seen, user_id),
    )


def _left_s(wait: int) -> float:
    """Of a wait that counts from when the gateway took the request: a cold start and storing the photo are part of it.

    Never more than the function has.
    """
    passed = utc_now().timestamp() - api.routes.current_event.request_context.time_epoch / 1000
    return min(wait - passed, api.routes.lambda_context.get_remaining_time_in_millis() / 1000 - _TO_ANSWER_S)


def view(job: Job, user_id: str) -> Staging:
    options = StageInput.model_validate(job.input)
    staged = StagedImage.model_validate(job.result) if job.result else None
    error = failures.of(job)
    return Staging(
        id=job.id,
        user_id=user_id,
        status=STATUS_OF[job.state],
        original_image_url=assets.original_url(options.photo_key) if job.has_images else None,
        style=options.style,
        room_type=(staged or options).room_type,
        quality_mode=QualityMode(options.quality.value),
        staged_image_url=_url(_buckets.media_bucket, staged.picture_key, job) if staged else None,
        mask_url=_url(_buckets.media_bucket, staged.mask_key, job) if staged else None,
        download_urls=_downloads.addresses(job, address_of(f"/api/stage/{job.id}/pictures")),
        processing_time_ms=_processing_ms(job) if staged else None,
        quality_score=staged.scores.quality if staged else None,
        architectural_integrity=_integrity(job, staged),
        created_at=job.created_at,
        completed_at=job.updated_at if job.state.is_over else None,
        error_message=error.message if error else None,
        error_code=document_code(error.code) if error else None,
        property_name=options.property_name,
        batch_id=job.batch,
        images_deleted_at=job.images_deleted_at,
    )


def _integrity(job: Job, staged: StagedImage | None) -> bool | None:
    """What did not leave the room itself untouched is never published."""
    if staged is not None:
        return True
    return False if job.error and job.error.code == "architecture_changed" else None


def _processing_ms(job: Job) -> int | None:
    return round((job.updated_at - job.started_at).total_seconds() * 1000) if job.started_at else None


def _url(bucket: str, key: str, job: Job) -> str | None:
    return assets.download_url(bucket, key) if job.has_images else None


def _received(refusal: Refused) -> str:
    """What the bytes are, whatever the client called them."""
    if refusal.reason.code == Fault.EMPTY:
        return "Received an empty file"
    return f"Received {refusal.found} format" if refusal.found else "Received a file of no known picture format"
