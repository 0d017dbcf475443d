from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field

from vitrine.kernel.record import WHOLE, Moment, Record, Uuid
from vitrine.set_qc.models import Check, Direction, FrameMeasures, Gap, Pair, ReshootItem


class CaptureMode(StrEnum):
    STUDIO360 = "studio360"
    WALK360 = "walk360"
    STILLS = "stills"


class SessionStatus(StrEnum):
    ACTIVE = "active"
    COMPLETE = "complete"
    ABANDONED = "abandoned"
    FAILED = "failed"


class SetStatus(StrEnum):
    """What is known of a session's frames as a set. `judging`: the set's machine is at work."""

    OPEN = "open"
    JUDGING = "judging"
    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    FAILED = "failed"


class VinKind(StrEnum):
    STANDARD = "standard"
    PRE_1981 = "pre_1981"


class CaptureWarning(Record):
    """What is odd about a session and does not stop it. `expected` and `suggestions` are for a VIN's check digit."""

    code: str
    message: str
    field: str | None = None
    expected: str | None = None
    suggestions: tuple[str, ...] = ()


class Vehicle(Record):
    """A vehicle of an organisation. One VIN or stock number names one vehicle, however many sessions come at once.

    `vin_kind` says whether its VIN names it in the whole world; `stock` is the number it was named by last.
    """

    id: str
    tenant: str
    vin: str | None
    vin_kind: VinKind | None = None
    stock: str | None
    created_at: AwareDatetime


class Spin(Record):
    """A full turn of `frame_count` frames; frame k stands at 360 k / n degrees."""

    frame_count: Annotated[int, Field(strict=True, ge=12, le=144), WHOLE] = 24


ShotName = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[\w .-]+$")]


class ShotList(Record):
    """What a session is to bring: a turn, named stills, or both."""

    studio360: Spin | None = None
    walk360: Spin | None = None
    stills: tuple[ShotName, ...] = Field(default=(), max_length=100)


class Person(Record):
    """Who held the camera, copied into the session so that a list reads nothing else."""

    id: str
    name: str


class Session(Record):
    """One capture of a vehicle at a site.

    `set_version` grows with every frame that is recorded, replaced or overruled; `judged_version` is that of the last
    verdict. `set_job` is the job that judges the set now, if one does. `report_key` is where the last report lies, in
    the media bucket. `published_version` is the set that was published last. `image_count` and `set_version` are
    counters of their own in the store, so that frames that come at once do not wait for each other.

    `completed_at` is what the client says, `closed_at` our own moment of the last change of status. `span` is where the
    organisation's lists keep the session (`vitrine.capture.listings`).
    """

    id: str
    tenant: str
    org_id: str
    site_id: str
    site_name: str
    vehicle: Vehicle
    mode: CaptureMode
    shot_list: ShotList
    warnings: tuple[CaptureWarning, ...] = ()
    span: int = 0
    status: SessionStatus
    set_status: SetStatus = SetStatus.OPEN
    version: int = Field(ge=1)
    set_version: int = 0
    judged_version: int = 0
    set_job: str | None = None
    report_key: str | None = None
    published_version: int | None = None
    image_count: int = 0
    operator: Person | None = None
    device_id: str | None = None
    device_model: str | None = None
    started_at: AwareDatetime
    completed_at: AwareDatetime | None = None
    closed_at: AwareDatetime | None = None
    updated_at: AwareDatetime


class SetVerdict(Record):
    """The last verdict on a session's set, as `GET /sessions/{id}` shows it; the whole report lies at `report_key`.

    Frames are named by their images' ids. `missing` is what the pixels say, `checks` are those of the whole set (seam,
    vehicle), `reshoot` is in walking order. `reviews` has the frames that people said something of, and whether they
    let them pass.
    """

    set_version: int
    status: SetStatus
    thresholds: str
    missing: tuple[Gap, ...] = ()
    duplicates: tuple[Pair, ...] = ()
    swapped: tuple[Pair, ...] = ()
    foreign: tuple[str, ...] = ()
    checks: dict[str, Check] = Field(default_factory=dict)
    reshoot: tuple[ReshootItem, ...] = ()
    front_frame: str | None = None
    direction: Direction = Direction.UNKNOWN
    confidence: float = 1.0
    reviews: dict[str, bool] = Field(default_factory=dict)
    report_key: str
    judged_at: AwareDatetime


