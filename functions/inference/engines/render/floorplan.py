"""Where pieces may stand: footprints, collisions, keep-clear zones, and what the photo shows of the floor."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from functions.inference.engines.render.camera import Floats
from functions.inference.engines.render.homeplan import HomePlan
from functions.inference.engines.render.meshes.builder import Mesh
from functions.inference.engines.render.room import Room
from functions.inference.engines.render.walls import WallSurvey

DOOR_CLEARANCE_M = 0.85
SIDE_WALL_GAP_M = 0.03
MOST_OF_FOOTPRINT = 0.8
DOOR_HEIGHT_M, TALL_M = 2.05, 1.2
NEAREST_M = 0.9  # nothing stands closer to the camera
WIDEST_SHARE = 0.5  # of the frame, for anything but the group's main piece


def rectangle(centre: Floats, width: float, depth: float, turn: float) -> Floats:
    """Corners, anticlockwise."""
    c, s = np.cos(turn), np.sin(turn)
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * np.array([width, depth]) / 2
    return np.asarray(corners @ np.array([[c, s], [-s, c]]) + centre, np.float64)


def overlap(a: Floats, b: Floats, margin: float = 0.0) -> bool:
    """Whether two convex polygons come closer than `margin` (separating axes)."""
    for polygon in (a, b):
        edges = np.roll(polygon, -1, axis=0) - polygon
        normals = np.c_[-edges[:, 1], edges[:, 0]] / np.linalg.norm(edges, axis=1, keepdims=True)
        pa, pb = a @ normals.T, b @ normals.T
        if ((pa.max(0) + margin <= pb.min(0)) | (pb.max(0) + margin <= pa.min(0))).any():
            return False
    return True


def gap(a: Floats, b: Floats) -> float:
    """Distance in metres between two convex polygons, 0 when they overlap."""
    if overlap(a, b):
        return 0.0
    return min(_corner_gap(a, b), _corner_gap(b, a))


def _corner_gap(points: Floats, polygon: Floats) -> float:
    start, edge = polygon, np.roll(polygon, -1, axis=0) - polygon
    along = ((points[:, None] - start) * edge).sum(-1) / (edge**2).sum(-1)
    nearest = start + np.clip(along, 0, 1)[..., None] * edge
    return float(np.linalg.norm(points[:, None] - nearest, axis=-1).min())


@dataclass(frozen=True)
class Placed:
    """A piece in the room: `mesh` in room coordinates, `footprint` its corners on the floor."""

    name: str
    mesh: Mesh
    centre: Floats
    footprint: Floats
    height: float
    turn: float
    flat: bool = False
    on_wall: bool = False
    variant: str = ""


@dataclass(frozen=True)
class Frame:
    """A group's own axes: `a` along the wall behind it, `d` out into the room."""

    base: Floats
    turn: float

    @property
    def along(self) -> Floats:
        return np.array([np.cos(self.turn), np.sin(self.turn)])

    @property
    def out(self) -> Floats:
        return np.array([np.sin(self.turn), -np.cos(self.turn)])

    def at(self, a: float, d: float) -> Floats:
        return np.asarray(self.base + self.along * a + self.out * d, np.float64)


