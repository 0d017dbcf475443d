"""What the tracers get and give, with LLVM (`vector`) and without (`scalar`)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from functions.inference.engines.render.furnish.layout import Arrangement
from functions.inference.engines.render.furnish.styles.spec import StyleSpec
from functions.inference.engines.render.read.light import Light
from functions.inference.engines.render.read.room import Room
from functions.inference.engines.render.render import scene as scenes
from functions.inference.engines.render.render.effort import Effort
from functions.inference.engines.render.render.nearness import Nearness
from functions.inference.engines.render.render.scene import Scene
from functions.inference.engines.render.render.timer import Timer
from functions.inference.engines.render.render.view import View
from functions.inference.vision.arrays import Array

Check = Callable[[float], None]
"""Gets the share of the rendering that is done; may raise to stop it."""

SHADE_GLOW = np.array([1.0, 0.86, 0.66], np.float32) * 0.5
"""Linear colour of a lit lampshade as seen; what it lights is left out."""


@dataclass(frozen=True)
class FurnishedRoom:
    """What is rendered: a room in its photo's pixels, its furniture, light and style.

    `seed` decides the textures and the renderer's random numbers.
    """

    room: Room
    arrangement: Arrangement
    light: Light
    style: StyleSpec
    nearness: Nearness
    seed: int


@dataclass(frozen=True)
class Rendering:
    """Linear light of the crop of a `view`: `furnished` and `empty` (h x w x 3), `coverage` of furniture 0 to 1.

    `near` is 1 where the furniture's surroundings may change and 0 where they may not.
    """

    view: View
    furnished: Array
    empty: Array
    coverage: Array
    near: Array
    samples: int
    timings: dict[str, float]


@dataclass(frozen=True)
class Work:
    """A furnished room as one view of it, to be traced with some effort. `near` is the view's (see `Rendering`)."""

    what: FurnishedRoom
    view: View
    near: Array
    effort: Effort
    check: Check
    timer: Timer = field(default_factory=Timer)

    def scene(self, furniture: dict[str, Any]) -> Scene:
        over = self.what.arrangement.frame.at(0, 1.2)
        return scenes.build(self.view, self.what.light, over, furniture, self.effort.depth)

    def objects(self) -> dict[str, Any]:
        return scenes.objects(self.what.arrangement.mesh, self.what.style, self.what.seed)

    def part(self, start: float, end: float) -> Check:
        """`check` for a stage that takes the progress from `start` to `end`."""
        return lambda share: self.check(start + (end - start) * share)
