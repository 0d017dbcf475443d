"""Path tracing of a furnished room: its light with and without the furniture, and how far each pixel is furniture."""

from collections.abc import Callable

import mitsuba as mi
import numpy as np

from functions.inference.engines.render.furnish.layout import Arrangement
from functions.inference.engines.render.read.room import Room
from functions.inference.engines.render.render import scalar, vector
from functions.inference.engines.render.render.effort import Effort
from functions.inference.engines.render.render.view import EMPTY_REDUCTION, View, crop_around
from functions.inference.engines.render.render.work import FurnishedRoom, Rendering, Work
from functions.inference.vision.arrays import Floats


def render(what: FurnishedRoom, effort: Effort, progress: Callable[[str, float], None]) -> Rendering:
    """Trace a furnished room; `progress` gets "render" with the share done, and may raise to stop."""
    view = _view(what, effort)
    near = what.nearness.at(view.width, view.height, view.crop)
    work = Work(what, view, near, effort, check=lambda share: progress("render", share))
    rendering = scalar.trace(work) if mi.variant() == "scalar_rgb" else vector.trace(work)
    progress("render", 1.0)
    return rendering


def _view(what: FurnishedRoom, effort: Effort) -> View:
    camera = what.room.camera
    scale = min(1.0, effort.longest / max(camera.width, camera.height))
    width, height = (max(EMPTY_REDUCTION, round(v * scale)) for v in (camera.width, camera.height))
    box = _furniture_box(what.room, what.arrangement) * (width / camera.width)
    return View(what.room, width, height, crop_around(box, what.nearness.whole, width, height))


def _furniture_box(room: Room, arrangement: Arrangement) -> Floats:
    """Left, top, right, bottom of all furniture in pixels of the room's camera."""
    vertices = np.concatenate([part.vertices for part in arrangement.mesh.parts])
    pixels, depth = room.project(vertices)
    pixels = pixels[depth > 0.05]
    return np.r_[pixels.min(0), pixels.max(0)] if len(pixels) else np.zeros(4)
