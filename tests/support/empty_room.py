"""A photo of an empty room, made by casting rays into a box: enough of a room for the engine to furnish.

Lengths in metres; x to the right, y ahead, z up; the camera stands at the origin's height `EYE`.
"""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.support import pictures

Floats = NDArray[np.float64]

LEFT, RIGHT, BACK, FRONT, HEIGHT, EYE = -2.6, 2.2, 4.6, -1.0, 2.6, 1.45
FIELD_OF_VIEW, YAW, PITCH = np.radians(68), np.radians(14), np.radians(-5)
PLANK_WIDTH, PLANK_LENGTH = 0.16, 1.3
LAMP = np.array([0.6, 1.6, 2.3])
SUPERSAMPLING = 3


@cache
def photo(width: int = 480, height: int = 320, **options: Any) -> bytes:
    """The room as a JPEG; `options` are Pillow's."""
    return pictures.file(room(width, height), quality=92, **options)


@cache
def no_room() -> bytes:
    """A photo that passes every inspection and that the engine refuses within a second."""
    return pictures.file(pictures.room())


@cache
def room(width: int, height: int) -> pictures.Pixels:
    fine = _shade(_rays(width * SUPERSAMPLING, height * SUPERSAMPLING))
    grain = np.random.default_rng(5).normal(0, 1.2, (height, width, 3))
    blocks = fine.reshape(height, SUPERSAMPLING, width, SUPERSAMPLING, 3).mean(axis=(1, 3))
    return np.asarray(np.clip(blocks * 255 + grain, 0, 255), np.uint8)


def _rays(width: int, height: int) -> Floats:
    reach = np.tan(FIELD_OF_VIEW / 2)
    across, down = np.meshgrid(np.linspace(-reach, reach, width), np.linspace(reach, -reach, height) * height / width)
    ahead, up = np.cos(PITCH) - down * np.sin(PITCH), np.sin(PITCH) + down * np.cos(PITCH)
    return np.stack(
        [across * np.cos(YAW) + ahead * np.sin(YAW), ahead * np.cos(YAW) - across * np.sin(YAW), up], axis=-1
    )


def _shade(rays: Floats) -> Floats:
    """Linear light is not worth it here: colours times a fall-off from the lamp."""
    eye = np.array([0.0, 0.0, EYE])
    lows, highs = np.array([LEFT, FRONT, 0.0]), np.array([RIGHT, BACK, HEIGHT])
    with np.errstate(divide="ignore"):
        steps = np.where(rays > 0, (highs - eye) / rays, (lows - eye) / rays)
    axis = steps.argmin(axis=-1)
    points = eye + rays * steps.min(axis=-1)[..., None]
    colours = np.choose(axis[..., None], [_side(points), _back(points), _level(points)])
    distance = np.linalg.norm(points - LAMP, axis=-1)
    return np.asarray(colours * (0.62 + 0.75 / (1.0 + distance**1.5))[..., None])


def _side(points: Floats) -> Floats:
    y, z = points[..., 1], points[..., 2]
    wall = _wall(z, (0.80, 0.79, 0.76))
    door = _panel(y - 2.2, z - 1.0, 0.45, 1.03, (0.62, 0.60, 0.56), (0.88, 0.87, 0.84))
    return np.where((points[..., 0] < 0)[..., None] & (door > 0), door, wall)


def _back(points: Floats) -> Floats:
    x, z = points[..., 0], points[..., 2]
    window = _panel(x - 0.2, z - 1.5, 0.75, 0.6, (0.93, 0.95, 0.98), (0.55, 0.55, 0.54))
    return np.where(window > 0, window, _wall(z, (0.84, 0.83, 0.80)))


def _level(points: Floats) -> Floats:
    ceiling = np.broadcast_to(np.array([0.90, 0.90, 0.89]), points.shape)
    return np.where((points[..., 2] > EYE)[..., None], ceiling, _planks(points[..., 0], points[..., 1]))


def _planks(x: Floats, y: Floats) -> Floats:
    row = np.floor(x / PLANK_WIDTH)
    along = y / PLANK_LENGTH + row * 0.37
    tone = 0.9 + 0.2 * np.modf(np.abs(np.sin(row * 12.9898 + np.floor(along) * 78.233)) * 43758.5)[0]
    seam = (np.abs(x / PLANK_WIDTH - np.round(x / PLANK_WIDTH)) < 0.03) | (np.abs(along - np.round(along)) < 0.005)
    return np.asarray(np.array([0.52, 0.38, 0.25]) * (tone * np.where(seam, 0.6, 1.0))[..., None])


def _wall(z: Floats, colour: tuple[float, float, float]) -> Floats:
    skirting = (z < 0.09)[..., None]
    return np.where(skirting, np.array([0.95, 0.95, 0.94]), np.array(colour))


def _panel(
    along: Floats,
    up: Floats,
    half_width: float,
    half_height: float,
    colour: tuple[float, float, float],
    frame: tuple[float, float, float],
) -> Floats:
    """A framed rectangle; zero outside it."""
    outer = (np.abs(along) < half_width + 0.07) & (np.abs(up) < half_height + 0.07)
    inner = (np.abs(along) < half_width) & (np.abs(up) < half_height)
    framed = np.where(outer[..., None], np.array(frame), 0.0)
    return np.where(inner[..., None], np.array(colour), framed)
