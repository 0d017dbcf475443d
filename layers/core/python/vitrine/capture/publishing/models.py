"""What is published of a set: the manifest that everybody may read, and the plan that a publication's states share."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal, Self, TypeVar

from pydantic import AwareDatetime, Field, StringConstraints

from vitrine.capture.judging.models import AT_ONCE, Chunk, FrameAt
from vitrine.capture.models import CaptureMode
from vitrine.contracts.inference import Plate
from vitrine.contracts.message import Message
from vitrine.identity.organisations.models import FirstFrame, Redaction
from vitrine.kernel.record import Record
from vitrine.set_qc.models import CheckStatus, Direction

MANIFEST = "manifest.json"
COVER, COVER_SIDE = "cover.jpg", "1200"
T = TypeVar("T")
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
FileName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+\.jpg$")]
"""Letters, digits, dash and underscore alone (Auto Care Digital Asset Guidelines rev. 4)."""


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
    wrote: without an offset where it wrote none. `sizes` names smaller files for screens
    by their longer side in pixels, beside the package.
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
    sizes: dict[str, FileName] = Field(default_factory=dict)
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


class PublicFrame(Record):
    """What a viewer needs of a published frame."""

    image_id: str
    name: FileName
    frame: int | None
    angle_deg: float | None
    view_deg: float | None
    shot_name: str | None
    width: int
    height: int
    sizes: dict[str, FileName] = Field(default_factory=dict)


class Live(Record):
    """What of a session everybody can see now: all files of one job, which lie under `prefix`."""

    job_id: str
    set_version: int
    published_at: AwareDatetime
    prefix: str
    frames: tuple[PublicFrame, ...]
    package: Package | None
    manifest_sha256: Sha256

    def key_of(self, file: str) -> str | None:
        """Where a published file lies; None for one that there is not. `COVER` is the first frame."""
        if file == COVER:
            return f"{self.prefix}{self.frames[0].sizes.get(COVER_SIDE, self.frames[0].name)}"
        packages = {self.package.name} if self.package else set[str]()
        known = {MANIFEST} | packages | {name for frame in self.frames for name in (frame.name, *frame.sizes.values())}
        return f"{self.prefix}{file}" if file in known else None


class Publication(Record):
    """What is, or is being, published of a session. `job_id` is the last job that published `set_version`, `live` what
    is public meanwhile: it changes all at once, when that job is done."""

    tenant: str
    session_id: str
    site_id: str
    version: int = Field(ge=1)
    set_version: int
    job_id: str
    requested_at: AwareDatetime
    live: Live | None = None
    withdrawn_at: AwareDatetime | None = None


class Order(Record):
    """What a job of the kind `export` is to publish, and who overrides failed checks."""

    set_version: int
    override: Override | None = None
    by: str


class LoneFrame(Record):
    """A frame to be made public on its own: its original with the digest that this must have, and its file's name."""

    tenant: str
    session_id: str
    image_id: str
    original_key: str
    original_sha256: Sha256
    name: FileName


class Refusal(StrEnum):
    """Why a frame cannot be made; what is no fault of ours, so it is an answer and no error."""

    PLATES_UNKNOWN = "plates_unknown"
    UNUSABLE = "frame_not_usable"


class LoneMade(Record):
    """Where a frame lies and what was done about its plates, or why it was not made."""

    key: str | None = None
    redaction: Redaction
    refused: Refusal | None = None


class PlannedFrame(Record):
    """A frame as its publication will show it: all but what its rendition decides."""

    image_id: str
    name: FileName
    original_key: str
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


class Group(Record):
    """Frames that one call of a function renders."""

    tenant: str
    job_id: str
    session_id: str
    images: tuple[str, ...]


MADE_AT_ONCE = 4


class Steps(Record):
    """What the machine `publish` goes by: `next` is `look` while there are `chunks`, of frames that nobody has looked
    at for plates, and `make` then."""

    tenant: str
    job_id: str
    attempt: int
    session_id: str
    next: Literal["look", "make"]
    chunks: tuple[Chunk, ...]
    groups: tuple[Group, ...]

    @classmethod
    def of(cls, plan: Plan, session_id: str, attempt: int) -> Self:
        whose = {"tenant": plan.tenant, "job_id": plan.job_id, "session_id": session_id}
        unseen = [FrameAt(id=frame.image_id, key=frame.original_key) for frame in plan.unseen]
        images = [frame.image_id for frame in plan.frames]
        return cls(
            **whose,
            attempt=attempt,
            next="look" if unseen else "make",
            chunks=tuple(Chunk(**whose, frames=tuple(part)) for part in _parts(unseen, AT_ONCE)),
            groups=tuple(Group(**whose, images=tuple(part)) for part in _parts(images, MADE_AT_ONCE)),
        )


def _parts(of: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (of[at : at + size] for at in range(0, len(of), size))


class Made(Record):
    """What a frame's rendition turned out to be; `published` is None for a frame that cannot be published."""

    image_id: str
    published: PublishedFile | None
    sizes: dict[str, FileName] = Field(default_factory=dict)
    edits: tuple[str, ...] = ()


def finished(plan: Plan, made: Mapping[str, Made], package: Package | None) -> Manifest:
    """The manifest of a plan whose frames are made. Raises KeyError for one that is missing."""
    turn = tuple(_frame(frame, made[frame.image_id]) for frame in plan.turn)
    stills = tuple(_frame(frame, made[frame.image_id]) for frame in plan.stills)
    return plan.manifest.model_copy(update={"frames": turn, "stills": stills, "package": package})


def _frame(planned: PlannedFrame, made: Made) -> ManifestFrame:
    assert made.published, "what cannot be published has no manifest"
    shared = {name: getattr(planned, name) for name in ManifestFrame.model_fields if hasattr(planned, name)}
    return ManifestFrame(**shared, published=made.published, sizes=made.sizes, edits=made.edits)
