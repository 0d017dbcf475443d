from dataclasses import replace

import cv2
import numpy as np
import pytest

from functions.inference.engines.render.read import floor, gate
from functions.inference.engines.render.read.camera import Camera
from functions.inference.engines.render.read.reading import Reading, read_room
from functions.inference.engines.render.read.room import Obstacle, Room
from functions.inference.vision import images
from tests.support.rooms import Truth, truths
from vitrine.contracts.inference import Refusal, RefusalCode


def refusal_of(pixels: np.ndarray) -> Refusal:
    answer = read_room(images.Photo(np.ascontiguousarray(pixels), None))
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
    blurred = cv2.GaussianBlur(pixels, (0, 0), 14)
    code = refusal_of(blurred).code
    assert code in {RefusalCode.TOO_BLURRED, RefusalCode.CAMERA_UNREADABLE}


def room_pixels(name: str) -> np.ndarray:
    return images.decode(next(t for t in truths() if t.name == name).picture.read_bytes()).pixels


def test_a_photo_without_the_floor_is_refused_for_that() -> None:
    upper = room_pixels("room-06")
    assert refusal_of(upper[: len(upper) * 45 // 100]).code == RefusalCode.NO_FLOOR_VISIBLE


@pytest.mark.parametrize("degrees", [16, 20])
def test_a_camera_held_askew_is_refused_as_too_tilted(degrees: float) -> None:
    pixels = room_pixels("room-06")
    height, width = pixels.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.35)
    turned = np.asarray(cv2.warpAffine(pixels, turn, (width, height), borderMode=cv2.BORDER_REFLECT), np.uint8)
    assert refusal_of(turned).code == RefusalCode.TOO_TILTED


def test_a_photo_with_hardly_a_line_is_refused_as_unreadable() -> None:
    pixels = np.full((600, 800, 3), 170, np.uint8) + np.random.default_rng(2).integers(0, 3, (600, 800, 3), np.uint8)
    for x in range(60, 800, 90):
        for y in range(60, 600, 90):
            cv2.circle(pixels, (x, y), 11, (90, 60, 40), -1)
    assert refusal_of(pixels).code == RefusalCode.CAMERA_UNREADABLE


def facade(room: Room, sky: float, busy: float) -> Refusal | None:
    return gate.check_scene(gate.Features(200, 100, 0.8, 0.01, sky=sky), room, busy)


def test_a_facade_under_a_sky_is_refused_as_no_interior(reading: Reading) -> None:
    answer = facade(reading.room, sky=0.8, busy=0.6)
    assert answer is not None
    assert answer.code == RefusalCode.NOT_AN_INTERIOR


def test_a_room_painted_blue_is_not_taken_for_the_sky(reading: Reading) -> None:
    assert facade(reading.room, sky=0.8, busy=0.15) is None


def test_a_blue_wall_in_a_photo_is_not_taken_for_the_sky() -> None:
    pixels = room_pixels("room-06").copy()
    pixels[..., 0] = pixels[..., 0] // 2
    assert isinstance(read_room(images.Photo(pixels, None)), Reading)


def furnished(room: Room, *things: Obstacle) -> str:
    crowded = replace(room, edge_cover=0.3, obstacles=things)
    found = [w for w in gate.warnings_of(crowded, 9.0, 0.5, slow=False) if w.code == "already_furnished"]
    assert len(found) == 1
    return found[0].message


def test_a_furnished_room_is_staged_with_a_warning_that_says_what_was_seen(reading: Reading) -> None:
    sofa = Obstacle(np.array([[-1.0, 2.0], [1.0, 2.0], [1.0, 3.0], [-1.0, 3.0]]), 0.8, "furniture", 0.85)
    message = furnished(reading.room, sofa, replace(sofa, footprint=sofa.footprint + np.array([0, 2])))
    assert "2 things" in message
    assert "2.5 m" in message


def test_a_furnished_room_whose_things_cannot_be_told_apart_is_warned_of_too(reading: Reading) -> None:
    assert "does not look empty" in furnished(reading.room)


def test_an_empty_room_is_not_called_furnished(reading: Reading) -> None:
    busy = gate.furnished_share(reading.small, reading.room)
    assert not gate.looks_furnished(reading.room, busy)


def test_a_room_whose_ceiling_is_not_in_view_is_doubted(reading: Reading) -> None:
    notes = gate.warnings_of(replace(reading.room, ceiling_seen=False), 9.0, 0.0, slow=False)
    assert "the ceiling is not in view" in next(w.message for w in notes if w.code == "low_confidence")


def test_a_camera_that_sees_floor_alone_shows_no_floor_to_tell_from_walls() -> None:
    """GrabCut raised an error when nothing was left for the background."""
    steep = Camera(0.0, 0.9, 0.0, 3000.0, 800, 600)
    assert floor.find(np.full((600, 800, 3), 120, np.uint8), steep) is None


def test_a_room_upside_down_is_refused_or_flagged(pixels: np.ndarray) -> None:
    answer = read_room(images.Photo(np.ascontiguousarray(pixels[::-1]), None))
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
