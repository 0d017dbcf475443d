from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from vitrine.kernel.record import WHOLE, Record
from vitrine.pictures.kinds import ContentType as ContentType

MAX_BYTES = 100 * 2**20
MAX_PIXELS = 100_000_000
MAX_SIDE = 30_000
MIN_SIDE = 256


SPELLINGS = {
    **{kind.value: kind for kind in ContentType},
    "image/jpg": ContentType.JPEG,
    "image/pjpeg": ContentType.JPEG,
    "image/x-png": ContentType.PNG,
    "image/heic-sequence": ContentType.HEIC,
    "image/heif-sequence": ContentType.HEIF,
    "application/octet-stream": None,
    "binary/octet-stream": None,
    "": None,
}
"""What clients call a photo, in lower case. None says nothing of the kind: Windows knows no type for HEIC, and browsers
there say octet-stream, or nothing. Whatever is said, the kind is read from the bytes."""


class ThumbnailSize(IntEnum):
    """The longest side in pixels."""

    SMALL = 150
    MEDIUM = 600
    LARGE = 1200


class AssetState(StrEnum):
    AWAITING_UPLOAD = "awaiting_upload"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class Verdict(StrEnum):
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class Rejection(Record):
    """Why an upload was rejected: a stable code, and a message that its owner may read."""

    code: str
    message: str


def _spelled(said: object) -> object:
    """The text as it was said, if it names a type that we know, and can stand in a header."""
    if said is None:
        return ""
    if not isinstance(said, str):
        raise PydanticCustomError("media_type", "Send a media type, such as image/jpeg.")
    text = said.strip()
    if essence(text) not in SPELLINGS or len(text) > _LONGEST_TYPE or not (text.isascii() and text.isprintable()):
        raise PydanticCustomError("media_type", f"Send one of {', '.join(filter(None, SPELLINGS))}.")
    return text


def essence(media_type: str) -> str:
    """A media type without its parameters, in lower case: types are compared so (RFC 9110, 8.3.1)."""
    return media_type.partition(";")[0].strip().lower()


_LONGEST_TYPE = 100
MediaType = Annotated[str, BeforeValidator(_spelled, json_schema_input_type=Literal[tuple(SPELLINGS)] | None)]


class UploadRequest(Record):
    """The file that a client is about to send. `sha256` is hex or base64; with it, only those very bytes may come.

    `content_type` is what the client calls it, in any letter case and with or without parameters; the upload's URL is
    signed for that very text. The kind of picture is read from the bytes.
    """

    filename: str = Field(min_length=1, max_length=255)
    content_type: MediaType = ""
    file_size: Annotated[int, Field(strict=True, ge=1, le=MAX_BYTES, description="Bytes, at most 100 MB"), WHOLE]
    sha256: str | None = Field(default=None, pattern=r"^([0-9A-Fa-f]{64}|[A-Za-z0-9+/]{43}=)$")


class Photo(Record):
    """A photo that came with a request: its bytes, and the name its sender gave it."""

    data: bytes = Field(repr=False)
    filename: str = "photo"


class PresignedUpload(Record):
    """Where to PUT the file. `headers` are signed: a request that lacks one or differs in one is refused by S3.

    Content-Length is among them, which HTTP clients set by themselves from the body (browsers let nobody else).
    """

    upload_url: str
    file_key: str
    expires_in: int
    asset_id: str
    headers: dict[str, str]


class Report(Record):
    """What a picture is, from its own bytes.

    `width` and `height` are those of the upright picture; `orientation` is the EXIF value (1 to 8) it was stored
    with. `focal_length_35mm` is in millimetres of 35 mm film. `taken_at` has no zone when the camera knew none.
    `sharpness` is the variance of the Laplacian at 1600 pixels; `brightness` and the clipped shares are 0 to 1.
    """

    content_type: ContentType
    width: int
    height: int
    orientation: int = Field(ge=1, le=8)
    focal_length_35mm: float | None = None
    camera_make: str | None = None
    camera_model: str | None = None
    taken_at: datetime | None = None
    has_gps: bool = False
    sharpness: float
    brightness: float
    clipped_shadows: float
    clipped_highlights: float


class Inspection(Record):
    """What was found at an upload's key. Accepted: with report and thumbnails (keys in the media bucket by size).

    `etag` and `version_id` are those of the original: the inspected bytes, under a key of ours.
    """

    tenant: str
    asset_id: str
    key: str
    verdict: Verdict
    etag: str | None = None
    version_id: str | None = None
    size: int | None = None
    sha256: str | None = None
    reason: Rejection | None = None
    report: Report | None = None
    thumbnails: dict[ThumbnailSize, str] = Field(default_factory=dict)


class Asset(Record):
    """An upload, from the promise of one to its verdict.

    `content_type` (as it was said), `size` and `sha256` (hex) are what the client promised; what came is in
    `inspection`.
    """

    id: str
    tenant: str
    key: str
    state: AssetState
    version: int = Field(ge=1)
    filename: str
    content_type: str
    size: int
    sha256: str | None
    created_at: AwareDatetime
    updated_at: AwareDatetime
    inspection: Inspection | None = None
    reason: Rejection | None = None


class DueUpload(Record):
    """An upload that is to be deleted at `due` unless work has used it by then."""

    tenant: str
    asset_id: str
    due: AwareDatetime


class AssetEvent(Record):
    """An upload was inspected; `state` is accepted or rejected. It happens once to an asset."""

    tenant: str
    asset_id: str
    state: AssetState
    at: AwareDatetime
