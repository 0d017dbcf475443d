"""What every staging engine offers, whatever makes the picture: geometry and light here, a diffusion model there."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from vitrine.contracts.catalogue import Quality, RoomType, Style
from vitrine.contracts.inference import Engine, Layout, Refusal, Scores, StagingWarning

Progress = Callable[[str, float], None]
"""Called with a step's name and the share of the whole that is done, 0 to 1."""


class DeadlinePassed(Exception):
    """The staging was not finished in time and has been stopped; another try may succeed."""


class EngineFailed(Exception):
    """The engine crashed or ran out of memory on this photo; another try may succeed."""


@dataclass(frozen=True)
class StageOptions:
    """What to do with a photo.

    `room_type` None lets the engine guess; `ceiling_height_m` fixes the metric scale when the caller knows it;
    `deadline_s` is how many seconds are left, counted from the call. `seed` decides the layout, `plan_seed` what the
    home is furnished with; None: the seed decides both.
    """

    room_type: RoomType | None = None
    style: Style = Style.MODERN_LUXURY
    seed: int = 0
    quality: Quality = Quality.STANDARD
    ceiling_height_m: float | None = None
    deadline_s: float = 120.0
    plan_seed: int | None = None


@dataclass(frozen=True)
class StagedPhoto:
    """A staged photo.

    `picture_png` has the photo's upright size and equals its 8-bit RGB pixels wherever `mask_png` (8-bit grey) is 0;
    `mask_png` is 255 where the picture was edited. `timings` are seconds per step.
    """

    picture_png: bytes
    mask_png: bytes
    layout: Layout
    room_type: RoomType
    width: int
    height: int
    scores: Scores
    warnings: tuple[StagingWarning, ...] = ()
    timings: dict[str, float] = field(default_factory=dict)


class StagingEngine(Protocol):
    """Stages one photo at a time; calls from several threads queue.

    `stage` answers a `Refusal` for a photo that no other try would stage, and raises `DeadlinePassed` or
    `EngineFailed` for what may succeed later. `warm_up` does before the first job what that would wait for; `close`
    ends whatever runs on the engine's behalf, and a later `stage` starts it anew.
    """

    @property
    def engine(self) -> Engine: ...

    def stage(self, photo: bytes, request: StageOptions, progress: Progress) -> StagedPhoto | Refusal: ...

    def warm_up(self) -> None: ...

    def close(self) -> None: ...
