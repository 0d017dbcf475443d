import numpy as np

from functions.inference.engines.render.read import simplex
from functions.inference.vision.arrays import Floats


def valleys(points: Floats, which: simplex.Indices) -> Floats:
    """Rosenbrock's valley, its end moved by the problem's number."""
    x, y = points[:, 0] - which, points[:, 1]
    return np.asarray(100 * (y - x**2) ** 2 + (1 - x) ** 2, np.float64)


def test_many_problems_at_once_end_where_each_has_its_least_value() -> None:
    starts = np.array([[-1.2, 1.0], [3.0, 2.0], [0.0, -4.0]])
    corners = simplex.around(starts, np.array([0.5, 0.5]))
    values, points = simplex.minimise(valleys, corners, 400, near=1e-7, flat=1e-12)
    np.testing.assert_allclose(values, 0, atol=1e-9)
    np.testing.assert_allclose(points, [[1, 1], [2, 1], [3, 1]], atol=1e-4)


def test_a_problem_ends_the_same_whether_it_is_solved_alone_or_beside_others() -> None:
    starts = np.array([[-1.2, 1.0], [-1.2, 1.0]])
    corners = simplex.around(starts, np.array([0.5, 0.5]))
    _, beside = simplex.minimise(valleys, corners, 60, near=1e-4, flat=1e-4)
    _, alone = simplex.minimise(valleys, corners[:1], 60, near=1e-4, flat=1e-4)
    np.testing.assert_array_equal(beside[0], alone[0])


def test_the_value_never_rises_with_more_moves() -> None:
    corners = simplex.around(np.array([[-1.2, 1.0]]), np.array([0.5, 0.5]))
    found = [simplex.minimise(valleys, corners, moves, near=0.0, flat=0.0)[0][0] for moves in (0, 1, 5, 20, 80)]
    assert found == sorted(found, reverse=True)
    assert found[-1] < found[0] / 100


def test_a_flat_loss_shrinks_to_rest() -> None:
    corners = simplex.around(np.zeros((1, 2)), np.ones(2))
    _, points = simplex.minimise(lambda x, _which: np.zeros(len(x)), corners, 500, near=1e-6, flat=1e-6)
    assert np.abs(points).max() < 3
