from itertools import combinations

import numpy as np
import pytest

from functions.inference.engines.render.floorplan import Floorplan, Placed, overlap
from functions.inference.engines.render.homeplan import HomePlan
from functions.inference.engines.render.layout import GROUPS, Arrangement, arrange, distinct, places
from functions.inference.engines.render.pipeline import Reading, guess_room_type
from functions.inference.engines.render.room import Room
from tests.support.rooms import Truth, truths
from tests.unit.engine.conftest import reading_of
from vitrine.contracts.catalogue import RoomType, Style


def arranged(truth: Truth, room_type: RoomType, seed: int = 0, style: Style = Style.SCANDINAVIAN) -> Arrangement | None:
    reading = reading_of(truth)
    return arrange(reading.room, reading.surveys, room_type, HomePlan.of(style, seed), seed)


def standing(pieces: tuple[Placed, ...]) -> list[Placed]:
    return [piece for piece in pieces if not (piece.flat or piece.on_wall)]


def within(room: Room, piece: Placed) -> bool:
    return bool(room.contains(piece.footprint[:, 0], piece.footprint[:, 1], -0.08).all())


@pytest.mark.parametrize("room_type", RoomType)
def test_pieces_neither_collide_nor_leave_the_room_nor_block_a_door(truth: Truth, room_type: RoomType) -> None:
    found = arranged(truth, room_type)
    if found is None:
        return
    reading = reading_of(truth)
    pieces = standing(found.pieces)
    for a, b in combinations(pieces, 2):
        assert not overlap(a.footprint, b.footprint), (a.name, b.name)
    zones = Floorplan(reading.room, reading.surveys).keep_clear()
    for piece in pieces:
        assert within(reading.room, piece), piece.name
        assert not any(overlap(piece.footprint, zone, -0.12) for zone in zones), piece.name


@pytest.mark.parametrize("room_type", RoomType)
def test_every_room_type_is_furnished_in_at_least_half_of_the_rooms(room_type: RoomType) -> None:
    done = [arranged(truth, room_type) is not None for truth in truths()]
    assert sum(done) >= len(done) / 2


def test_nothing_floats(truth: Truth) -> None:
    found = arranged(truth, RoomType.LIVING_ROOM)
    for piece in standing(found.pieces if found else ()):
        lowest = min(float(part.vertices[:, 2].min()) for part in piece.mesh.parts)
        assert abs(lowest) < 0.02, piece.name


def test_the_same_seed_gives_the_same_layout(truth: Truth) -> None:
    one, two = arranged(truth, RoomType.BEDROOM, 5), arranged(truth, RoomType.BEDROOM, 5)
    assert (one is None) == (two is None)
    if one is not None and two is not None:
        assert [p.name for p in one.pieces] == [p.name for p in two.pieces]
        assert all(np.array_equal(a.footprint, b.footprint) for a, b in zip(one.pieces, two.pieces, strict=True))


def test_seeds_propose_different_places_or_pieces() -> None:
    layouts = set()
    for truth in truths():
        for seed in range(4):
            found = arranged(truth, RoomType.LIVING_ROOM, seed)
            if found is not None:
                layouts.add((truth.name, tuple((p.name, *p.centre.round(2)) for p in found.pieces)))
    assert len(layouts) > 1.5 * len(truths())


def test_places_are_sorted_and_distinct_ones_lie_apart(truth: Truth, reading: Reading) -> None:
    found = places(Floorplan(reading.room, reading.surveys), GROUPS[RoomType.LIVING_ROOM])
    assert [p.score for p in found] == sorted((p.score for p in found), reverse=True)
    for a, b in combinations(distinct(found), 2):
        assert abs(a.frame.turn - b.frame.turn) > 0.09 or np.linalg.norm(a.frame.base - b.frame.base) >= 0.5


def test_the_room_type_is_guessed_from_the_size(truth: Truth, reading: Reading) -> None:
    assert guess_room_type(reading.room) in {RoomType.LIVING_ROOM, RoomType.BEDROOM, RoomType.ENTRY_HALL}
