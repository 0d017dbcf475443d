"""What is published of a set: the manifest that everybody may read, and the plan that a publication's states share."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from vitrine.capture.models import CaptureMode
from vitrine.capture.redaction import Redaction
from vitrine.contracts.inference import Plate
from vitrine.contracts.message import Message
from vitrine.kernel.record import Record
from vitrine.set_qc.models import CheckStatus, Direction

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
FileName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+\.jpg$")]
"""Letters, digits, dash and underscore alone (Auto Care Digital Asset Guidelines rev. 4)."""


class FirstFrame(StrEnum):
    """Where a published turn begins. `as_captured`: with the capture's own first frame."""

    FRONT_THREE_QUARTER = "front_three_quarter"
    FRONT = "front"
    AS_CAPTURED = "as_captured"


class Override(Message):
    """Why a frame or a set is published although a check failed, and since when that was decided."""

    reason: str
    at: AwareDatetime


class ManifestVehicle(Message):
    vin: str | None
    stock: str | None


class PublishedFile(Message):
    """A published JPEG: `sha256` and `size` (bytes) are those of the file, `width` and `height` its pixels."""

    name: FileName
    sha256: Sha256
    size: int = Field(ge=1)
    width: int = Field(ge=1)
    height: int = Field(ge=1)


class Verdict(Message):
    """What quality control said of a frame: by which thresholds, and each check's status by its name."""

    thresholds: str | None
    status: CheckStatus
    checks: dict[str, CheckStatus]


class ManifestFrame(Message):
    """One published frame, from the phone to the package.

    `uploaded_sha256` was said by the phone before it sent the file, `original_sha256` is that of the bytes which were
    kept, `published` that of what everybody sees. `edits` says all that lies between the last two. `frame` counts from
    0 as captured and `angle_deg` is 360 frame / frame_count; `view_deg` is counted from the vehicle's front, in the
    order of capture, and None where the front is not known. `shot_name` names a still. `captured_at` is what the camera
    wrote: without an offset where it wrote none.
    """

    image_id: str
    frame: int | None
    angle_deg: float | None
    view_deg: float | None
    shot_name: str | None
    captured_at: datetime | None
    uploaded_sha256: Sha256
    original_sha256: Sha256
    published: PublishedFile
    edits: tuple[str, ...]
    qc: Verdict
    override: Override | None = None


class Package(Message):
    """The archive with the turn's frames and nothing else; its bytes follow from those of the frames."""

    name: str
    sha256: Sha256
    size: int = Field(ge=1)


class Manifest(Message):
    """A published set: what was captured, what was done to it, and the hashes to check that with (`vitrine verify`).

    `frames` are those of the turn, in the order in which they are shown; `stills` have names instead of places. The
    turn began with `first_frame` as the organisation wants it, if the front was found. `override` is for the set as a
    whole: it was incomplete, or a check of the set failed.
    """

    version: Literal[1] = 1
    session_id: str
    set_version: int
    published_at: AwareDatetime
    captured_from: AwareDatetime
    vehicle: ManifestVehicle
    mode: CaptureMode
    frame_count: int | None
    missing: tuple[int, ...] = ()
    first_frame: FirstFrame
    direction: Direction
    redaction: Redaction
    set_status: str
    override: Override | None = None
    frames: tuple[ManifestFrame, ...]
    stills: tuple[ManifestFrame, ...] = ()
    package: Package | None


class PlannedFrame(Record):
    """A frame as its publication will show it: all but what its rendition decides."""

    image_id: str
    name: FileName
    original_key: str
    etag: str
    frame: int | None
    angle_deg: float | None
    view_deg: float | None
    shot_name: str | None
    captured_at: datetime | None
    uploaded_sha256: Sha256
    original_sha256: Sha256
    qc: Verdict
    override: Override | None = None
    plates: tuple[Plate, ...] | None = None
    """None: nobody has looked for plates."""


class Plan(Record):
    """What a publication will hold, decided once: its states read it, so that a repeat does the same again."""

    tenant: str
    job_id: str
    manifest: Manifest
    """Without frames, stills and package."""
    identifier: str
    turn: tuple[PlannedFrame, ...]
    stills: tuple[PlannedFrame, ...]

    @property
    def frames(self) -> tuple[PlannedFrame, ...]:
        return (*self.turn, *self.stills)

    @property
    def unseen(self) -> tuple[PlannedFrame, ...]:
        """Frames that nobody has looked at for plates, if plates are to be hidden."""
        hides = self.manifest.redaction is not Redaction.OFF
        return tuple(frame for frame in self.frames if hides and frame.plates is None)


class Made(Record):
    """What a frame's rendition turned out to be."""

    image_id: str
    published: PublishedFile
    edits: tuple[str, ...]


def finished(plan: Plan, made: Mapping[str, Made], package: Package | None) -> Manifest:
    """The manifest of a plan whose frames are made. Raises KeyError for one that is missing."""
    turn = tuple(_frame(frame, made[frame.image_id]) for frame in plan.turn)
    stills = tuple(_frame(frame, made[frame.image_id]) for frame in plan.stills)
    return plan.manifest.model_copy(update={"frames": turn, "stills": stills, "package": package})


def _frame(planned: PlannedFrame, made: Made) -> ManifestFrame:
    shared = {name: getattr(planned, name) for name in ManifestFrame.model_fields if hasattr(planned, name)}
    return ManifestFrame(**shared, published=made.published, edits=made.edits)
