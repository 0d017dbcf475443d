import cv2
import numpy as np

from functions.inference.engines.render.read import camera
from functions.inference.engines.render.read.camera import Camera
from functions.inference.engines.render.read.reading import Reading
from functions.inference.vision import images, segments
from tests.support.rooms import Truth
from tests.support.rooms.measure import tilt_between, true_camera, yaw_error


def test_the_camera_of_a_synthetic_room_is_found_within_a_degree(truth: Truth, reading: Reading) -> None:
    found = reading.room.camera
    assert tilt_between(found, true_camera(truth, found.width, found.height)) < 1.0
    assert yaw_error(found, truth) < 1.5


def test_a_known_focal_length_is_kept(truth: Truth) -> None:
    pixels = images.decode(truth.picture.read_bytes()).pixels
    height, width = pixels.shape[:2]
    focal = true_camera(truth, width, height).focal / max(width, height)
    lines = segments.detect(np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8))
    fit = camera.fit(lines, width, height, focal)
    assert fit is not None
    assert abs(fit.camera.horizontal_fov_deg - truth.horizontal_fov) < 3.0


def test_projecting_a_ray_comes_back_to_its_pixel() -> None:
    seen = Camera(0.4, 0.1, -0.02, 700, 1000, 750)
    pixels = np.array([[10.0, 20.0], [500.0, 375.0], [990.0, 700.0]])
    back, depth = seen.project(seen.rays(pixels) * 3)
    np.testing.assert_allclose(back, pixels, atol=1e-6)
    assert (depth > 0).all()


def test_a_rotation_is_orthonormal_and_level_without_roll() -> None:
    turn = camera.rotation(0.7, 0.2, 0.0)
    np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-12)
    assert abs(turn[0, 2]) < 1e-12


def test_too_few_segments_give_no_camera() -> None:
    assert camera.fit(np.array([[0.0, 0.0, 100.0, 100.0]] * 5), 800, 600) is None


def test_the_photo_is_resized_without_changing_what_the_camera_sees() -> None:
    seen = Camera(0.1, 0.05, 0.0, 700, 1000, 750)
    double = seen.resized(2000, 1500)
    np.testing.assert_allclose(double.rays(np.array([[400.0, 300.0]])), seen.rays(np.array([[200.0, 150.0]])))
