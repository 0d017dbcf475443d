from enum import StrEnum
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import AwareDatetime, BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from functions.realstaging_api.surface import SURFACE
from vitrine.assets import service as assets
from vitrine.contracts.catalogue import Quality, RoomType, Style
from vitrine.contracts.inference import Scores, StagingWarning
from vitrine.jobs.models import Job, JobState
from vitrine.kernel.environment import Buckets
from vitrine.kernel.http import Allow, Api, Caller, Method, Repeat, address_of
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
from vitrine.staging import cancelling, deleting, failures, listings, service
from vitrine.staging.downloads import Downloads
from vitrine.staging.models import ListQuery, StageCommand, StagedImage, StageInput

api = Api(SURFACE)
handler = api.handler

_buckets = Buckets.load()
_pages = Pages()
_downloads = Downloads()


class ImageStatus(StrEnum):
    QUEUED = "queued"
    PROCESSING = "processing"
    READY = "ready"
    ERROR = "error"


STATUS_OF = {
    JobState.QUEUED: ImageStatus.QUEUED,
    JobState.PROCESSING: ImageStatus.PROCESSING,
    JobState.READY: ImageStatus.READY,
    JobState.ERROR: ImageStatus.ERROR,
    JobState.CANCELLED: ImageStatus.ERROR,
}


class Accepted(BaseModel):
    id: str
    status: ImageStatus


class ImageView(BaseModel):
    """An image and, once it is ready, where its staging lies. URLs hold for 15 minutes; ask again for fresh ones.

    `downloadUrls` are addresses that hold as long as the picture does, by its name (`original`, `staged`, `mask`,
    `layout`, `thumbnail-…`): who has one needs no token, and is sent to a fresh URL.

    `originalUrl` shows the photo as it was inspected, and nothing before that. Once the image was deleted there are no
    URLs, and `imagesDeletedAt` says since when its pictures are gone.
    """

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    id: str
    status: ImageStatus
    original_url: str | None
    staged_url: str | None
    error: str | None
    error_code: str | None
    project_id: str
    room_type: RoomType | None
    style: Style
    seed: int
    quality: Quality
    mask_url: str | None
    layout_url: str | None
    thumbnail_urls: dict[str, str]
    download_urls: dict[str, str]
    width: int | None
    height: int | None
    scores: Scores | None
    warnings: list[StagingWarning]
    engine: str | None
    created_at: AwareDatetime
    updated_at: AwareDatetime
    images_deleted_at: AwareDatetime | None


class ImagePage(Page[ImageView]):
    """The newest images first; `next_cursor` continues the list, and is null at its end."""


@api.post(
    "/api/v1/images",
    status_code=202,
    summary="Stage a photo",
    tags=["images"],
    brings_work=True,
    round_trips=4,
    leads_to={"GET /api/v1/images/{id}": {"id": ID}, "GET /api/v1/events": {"image_id": ID}},
)
def create_image(body: StageCommand, caller: Caller) -> Accepted:
    job = service.create_image(caller, body, surface=SURFACE.name, pictures_kept_days=SURFACE.pictures_kept_days)
    return Accepted(id=job.id, status=STATUS_OF[job.state])


@api.get("/api/v1/images/{id}", summary="Read an image's status and result", tags=["images"], round_trips=2)
def get_image(id: str, caller: Caller) -> ImageView:  # noqa: A002 - the contract's name
    return _view(service.find_image(caller, id))


@api.get(
    "/api/v1/projects/{id}/images",
    summary="List a project's images",
    description="The newest first. With `status` a page may be shorter than `limit`, even empty, while `next_cursor` "
    "says that there is more.",
    tags=["images"],
    round_trips=4,
)
def list_images(
    id: str,  # noqa: A002 - the contract's name
    caller: Caller,
    status: Annotated[ImageStatus | None, Query()] = None,
    created_from: CreatedFrom = None,
    created_before: CreatedBefore = None,
    limit: PageLimit = DEFAULT_LIMIT,
    cursor: PageCursor = None,
) -> ImagePage:
    query = ListQuery(limit=limit, created_from=created_from, created_before=created_before)
    wanted = (lambda job: STATUS_OF[job.state] is status) if status else None
    images, next_cursor = _pages.read(
        query.of(f"images#{caller.tenant}#{id}"),
        cursor,
        lambda after: listings.images(caller.tenant, id, query, after, wanted),
    )
    return ImagePage(items=[_view(image) for image in images], next_cursor=next_cursor)


@api.post(
    "/api/v1/images/{id}/cancel",
    summary="Cancel an image",
    description="It ends as `error` with the code `cancelled`, and what it held is given back. 409 if it has ended.",
    tags=["images"],
    # What it answers holds links that expire; cancelling twice changes nothing.
    repeat=Repeat.RUN_AGAIN,
    round_trips=4,
)
def cancel_image(id: str, caller: Caller) -> ImageView:  # noqa: A002 - the contract's name
    return _view(cancelling.image(caller, id))


@api.delete(
    "/api/v1/images/{id}",
    status_code=204,
    summary="Delete an image",
    description="It leaves its project's list at once and is cancelled if it is not over. Its pictures are deleted "
    "within seconds, the upload too unless another image uses it. `GET /api/v1/images/{id}` says when.",
    tags=["images"],
    round_trips=3,
)
def delete_image(id: str, caller: Caller) -> None:  # noqa: A002
    deleting.image(caller, id)


@api.get(
    "/api/v1/images/{id}/pictures/{picture}",
    summary="Download a picture",
    description="Sends you to a link that holds for 15 minutes. The address itself holds as long as the picture is "
    "there: who has it needs no token, so it can stand in a page.",
    tags=["images"],
    responses=REDIRECT,
    allow=Allow.PUBLIC,
    round_trips=1,
    errors=(404,),
)
def get_picture(id: str, picture: str, key: PictureKey, method: Method) -> Response[None]:  # noqa: A002
    return redirect(_downloads.link(id, picture, key, method))


def _view(job: Job) -> ImageView:
    options = StageInput.model_validate(job.input)
    staged = StagedImage.model_validate(job.result) if job.result else None
    error, shown = failures.of(job), staged if job.has_images else None
    chosen = staged or options
    return ImageView(
        id=job.id,
        status=STATUS_OF[job.state],
        original_url=assets.original_url(options.photo_key) if job.has_images else None,
        staged_url=_url(shown.picture_key) if shown else None,
        error=error.message if error else None,
        error_code=error.code if error else None,
        project_id=job.subject,
        room_type=chosen.room_type,
        style=chosen.style,
        seed=chosen.seed,
        quality=options.quality,
        mask_url=_url(shown.mask_key) if shown else None,
        layout_url=_url(shown.layout_key) if shown else None,
        thumbnail_urls=_thumbnails(shown),
        download_urls=_downloads.addresses(job, address_of(f"/api/v1/images/{job.id}/pictures")),
        width=staged.width if staged else None,
        height=staged.height if staged else None,
        scores=staged.scores if staged else None,
        warnings=list(staged.warnings) if staged else [],
        engine=f"{staged.engine.name} {staged.engine.version}" if staged else None,
        created_at=job.created_at,
        updated_at=job.updated_at,
        images_deleted_at=job.images_deleted_at,
    )


def _thumbnails(staged: StagedImage | None) -> dict[str, str]:
    return {str(size): _url(key) for size, key in staged.thumbnails.items()} if staged else {}


def _url(key: str) -> str:
    return assets.download_url(_buckets.media_bucket, key)
