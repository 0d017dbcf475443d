"""The geometry that drawn cars are made of; nothing here renders."""

import numpy as np
import pytest

from functions.inference.engines.render.vehicles.curves import Curve, Region, distance_to_outline
from functions.inference.engines.render.vehicles.job import BODIES as BODY_NAMES
from functions.inference.engines.render.vehicles.job import SpinJob
from functions.inference.engines.render.vehicles.lettering import plate_text
from functions.inference.engines.render.vehicles.shell import Shell, foot, surface
from functions.inference.vision.arrays import Floats

SQUARE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


def ball(points: Floats) -> Floats:
    return np.asarray(np.linalg.norm(points, axis=1) - 0.4, np.float64)


@pytest.fixture(scope="module")
def sphere() -> Shell:
    return surface(ball, np.full(3, -0.5), np.full(3, 0.5), 0.02)


def volume(shell: Shell) -> float:
    a, b, c = (shell.points[shell.faces[:, k]] for k in range(3))
    return float((a * np.cross(b, c)).sum() / 6)


def area(shell: Shell) -> float:
    a, b, c = (shell.points[shell.faces[:, k]] for k in range(3))
    return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2)


def test_a_field_is_meshed_on_its_surface_and_faces_outwards(sphere: Shell) -> None:
    assert np.abs(ball(sphere.points)).max() < 1e-6
    assert volume(sphere) == pytest.approx(4 / 3 * np.pi * 0.4**3, rel=0.01)
    assert np.abs(sphere.normals - sphere.points / 0.4).max() < 1e-3


def test_a_mesh_is_closed(sphere: Shell) -> None:
    edges = np.concatenate([sphere.faces[:, [a, b]] for a, b in ((0, 1), (1, 2), (2, 0))])
    there = {(int(a), int(b)) for a, b in edges}
    assert len(there) == len(edges)
    assert all((b, a) in there for a, b in there)


def test_a_cut_parts_a_mesh_exactly_along_the_curve(sphere: Shell) -> None:
    low, high = sphere.cut(sphere.points[:, 2] - 0.1)
    assert low.points[:, 2].max() == pytest.approx(0.1, abs=1e-9)
    assert high.points[:, 2].min() == pytest.approx(0.1, abs=1e-9)
    assert area(low) + area(high) == pytest.approx(area(sphere), rel=1e-6)
    assert area(high) == pytest.approx(2 * np.pi * 0.4 * 0.3, rel=0.01)  # a spherical cap


def test_triangles_are_finer_along_an_outline_and_nowhere_else(sphere: Shell) -> None:
    def level(points: Floats) -> Floats:
        return np.asarray(points[:, 2] - 0.1, np.float64)

    finer, values = sphere.finer(level, 2)
    assert area(finer) == pytest.approx(area(sphere), rel=1e-12), "no gap, no overlap"
    assert values == pytest.approx(level(finer.points))
    sides = np.linalg.norm(finer.points[finer.faces[:, 0]] - finer.points[finer.faces[:, 1]], axis=1)
    beside = np.abs(finer.points[finer.faces][..., 2].mean(1) - 0.1)
    assert sides[beside < 0.002].max() < sides[beside > 0.05].min() < sides.max()


def test_a_cut_keeps_what_lies_on_one_side_whole(sphere: Shell) -> None:
    inside, outside = sphere.cut(np.ones(len(sphere.points)))
    assert not len(inside.faces)
    assert len(outside.faces) == len(sphere.faces)


def test_the_foot_of_a_ray_is_on_the_surface() -> None:
    start = np.array([[2.0, 0.0, 0.0], [2.0, 0.2, 0.1]])
    assert np.abs(ball(foot(ball, start, np.array([-1.0, 0, 0]), 3.0))).max() < 1e-4


def test_an_outline_knows_in_from_out() -> None:
    points = np.array([[0.5, 0.5], [1.5, 0.5], [0.5, -0.25], [0.9, 0.5]])
    assert distance_to_outline(points, SQUARE) == pytest.approx([-0.5, 0.5, 0.25, -0.1])


def test_a_region_is_the_distance_to_its_outline_but_at_corners() -> None:
    region, u = Region(SQUARE, 0.01), np.array([0.5, 0.5, 1.2, 0.5])
    assert region(u, np.array([0.3, 0.95, 0.5, 1.3])) == pytest.approx([-0.3, -0.05, 0.2, 0.3], abs=0.005)
    assert region(np.array([1.0]), np.array([1.0]))[0] > 0.001  # rounded off


def test_a_curve_goes_through_straight_stretches_and_rounds_corners() -> None:
    curve = Curve(((0.0, 0.0), (1.0, 1.0), (2.0, 1.0)), 0.05)
    assert curve(np.array([0.5, 1.5])) == pytest.approx([0.5, 1.0], abs=1e-3)
    assert 0.9 < curve(np.array([1.0]))[0] < 0.995


def test_a_job_survives_its_way_to_the_renderer() -> None:
    job = SpinJob(mode="walk360", night=True, body="suv", seed=9)
    assert SpinJob.of_json(job.to_json()) == job


def test_a_plates_text_is_decided_by_the_seed() -> None:
    first, again, other = (plate_text(np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert first == again != other


def test_the_command_knows_every_body() -> None:
    from functions.inference.engines.render.vehicles.bodies import BODIES

    assert set(BODIES) == set(BODY_NAMES)
