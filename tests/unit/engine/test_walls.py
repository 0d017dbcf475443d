import numpy as np
import pytest

from functions.inference.engines.render.read.walls import Opening, WallSurvey, WindowOnWall
from tests.support.rooms import truths
from tests.unit.engine.conftest import reading_of


def survey_of(room: str, wall: str) -> WallSurvey:
    """A wall of a committed room."""
    truth = next(t for t in truths() if t.name == room)
    return next(s for s in reading_of(truth).surveys if s.wall.name == wall)


def windows_of(room: str) -> list[WindowOnWall]:
    truth = next(t for t in truths() if t.name == room)
    return [window for survey in reading_of(truth).surveys for window in survey.windows]


def openings_of(room: str) -> list[Opening]:
    truth = next(t for t in truths() if t.name == room)
    return [opening for survey in reading_of(truth).surveys for opening in survey.openings]


@pytest.mark.parametrize("room", ["room-00", "room-02", "room-03", "room-05", "room-06"])
def test_a_window_in_view_is_found_off_the_floor(room: str) -> None:
    found = windows_of(room)
    assert len(found) == 1
    assert 0.6 < found[0].low < 1.1
    assert 1.7 < found[0].high < 2.5
    assert found[0].confidence > 0.5


@pytest.mark.parametrize("room", ["room-01", "room-07"])
def test_a_room_without_a_window_in_view_has_none(room: str) -> None:
    assert windows_of(room) == []


@pytest.mark.parametrize(("room", "wall"), [("room-07", "back"), ("room-03", "back")])
def test_a_white_door_on_a_white_wall_is_found_by_its_lines(room: str, wall: str) -> None:
    doors = [o for o in survey_of(room, wall).openings if o.kind == "door"]
    assert len(doors) == 1
    assert doors[0].end - doors[0].start == pytest.approx(0.9, abs=0.2)


def test_a_brown_door_is_found() -> None:
    assert [o for o in openings_of("room-01") if o.end - o.start < 1.3]


@pytest.mark.parametrize("room", ["room-00", "room-06"])
def test_the_wall_below_a_window_is_no_door(room: str) -> None:
    assert openings_of(room) == []


def test_a_window_with_a_view_lights_the_room() -> None:
    from functions.inference.engines.render.read.light import read

    truth = next(t for t in truths() if t.name == "room-00")
    reading = reading_of(truth)
    grey = np.full((*reading.small.shape[:2], 3), 0.4, np.float32)
    assert read(grey, reading.room).guessed
    light = read(grey, reading.room, reading.surveys)
    assert not light.guessed
    assert light.windows[0].area == pytest.approx(
        sum((w.end - w.start) * (w.high - w.low) for w in windows_of("room-00")), rel=0.05
    )
