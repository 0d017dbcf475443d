"""The light of a photo: its colour, and where it comes in."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from functions.inference.engines.render.read.room import Room
from functions.inference.engines.render.read.walls import Wall, WallSurvey, walls_of
from functions.inference.vision.arrays import Array, Bools, Floats
from functions.inference.vision.colour import luminance

MOST_WINDOWS = 6
SURE_WINDOW = 0.5
WINDOW_RADIANCE, DIM_WINDOW_RADIANCE = 4.0, 2.6  # overexposed, and with a view
GUESSED_WINDOW_M = (-1.9, -0.3)  # along a side wall, behind the camera
GUESSED_RADIANCE = 3.2
NEUTRAL_WALL = 0.72  # albedo of a white wall
TINT = 0.35  # how much of the walls' colour is the light's, the rest is paint


@dataclass(frozen=True)
class Window:
    """A rectangle of light on a wall or the ceiling: four corners in metres, facing the room, and its radiance."""

    corners: Floats
    radiance: float

    @property
    def area(self) -> float:
        a, b, _, d = self.corners
        return float(np.linalg.norm(np.cross(b - a, d - a)))


@dataclass(frozen=True)
class Light:
    """`tint` is the illuminant's colour (mean 1); `wall` and `floor` are linear colours as photographed.

    `wall_albedo` and `floor_albedo` are what the proxies take; `guessed` when no window or lamp was found.
    """

    tint: Array
    wall: Array
    floor: Array
    wall_albedo: Array
    floor_albedo: Array
    windows: tuple[Window, ...]
    guessed: bool


def _bright_blobs(linear: Array, floor: Bools, reference: float) -> list[NDArray[np.int64]]:
    """Pixels (n x 2) of each bright patch off the floor, largest first."""
    height, width = floor.shape
    threshold = max(0.80, min(0.97, reference * 1.5))
    bright = (cv2.GaussianBlur(linear.min(2), (0, 0), 2) > threshold) & ~floor
    opened = cv2.morphologyEx(bright.astype(np.uint8), cv2.MORPH_OPEN, np.ones((7, 7), np.uint8))
    count, label, stats, _ = cv2.connectedComponentsWithStats(opened)
    area = stats[:, cv2.CC_STAT_AREA] / (width * height)
    chosen = [i for i in range(1, count) if 0.0025 <= area[i] <= 0.25]
    chosen.sort(key=lambda i: -area[i])
    return [np.argwhere(label == i)[:, ::-1] for i in chosen[:MOST_WINDOWS]]


def _cast(room: Room, pixels: NDArray[np.int64]) -> tuple[int, Floats] | None:
    """Which surface (0 back, 1 left, 2 right, 3 ceiling) most rays of a patch hit, and where."""
    rays = room.camera.rays(pixels[:: max(1, len(pixels) // 400)].astype(np.float64))
    with np.errstate(divide="ignore"):
        reach = np.stack(
            [
                np.where(rays[:, 1] > 0, room.back / rays[:, 1], np.inf),
                np.where(rays[:, 0] < 0, room.left / rays[:, 0], np.inf),
                np.where(rays[:, 0] > 0, room.right / rays[:, 0], np.inf),
                np.where(rays[:, 2] > 0, (room.height - room.camera_height) / rays[:, 2], np.inf),
            ],
            1,
        )
    surface = int(np.bincount(reach.argmin(1), minlength=4).argmax())
    hit = reach.argmin(1) == surface
    if hit.sum() < 8:
        return None
    return surface, rays[hit] * reach[hit, surface][:, None] + [0, 0, room.camera_height]


def _ceiling_window(points: Floats, height: float) -> Window:
    (x0, y0, _), (x1, y1, _) = _padded(*np.percentile(points, [5, 95], axis=0))
    z = height - 0.02
    return Window(np.array([[x0, y0, z], [x0, y1, z], [x1, y1, z], [x1, y0, z]]), 2.5)


def _padded(low: Floats, high: Floats) -> tuple[Floats, Floats]:
    middle, half = (low + high) / 2, np.maximum((high - low) / 2, 0.1)
    return middle - half, middle + half


def wall_window(wall: Wall, u: tuple[float, float], z: tuple[float, float], radiance: float) -> Window:
    """A window on a wall, just in front of it, wound to face the room."""
    a, b = wall.point(u[0], 0.02), wall.point(u[1], 0.02)
    corners = np.array([[*a, z[0]], [*b, z[0]], [*b, z[1]], [*a, z[1]]])
    normal = np.cross(corners[1] - corners[0], corners[3] - corners[0])
    return Window(corners if normal[:2] @ wall.inward > 0 else corners[::-1], radiance)


def _window(room: Room, walls: tuple[Wall, ...], pixels: NDArray[np.int64]) -> Window | None:
    found = _cast(room, pixels)
    if found is None:
        return None
    surface, points = found
    if surface == 3:
        return _ceiling_window(points, room.height)
    wall = walls[surface]
    u = (points[:, :2] - wall.origin) @ wall.along
    low, high = np.percentile(np.c_[u, points[:, 2]], [5, 95], axis=0)
    if high[1] < 0.9:
        return None  # a reflection low on a wall
    return wall_window(wall, (low[0], high[0]), (max(low[1], 0.05), high[1]), WINDOW_RADIANCE)


def _brightness(room: Room, wall: Wall, bright: Array) -> float:
    """Mean luminance of the visible part of a wall; 1 when none of it is in view."""
    u, z = np.meshgrid(np.linspace(wall.start + 0.1, wall.end - 0.1, 24), np.linspace(0.8, 2.2, 12))
    points = np.c_[wall.origin + u.reshape(-1, 1) * wall.along, z.ravel()]
    seen = room.visible(points)
    if seen.sum() < 20:
        return 1.0
    x, y = room.project(points[seen])[0].astype(int).T
    return float(bright[y, x].mean())


def _guessed_window(room: Room, walls: tuple[Wall, ...], bright: Array) -> Window:
    """A window beside the camera, out of view, on the darker side wall: a window's own wall gets none of its light."""
    _, left, right = walls
    wall = left if _brightness(room, left, bright) <= _brightness(room, right, bright) else right
    near, far = GUESSED_WINDOW_M
    u = (near, far) if wall is left else (-far, -near)
    return wall_window(wall, u, (0.8, 2.3), GUESSED_RADIANCE)


