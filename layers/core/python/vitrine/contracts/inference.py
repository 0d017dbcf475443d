"""The contract with the inference endpoints: what `/invocations` takes and answers.

A refusal is an answer, not a failure: the photo cannot be staged, and trying again would not help. It comes back
as a result with `refusal` set and HTTP 200. Only what may succeed later (a crash, a full disk, a passed deadline)
is an HTTP error, which SageMaker reports on the error topic.
"""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from vitrine.contracts.catalogue import Quality, RoomType, Style
from vitrine.contracts.message import Message, ObjectLocation

Score = Annotated[float, Field(ge=0.0, le=1.0)]


class RefusalCode(StrEnum):
    NOT_AN_INTERIOR = "not_an_interior"
    NO_FLOOR_VISIBLE = "no_floor_visible"
    CAMERA_UNREADABLE = "camera_unreadable"
    TOO_TILTED = "too_tilted"
    TOO_DARK = "too_dark"
    TOO_BLURRED = "too_blurred"
    NO_SPACE = "no_space"
    UNREADABLE_FILE = "unreadable_file"


class Refusal(Message):
    """Why this photo cannot be staged.

    `message` is for the photographer: what was seen, and what to do about it. It never carries exception text.
    """

    code: RefusalCode
    message: str


class StagingWarning(Message):
    code: Literal[
        "low_confidence",
        "already_furnished",
        "focal_unobservable",
        "slow_renderer",
        "room_type_guessed",
        "partly_furnished",
    ]
    message: str


class StageRequest(Message):
    """Furnish the room on `photo` and write everything under `output` (a key prefix ending in `/`).

    `room_type` None lets the engine guess. `ceiling_height_m` fixes the metric scale when the caller knows it.
    `seed` decides this photo's layout, `plan_seed` what its home is furnished with (variants, palette, art, textiles):
    photos of one home share a `plan_seed`. None: the seed decides both.
    """

    task: Literal["stage"] = "stage"
    job_id: str
    attempt: int = Field(ge=1)
    photo: ObjectLocation
    output: ObjectLocation
    room_type: RoomType | None = None
    style: Style = Style.MODERN_LUXURY
    seed: int = Field(default=0, ge=0, lt=2**32)
    plan_seed: int | None = Field(default=None, ge=0, lt=2**32)
    quality: Quality = Quality.STANDARD
    ceiling_height_m: float | None = Field(default=None, gt=1.8, lt=8.0)
    deadline: AwareDatetime


class Engine(Message):
    name: str
    version: str


class Scores(Message):
    """How well the photo survived (`integrity`) and how good the staging is (`quality`), with their parts.

    `integrity` is 0 as soon as one pixel outside the mask differs from the photo.
    """

    integrity: Score
    quality: Score
    parts: dict[str, float]


class Point(Message):
    """Floor coordinates in metres: x to the right of the camera, y ahead of it."""

    x: float
    y: float


class Piece(Message):
    """One piece of furniture: its footprint's corners on the floor, its height, and what it keeps clear.

    `variant` names the style and the design chosen within it. `clearances` are metres to the nearest other `piece`, to
    the nearest `wall` and to the nearest `opening` (door, passage, glass door); empty for what lies flat or hangs.
    """

    name: str
    variant: str
    centre: Point
    footprint: list[Point]
    height_m: float
    turn_deg: float
    clearances: dict[str, float] = Field(default_factory=dict)


class Room(Message):
    """The room as the engine read it. Lengths in metres, angles in degrees; `confidence` 0 to 1 per reading.

    `floor` is the corners of its floor ahead of the camera, as far as the walls that were read.
    """

    width_m: float | None
    depth_m: float | None
    height_m: float | None
    camera_height_m: float
    pitch_deg: float
    roll_deg: float
    horizontal_fov_deg: float
    floor: list[Point] = Field(default_factory=list)
    confidence: dict[str, Score]


class Layout(Message):
    room: Room
    pieces: list[Piece]


class Progress(Message):
    """How far an attempt is: the step it is at, and the share of the whole that is done. It never goes back."""

    step: str
    share: Score


def progress_key(output_key: str, attempt: int) -> str:
    """Where the engine puts an attempt's `Progress` every few seconds, under the request's `output`."""
    return f"{output_key}attempt-{attempt}/progress.json"