@dataclass
class Floorplan:
    """The pieces placed so far, and whether another one fits. `home` names the designs of what is placed."""

    room: Room
    surveys: Sequence[WallSurvey]
    home: HomePlan | None = None
    placed: list[Placed] = field(default_factory=list)

    def keep_clear(self) -> list[Floats]:
        """Floor that doors and glazed openings need."""
        zones = []
        for survey in self.surveys:
            for opening in survey.openings:
                wall = survey.wall
                middle = wall.point((opening.start + opening.end) / 2, DOOR_CLEARANCE_M / 2)
                zones.append(rectangle(middle, opening.end - opening.start, DOOR_CLEARANCE_M, wall.turn))
        return zones

    def floor_share(self, footprint: Floats) -> float:
        """Share of the visible part of a footprint that the photo shows as bare floor; 0 when none is visible."""
        points = _inside_points(footprint)
        floor, seen = self.room.on_floor(points)
        return float((floor & seen).sum() / seen.sum()) if seen.any() else 0.0

    def seen_share(self, footprint: Floats) -> float:
        return float(self.room.visible(_inside_points(footprint)).mean())

    def in_room(self, footprint: Floats) -> bool:
        return bool(self.room.contains(footprint[:, 0], footprint[:, 1], SIDE_WALL_GAP_M).all())

    def stands_free(self, footprint: Floats, margin: float = 0.04) -> bool:
        """In the room, on visible bare floor, clear of doors and of what stands there already."""
        if not self.in_room(footprint) or self.floor_share(footprint) < MOST_OF_FOOTPRINT:
            return False
        if any(overlap(footprint, zone) for zone in self.keep_clear()):
            return False
        return not any(overlap(footprint, p.footprint, margin) for p in self.placed if not p.flat and not p.on_wall)

    def lies_free(self, footprint: Floats) -> bool:
        """For rugs: in the room and on bare floor; doors may open over it."""
        return self.in_room(footprint) and self.floor_share(footprint) >= MOST_OF_FOOTPRINT

    def well_seen(self, footprint: Floats, height: float) -> bool:
        """In view, not at the camera's nose, and not hiding the group behind it."""
        if np.linalg.norm(footprint, axis=1).min() < NEAREST_M or self.seen_share(footprint) < 0.5:
            return False
        box = self.screen_box(footprint, height)
        if box[2] - box[0] > WIDEST_SHARE or self.cut_off(footprint):
            return False
        if height > TALL_M and self._before_an_opening(box):
            return False
        distance = float(np.linalg.norm(footprint.mean(0)))
        return not any(self._hides(box, distance, other) for other in self.placed if not other.flat)

    def _before_an_opening(self, box: NDArray[np.float64]) -> bool:
        """Whether a tall piece would be seen before a door or a glazed wall."""
        for survey in self.surveys:
            for opening in survey.openings:
                foot = np.array([survey.wall.point(opening.start), survey.wall.point(opening.end)])
                behind = self.screen_box(foot, DOOR_HEIGHT_M)
                shared = np.minimum(box[2:], behind[2:]) - np.maximum(box[:2], behind[:2])
                if (shared > 0).all() and shared[0] > 0.35 * (box[2] - box[0]):
                    return True
        return False

    def cut_off(self, footprint: Floats) -> bool:
        """Whether the frame's lower edge would cut through a piece's foot."""
        pixels, depth = self.room.project(np.c_[footprint, np.zeros(len(footprint))])
        return bool((depth < 0.1).any() or (pixels[:, 1] > 0.995 * self.room.camera.height).any())

    def _hides(self, box: NDArray[np.float64], distance: float, other: Placed) -> bool:
        theirs = self.screen_box(other.footprint, other.height)
        if distance >= float(np.linalg.norm(other.centre)):
            return False
        shared = np.minimum(box[2:], theirs[2:]) - np.maximum(box[:2], theirs[:2])
        area = float(np.prod(np.maximum(theirs[2:] - theirs[:2], 1e-6)))
        return bool((shared > 0).all() and float(np.prod(shared)) > 0.45 * area)

    def screen_box(self, footprint: Floats, height: float) -> NDArray[np.float64]:
        """Left, top, right, bottom of a piece in shares of the frame."""
        points = np.r_[np.c_[footprint, np.zeros(len(footprint))], np.c_[footprint, np.full(len(footprint), height)]]
        pixels, _ = self.room.project(points)
        share = np.clip(pixels / [self.room.camera.width, self.room.camera.height], 0, 1)
        return np.asarray(np.r_[share.min(0), share.max(0)], np.float64)

    def put(
        self,
        name: str,
        mesh: Mesh,
        centre: Floats,
        turn: float,
        z: float = 0.0,
        flat: bool = False,
        on_wall: bool = False,
    ) -> Placed:
        """Place a piece without asking."""
        footprint, height = footprint_of(mesh, centre, turn)
        moved = Mesh().put(mesh, (centre[0], centre[1], z), turn)
        variant = self.home.variant(name) if self.home else ""
        piece = Placed(name, moved, centre, footprint, z + height, turn, flat, on_wall, variant)
        self.placed.append(piece)
        return piece

    def offer(self, name: str, mesh: Mesh, centre: Floats, turn: float) -> bool:
        """Place a piece if it stands free and is well seen."""
        footprint, height = footprint_of(mesh, centre, turn)
        if not (self.stands_free(footprint) and self.well_seen(footprint, height)):
            return False
        self.put(name, mesh, centre, turn)
        return True


def footprint_of(mesh: Mesh, centre: Floats, turn: float) -> tuple[Floats, float]:
    """Corners on the floor of everything in a mesh, leaves included, and its height."""
    low, high = mesh.bounds()
    middle = (low[:2] + high[:2]) / 2
    c, s = np.cos(turn), np.sin(turn)
    offset = np.array([c * middle[0] - s * middle[1], s * middle[0] + c * middle[1]])
    return rectangle(centre + offset, high[0] - low[0], high[1] - low[1], turn), float(high[2])


def _inside_points(footprint: Floats, n: int = 6) -> Floats:
    u, v = np.meshgrid(np.linspace(0.04, 0.96, n), np.linspace(0.04, 0.96, n))
    u, v = u.ravel()[:, None], v.ravel()[:, None]
    a, b, _, d = footprint
    return np.asarray(np.c_[a + (b - a) * u + (d - a) * v, np.zeros(n * n)], np.float64)
