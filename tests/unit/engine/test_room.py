from functions.inference.engines.render import gate
from functions.inference.engines.render.pipeline import Reading
from functions.inference.engines.render.room import camera_height_m
from tests.support.rooms import Truth, truths
from tests.support.rooms.measure import overlap
from tests.unit.engine.conftest import reading_of


def floor_overlap(reading: Reading, truth: Truth) -> float:
    room = reading.room
    box = (room.left / room.camera_height, room.right / room.camera_height, room.back / room.camera_height)
    return overlap(room.camera, box, truth)


def test_the_floor_is_found_or_the_doubt_is_told(truth: Truth, reading: Reading) -> None:
    found = floor_overlap(reading, truth)
    warned = [w.code for w in gate.warnings_of(reading.room, 9.0, 0.0, slow=False)]
    assert found > 0.9 or "low_confidence" in warned, found
    assert found > 0.85


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
