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

    `sharpness` keeps the document's scale (variance of the Laplacian at 1600 pixels). `detail` is the variance of the
    Laplacian of Gaussian at 960 pixels without its noise, `coarse_detail` the same at 480. `ring_lab` is the median CIE
    L*a*b* of the frame's rim, `clipped_*` are shares of all pixels.
    """

    sharpness: float
    detail: float
    coarse_detail: float
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


class Outline(StrEnum):
    """Where a frame's silhouette comes from: the endpoint's mask, or the studio's plain rim."""

    MASK = "mask"
    RIM = "rim"


class FrameRelations(Message):
    """How a frame stands among its neighbours. None: it could not be measured.

    `nearest` is its distance to the frame most like it, in median steps of the set; `shared` the points it shares with
    its neighbours, over the median of the set; `paint` how far its colours are from both neighbours' (CIE a*b*), beyond
    what these differ, `tone` the same for its paint (stops of red and blue over green), and `shape` by how much worse
    than usual its outline matches that of the frame that mirrors it (0 to 1). `ev` is its brightness against both
    neighbours' at shared points (stops), `cast` the same for colour (CIE a*b* of a grey). `shift_x`, `shift_y` (shares
    of the frame's longer side), `scale` (1 is none) and `turn_deg` are its own departure, by its neighbours' points and
    by its outline. `centre`, `lower` and `height` (shares) are the outline's departures from the smooth course that a
    turn gives them.
    """

    id: str
    nearest: float
    shared: float
    paint: float
    tone: float = 0.0
    shape: float = 0.0
    ev: float | None = None
    cast: float | None = None
    shift_x: float | None = None
    shift_y: float | None = None
    scale: float | None = None
    turn_deg: float | None = None
    outline: Outline | None = None
    centre: float | None = None
    lower: float | None = None
    height: float | None = None
    width_share: float | None = None
    height_share: float | None = None
    touches: tuple[str, ...] = ()


class Step(Message):
    """From a frame to the next in order. `distance` is between their pictures, in median steps of the set.

    `size` is the angle in median steps by all that was measured, None if nothing was; `gap_score` the natural logarithm
    of how much more likely a gap (of `gap_count` frames) makes these measurements than none. `rightward` is the share
    of moving points that move right, `shared` how many points both frames have. `claimed` is how many places lie
    between the two by the claimed order.
    """

    first: str
    second: str
    distance: float
    size: float | None
    gap_score: float
    gap_count: int
    rightward: float | None
    shared: int
    claimed: int = 1
    seam: bool = False


class Pair(Message):
    first: str
    second: str
    score: float


class Close(Message):
    """Two frames whose pictures are near each other: `distance` in median steps of the set, `turned` how clearly the
    vehicle turned between them (below 1: not at all), None where too few points are shared."""

    first: str
    second: str
    distance: float
    turned: float | None


class Axis(Message):
    """The vehicle's mirror axis: `first` and `second` are the ids of the frames nearest to its two ends.

    `margin` is how much better the axis fits than the median one; `red_first` and `red_second` are the shares of red
    in the lamps' places (0 to 1) at either end, None where the vehicle's outline is not known.
    """

    first: str
    second: str
    margin: float
    red_first: float | None
    red_second: float | None


class Difference(Message):
    """A place where the vehicle's two sides differ: a frame, the frame that mirrors it, and how much (0 to 1)."""

    first: str
    second: str
    score: float


class SetMeasures(Message):
    """What the frames of a set say about each other: numbers alone. `order` is the claimed order of ids.

    `close` are pairs of frames more alike than a step. `tour` is the shortest round over all frames, and
    `tour_gain` the share by which it is shorter than the claimed order. `swaps` are neighbours that fit better the
    other way round. `rightward` is over all steps. `wheels` is how clearly side views show two wheels (0 to 1), None
    where that was not seen, `width_ratio` the widest outline over the narrowest.
    """

    mode: Mode
    order: tuple[str, ...]
    frames: tuple[FrameRelations, ...]
    steps: tuple[Step, ...]
    close: tuple[Close, ...] = ()
    tour: tuple[str, ...] = ()
    tour_gain: float = 0.0
    swaps: tuple[Pair, ...] = ()
    rightward: float | None = None
    axis: Axis | None = None
    differences: tuple[Difference, ...] = ()
    wheels: float | None = None
    width_ratio: float | None = None
    masked: bool = False


class Gap(Message):
    """Frames that are missing behind one: how many, and how sure that is. `by_names`: the claimed places say so.

    `after` None: the first frames are missing.
    """

    after: str | None
    count: int
    confidence: float
    by_names: bool


class Direction(StrEnum):
    """The way the camera goes round the vehicle, seen from above, in both modes: on a turntable it is the vehicle that
    turns, the other way. Clockwise shows the vehicle's right side after its front."""

    CLOCKWISE = "clockwise"
    COUNTER_CLOCKWISE = "counter_clockwise"
    UNKNOWN = "unknown"


class ReshootItem(Message):
    """One station to shoot again, in walking order. `station` is in words: "frame 8, 105 degrees, right rear door".

    `id` None: the frame is missing. `index` counts from 0, `station` from 1; `angle_deg` is from the first frame.
    """

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
    differences: tuple[Difference, ...] = ()
    reshoot: tuple[ReshootItem, ...] = ()
    confidence: float = Field(default=1.0, ge=0.0, le=1.0)
