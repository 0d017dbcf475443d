from enum import StrEnum

from pydantic import Field

from vitrine.contracts.message import Message

# Shares are 0 to 1 of the frame's width or height, so that a number means the same at every size.


class CheckStatus(StrEnum):
    PASS = "pass"  # noqa: S105 - a status
    WARN = "warn"
    FAIL = "fail"


class Check(Message):
    """One check of a frame or of a set: what was measured, the threshold it was compared with, and what to do.

    `code` is stable, for machines; `message` says what was seen and `remedy` what the photographer does about it.
    `score` and `threshold` have one unit, which the check's name settles. `confidence` is low where the pixels alone
    do not settle it, or where the endpoint's masks were missing.
    """

    score: float | None
    threshold: float | None
    status: CheckStatus
    code: str
    message: str
    remedy: str | None = None
    confidence: float = Field(default=1.0, ge=0.0, le=1.0)


class Mode(StrEnum):
    """How a set was captured: the car turns before a fixed camera, or the camera walks around it."""

    STUDIO360 = "studio360"
    WALK360 = "walk360"


class FrameMeasures(Message):
    """What one decode of a frame measured: numbers alone, so that a judgement under other thresholds decodes nothing.

    `sharpness` keeps the document's scale (variance of the Laplacian at 1600 pixels), `detail` is corrected for noise
    at 960 pixels. `ring_lab` is the mean CIE L*a*b* of the frame's rim, `clipped_*` shares of all pixels.
    """

    sharpness: float
    detail: float
    noise: float
    brightness: float
    clipped_shadows: float
    clipped_highlights: float
    ring_lab: tuple[float, float, float]
    sha256: str


class SetFrame(Message):
    """A frame's place in its set, as the client claims it: `index` counts from 0, `name` is for people."""

    id: str
    index: int | None
    name: str


class Gap(Message):
    """Frames that are missing behind one: how many, and how sure that is. `by_names`: the claimed places say so."""

    after: str | None
    count: int
    confidence: float
    by_names: bool


class Pair(Message):
    first: str
    second: str
    score: float


class Direction(StrEnum):
    CLOCKWISE = "clockwise"
    COUNTER_CLOCKWISE = "counter_clockwise"
    UNKNOWN = "unknown"


class ReshootItem(Message):
    """One station to shoot again, in walking order. `station` is in words: "frame 7, 105 degrees, right rear door"."""

    id: str | None
    index: int | None
    angle_deg: float | None
    station: str
    codes: tuple[str, ...]
    remedy: str


class SetReport(Message):
    """The verdict on a set. `frames` has each frame's checks by name, `checks` those of the whole set.

    `complete`, `incomplete` (frames are missing) or `failed` (a frame or the set fails a check). `order` holds ids as
    the pixels suggest them; it equals the claimed order unless the difference is sure. `front_frame` is the id of the
    frame that shows the car's front, `confidence` what it all rests on: lower without the endpoint's masks.
    """

    status: str
    thresholds: str
    frames: dict[str, dict[str, Check]]
    checks: dict[str, Check]
    order: tuple[str, ...]
    missing: tuple[Gap, ...] = ()
    duplicates: tuple[Pair, ...] = ()
    swapped: tuple[Pair, ...] = ()
    foreign: tuple[str, ...] = ()
    direction: Direction = Direction.UNKNOWN
    front_frame: str | None = None
    reshoot: tuple[ReshootItem, ...] = ()
    confidence: float = Field(default=1.0, ge=0.0, le=1.0)
