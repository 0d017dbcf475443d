"""How far a reading of a synthetic room is from its truth."""

import numpy as np
from numpy.typing import NDArray

from functions.inference.engines.render.read.camera import Camera
from tests.support.rooms import Truth

Floats = NDArray[np.float64]
Box = tuple[float, float, float]
"""Left, right and back wall in camera heights."""


def tilt_between(a: Camera, b: Camera) -> float:
    """Degrees between what two cameras take for up."""
    return float(np.degrees(np.arccos(np.clip(a.rotation[:, 2] @ b.rotation[:, 2], -1, 1))))


def true_camera(truth: Truth, width: int, height: int) -> Camera:
    focal = width / 2 / np.tan(np.radians(truth.horizontal_fov) / 2)
    yaw, pitch, roll = (float(np.radians(v)) for v in (truth.yaw, truth.pitch, truth.roll))
    return Camera(yaw, pitch, roll, focal, width, height)


def yaw_error(found: Camera, truth: Truth) -> float:
    """Degrees, modulo a quarter turn."""
    difference = np.degrees(found.yaw) - truth.yaw
    return float(abs((difference + 45) % 90 - 45))


def _grid(camera: Camera) -> Floats:
    y, x = np.mgrid[0 : camera.height : 4, 0 : camera.width : 4]
    return np.stack([x.ravel(), y.ravel()], 1).astype(np.float64)


def _on_floor(rays: Floats, box: Box) -> tuple[NDArray[np.bool_], Floats]:
    """Which rays end on the floor, and where in camera heights."""
    left, right, back = box
    below = rays[:, 2] < -1e-3
    at = rays[:, :2] * (-1 / np.where(below, rays[:, 2], -1))[:, None]
    return below & (at[:, 0] > left) & (at[:, 0] < right) & (at[:, 1] < back), at


def _true_box(truth: Truth) -> Box:
    return truth.left / truth.camera_height, truth.right / truth.camera_height, truth.back / truth.camera_height


def _both(
    camera: Camera, box: Box, truth: Truth
) -> tuple[tuple[NDArray[np.bool_], Floats], tuple[NDArray[np.bool_], Floats]]:
    pixels = _grid(camera)
    real = true_camera(truth, camera.width, camera.height)
    straight = truth.undistorted(pixels, camera.width, camera.height) if truth.distortion else pixels
    return _on_floor(camera.rays(pixels), box), _on_floor(real.rays(straight), _true_box(truth))


def overlap(camera: Camera, box: Box, truth: Truth) -> float:
    """Intersection over union of the found and the true floor, in pixels.

    The found room may face the wall that the truth calls a side wall: only what is floor matters, not its name.
    """
    (found, _), (true, _) = _both(camera, box, truth)
    return float((found & true).sum() / (found | true).sum())


def floor_distance_error(camera: Camera, box: Box, truth: Truth) -> float:
    """Median relative error of the distance to floor points that both call floor."""
    (found, at), (true, real) = _both(camera, box, truth)
    shared = found & true
    if not shared.any():
        return 1.0
    distance, expected = np.linalg.norm(at[shared], axis=1), np.linalg.norm(real[shared], axis=1)
    return float(np.median(np.abs(distance - expected) / expected))
