"""Where furniture meets the floor: the dark line and the soft ground that a coarse shadow pass misses."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from functions.inference.engines.render.furnish.placed import Placed
from functions.inference.engines.render.read.room import Room
from functions.inference.vision.arrays import Array, Floats

CELL_M = 0.01
MARGIN_M = 0.5
NEAREST_M = 0.5  # of the camera's foot; nearer floor is out of view
TOUCHING_M = 0.05
REACH = ((0.012, 0.50), (0.045, 0.26), (0.14, 0.15))  # metres it spreads, share of the light it takes
SUBCELLS = 4  # bits of a cell's fraction in the drawn outlines


@dataclass(frozen=True)
class Grounding:
    """Light that reaches the floor (1: all of it) on a map of CELL_M cells from `corner`, in metres."""

    light: Array
    corner: Floats


def _low_triangles(pieces: Sequence[Placed]) -> Floats:
    """Floor plan (n x 3 x 2) of all triangles that lie within TOUCHING_M of the floor."""
    found = [np.zeros((0, 3, 2))]
    for piece in pieces:
        for part in piece.mesh.parts if piece.stands else ():
            corner = part.vertices[part.faces]
            found.append(corner[corner[..., 2].max(1) < TOUCHING_M][..., :2])
    return np.concatenate(found)


def ground(pieces: Sequence[Placed]) -> Grounding | None:
    """How standing pieces darken the floor about their feet; None when nothing touches it."""
    feet = _low_triangles(pieces)
    if not len(feet):
        return None
    low, high = feet.min((0, 1)) - MARGIN_M, feet.max((0, 1)) + MARGIN_M
    low[1] = max(low[1], NEAREST_M)
    size = np.maximum(np.ceil((high - low) / CELL_M), 2).astype(int)
    touched = np.zeros((size[1], size[0]), np.uint8)
    outlines = np.round((feet - low) / CELL_M * 2**SUBCELLS).astype(np.int32)
    for outline in outlines:
        cv2.fillConvexPoly(touched, outline, 1, cv2.LINE_8, SUBCELLS)
    return Grounding(_occluded(touched.astype(np.float32)), low)


def _occluded(touched: Array) -> Array:
    light = np.ones_like(touched)
    for reach, share in REACH:
        spread = cv2.GaussianBlur(touched, (0, 0), reach / CELL_M)
        light *= 1 - share * np.minimum(2 * spread, 1)  # half of a blurred straight edge lies on either side
    return light


def seen(grounding: Grounding, room: Room, width: int, crop: tuple[int, int, int, int]) -> Array:
    """The light on the floor as the crop of a film `width` pixels wide sees it, 1 off the map."""
    rows, columns = grounding.light.shape
    cells = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float32)
    floor = np.c_[grounding.corner + cells * CELL_M, np.zeros(4)]
    pixels, depth = room.project(floor)
    x0, y0, x1, y1 = crop
    if (depth < 0.05).any():
        return np.ones((y1 - y0, x1 - x0), np.float32)
    on_film = (pixels * (width / room.camera.width) - [x0, y0]).astype(np.float32)
    warp = cv2.getPerspectiveTransform(cells, on_film)
    found = cv2.warpPerspective(grounding.light, warp, (x1 - x0, y1 - y0), flags=cv2.INTER_LINEAR, borderValue=1.0)
    return np.asarray(found, np.float32)
