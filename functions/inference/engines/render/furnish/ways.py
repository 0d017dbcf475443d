"""Ways to walk through a furnished room, on a map of its floor."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from functions.inference.engines.render.furnish import rules
from functions.inference.engines.render.furnish.ground import NEAR_M, Ground
from functions.inference.engines.render.furnish.polygons import inside_points
from functions.inference.vision.arrays import Floats

CELL_M = 0.1
BEFORE_M = 1.0  # of floor behind the camera counts as free: nobody sees it


def walkable(ground: Ground, standing: Sequence[Floats]) -> bool:
    """Whether a way of rules.WALKWAY leads from the camera's side of the room to every opening.

    `standing` are the footprints of the pieces.
    """
    ways = _ways(ground, standing)
    row = ways.labels[int(BEFORE_M / 2 / CELL_M)]
    start = row[row > 0]
    if not len(start):
        return False
    home = int(np.bincount(start).argmax())
    zones = [zone for zone in ground.zones if zone[:, 1].max() > NEAR_M]
    return all(ways.reach(zone, home) for zone in zones)


@dataclass(frozen=True)
class _Ways:
    """Floor on which a person has room on all sides, labelled by connected part."""

    labels: NDArray[np.int32]
    origin: Floats

    def reach(self, zone: Floats, label: int) -> bool:
        column, row = np.floor((inside_points(zone) - self.origin) / CELL_M).astype(int).T
        inside = (column >= 0) & (row >= 0) & (column < self.labels.shape[1]) & (row < self.labels.shape[0])
        return bool((self.labels[row[inside], column[inside]] == label).any())


def _ways(ground: Ground, standing: Sequence[Floats]) -> _Ways:
    room = ground.room
    rows = int(np.ceil((room.back + BEFORE_M) / CELL_M))
    columns = int(np.ceil((room.right - room.left) / CELL_M))
    free = np.ones((rows, columns), np.uint8)
    origin = np.array([room.left, -BEFORE_M])
    for footprint in [*standing, *ground.obstacles]:
        corners = np.round((footprint - origin) / CELL_M - 0.5).astype(np.int32)
        cv2.fillConvexPoly(free, corners, 0)
    room_for = cv2.distanceTransform(np.pad(free, 1), cv2.DIST_L2, 5)[1:-1, 1:-1] * CELL_M
    wide = (room_for + CELL_M / 2 >= rules.WALKWAY / 2).astype(np.uint8)
    return _Ways(np.asarray(cv2.connectedComponents(wide)[1], np.int32), origin)
