"""Images of a session: their places, checks, thumbnails and versions."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import AwareDatetime, BaseModel

from functions.imaging360_api.callers import USER
from functions.imaging360_api.fields import Uuid
from functions.imaging360_api.surface import SURFACE
from vitrine.assets import service as assets
from vitrine.capture import places, rules, service
from vitrine.capture.models import Image, ImageError, ImageStatus, PositionSource, Review
from vitrine.capture.service import Captured
from vitrine.kernel.environment import Buckets
from vitrine.kernel.http import Api, Caller
from vitrine.set_qc.models import Check

api = Api(SURFACE)
handler = api.handler
_buckets = Buckets.load()


class ExifView(BaseModel):
    """What the camera wrote. `timestamp` has no offset where the camera knew none."""

    iso: int | None
    shutter: str | None
    aperture: str | None
    timestamp: str | None


class ImageItem(BaseModel):
    """`frame` counts from 0; `angle_deg` is 360 frame / n, rounded down. `position_source` says how the place is known,
    and `position_conflict` what disagrees. `thumb_urls` hold for 15 minutes. `duplicate_of` has the very same bytes.
    """

    id: Uuid
    angle_deg: int | None
    frame: int | None
    shot_name: str | None
    position_source: PositionSource
    position_conflict: str | None
    current: bool
    thumb_keys: dict[str, str]
    thumb_urls: dict[str, str]
    qc: dict[str, Check]
    review: Review | None
    duplicate_of: Uuid | None
    error: ImageError | None
    status: ImageStatus
    file_name: str
    created_at: AwareDatetime
    published_at: AwareDatetime | None


class ImageVersion(BaseModel):
    """One of the images that were taken of one place; the one that holds comes first."""

    id: Uuid
    status: ImageStatus
    current: bool
    taken_at: str | None
    created_at: AwareDatetime


class ImageView(ImageItem):
    session_id: Uuid
    vehicle_id: Uuid
    storage_key: str
    content_type: str
    content_sha256: str
    width: int | None
    height: int | None
    size: int | None
    exif: ExifView
    versions: list[ImageVersion]


class ImageList(BaseModel):
    """`total` counts the images of the list."""

    data: list[ImageItem]
    total: int


@api.get(
    "/v1/images",
    summary="List a session's images",
    description="A turn by `angle_deg`, stills by `created_at`. Of several images of one place only the one that "
    "holds; `versions=true` lists all.",
    tags=["images"],
    allow=USER,
    round_trips=2,
)
def list_images(
    caller: Caller,
    session_id: Annotated[Uuid, Query()],
    status: Annotated[ImageStatus | None, Query()] = None,
    versions: Annotated[bool, Query()] = False,
) -> ImageList:
    found = service.read_for(caller, session_id)
    shown = [image for image in found.images if image.current or versions]
    data = [ImageItem(**_item(found, image)) for image in shown if status in (None, image.status)]
    return ImageList(data=data, total=len(data))


@api.get("/v1/images/{id}", summary="Read an image", tags=["images"], allow=USER, round_trips=3)
def get_image(id: str, caller: Caller) -> ImageView:  # noqa: A002 - the contract's name
    found, image = service.image_for(caller, id)
    taken = image.exposure.taken_at
    return ImageView(
        **_item(found, image),
        session_id=image.session_id,
        vehicle_id=image.vehicle_id,
        storage_key=image.storage_key,
        content_type=image.content_type,
        content_sha256=image.content_sha256,
        width=image.width,
        height=image.height,
        size=image.size,
        exif=ExifView(
            iso=image.exposure.iso,
            shutter=image.exposure.shutter,
            aperture=image.exposure.aperture,
            timestamp=taken.isoformat() if taken else None,
        ),
        versions=[_version(each) for each in places.versions(image.id, found.images)],
    )


def _item(found: Captured, image: Image) -> dict[str, Any]:
    frame, count = image.position.frame, rules.frame_count(found.session)
    same = ("id", "current", "thumb_keys", "qc", "review", "duplicate_of", "error", "status", "file_name")
    return {
        **{name: getattr(image, name) for name in (*same, "created_at", "published_at")},
        "angle_deg": None if frame is None else rules.angle_of(frame, count),
        "frame": frame,
        "shot_name": image.position.shot_name,
        "position_source": image.position.source,
        "position_conflict": image.position.conflict,
        "thumb_urls": {size: _url(key) for size, key in image.thumb_keys.items()},
    }


def _version(image: Image) -> ImageVersion:
    taken = image.exposure.taken_at
    return ImageVersion(
        id=image.id,
        status=image.status,
        current=image.current,
        taken_at=taken.isoformat() if taken else None,
        created_at=image.created_at,
    )


def _url(key: str) -> str:
    return assets.download_url(_buckets.media_bucket, key)
