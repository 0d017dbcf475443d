"""How far around the furniture the photo may change: its shadows and contact zones, never windows, doors or beyond."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from functions.inference.engines.render.furnish.placed import Placed
from functions.inference.engines.render.read.room import Room
from functions.inference.engines.render.read.walls import CELL_M, WallSurvey
from functions.inference.vision.arrays import Array, Floats

FADE_FROM_M, FADE_TO_M = 0.55, 0.95  # from furniture, so that shadows end within the promised metre
PICTURE_FADE_FROM_M, PICTURE_FADE_TO_M = 0.10, 0.35
CEILING_FADE_M = 0.35
MAP_SIZE = 320


@dataclass(frozen=True)
class Nearness:
    """`whole` covers the frame at a small size: 1 near furniture, 0 where nothing may change."""

    whole: Array

    def at(self, width: int, height: int, crop: tuple[int, int, int, int]) -> Array:
        """The crop of a film of `width` x `height`."""
        x0, y0, x1, y1 = crop
        rows, columns = self.whole.shape
        x = (np.arange(x0, x1, dtype=np.float32) + 0.5) * columns / width - 0.5
        y = (np.arange(y0, y1, dtype=np.float32) + 0.5) * rows / height - 0.5
        grid_x, grid_y = np.meshgrid(x, y)
        found = cv2.remap(self.whole, grid_x, grid_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(found, np.float32)


def surface_points(room: Room, pixels: Floats) -> Floats:
    """Where the rays of pixels meet the room's box."""
    rays = room.camera.rays(pixels)
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = np.stack(
            [
                np.where(rays[:, 1] > 0, room.back / rays[:, 1], np.inf),
                np.where(rays[:, 0] < 0, room.left, room.right) / rays[:, 0],
                np.where(rays[:, 2] > 0, room.height - room.camera_height, -room.camera_height) / rays[:, 2],
            ]
        )
    nearest = np.where(reach > 0, reach, np.inf).min(0)
    return np.asarray(rays * np.minimum(nearest, 50)[:, None] + np.array([0, 0, room.camera_height]), np.float64)


def distance_to(piece: Placed, points: Floats) -> Floats:
    """Metres from points to a piece's upright bounding box."""
    low = min(float(part.vertices[:, 2].min()) for part in piece.mesh.parts)
    c, s = np.cos(piece.turn), np.sin(piece.turn)
    axes = np.array([[c, -s], [s, c]])
    middle = piece.footprint.mean(0)
    half = np.abs((piece.footprint - middle) @ axes).max(0)
    beyond = np.maximum(np.abs((points[:, :2] - middle) @ axes) - half, 0)
    above = np.maximum(np.maximum(points[:, 2] - piece.height, low - points[:, 2]), 0)
    return np.asarray(np.sqrt((beyond**2).sum(1) + above**2), np.float64)


def _smooth(t: Floats) -> Floats:
    t = np.clip(t, 0, 1)
    return t * t * (3 - 2 * t)


def _by_distance(pieces: Sequence[Placed], points: Floats) -> Floats:
    near = np.zeros(len(points))
    for piece in pieces:
        hung = piece.on_wall
        start, end = (PICTURE_FADE_FROM_M, PICTURE_FADE_TO_M) if hung else (FADE_FROM_M, FADE_TO_M)
        near = np.maximum(near, _smooth((end - distance_to(piece, points)) / (end - start)))
    return near


def _plain_wall(survey: WallSurvey, points: Floats) -> Floats:
    """1 off this wall and on its plain parts, 0 on windows and openings; small fixtures count as plain."""
    wall = survey.wall
    out = (points[:, :2] - wall.origin) @ wall.inward
    u, z = (points[:, :2] - wall.origin) @ wall.along, points[:, 2]
    plain = (survey.plain | ~survey.seen).astype(np.uint8)
    kernel = np.ones((7, 7), np.uint8)
    closed = cv2.morphologyEx(cv2.copyMakeBorder(plain, 4, 4, 4, 4, cv2.BORDER_REPLICATE), cv2.MORPH_CLOSE, kernel)
    weight = cv2.GaussianBlur(closed[4:-4, 4:-4].astype(np.float32), (0, 0), 1.0)
    row = np.clip((z / CELL_M).astype(int), 0, weight.shape[0] - 1)
    column = np.clip(((u - wall.start) / CELL_M).astype(int), 0, weight.shape[1] - 1)
    value = weight[row, column].astype(np.float64)
    for opening in survey.openings:
        value = np.where((u > opening.start) & (u < opening.end) & (z < 2.3), 0.0, value)
    return np.where(out < 0.02, value, 1.0)


def measure(room: Room, pieces: Sequence[Placed], surveys: Sequence[WallSurvey]) -> Nearness:
    """The nearness of a room's photo to its furniture."""
    scale = MAP_SIZE / max(room.camera.width, room.camera.height)
    width, height = (max(2, round(v * scale)) for v in (room.camera.width, room.camera.height))
    x, y = np.meshgrid((np.arange(width) + 0.5) / scale, (np.arange(height) + 0.5) / scale)
    points = surface_points(room, np.c_[x.ravel(), y.ravel()])
    near = _by_distance(pieces, points)
    for survey in surveys:
        near *= _plain_wall(survey, points)
    if room.ceiling_seen:
        near *= _smooth((room.height - points[:, 2]) / CEILING_FADE_M)
    blurred = cv2.GaussianBlur(near.reshape(height, width).astype(np.float32), (0, 0), 1.0)
    return Nearness(np.where(blurred < 0.01, 0, blurred).astype(np.float32))