class StageResult(Message):
    """What a staging run answers.

    Either `refusal` is set and nothing was written, or picture, mask and layout lie where they say: `picture` is a
    lossless PNG with the photo's upright size; `mask` an 8-bit PNG of that size, 255 where the picture was edited.
    `timings` are seconds per step.
    """

    task: Literal["stage"] = "stage"
    job_id: str
    attempt: int
    engine: Engine
    timings: dict[str, float]
    style: Style
    seed: int
    room_type: RoomType | None = None
    picture: ObjectLocation | None = None
    mask: ObjectLocation | None = None
    layout: ObjectLocation | None = None
    width: int | None = None
    height: int | None = None
    scores: Scores | None = None
    warnings: tuple[StagingWarning, ...] = ()
    refusal: Refusal | None = None

    @model_validator(mode="after")
    def _is_a_picture_or_a_refusal(self) -> Self:
        staged = (self.picture, self.mask, self.layout, self.scores, self.room_type, self.width, self.height)
        if (self.refusal is None) != all(part is not None for part in staged):
            raise ValueError("a result is either a whole picture or a refusal")
        return self


class QcRequest(Message):
    """Judge `picture` as a staging of `photo`, whichever engine made it. `mask` None: anything may have changed."""

    task: Literal["qc"] = "qc"
    job_id: str
    photo: ObjectLocation
    picture: ObjectLocation
    mask: ObjectLocation | None = None
    deadline: AwareDatetime


class QcResult(Message):
    task: Literal["qc"] = "qc"
    job_id: str
    engine: Engine
    timings: dict[str, float]
    scores: Scores


VEHICLE_ENGINE = Engine(name="vehicle", version="2")
"""What looks at vehicles' frames. The version is raised whenever the same frame would give another `SeenFrame`, so that
what an older one saw can be told from what this one sees."""


class FrameToLookAt(Message):
    """`id` also names the frame's mask."""

    id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    photo: ObjectLocation


class VehicleRequest(Message):
    """Find the vehicle and all plates on frames of a set; masks are written under `output` (a prefix ending in `/`)."""

    task: Literal["vehicle"] = "vehicle"
    job_id: str
    frames: tuple[FrameToLookAt, ...] = Field(min_length=1, max_length=24)
    output: ObjectLocation
    deadline: AwareDatetime


class Box(Message):
    """A box in shares (0 to 1) of the upright frame."""

    left: Score
    top: Score
    right: Score
    bottom: Score


class Plate(Message):
    """A number plate, of this vehicle or of another: its four corners in shares of the upright frame, clockwise from
    the top left, with some margin. Never its text. `confidence` is low where it may be a badge."""

    corners: tuple[tuple[Score, Score], ...] = Field(min_length=4, max_length=4)
    confidence: Score


class FrameProblem(StrEnum):
    """Why a frame has no mask. Only of `no_vehicle` the plates are known: it was seen, and nothing stands out."""

    UNREADABLE = "unreadable"
    MISSING = "missing"
    REPLACED = "replaced"
    NO_VEHICLE = "no_vehicle"


class SeenFrame(Message):
    """What is on a frame. `mask` is an 8-bit PNG at 320 pixels' longest side, 255 where the vehicle is; None where
    there is a `problem`.

    `touches` names the sides of the frame that the vehicle reaches. `confidence` is low where the mask's edge is
    unsure, or where something else stands out as well.
    """

    id: str
    mask: ObjectLocation | None = None
    box: Box | None = None
    area: Score = 0.0
    touches: tuple[Literal["left", "top", "right", "bottom"], ...] = ()
    confidence: Score = 0.0
    plates: tuple[Plate, ...] = ()
    problem: FrameProblem | None = None


class VehicleResult(Message):
    """What was seen, frame by frame in the request's order. `timings` are seconds of work, summed over the frames."""

    task: Literal["vehicle"] = "vehicle"
    job_id: str
    engine: Engine
    timings: dict[str, float]
    frames: tuple[SeenFrame, ...]


class Failure(Message):
    """The body of an HTTP error of `/invocations`; `code` is stable, `message` safe to show."""

    code: Literal["invalid_request", "deadline_passed", "engine_failed", "storage_failed"]
    message: str


InferenceRequest = Annotated[StageRequest | QcRequest | VehicleRequest, Field(discriminator="task")]
InferenceResult = Annotated[StageResult | QcResult | VehicleResult, Field(discriminator="task")]
