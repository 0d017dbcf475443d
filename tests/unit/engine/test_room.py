import numpy as np

from functions.inference.engines.render import gate
from functions.inference.engines.render.pipeline import Reading
from functions.inference.engines.render.room import camera_height_m
from tests.support.rooms import Truth, truths
from tests.unit.engine.conftest import reading_of
from tests.unit.engine.test_camera import true_camera


def floor_overlap(reading: Reading, truth: Truth) -> float:
    """Intersection over union of the true and the found floor, in pixels."""
    room = reading.room
    height, width = reading.small.shape[:2]
    y, x = np.mgrid[0:height:4, 0:width:4]
    pixels = np.c_[x.ravel(), y.ravel()].astype(float)

    def floor(camera_rays: np.ndarray, eye: float, left: float, right: float, back: float) -> np.ndarray:
        below = camera_rays[:, 2] < -1e-3
        reach = -eye / np.where(below, camera_rays[:, 2], -1)
        at = camera_rays[:, :2] * reach[:, None]
        return below & (at[:, 0] > left) & (at[:, 0] < right) & (at[:, 1] < back)

    found = floor(room.camera.rays(pixels), room.camera_height, room.left, room.right, room.back)
    real = true_camera(truth, width, height)
    # The found room may face the wall that the truth calls a side wall: only what is floor matters, not its name.
    true = floor(real.rays(pixels), truth.camera_height, truth.left, truth.right, truth.back)
    return float((found & true).sum() / (found | true).sum())


def test_the_floor_is_found_or_the_doubt_is_told(truth: Truth, reading: Reading) -> None:
    overlap = floor_overlap(reading, truth)
    warned = [w.code for w in gate.warnings_of(reading.room, 9.0, 0.0, slow=False)]
    assert overlap > 0.9 or "low_confidence" in warned, overlap
    assert overlap > 0.85


def test_most_floors_are_found_closely() -> None:
    overlaps = sorted(floor_overlap(reading_of(t), t) for t in truths())
    assert overlaps[len(overlaps) // 2] > 0.93


def test_a_given_ceiling_height_fixes_the_scale() -> None:
    assert camera_height_m(1.0, 3.0) == 1.5


def test_without_a_ceiling_the_camera_stands_at_a_usual_height() -> None:
    assert 1.2 < camera_height_m(None, None) < 1.5


def test_a_high_ceiling_is_believed_only_in_part() -> None:
    low, high = camera_height_m(0.8, None), camera_height_m(1.6, None)
    assert 1.05 <= high < low <= 1.75
