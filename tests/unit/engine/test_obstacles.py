"""Obstacles in drawn scenes: a room's box with known lines, so that no picture has to be rendered."""

from dataclasses import replace

import numpy as np
import pytest

from functions.inference.engines.render.read import obstacles
from functions.inference.engines.render.read.camera import Camera, CameraFit
from functions.inference.engines.render.read.floor import FloorMask
from functions.inference.engines.render.read.room import Obstacle, Room
from functions.inference.vision.arrays import Floats
from tests.support.rooms import Truth
from tests.unit.engine.conftest import reading_of

CAMERA = Camera(0.0, 0.05, 0.0, 700.0, 1024, 768)


def empty_room() -> Room:
    """4 m wide, 5 m deep, 2.6 m high, all of its floor bare."""
    y, x = np.mgrid[0:384, 0:512]
    rays = CAMERA.rays(np.stack([x.ravel() * 2.0, y.ravel() * 2.0], 1))
    reach = np.where(rays[:, 2] < -1e-3, 1.35 / np.maximum(-rays[:, 2], 1e-3), 1e9)
    at = rays[:, :2] * reach[:, None]
    bare = (np.abs(at[:, 0]) < 2) & (at[:, 1] < 5) & (reach < 1e8)
    elevation = np.degrees(np.arcsin(rays[:, 2] / np.linalg.norm(rays, axis=1))).reshape(384, 512).astype(np.float32)
    mask = FloorMask(bare.reshape(384, 512), elevation, 0.5, np.zeros((384, 512, 3), np.uint8))
    return Room(
        camera=CAMERA, camera_height=1.35, left=-2.0, right=2.0, back=5.0, height=2.6, ceiling_seen=True,
        ceiling_support=1.0, floor=mask, overlap=1.0, edge_cover=1.0, wall_seen=(1.0, 0.5, 0.5), score=0.9,
        focal_drop=0.1,
    )  # fmt: skip


def box_in(room: Room, low: tuple[float, float], high: tuple[float, float], height: float) -> tuple[CameraFit, Room]:
    """A box drawn into the room: its upright edges, and its outline cut out of the floor mask."""
    corners = np.array([[low[0], low[1]], [high[0], low[1]], [high[0], high[1]]])
    ends = [
        np.r_[room.project(np.r_[c, 0.0])[0][0], room.project(np.r_[c, height])[0][0]] for c in corners
    ]  # fmt: skip
    segments = np.array(ends)
    fit = CameraFit(room.camera, segments, np.full(len(segments), 2), 0.9, 0.1)
    x, y = np.mgrid[0:512, 0:384]
    hull = np.array([p for end in ends for p in (end[:2], end[2:])])
    inside = (x * 2 > hull[:, 0].min()) & (x * 2 < hull[:, 0].max()) & (y * 2 > hull[:, 1].min())
    inside &= y * 2 < hull[:, 1].max()
    return fit, replace(room, floor=replace(room.floor, mask=room.floor.mask & ~inside.T))


def bounds(found: Obstacle) -> Floats:
    return np.asarray(np.r_[found.footprint.min(0), found.footprint.max(0)], np.float64)


def test_an_empty_room_has_no_obstacles() -> None:
    nothing = CameraFit(CAMERA, np.zeros((0, 4)), np.zeros(0, np.intp), 0.9, 0.1)
    assert obstacles.find(nothing, empty_room()) == ()


def test_a_box_on_the_floor_is_found_where_it_stands() -> None:
    found = obstacles.find(*box_in(empty_room(), (-0.9, 3.0), (-0.2, 3.6), 0.8))
    assert len(found) == 1
    low_x, low_y, high_x, high_y = bounds(found[0])
    assert low_x == pytest.approx(-0.9, abs=0.15)
    assert high_x == pytest.approx(-0.2, abs=0.15)
    assert low_y == pytest.approx(3.0, abs=0.15)
    assert high_y > 3.3
    assert found[0].height == pytest.approx(0.8, abs=0.1)
    assert found[0].confidence > 0.7


def test_what_reaches_the_ceiling_is_a_column() -> None:
    found = obstacles.find(*box_in(empty_room(), (0.5, 2.8), (0.8, 3.1), 2.6))
    assert [o.kind for o in found] == ["column"]


def test_what_stands_low_at_a_wall_reaches_it() -> None:
    found = obstacles.find(*box_in(empty_room(), (-1.9, 2.5), (-1.5, 3.6), 0.7))
    assert [o.kind for o in found] == ["fixture"]
    assert found[0].footprint[:, 0].min() == -2.0


def test_a_patch_of_sun_is_no_obstacle() -> None:
    room = empty_room()
    room.floor.mask[280:300, 230:280] = False
    nothing = CameraFit(CAMERA, np.zeros((0, 4)), np.zeros(0, np.intp), 0.9, 0.1)
    assert obstacles.find(nothing, room) == ()


def test_an_upright_on_a_wall_is_no_obstacle() -> None:
    """A door's jamb ends where wall and floor meet."""
    room = empty_room()
    jamb = np.r_[room.project(np.array([0.5, 5.0, 0.0]))[0][0], room.project(np.array([0.5, 5.0, 2.0]))[0][0]]
    fit = CameraFit(CAMERA, jamb[None], np.array([2]), 0.9, 0.1)
    assert obstacles.find(fit, room) == ()


def test_synthetic_empty_rooms_show_no_sure_obstacle(truth: Truth) -> None:
    assert not [o for o in reading_of(truth).room.obstacles if o.confidence > 0.5]
