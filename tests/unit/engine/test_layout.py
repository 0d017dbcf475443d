from itertools import combinations

import numpy as np
import pytest

from functions.inference.engines.render.description import layout_of
from functions.inference.engines.render.furnish import rules
from functions.inference.engines.render.furnish.floorplan import Floorplan
from functions.inference.engines.render.furnish.furnishings import Furnishings
from functions.inference.engines.render.furnish.ground import FEET_M, Ground
from functions.inference.engines.render.furnish.groups import GROUPS
from functions.inference.engines.render.furnish.homeplan import HomePlan
from functions.inference.engines.render.furnish.layout import APART_M, Arrangement, arrange, layouts
from functions.inference.engines.render.furnish.placed import Placed
from functions.inference.engines.render.furnish.places import places
from functions.inference.engines.render.furnish.polygons import gap, overlap
from functions.inference.engines.render.read.reading import Reading
from functions.inference.engines.render.read.room import Room
from tests.support.rooms import Truth, truths
from tests.unit.engine.conftest import reading_of
from vitrine.contracts.catalogue import RoomType, Style


def arranged(truth: Truth, room_type: RoomType, seed: int = 0, style: Style = Style.SCANDINAVIAN) -> Arrangement | None:
    reading = reading_of(truth)
    return arrange(reading.room, reading.surveys, room_type, HomePlan.of(style, seed), seed)


def standing(found: Arrangement) -> list[Placed]:
    return [piece for piece in found.pieces if piece.stands]


def named(found: Arrangement, name: str) -> list[Placed]:
    return [piece for piece in found.pieces if piece.name == name]


def within(room: Room, piece: Placed) -> bool:
    return bool(room.contains(piece.footprint[:, 0], piece.footprint[:, 1], -0.08).all())


@pytest.mark.parametrize("room_type", RoomType)
def test_pieces_neither_collide_nor_leave_the_room_nor_block_a_door(truth: Truth, room_type: RoomType) -> None:
    found = arranged(truth, room_type)
    if found is None:
        return
    reading = reading_of(truth)
    pieces = standing(found)
    for a, b in combinations(pieces, 2):
        assert not overlap(a.footprint, b.footprint), (a.name, b.name)
    zones = Ground(reading.room, reading.surveys).zones
    for piece in pieces:
        assert within(reading.room, piece), piece.name
        assert not any(overlap(piece.footprint, zone, -0.01) for zone in zones), piece.name


@pytest.mark.parametrize("room_type", RoomType)
def test_every_room_type_is_furnished_in_at_least_half_of_the_rooms(room_type: RoomType) -> None:
    done = [arranged(truth, room_type) is not None for truth in truths()]
    assert sum(done) >= len(done) / 2


@pytest.mark.parametrize("room_type", RoomType)
def test_one_can_walk_through_a_furnished_room(truth: Truth, room_type: RoomType) -> None:
    found = arranged(truth, room_type)
    if found is not None:
        reading = reading_of(truth)
        assert Floorplan(Ground(reading.room, reading.surveys), list(found.pieces)).walkable()


def test_nothing_floats(truth: Truth) -> None:
    found = arranged(truth, RoomType.LIVING_ROOM)
    for piece in standing(found) if found else ():
        lowest = min(float(part.vertices[:, 2].min()) for part in piece.mesh.parts)
        assert abs(lowest) < 0.02, piece.name


def test_a_sofa_stands_at_a_wall_with_a_table_in_reach(truth: Truth) -> None:
    found = arranged(truth, RoomType.LIVING_ROOM)
    sofas = named(found, "sofa") if found else []
    if found is None or not sofas:
        return
    room, corners = reading_of(truth).room, sofas[0].footprint
    to_wall = min(
        (corners[:, 0] - room.left).min(), (room.right - corners[:, 0]).min(), (room.back - corners[:, 1]).min()
    )
    assert to_wall < FEET_M[-1] + 0.02
    tables = named(found, "coffee_table") + named(found, "pouf")
    assert any(gap(sofas[0].footprint, table.footprint) < rules.TABLE_REACH + 0.05 for table in tables)