class FrameType(StrEnum):
    JPEG = "image/jpeg"
    HEIC = "image/heic"


class ImageStatus(StrEnum):
    PENDING = "pending"
    PROCESSING = "processing"
    PROCESSED = "processed"
    FAILED = "failed"
    PUBLISHED = "published"


class PositionSource(StrEnum):
    """How a frame's place in its set became known, the surest first."""

    REQUEST = "request"
    FILE_NAME = "file_name"
    CAPTURE_TIME = "capture_time"
    UNKNOWN = "unknown"


class Claim(Record):
    """The place that a presign gave its file, if any: `frame` counts from 0 in a turn, `shot_name` names a still.

    `off_by_deg` is how far the angle that was said lies from that frame's.
    """

    frame: int | None = None
    shot_name: str | None = None
    off_by_deg: float = 0.0


class Position(Record):
    """A frame's place: `frame` counts from 0 in a turn, `shot_name` names a still. `conflict` says what disagrees.

    It follows from all of a session's images (`vitrine.capture.places`), and is never stored.
    """

    frame: int | None = None
    shot_name: str | None = None
    source: PositionSource = PositionSource.UNKNOWN
    conflict: str | None = None


class Exposure(Record):
    """What the camera wrote: `shutter` such as "1/250", `aperture` such as "f/1.8"."""

    iso: int | None = None
    shutter: str | None = None
    aperture: str | None = None
    taken_at: datetime | None = None


class ImageError(Record):
    """Why a frame cannot be used: a stable code, a message for the photographer, and what to do about it."""

    code: str
    message: str
    remedy: str | None = None


class Review(Record):
    """A person's word against the checks: `passed` overrules a failure, else the frame is to be shot again."""

    passed: bool
    reason: str
    by: str
    at: AwareDatetime


class Image(Record):
    """One frame, from its presigned URL on. A retake is another image at the same position; the newest by capture time
    is `current`, the others stay as its versions. `position`, `current` and `duplicate_of` follow from all images of
    the session: they are set by `vitrine.capture.places.arrange`, not stored.

    `storage_key` is the document's canonical key, in the uploads bucket; the inspected bytes lie at
    `originals/{storage_key}` in the media bucket. `etag` and `size` are those of the inspected bytes, whose digest is
    `content_sha256`; `measures` is what was measured of them, so that judging under other thresholds decodes nothing.
    `override` is by whose word it was published on its own although a check failed.
    """

    id: str
    tenant: str
    session_id: str
    vehicle_id: str
    site_id: str
    storage_key: str
    file_name: str
    content_type: str
    content_sha256: str
    claim: Claim = Claim()
    position: Position = Position()
    current: bool = True
    status: ImageStatus = ImageStatus.PENDING
    version: int = Field(ge=1)
    etag: str | None = None
    size: int | None = None
    width: int | None = None
    height: int | None = None
    exposure: Exposure = Exposure()
    thumb_keys: dict[str, str] = Field(default_factory=dict)
    features_key: str | None = None
    measures: FrameMeasures | None = None
    qc: dict[str, Check] = Field(default_factory=dict)
    review: Review | None = None
    duplicate_of: str | None = None
    error: ImageError | None = None
    created_at: AwareDatetime
    updated_at: AwareDatetime
    published_at: AwareDatetime | None = None
    published_key: str | None = None
    override: Review | None = None


class NewVehicle(Record):
    """How a client names a vehicle: by VIN, by stock number, or by both."""

    vin: str | None = Field(default=None, max_length=64)
    stock: str | None = Field(default=None, max_length=64)


class NewSession(Record):
    site_id: Uuid
    vehicle: NewVehicle
    mode: CaptureMode
    shot_list: ShotList | None = None


class SessionChange(Record):
    """`completed_at` is the camera's own moment, at most five minutes ahead of ours."""

    status: SessionStatus
    completed_at: Moment | None = None
