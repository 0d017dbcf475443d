import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from functions.inference.engines.render.furnish.meshes.builder import Mesh
from functions.inference.engines.render.furnish.placed import Frame, footprint_of
from functions.inference.engines.render.furnish.polygons import gap, overlap, rectangle

metres = st.floats(-5, 5)
sizes = st.floats(0.2, 3)
turns = st.floats(-3.2, 3.2)


@given(metres, metres, sizes, sizes, turns)
def test_a_rectangle_overlaps_itself(x: float, y: float, w: float, d: float, turn: float) -> None:
    corners = rectangle(np.array([x, y]), w, d, turn)
    assert overlap(corners, corners)
    assert gap(corners, corners) == 0


@given(metres, metres, sizes, sizes, turns, metres, metres, sizes, sizes, turns)
def test_overlap_is_symmetric_and_agrees_with_the_gap(
    x: float, y: float, w: float, d: float, t: float, x2: float, y2: float, w2: float, d2: float, t2: float
) -> None:
    a, b = rectangle(np.array([x, y]), w, d, t), rectangle(np.array([x2, y2]), w2, d2, t2)
    assert overlap(a, b) == overlap(b, a)
    assert (gap(a, b) == 0) == overlap(a, b) or gap(a, b) < 1e-6


def test_the_gap_between_two_squares_is_the_distance_of_their_sides() -> None:
    a, b = rectangle(np.zeros(2), 1, 1, 0), rectangle(np.array([2.5, 0.0]), 1, 1, 0)
    assert abs(gap(a, b) - 1.5) < 1e-9
    assert not overlap(a, b)
    assert overlap(a, b, margin=1.6)


def test_a_group_on_the_left_wall_reaches_into_the_room() -> None:
    frame = Frame(np.array([-2.0, 3.0]), np.pi / 2)
    np.testing.assert_allclose(frame.at(0, 1.0), [-1.0, 3.0], atol=1e-9)
    np.testing.assert_allclose(frame.at(0.5, 0), [-2.0, 3.5], atol=1e-9)


def test_a_footprint_holds_everything_in_the_mesh_even_off_centre() -> None:
    mesh = Mesh().box("wood", (1.0, 0.0, 0.5), (0.4, 0.2, 1.0))
    corners, height = footprint_of(mesh, np.array([2.0, 1.0]), np.pi / 2)
    np.testing.assert_allclose(corners.mean(0), [2.0, 2.0], atol=1e-6)
    assert abs(height - 1.0) < 1e-6
