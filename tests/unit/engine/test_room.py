import pytest

from functions.inference.engines.render.read import gate
from functions.inference.engines.render.read.heights import camera_height_m
from functions.inference.engines.render.read.reading import Reading
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
    assert overlaps[len(overlaps) // 2] > 0.97


def test_the_ceiling_is_found_and_no_windows_head_taken_for_it(truth: Truth, reading: Reading) -> None:
    room = reading.room
    assert room.ceiling_seen == (truth.name != "room-01")  # there it is out of the picture
    if room.ceiling_seen:
        found, true = room.height / room.camera_height, truth.height / truth.camera_height
        assert abs(found / true - 1) < 0.04


@pytest.mark.parametrize("name", ["room-00", "room-02", "room-04"])
def test_a_wall_ends_below_its_skirting_board(name: str) -> None:
    """The board's upper edge is a clear line too; floors were 7 to 11 % too large by it."""
    truth = next(t for t in truths() if t.name == name)
    assert floor_overlap(reading_of(truth), truth) > 0.96


def test_a_given_ceiling_height_fixes_the_scale() -> None:
    assert camera_height_m(1.0, 3.0) == 1.5


def test_without_a_ceiling_the_camera_stands_at_a_usual_height() -> None:
    assert 1.2 < camera_height_m(None, None) < 1.5


def test_a_high_ceiling_is_believed_only_in_part() -> None:
    low, high = camera_height_m(0.8, None), camera_height_m(1.6, None)
    assert 1.05 <= high < low <= 1.75


@pytest.mark.parametrize(("name", "ambiguous"), [("room-01", True), ("room-00", False), ("room-03", False)])
def test_a_floor_that_another_nearly_explains_as_well_is_doubted(name: str, ambiguous: bool) -> None:
    """A window's sill can look like the floor's edge: one floor of 66 rooms was wrong and not doubted before."""
    room = reading_of(next(t for t in truths() if t.name == name)).room
    assert room.ambiguous == ambiguous
    answered = " ".join(w.message for w in gate.warnings_of(room, 9.0, 0.0, slow=False))
    assert ("another outline of the floor" in answered) == ambiguous
