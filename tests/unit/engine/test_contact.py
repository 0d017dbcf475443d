import numpy as np
import pytest

from functions.inference.engines.render.compose.contact import CELL_M, ground, seen
from functions.inference.engines.render.furnish.meshes.builder import Mesh
from functions.inference.engines.render.furnish.placed import Placed
from functions.inference.engines.render.furnish.polygons import rectangle
from tests.unit.engine.boxes import Box, room_of

AT = np.array([0.2, 3.0])


def a_piece(bottom: float = 0.0, flat: bool = False, on_wall: bool = False) -> Placed:
    mesh = Mesh().box("wood", (0, 0, bottom + 0.2), (0.6, 0.4, 0.4))
    return Placed("box", mesh, AT, rectangle(AT, 0.6, 0.4, 0.0), bottom + 0.4, 0.0, 0.0, flat, on_wall)


def test_the_floor_is_darkest_at_a_pieces_foot_and_untouched_half_a_metre_away() -> None:
    grounding = ground([a_piece()])
    assert grounding is not None
    row = int((AT[1] - grounding.corner[1]) / CELL_M)
    edge = int((AT[0] + 0.3 - grounding.corner[0]) / CELL_M)
    beside = grounding.light[row, edge:]
    assert beside[0] < 0.6
    assert (np.diff(beside) >= -1e-5).all()
    assert beside[-2] == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("piece", [a_piece(bottom=0.3), a_piece(flat=True), a_piece(on_wall=True)])
def test_what_does_not_stand_on_the_floor_does_not_darken_it(piece: Placed) -> None:
    assert ground([piece]) is None


def test_the_camera_sees_the_dark_where_the_piece_stands() -> None:
    room, grounding = room_of(Box(2.5, 2.5, 5.0, 2.6, 0.0, 8.0, 75.0, ())), ground([a_piece()])
    assert grounding is not None
    width, height = room.camera.width, room.camera.height
    light = seen(grounding, room, width, (0, 0, width, height))
    x, y = room.project(np.r_[AT, 0.0])[0][0]
    assert light[int(y), int(x)] < 0.5
    far, _ = room.project(np.array([AT[0], AT[1] + 1.2, 0.0]))
    assert light[int(far[0, 1]), int(far[0, 0])] == 1.0
    half = seen(grounding, room, width // 2, (10, 20, width // 2, height // 2))
    assert half[int(y / 2) - 20, int(x / 2) - 10] < 0.5
