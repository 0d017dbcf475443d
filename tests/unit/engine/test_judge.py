import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from functions.inference.engines.render.images import UnreadablePhotoError, decode, encode_png
from functions.inference.engines.render.pipeline import Reading
from functions.inference.qc.judge import judge, judge_pixels
from tests.support.rooms import Truth

Pixels = NDArray[np.uint8]


@pytest.fixture
def photo(truth: Truth) -> Pixels:
    return decode(truth.picture.read_bytes()).pixels


def shadowed(photo: Pixels) -> tuple[Pixels, Pixels]:
    """A picture with an honest edit in the lower middle, and its mask."""
    height, width = photo.shape[:2]
    mask = np.zeros((height, width), np.uint8)
    mask[int(0.6 * height) : int(0.85 * height), int(0.3 * width) : int(0.7 * width)] = 255
    picture = photo.copy()
    picture[mask > 0] = picture[mask > 0] // 2 + 40
    return picture, mask


def test_an_untouched_photo_keeps_full_integrity(photo: Pixels) -> None:
    assert judge_pixels(photo, photo, np.zeros(photo.shape[:2], np.uint8)).integrity == 1
    assert judge_pixels(photo, photo, None).integrity == 1


def test_an_honest_edit_keeps_its_integrity(photo: Pixels) -> None:
    picture, mask = shadowed(photo)
    scores = judge_pixels(photo, picture, mask)
    assert scores.integrity > 0.95
    assert scores.quality > 0.5
    assert scores.parts["outside_mask_changed"] == 0


def test_one_changed_pixel_outside_the_mask_ends_integrity(photo: Pixels) -> None:
    picture, mask = shadowed(photo)
    picture[2, 3, 1] ^= 1
    scores = judge_pixels(photo, picture, mask)
    assert scores.integrity == 0
    assert scores.parts["outside_mask_changed"] == 1


def test_a_wall_moved_by_ten_pixels_is_caught(photo: Pixels) -> None:
    moved = np.roll(photo, 10, axis=1)
    assert judge_pixels(photo, moved, None).integrity < 0.6


def test_shifted_colours_are_caught(photo: Pixels) -> None:
    warm = np.clip(photo.astype(int) + np.array([28, 0, -28]), 0, 255).astype(np.uint8)
    assert judge_pixels(photo, warm, None).integrity < 0.6


def test_a_painted_over_upper_half_is_caught(photo: Pixels) -> None:
    picture = photo.copy()
    half = len(photo) // 2
    picture[:half] = cv2.GaussianBlur(picture[:half], (0, 0), 25)
    scores = judge_pixels(photo, picture, None)
    # A bare wall that is blurred has lost nothing that could be missed.
    assert scores.integrity < 0.6 or scores.parts["changed_share"] < 0.1


def test_a_picture_of_another_size_scores_nothing(photo: Pixels) -> None:
    scores = judge_pixels(photo, photo[:-10], None)
    assert scores.integrity == scores.quality == 0


def test_encoded_pictures_are_judged_like_their_pixels(truth: Truth, photo: Pixels) -> None:
    picture, mask = shadowed(photo)
    scores = judge(truth.picture.read_bytes(), encode_png(picture), encode_png(mask))
    assert scores == judge_pixels(photo, picture, mask)


def test_what_is_no_picture_cannot_be_judged(truth: Truth) -> None:
    with pytest.raises(UnreadablePhotoError):
        judge(truth.picture.read_bytes(), b"nothing", None)


def test_scores_stay_between_zero_and_one_on_noise(reading: Reading) -> None:
    noise = np.random.default_rng(1).integers(0, 256, reading.small.shape, dtype=np.uint8)
    scores = judge_pixels(reading.small, noise, None)
    assert 0 <= scores.integrity < 0.3
    assert 0 <= scores.quality <= 1
