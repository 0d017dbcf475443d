"""Pictures in which the room did not survive: what a careless model does to a photo, done on purpose.

Where doors, windows and skirting of the synthetic rooms are is known from their plans, not from any reading of them.
"""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from functions.inference.engines.render.read.camera import Camera
from tests.support.rooms import Truth
from tests.support.rooms.building import Wall
from tests.support.rooms.measure import true_camera
from tests.support.rooms.plans import random_plan

Pixels = NDArray[np.uint8]
Damage = Callable[[Pixels, Truth], Pixels | None]
"""The damaged picture, or None where the photo does not show enough of what would be damaged."""

MOVED_PX = 10
PLAIN_TO_SEE = 6  # grey levels: skirting may be as white as its wall
LEAST_SHARE = 0.004  # of the frame: less of a door or window is no test


def _seen(truth: Truth, corners: list[list[float]], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Pixels of a quadrilateral of points in the room."""
    camera = true_camera(truth, shape[1], shape[0])
    pixels, depth = camera.project(np.array(corners) - np.array([0.0, 0.0, truth.camera_height]))
    canvas = np.zeros(shape[:2], np.uint8)
    if (depth > 0.1).all():
        cv2.fillConvexPoly(canvas, np.clip(pixels, -9000, 9000).round().astype(np.int32), 1)
    return canvas > 0


def _rectangle(truth: Truth, wall: int, u: tuple[float, float], z: tuple[float, float]) -> list[list[float]]:
    at = Wall(truth, wall)
    return [at.point(*p) for p in ((u[0], z[0]), (u[1], z[0]), (u[1], z[1]), (u[0], z[1]))]


def _number(truth: Truth) -> int:
    return int(truth.name.split("-")[1])


def door_pixels(truth: Truth, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    plan = random_plan(_number(truth))
    u = plan.door_at - 0.53, plan.door_at + 0.53
    return _seen(truth, _rectangle(truth, plan.door_wall, u, (0.0, 2.14)), shape)


def window_pixels(truth: Truth, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    plan = random_plan(_number(truth))
    assert plan.window_wall is not None
    half, high = plan.window_size[0] / 2 + 0.09, plan.window_size[1]
    u = plan.window_at - half, plan.window_at + half
    return _seen(
        truth, _rectangle(truth, plan.window_wall, u, (plan.window_sill - 0.09, plan.window_sill + high + 0.04)), shape
    )


def _painted_over(picture: Pixels, region: NDArray[np.bool_]) -> Pixels | None:
    if region.mean() < LEAST_SHARE:
        return None
    grown = cv2.dilate(region.astype(np.uint8), np.ones((5, 5), np.uint8))
    return np.asarray(cv2.inpaint(picture, grown, 5, cv2.INPAINT_TELEA), np.uint8)


def window_painted_over(picture: Pixels, truth: Truth) -> Pixels | None:
    return _painted_over(picture, window_pixels(truth, picture.shape))


def door_erased(picture: Pixels, truth: Truth) -> Pixels | None:
    return _painted_over(picture, door_pixels(truth, picture.shape))


def skirting_removed(picture: Pixels, truth: Truth) -> Pixels | None:
    """The wall's colour from just above the skirting boards, drawn down to the floor."""
    high = random_plan(_number(truth)).skirting + 0.03
    camera, out = true_camera(truth, picture.shape[1], picture.shape[0]), picture.copy()
    for wall in range(3):
        at = Wall(truth, wall)
        strip = _seen(
            truth, _rectangle(truth, wall, (max(at.low, 0.6) if wall else at.low, at.high), (0, high)), picture.shape
        )
        rows, columns = np.nonzero(strip)
        if not len(rows):
            continue
        above = camera.project(_lifted(truth, wall, camera.rays(np.c_[columns, rows].astype(float)), high))[0]
        x, y = np.clip(above.round().astype(int), 0, [picture.shape[1] - 1, picture.shape[0] - 1]).T
        out[rows, columns] = picture[y, x]
    change = np.abs(out.astype(int) - picture).mean(2)
    return out if (change > PLAIN_TO_SEE).mean() > LEAST_SHARE else None


def _lifted(truth: Truth, wall: int, rays: NDArray[np.float64], z: float) -> NDArray[np.float64]:
    """Where rays meet a wall, moved to height `z`, relative to the camera."""
    axis, where = [(1, truth.back), (0, truth.left), (0, truth.right)][wall]
    points = rays * (where / rays[:, axis])[:, None]
    points[:, 2] = z - truth.camera_height
    return points


def everything_moved(picture: Pixels, _truth: Truth) -> Pixels | None:
    return np.asarray(np.roll(picture, MOVED_PX, axis=1), np.uint8)


def wall_moved(picture: Pixels, truth: Truth) -> Pixels | None:
    """The corner of two walls drawn aside, the rest of the room stretched to fit."""
    width = picture.shape[1]
    camera = true_camera(truth, width, picture.shape[0])
    seen = (_corner(truth, side, camera) for side in (truth.left, truth.right))
    corners = [at for at in seen if at is not None and 0.1 < at / width < 0.9]
    if not corners:
        return None
    x = np.arange(width, dtype=np.float32)
    shift = MOVED_PX * np.exp(-(((x - corners[0]) / (0.1 * width)) ** 2))
    grid_x, grid_y = np.meshgrid((x - shift).astype(np.float32), np.arange(picture.shape[0], dtype=np.float32))
    return np.asarray(cv2.remap(picture, grid_x, grid_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _corner(truth: Truth, side: float, camera: Camera) -> float | None:
    pixels, depth = camera.project(np.array([[side, truth.back, 0.0]]))
    return float(pixels[0, 0]) if depth[0] > 0.1 else None


def cropped(picture: Pixels, _truth: Truth) -> Pixels | None:
    """One per cent cut off and the rest scaled back to the full size."""
    height, width = picture.shape[:2]
    y, x = round(height * 0.005), round(width * 0.005)
    part = picture[y : height - y, x : width - x]
    return np.asarray(cv2.resize(part, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def shrunk(picture: Pixels, _truth: Truth) -> Pixels | None:
    height, width = picture.shape[:2]
    y, x = round(height * 0.005), round(width * 0.005)
    small = cv2.resize(picture, (width - 2 * x, height - 2 * y), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.copyMakeBorder(small, y, y, x, x, cv2.BORDER_REPLICATE), np.uint8)


def _through(picture: Pixels, gains: tuple[float, float, float]) -> Pixels:
    return np.asarray(np.clip(picture * np.array(gains), 0, 255), np.uint8)


def warmer(picture: Pixels, _truth: Truth) -> Pixels | None:
    return _through(picture, (1.08, 1.0, 0.9))


def greener(picture: Pixels, _truth: Truth) -> Pixels | None:
    return _through(picture, (0.95, 1.03, 0.95))


def brighter(picture: Pixels, _truth: Truth) -> Pixels | None:
    return np.asarray(255 * (picture / 255.0) ** 0.8, np.uint8)


def darker(picture: Pixels, _truth: Truth) -> Pixels | None:
    return _through(picture, (0.88, 0.88, 0.88))


DAMAGES: dict[str, Damage] = {
    "window painted over": window_painted_over,
    "door erased": door_erased,
    "skirting removed": skirting_removed,
    "everything moved 10 px": everything_moved,
    "wall moved 10 px": wall_moved,
    "cropped by 1 %": cropped,
    "shrunk by 1 %": shrunk,
    "warmer": warmer,
    "greener": greener,
    "brighter": brighter,
    "darker": darker,
}
