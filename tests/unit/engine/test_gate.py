import numpy as np
import pytest

from functions.inference.engines.render import gate, images, pipeline
from functions.inference.engines.render.pipeline import Reading
from tests.support.rooms import Truth, truths
from vitrine.contracts.inference import Refusal, RefusalCode


def refusal_of(pixels: np.ndarray) -> Refusal:
    answer = pipeline.read_room(images.Photo(np.ascontiguousarray(pixels), None, None))
    assert isinstance(answer, Refusal), answer
    return answer


@pytest.fixture(params=truths()[:2], ids=lambda truth: truth.name)
def pixels(request: pytest.FixtureRequest) -> np.ndarray:
    truth: Truth = request.param
    return images.decode(truth.picture.read_bytes()).pixels


def test_an_empty_room_is_not_refused(reading: Reading) -> None:
    assert isinstance(reading, Reading)


def test_a_dark_photo_is_refused_as_too_dark(pixels: np.ndarray) -> None:
    assert refusal_of(pixels // 12).code == RefusalCode.TOO_DARK


def test_a_blank_picture_is_refused() -> None:
    assert refusal_of(np.full((600, 800, 3), 180, np.uint8)).code == RefusalCode.NOT_AN_INTERIOR


def test_noise_is_refused_as_no_interior() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (600, 800, 3), dtype=np.uint8)
    assert refusal_of(noise).code == RefusalCode.NOT_AN_INTERIOR


def test_a_blurred_photo_is_refused(pixels: np.ndarray) -> None:
    import cv2

    blurred = cv2.GaussianBlur(pixels, (0, 0), 14)
    code = refusal_of(blurred).code
    assert code in {RefusalCode.TOO_BLURRED, RefusalCode.CAMERA_UNREADABLE}


def test_a_room_upside_down_is_refused_or_flagged(pixels: np.ndarray) -> None:
    answer = pipeline.read_room(images.Photo(np.ascontiguousarray(pixels[::-1]), None, None))
    assert isinstance(answer, Refusal) or gate.warnings_of(answer.room, 5.0, 0.0, slow=False)


def test_every_refusal_tells_the_photographer_what_to_do() -> None:
    answers = [
        gate.check_photo(gate.Features(10, 100, 0.9, 0.01)),
        gate.check_photo(gate.Features(200, 2, 0.9, 0.01)),
        gate.check_photo(gate.Features(200, 100, 0.1, 0.01)),
        gate.check_photo(gate.Features(200, 100, 0.9, 0.9)),
        gate.check_camera(None),
        gate.check_floor(None),
        gate.NO_SPACE,
    ]
    for answer in answers:
        assert answer is not None
        assert len(answer.message) > 30
        assert answer.message.count(".") >= 2


def test_slow_rendering_is_told(reading: Reading) -> None:
    codes = [w.code for w in gate.warnings_of(reading.room, 9.0, 0.0, slow=True)]
    assert "slow_renderer" in codes
