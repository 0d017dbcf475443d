"""What holds for the furniture of any room, whatever its shape, style and seed."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from functions.inference.engines.render.furnish import rules
from functions.inference.engines.render.furnish.floorplan import Floorplan
from functions.inference.engines.render.furnish.ground import Ground
from functions.inference.engines.render.furnish.homeplan import HomePlan
from functions.inference.engines.render.furnish.layout import Arrangement, arrange
from functions.inference.engines.render.furnish.placed import Placed
from functions.inference.engines.render.furnish.polygons import overlap
from tests.unit.engine.boxes import Box, boxes, room_of, surveys_of
from vitrine.contracts.catalogue import RoomType, Style

HOMES = {style: HomePlan.of(style, 1) for style in (Style.JAPANDI, Style.CLASSIC_ELEGANCE, Style.ART_DECO)}
homes = st.sampled_from(sorted(HOMES)).map(lambda style: HOMES[style])
seeds = st.integers(0, 2**32 - 1)


def unshrunk(examples: int) -> settings:
    """A failing room is reported as found: to shrink one takes minutes, as each try furnishes it again."""
    tolerated = [HealthCheck.filter_too_much, HealthCheck.too_slow]
    phases = (Phase.explicit, Phase.reuse, Phase.generate)
    return settings(max_examples=examples, deadline=None, suppress_health_check=tolerated, phases=phases)


def furnished(box: Box, room_type: RoomType, home: HomePlan, seed: int) -> tuple[Ground, Arrangement]:
    room = room_of(box)
    surveys = surveys_of(box, room)
    found = arrange(room, surveys, room_type, home, seed)
    assume(found is not None)
    assert found is not None
    return Ground(room, surveys), found


def assert_apart(pieces: list[Placed]) -> None:
    for a, b in combinations(pieces, 2):
        assert not overlap(a.footprint, b.footprint), (a.name, b.name)


def assert_inside(ground: Ground, pieces: list[Placed]) -> None:
    for piece in pieces:
        assert ground.contains(piece.footprint, 0.0), piece.name


def assert_doors_clear(ground: Ground, pieces: list[Placed]) -> None:
    for piece in pieces:
        assert not any(overlap(piece.footprint, zone, -1e-6) for zone in ground.zones), piece.name


def assert_obstacles_untouched(ground: Ground, pieces: list[Placed]) -> None:
    for piece in pieces:
        assert not any(overlap(piece.footprint, obstacle, -1e-6) for obstacle in ground.obstacles), piece.name
        assert not ground.behind_obstacle(piece.footprint, piece.height), piece.name


def assert_holds_its_mesh(piece: Placed) -> None:
    """In the piece's own axes, every vertex lies within the footprint's corners and under its height."""
    c, s = np.cos(piece.turn), np.sin(piece.turn)
    axes = np.array([[c, -s], [s, c]])
    corners = piece.footprint @ axes
    for part in piece.mesh.parts:
        points = part.vertices[:, :2] @ axes
        assert (points > corners.min(0) - 1e-6).all(), piece.name
        assert (points < corners.max(0) + 1e-6).all(), piece.name
        assert part.vertices[:, 2].max() < piece.height + 1e-6, piece.name


@pytest.mark.parametrize("room_type", RoomType)
@unshrunk(12)
@given(box=boxes, home=homes, seed=seeds)
def test_any_room_is_furnished_by_the_rules(room_type: RoomType, box: Box, home: HomePlan, seed: int) -> None:
    ground, found = furnished(box, room_type, home, seed)
    pieces = [piece for piece in found.pieces if piece.stands]
    assert pieces
    assert_apart(pieces)
    assert_inside(ground, [piece for piece in found.pieces if not piece.on_wall])
    assert_doors_clear(ground, pieces)
    assert_obstacles_untouched(ground, [piece for piece in found.pieces if not piece.on_wall])
    assert Floorplan(ground, list(found.pieces)).walkable()
    for piece in found.pieces:
        assert_holds_its_mesh(piece)
        assert piece.variant.startswith(f"{home.name}/")


@unshrunk(20)
@given(box=boxes, home=homes, seed=seeds)
def test_no_sofa_turns_its_back_to_the_camera(box: Box, home: HomePlan, seed: int) -> None:
    _, found = furnished(box, RoomType.LIVING_ROOM, home, seed)
    for seat in (piece for piece in found.pieces if piece.name in ("sofa", "loveseat")):
        front = np.array([np.sin(seat.turn), -np.cos(seat.turn)])
        assert -seat.centre @ front > -0.1 * np.linalg.norm(seat.centre) - 1e-9


@pytest.mark.parametrize("room_type", [RoomType.LIVING_ROOM, RoomType.BEDROOM, RoomType.OFFICE])
@unshrunk(8)
@given(box=boxes, home=homes, seed=seeds)
def test_tall_pieces_stand_before_no_window_and_pictures_hang_on_plain_wall(
    room_type: RoomType, box: Box, home: HomePlan, seed: int
) -> None:
    ground, found = furnished(box, room_type, home, seed)
    for piece in found.pieces:
        for survey in ground.surveys:
            wall = survey.wall
            u = (piece.footprint - wall.origin) @ wall.along
            at_wall = ((piece.footprint - wall.origin) @ wall.inward).min() < 0.12
            parallel = abs(np.sin(piece.turn - wall.turn)) < 0.05
            if at_wall and parallel and (piece.on_wall or piece.height > rules.TALL):
                low = piece.z if piece.on_wall else 0.3
                if piece.on_wall:
                    assert not any(u.min() < o.end and u.max() > o.start for o in survey.openings), piece.name
                assert survey.clear(float(u.min()), float(u.max()), low, piece.height) > 0.8, piece.name
