"""A room as read from its photo: a box in metres, with what stands in it and how sure the reading is.

World axes are the camera module's; floor coordinates have their origin under the camera.
"""

from dataclasses import dataclass

import numpy as np

from functions.inference.engines.render.read.camera import Camera
from functions.inference.engines.render.read.floor import FloorMask
from functions.inference.vision.arrays import Bools, Floats


@dataclass(frozen=True)
class Obstacle:
    """Something that stands on the floor in the photo: a rectangle in metres (4 x 2), anticlockwise, and its height.

    `kind` is column (floor to ceiling), fixture (low, at a wall: radiators, units) or furniture; `confidence` 0 to 1.
    """

    footprint: Floats
    height: float
    kind: str
    confidence: float


@dataclass(frozen=True)
class Room:
    """A room in metres: `left` < 0 < `right`, `back` ahead, `height` of the ceiling (assumed unless `ceiling_seen`).

    `overlap` is the intersection over union of the box's floor with the floor mask as first found, `edge_cover` the
    share of the floor's visible edge that lies on lines, `ceiling_support` the share of the ceiling's visible edge that
    shows as one, `wall_seen` the visible share of the lower edge of the back, left and right wall. `ambiguous`: another
    floor would explain the photo nearly as well.
    """

    camera: Camera
    camera_height: float
    left: float
    right: float
    back: float
    height: float
    ceiling_seen: bool
    ceiling_support: float
    floor: FloorMask
    overlap: float
    edge_cover: float
    wall_seen: tuple[float, float, float]
    score: float
    focal_drop: float
    obstacles: tuple[Obstacle, ...] = ()
    ambiguous: bool = False

    def project(self, points: Floats) -> tuple[Floats, Floats]:
        """Pixels and depths of n x 3 points in room coordinates (z 0 on the floor)."""
        return self.camera.project(np.atleast_2d(points) - np.array([0.0, 0.0, self.camera_height]))

    def visible(self, points: Floats) -> Bools:
        pixels, depth = self.project(points)
        inside = (pixels >= 0).all(1) & (pixels[:, 0] < self.camera.width) & (pixels[:, 1] < self.camera.height)
        return inside & (depth > 0.2)

    def on_floor(self, points: Floats) -> tuple[Bools, Bools]:
        """Whether the photo's floor mask confirms points, and whether they are in the frame at all."""
        pixels, _ = self.project(points)
        return self.floor.at(pixels), self.visible(points)

    def contains(self, x: Floats, y: Floats, margin: float = 0.0) -> Bools:
        return (x > self.left + margin) & (x < self.right - margin) & (y < self.back - margin)