def _with_a_view(surveys: Sequence[WallSurvey], known: Sequence[Window]) -> list[Window]:
    """Windows that are not overexposed, where no bright patch was found already."""
    middles = [window.corners.mean(0) for window in known]
    found = []
    for survey in surveys:
        for pane in survey.windows:
            window = wall_window(survey.wall, (pane.start, pane.end), (pane.low, pane.high), DIM_WINDOW_RADIANCE)
            span = max(pane.end - pane.start, pane.high - pane.low)
            apart = all(np.linalg.norm(window.corners.mean(0) - middle) > 0.6 * span for middle in middles)
            if pane.confidence >= SURE_WINDOW and apart:
                found.append(window)
    return found


def read(linear: Array, room: Room, surveys: Sequence[WallSurvey] = ()) -> Light:
    """The light of a linear photo of the size that the camera was fitted to; `surveys` are its walls."""
    floor = room.floor.resized(linear.shape[1], linear.shape[0])
    bright = luminance(linear)
    low, reference, high = np.percentile(bright[~floor], [45, 60, 80])
    selected = ~floor & (bright > low) & (bright < high)
    wall = np.median(linear[selected], 0) if selected.any() else np.full(3, 0.5, np.float32)
    ground = np.median(linear[floor], 0) if floor.any() else wall
    walls = walls_of(room)
    windows = [w for blob in _bright_blobs(linear, floor, float(reference)) if (w := _window(room, walls, blob))]
    windows = (windows + _with_a_view(surveys, windows))[:MOST_WINDOWS]
    lit = tuple(windows) or (_guessed_window(room, walls, bright),)
    return _light(wall, ground, lit, guessed=not windows)


def _light(wall: Array, ground: Array, windows: tuple[Window, ...], guessed: bool) -> Light:
    """Illuminant and albedos from the colours of walls and floor as photographed."""
    neutral = wall / max(float(wall.mean()), 1e-4)
    tint = np.maximum(neutral, 0.05) ** TINT
    floor_albedo = ground / max(float(wall.mean()), 1e-4) * NEUTRAL_WALL / tint
    return Light(
        tint=tint.astype(np.float32),
        wall=wall.astype(np.float32),
        floor=ground.astype(np.float32),
        wall_albedo=np.clip(NEUTRAL_WALL * neutral**0.4, 0.05, 0.85).astype(np.float32),
        floor_albedo=np.clip(floor_albedo, 0.03, 0.8).astype(np.float32),
        windows=windows,
        guessed=guessed,
    )
