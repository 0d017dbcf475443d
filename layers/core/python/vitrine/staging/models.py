from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints, field_validator
from pydantic.json_schema import SkipJsonSchema

from vitrine.contracts.catalogue import Quality, RoomType, Style
from vitrine.contracts.inference import Engine, Scores, StageResult, StagingWarning
from vitrine.jobs.models import JobError, JobKind, Metering
from vitrine.kernel.record import WHOLE, Record
from vitrine.staging.names import MeantRoom, MeantStyle


class Project(Record):
    """A named collection of images: a home, say. Deleted ones can be recovered for 30 days."""

    id: str
    tenant: str
    name: str
    description: str | None = None
    created_at: AwareDatetime
    updated_at: AwareDatetime


class ProjectEvent(Record):
    """A project was deleted."""

    tenant: str
    project_id: str
    at: AwareDatetime


class DeletedProject(Record):
    """A project that can be recovered until then."""

    project: Project
    until: AwareDatetime


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"\S")]


class ProjectChange(Record):
    """What a client may say about a project; absent means unchanged."""

    name: Name | SkipJsonSchema[None] = None
    description: str | None = Field(default=None, max_length=2000)

    @field_validator("name")
    @classmethod
    def _stays_named(cls, name: str | None) -> str | None:
        if name is None:
            raise ValueError("a project has a name")
        return name


_ROOM = "A room type, or any of its aliases in any spelling"
_STYLE = "A style, or any of its aliases in any spelling"


class StagingOptions(Record):
    """How a photo shall be staged. Without a seed, the job's id gives one."""

    room_type: MeantRoom | None = Field(default=None, description=f"{_ROOM}. Not said: detected from the photo.")
    style: MeantStyle = Field(default=Style.MODERN_LUXURY, description=_STYLE)
    seed: Annotated[int, Field(strict=True, ge=0, lt=2**32), WHOLE] | None = None
    quality: Quality = Quality.STANDARD


class StageCommand(StagingOptions):
    """A request to have a photo staged. `original_url` is the `file_key` of a presigned upload, or its S3 URL."""

    project_id: str
    original_url: str


class StagingRequest(Record):
    """What a surface asks for: how to stage, under which name, and after how many days the pictures are deleted (None:
    never)."""

    surface: str
    options: StagingOptions
    property_name: str | None = None
    pictures_kept_days: int | None = None


class StageOrder(StagingRequest):
    """A request for one photo: its upload's id and key, what the job belongs to, and the usage that pays for it; none:
    credits do.

    Photos of one home share a `plan_seed`, and so their furniture. `held`: the job waits until its batch releases it.
    """

    upload: tuple[str, str]
    metered: Metering | None = None
    subject: str = ""
    batch: str | None = None
    plan_seed: int | None = None
    held: bool = False


class StageInput(Record):
    """A staging job's input. `surface` is the name of the API that asked for it."""

    photo_key: str
    room_type: RoomType | None
    style: Style
    seed: int
    quality: Quality
    surface: str
    plan_seed: int | None = None
    property_name: str | None = None


class WithdrawnEvent(Record):
    """A job's owner wants its pictures gone: those of a batch's photos, or its own."""

    tenant: str
    job_id: str
    kind: JobKind
    at: AwareDatetime


class Listed(Record):
    """A job as a list has it; all that may change is read from the job."""

    id: str
    created_at: AwareDatetime
    property_name: str | None


class ListQuery(Record):
    """What a client asks of a list: so many at most, created from one moment until before another."""

    limit: int = Field(ge=1, le=100)
    created_from: AwareDatetime | None = None
    created_before: AwareDatetime | None = None

    def of(self, listing: str) -> str:
        """The list that a cursor of this query continues: of another query it says nothing."""
        return f"{listing}#{self.created_from}#{self.created_before}"


class BatchPhoto(Record):
    """One photo of a batch: its job's id, and its upload's id and key."""

    job_id: str
    upload: tuple[str, str]


class BatchInput(StagingRequest):
    """A batch's input: what all its photos share, and the photos in the order sent."""

    plan_seed: int
    photos: tuple[BatchPhoto, ...]


class BatchOutcome(Record):
    """A batch's result: how many of its photos are staged, and how many failed."""

    completed: int
    failed: int


class StagedImage(Record):
    """A staging job's result: keys in the media bucket, `thumbnails` by their longest side in pixels."""

    picture_key: str
    mask_key: str
    layout_key: str
    thumbnails: dict[int, str]
    width: int
    height: int
    room_type: RoomType
    style: Style
    seed: int
    scores: Scores
    warnings: tuple[StagingWarning, ...]
    engine: Engine
    attempt: int


class Decision(StrEnum):
    """What becomes of an attempt's result."""

    PUBLISH = "publish"
    TRY_AGAIN = "try_again"
    REFUSE = "refuse"


class Attempt(Record):
    """One pass through the staging machine, as its states pass it on."""

    tenant: str
    job_id: str
    attempt: int = Field(ge=1)


class Judgement(Attempt):
    decision: Decision
    next_attempt: int
    reason: JobError | None
    result: StageResult
