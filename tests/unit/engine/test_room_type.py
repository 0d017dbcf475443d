from dataclasses import replace

import pytest

from functions.inference.engines.render.read.room_type import Signs, guess, signs_of
from tests.support.rooms import Truth
from tests.unit.engine.conftest import reading_of
from vitrine.contracts.catalogue import RoomType

PLAIN = Signs(width=3.2, depth=3.6, glazed=0.0, fitted=0.1, busy=0.1, fixtures=0)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, RoomType.BEDROOM),
        ({"width": 5.0, "depth": 5.5}, RoomType.LIVING_ROOM),
        ({"width": 4.0, "depth": 4.2, "glazed": 3.0}, RoomType.LIVING_ROOM),
        ({"width": 1.5, "depth": 4.0}, RoomType.ENTRY_HALL),
        ({"width": 4.0, "depth": 4.5, "fitted": 0.9, "busy": 0.55}, RoomType.KITCHEN),
        ({"width": 2.0, "depth": 2.6, "busy": 0.4, "fixtures": 1}, RoomType.BATHROOM),
    ],
    ids=["small and plain", "large", "glazed", "long and narrow", "fitted walls", "tiny with fixtures"],
)
def test_shape_size_and_fittings_tell_what_a_room_is_for(changes: dict[str, float], expected: RoomType) -> None:
    assert guess(replace(PLAIN, **changes)).room_type == expected  # type: ignore[arg-type]


def test_a_room_between_a_bedroom_and_a_living_room_is_guessed_with_doubt() -> None:
    assert guess(replace(PLAIN, width=3.5, depth=3.8)).confidence < 0.5


def test_a_clear_sign_is_believed_more_than_size() -> None:
    hall = guess(replace(PLAIN, width=1.4, depth=4.5))
    assert hall.confidence > guess(PLAIN).confidence
    assert "narrow" in hall.because


def test_an_empty_synthetic_room_is_no_kitchen_and_no_bathroom(truth: Truth) -> None:
    reading = reading_of(truth)
    found = guess(signs_of(reading.room, reading.surveys, 0.1))
    assert found.room_type in {RoomType.LIVING_ROOM, RoomType.BEDROOM, RoomType.ENTRY_HALL, RoomType.OFFICE}
    assert 0 < found.confidence < 0.9
