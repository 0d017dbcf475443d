from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from functions.realstaging_api.api import guarded
from vitrine.assets import service as assets
from vitrine.contracts.catalogue import Quality, RoomType, Style
from vitrine.contracts.inference import Scores, StagingWarning
from vitrine.jobs.models import Job, JobState
from vitrine.kernel.environment import Buckets
from vitrine.kernel.http import Caller
from vitrine.staging import service
from vitrine.staging.models import StageCommand, StagedImage, StageInput

api = guarded()
handler = api.handler
routes = api.routes

_buckets = Buckets.load()


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
    """An image and, once it is ready, where its staging lies. URLs hold for 15 minutes; ask again for fresh ones."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    id: str
    status: ImageStatus
    original_url: str
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
    width: int | None
    height: int | None
    scores: Scores | None
    warnings: list[StagingWarning]
    engine: str | None
    created_at: AwareDatetime
    updated_at: AwareDatetime


@routes.post("/api/v1/images", status_code=202, summary="Stage a photo", tags=["images"])
def create_image(body: StageCommand, caller: Caller) -> Accepted:
    job = service.create_image(caller, body)
    return Accepted(id=job.id, status=STATUS_OF[job.state])


@routes.get("/api/v1/images/<id>", summary="Read an image's status and result", tags=["images"])
def get_image(id: str, caller: Caller) -> ImageView:  # noqa: A002 - the contract's name
    return _view(service.find_image(caller, id))


def _view(job: Job) -> ImageView:
    wish = StageInput.model_validate(job.input)
    staged = StagedImage.model_validate(job.result) if job.result else None
    return ImageView(
        id=job.id,
        status=STATUS_OF[job.state],
        original_url=assets.download_url(_buckets.uploads_bucket, wish.photo_key),
        error=_error_message(job),
        error_code=job.error.code if job.error else None,
        project_id=job.subject,
        quality=wish.quality,
        created_at=job.created_at,
        updated_at=job.updated_at,
        **_of_wish(wish) if staged is None else _of_result(staged),
    )


def _error_message(job: Job) -> str | None:
    if job.state is JobState.CANCELLED:
        return "This staging was cancelled. Nothing was charged."
    return job.error.message if job.error else None


def _of_wish(wish: StageInput) -> dict[str, object]:
    return {
        "staged_url": None,
        "mask_url": None,
        "layout_url": None,
        "thumbnail_urls": {},
        "room_type": wish.room_type,
        "style": wish.style,
        "seed": wish.seed,
        "width": None,
        "height": None,
        "scores": None,
        "warnings": [],
        "engine": None,
    }


def _of_result(staged: StagedImage) -> dict[str, object]:
    return {
        "staged_url": _url(staged.picture_key),
        "mask_url": _url(staged.mask_key),
        "layout_url": _url(staged.layout_key),
        "thumbnail_urls": {str(size): _url(key) for size, key in staged.thumbnails.items()},
        "room_type": staged.room_type,
        "style": staged.style,
        "seed": staged.seed,
        "width": staged.width,
        "height": staged.height,
        "scores": staged.scores,
        "warnings": list(staged.warnings),
        "engine": f"{staged.engine.name} {staged.engine.version}",
    }


def _url(key: str) -> str:
    return assets.download_url(_buckets.media_bucket, key)
