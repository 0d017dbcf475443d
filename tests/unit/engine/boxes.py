"""Rooms without a photo: boxes as the engine would read them, for properties that need no pixels."""

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from functions.inference.engines.render.furnish.polygons import rectangle
from functions.inference.engines.render.read.camera import Camera
from functions.inference.engines.render.read.floor import FloorMask
from functions.inference.engines.render.read.room import Obstacle, Room
from functions.inference.engines.render.read.walls import CELL_M, Opening, Wall, WallSurvey, WindowOnWall, walls_of

WIDTH, HEIGHT, SCALE = 800, 600, 0.32


@dataclass(frozen=True)
class Hole:
    """A door (from the floor) or a window in wall number `wall`, its place along the wall from 0 to 1."""

    wall: int
    at: float
    door: bool


@dataclass(frozen=True)
class Box:
    """A room in metres and degrees: `left` and `right` are distances from the camera to the side walls.

    `crates` stand in it, half a metre wide and high, at shares of its width and depth.
    """

    left: float
    right: float
    back: float
    height: float
    yaw: float
    pitch: float
    fov: float
    holes: tuple[Hole, ...]
    crates: tuple[tuple[float, float], ...] = ()


holes = st.builds(Hole, st.integers(0, 2), st.floats(0, 1), st.booleans())
boxes = st.builds(
    Box,
    left=st.floats(0.7, 4.5),
    right=st.floats(0.7, 4.5),
    back=st.floats(2.2, 7.5),
    height=st.floats(2.3, 3.2),
    yaw=st.floats(-40, 40),
    pitch=st.floats(-3, 14),
    fov=st.floats(55, 95),
    holes=st.lists(holes, max_size=3).map(tuple),
    crates=st.lists(st.tuples(st.floats(0.1, 0.9), st.floats(0.3, 0.95)), max_size=2).map(tuple),
)


def _camera(box: Box) -> Camera:
    yaw, pitch = np.radians([box.yaw, box.pitch])
    return Camera(float(yaw), float(pitch), 0.0, WIDTH / 2 / float(np.tan(np.radians(box.fov / 2))), WIDTH, HEIGHT)


def _floor(camera: Camera, box: Box, camera_height: float) -> FloorMask:
    """Exactly the pixels that show the box's floor."""
    rows, columns = round(HEIGHT * SCALE), round(WIDTH * SCALE)
    y, x = np.mgrid[0:rows, 0:columns].reshape(2, -1)
    rays = camera.rays(np.c_[x, y] / SCALE)
    below = rays[:, 2] < -1e-3
    points = rays[:, :2] * (-camera_height / np.where(below, rays[:, 2], -1))[:, None]
    inside = below & (points[:, 0] > -box.left) & (points[:, 0] < box.right) & (points[:, 1] < box.back)
    angle = np.degrees(np.arcsin(rays[:, 2] / np.linalg.norm(rays, axis=1))).astype(np.float32)
    plain = np.full((rows, columns, 3), 128, np.uint8)
    return FloorMask(inside.reshape(rows, columns), angle.reshape(rows, columns), SCALE, plain)


def room_of(box: Box) -> Room:
    camera, camera_height = _camera(box), 1.4
    return Room(
        camera=camera,
        camera_height=camera_height,
        left=-box.left,
        right=box.right,
        back=box.back,
        height=box.height,
        ceiling_seen=True,
        ceiling_support=1.0,
        floor=_floor(camera, box, camera_height),
        overlap=1.0,
        edge_cover=1.0,
        wall_seen=(1.0, 1.0, 1.0),
        score=1.0,
        focal_drop=0.1,
        obstacles=tuple(_crate(box, *where) for where in box.crates),
    )


def _crate(box: Box, across: float, along: float) -> Obstacle:
    centre = np.array([-box.left + across * (box.left + box.right), along * box.back])
    return Obstacle(rectangle(centre, 0.5, 0.5, 0.0), 0.5, "furniture", 0.9)


def _survey(room: Room, wall: Wall, holes: list[Hole]) -> WallSurvey:
    u = np.arange(wall.start + CELL_M / 2, wall.end, CELL_M)
    z = np.arange(CELL_M / 2, min(room.height, 2.7), CELL_M)
    grid_u, grid_z = np.meshgrid(u, z)
    plain, openings, windows = np.ones(grid_u.shape, bool), [], []
    for hole in holes:
        width, low, high = (0.9, 0.0, 2.05) if hole.door else (1.3, 0.9, 2.1)
        start = wall.start + 0.1 + hole.at * max(0.0, wall.end - wall.start - width - 0.2)
        plain &= ~((grid_u > start) & (grid_u < start + width) & (grid_z > low) & (grid_z < high))
        if hole.door:
            openings.append(Opening(start, start + width))
        else:
            windows.append(WindowOnWall(start, start + width, low, high, 60.0, 0.9))
    points = np.c_[wall.origin + grid_u.reshape(-1, 1) * wall.along, grid_z.ravel()]
    return WallSurvey(wall, plain, room.visible(points).reshape(plain.shape), tuple(openings), tuple(windows))


def surveys_of(box: Box, room: Room) -> tuple[WallSurvey, ...]:
    walls = [wall for wall in walls_of(room) if wall.end - wall.start > 1.6]
    return tuple(_survey(room, wall, [h for h in box.holes if h.wall == i]) for i, wall in enumerate(walls))