def test_a_double_bed_has_a_pair_of_nightstands_and_room_on_both_sides(truth: Truth) -> None:
    found = arranged(truth, RoomType.BEDROOM)
    if found is None or found.name not in ("double_bed", "small_double_bed"):
        return
    bed, room = named(found, "bed")[0], reading_of(truth).room
    assert len(named(found, "nightstand")) == 2
    turned = abs(np.sin(bed.turn)) > 0.5
    across = bed.footprint[:, 1] if turned else bed.footprint[:, 0]
    walls = (None, room.back) if turned else (room.left, room.right)
    for wall in walls:
        assert wall is None or np.abs(across - wall).min() >= rules.BEDSIDE, found.frame


def test_the_same_seed_gives_the_same_layout(truth: Truth) -> None:
    one, two = arranged(truth, RoomType.BEDROOM, 5), arranged(truth, RoomType.BEDROOM, 5)
    assert (one is None) == (two is None)
    if one is not None and two is not None:
        assert [p.name for p in one.pieces] == [p.name for p in two.pieces]
        assert all(np.array_equal(a.footprint, b.footprint) for a, b in zip(one.pieces, two.pieces, strict=True))


@pytest.mark.parametrize("room_type", [RoomType.LIVING_ROOM, RoomType.BEDROOM])
def test_eight_seeds_propose_at_least_three_layouts_in_a_room_with_choices(room_type: RoomType) -> None:
    truth = truths()[0]
    found = [arranged(truth, room_type, seed) for seed in range(8)]
    proposals = {(f.name, round(f.frame.turn, 1), *f.frame.base.round(1)) for f in found if f}
    assert len(proposals) >= 3


def test_layouts_are_sorted_and_those_of_a_group_lie_apart(reading: Reading) -> None:
    ground = Ground(reading.room, reading.surveys)
    found = layouts(ground, Furnishings(HomePlan.of(Style.JAPANDI, 1)), RoomType.LIVING_ROOM, 1)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    for a, b in combinations(found, 2):
        if a.place.spec == b.place.spec:
            one, other = a.place.frame, b.place.frame
            assert abs(one.turn - other.turn) > 0.09 or np.linalg.norm(one.base - other.base) >= APART_M


def test_places_come_best_first(reading: Reading) -> None:
    found = places(Ground(reading.room, reading.surveys), GROUPS[RoomType.LIVING_ROOM][0])
    assert [p.score for p in found] == sorted((p.score for p in found), reverse=True)


def test_a_dining_table_has_room_for_chairs_on_every_side(truth: Truth) -> None:
    found = arranged(truth, RoomType.DINING_ROOM)
    if found is None:
        return
    room, table = reading_of(truth).room, named(found, "dining_set")[0]
    behind_chairs = rules.CHAIR_ROOM - rules.CHAIR_DEPTH
    assert room.back - table.footprint[:, 1].max() >= behind_chairs - 0.05
    assert room.right - table.footprint[:, 0].max() >= behind_chairs - 0.05
    assert table.footprint[:, 0].min() - room.left >= behind_chairs - 0.05


def test_the_layout_comes_back_as_data_that_agrees_with_the_pieces(truth: Truth, reading: Reading) -> None:
    found = arranged(truth, RoomType.LIVING_ROOM)
    if found is None:
        return
    layout = layout_of(reading, found)
    assert [piece.name for piece in layout.pieces] == [piece.name for piece in found.pieces]
    for answered, piece in zip(layout.pieces, found.pieces, strict=True):
        low, high = piece.mesh.bounds()
        xs, ys = [p.x for p in answered.footprint], [p.y for p in answered.footprint]
        assert min(xs) - 0.01 < low[0]
        assert high[0] < max(xs) + 0.01
        assert min(ys) - 0.01 < low[1]
        assert high[1] < max(ys) + 0.01
        assert abs(answered.height_m - high[2]) < 0.01
        assert set(answered.clearances) >= ({"wall"} if piece.stands else set())
        assert all(metres > 0.01 for what, metres in answered.clearances.items() if what == "opening")


def test_what_a_room_has_no_place_for_is_named() -> None:
    small, large = truths()[4], truths()[0]
    narrow, wide = arranged(small, RoomType.BEDROOM), arranged(large, RoomType.BEDROOM)
    assert narrow is not None
    assert narrow.lacks == "a bed"
    assert not named(narrow, "bed")
    assert wide is not None
    assert wide.lacks == ""
    assert named(wide, "bed")


def test_a_wide_bed_is_preferred_to_a_narrow_one() -> None:
    for truth in truths():
        names = {found.name for seed in range(4) if (found := arranged(truth, RoomType.BEDROOM, seed))}
        assert names <= {"double_bed", "small_double_bed"} or not names & {"double_bed", "small_double_bed"}
