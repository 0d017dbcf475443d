"""Where pieces may stand: footprints, collisions, keep-clear zones, ways to walk, and what the photo shows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray

from functions.inference.engines.render.furnish import rules
from functions.inference.engines.render.furnish.furnishings import Furnishing
from functions.inference.engines.render.furnish.meshes.builder import Mesh
from functions.inference.engines.render.read.room import Room
from functions.inference.engines.render.read.walls import WallSurvey
from functions.inference.vision.arrays import Bools, Floats

SIDE_WALL_GAP_M = 0.03
MOST_OF_FOOTPRINT = 0.8
MOST_SEEN, PARTLY_SEEN = 0.85, 0.7  # of a footprint that the frame clips: beside the group, before it
MOST_HIDDEN = 0.3  # of a piece behind, by their boxes on the screen
WIDEST_SHARE, TALLEST_SHARE = 0.5, 0.72  # of the frame, for anything but the group's main piece
DOOR_HEIGHT_M = 2.05
CELL_M, WAY_CELL_M = 0.05, 0.1
NEAR_M = 0.2  # the floor at the photographer's feet, ahead of which the plan begins
TOP_M = 0.8
FEET_M = (0.0, 0.1, 0.2, 0.3, 0.4)


def rectangle(centre: Floats, width: float, depth: float, turn: float) -> Floats:
    """Corners, anticlockwise."""
    c, s = np.cos(turn), np.sin(turn)
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * np.array([width, depth]) / 2
    return np.asarray(corners @ np.array([[c, s], [-s, c]]) + centre, np.float64)


def overlap(a: Floats, b: Floats, margin: float = 0.0) -> bool:
    """Whether two convex polygons come closer than `margin` (separating axes)."""
    # Plain floats: polygons have four corners, for which array operations cost ten times as much.
    one, other = a.tolist(), b.tolist()
    return _near(one, other, margin) and not (_apart(one, other, margin) or _apart(other, one, margin))


def _near(a: list[list[float]], b: list[list[float]], margin: float) -> bool:
    """Whether the boxes around two polygons do."""
    for k in (0, 1):
        mine, theirs = [p[k] for p in a], [p[k] for p in b]
        if max(mine) + margin <= min(theirs) or max(theirs) + margin <= min(mine):
            return False
    return True


def _apart(a: list[list[float]], b: list[list[float]], margin: float) -> bool:
    """Whether an edge of `a` separates them."""
    for (x0, y0), (x1, y1) in zip(a, a[1:] + a[:1], strict=True):
        nx, ny = y0 - y1, x1 - x0
        wide = margin * (nx * nx + ny * ny) ** 0.5
        mine, theirs = [nx * x + ny * y for x, y in a], [nx * x + ny * y for x, y in b]
        if max(mine) + wide <= min(theirs) or max(theirs) + wide <= min(mine):
            return True
    return False


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


def footprint_of(mesh: Mesh, centre: Floats, turn: float) -> tuple[Floats, float]:
    """Corners on the floor of everything in a mesh, leaves included, and its height."""
    return _footprint(*mesh.bounds(), centre, turn)


def _footprint(low: Floats, high: Floats, centre: Floats, turn: float) -> tuple[Floats, float]:
    middle = (low[:2] + high[:2]) / 2
    c, s = np.cos(turn), np.sin(turn)
    offset = np.array([c * middle[0] - s * middle[1], s * middle[0] + c * middle[1]])
    return rectangle(centre + offset, high[0] - low[0], high[1] - low[1], turn), float(high[2])


@dataclass(frozen=True, eq=False)
class Placed:
    """A piece in the room: `footprint` is its corners on the floor, `height` that of its top over the floor."""

    name: str
    local: Mesh
    centre: Floats
    footprint: Floats
    height: float
    turn: float
    z: float = 0.0
    flat: bool = False
    on_wall: bool = False
    variant: str = ""

    @cached_property
    def mesh(self) -> Mesh:
        """The mesh in room coordinates."""
        return Mesh().put(self.local, (self.centre[0], self.centre[1], self.z), self.turn)

    @property
    def stands(self) -> bool:
        return not (self.flat or self.on_wall)


@dataclass(frozen=True)
class Frame:
    """A group's own axes: `a` along the wall behind it, `d` out into the room."""

    base: Floats
    turn: float

    @cached_property
    def along(self) -> Floats:
        return np.array([np.cos(self.turn), np.sin(self.turn)])

    @cached_property
    def out(self) -> Floats:
        return np.array([np.sin(self.turn), -np.cos(self.turn)])

    def at(self, a: float, d: float) -> Floats:
        return np.asarray(self.base + self.along * a + self.out * d, np.float64)


@dataclass(frozen=True)
class Pane:
    """Glass in a wall, in metres along it and above the floor; a glass door reaches the floor."""

    survey: WallSurvey
    start: float
    end: float
    low: float
    high: float

    @property
    def middle(self) -> Floats:
        return self.survey.wall.point((self.start + self.end) / 2)


class Ground:
    """What the room says, before any piece stands: bare floor and the seen part of it in cells, zones to keep clear."""

    def __init__(self, room: Room, surveys: Sequence[WallSurvey]) -> None:
        self.room, self.surveys = room, surveys
        self.zones = tuple(_before_openings(surveys, rules.DOOR_CLEARANCE))
        self.obstacles = tuple(obstacle.footprint for obstacle in room.obstacles)
        self.panes = tuple(pane for survey in surveys for pane in _panes(survey))
        x = np.arange(room.left + CELL_M / 2, room.right, CELL_M)
        y = np.arange(NEAR_M + CELL_M / 2, room.back, CELL_M)
        self.shape = len(y), len(x)
        grid = np.stack(np.meshgrid(x, y), -1).reshape(-1, 2)
        points = np.c_[grid, np.zeros(len(grid))]
        floor, self.seen = room.on_floor(points)
        self.floor = floor & self.seen
        self.top_seen = room.visible(points + np.array([0, 0, TOP_M]))

    def sample(self, cells: Bools, points: Floats) -> Bools:
        """A cell map's values at floor points (... x 2), False outside of it."""
        column = np.floor((points[..., 0] - self.room.left) / CELL_M).astype(int)
        row = np.floor((points[..., 1] - NEAR_M) / CELL_M).astype(int)
        inside = (column >= 0) & (column < self.shape[1]) & (row >= 0) & (row < self.shape[0])
        return np.asarray(cells[np.where(inside, row * self.shape[1] + column, 0)] & inside, np.bool_)

    def floor_share(self, footprint: Floats) -> float:
        """Share of the visible part of a footprint that the photo shows as bare floor; 0 when none is visible."""
        points = inside_points(footprint)
        seen = self.sample(self.seen, points)
        return float(self.sample(self.floor, points).sum() / seen.sum()) if seen.any() else 0.0

    def seen_share(self, footprint: Floats) -> float:
        return float(self.sample(self.seen, inside_points(footprint)).mean())

    def contains(self, footprint: Floats, margin: float = SIDE_WALL_GAP_M) -> bool:
        return bool(self.room.contains(footprint[:, 0], footprint[:, 1], margin).all())

    def foot(self, survey: WallSurvey, start: float, end: float) -> float:
        """How far from a stretch of wall the photo's bare floor begins, at least rules.WALL_GAP.

        The wall may be read a little too far out, or a dark skirting cut off the floor mask.
        """
        seen, floor = self._strips[survey.wall.name]
        stretch = slice(*(max(0, int((u - survey.wall.start) / CELL_M)) for u in (start, end)))
        begins = (seen[:, stretch].sum(1) >= 3) & (floor[:, stretch].sum(1) >= 0.7 * seen[:, stretch].sum(1))
        return max(FEET_M[int(begins.argmax())], rules.WALL_GAP)

    @cached_property
    def _strips(self) -> dict[str, tuple[Bools, Bools]]:
        """Per wall: what of the floor before it is seen, and bare, by distance (FEET_M) and position."""
        found = {}
        for survey in self.surveys:
            wall, off = survey.wall, np.array(FEET_M)[:, None, None] + 0.05
            u = np.arange(wall.start + CELL_M / 2, wall.end, CELL_M)[:, None]
            points = wall.origin + u * wall.along + off * wall.inward
            found[wall.name] = self.sample(self.seen, points), self.sample(self.floor, points)
        return found

    def blocks_nothing(self, footprint: Floats) -> bool:
        """Clear of doors, passages and glass doors, and of what the room already holds."""
        return not any(overlap(footprint, zone) for zone in (*self.zones, *self.obstacles))

    def screen_box(self, footprint: Floats, height: float, low: float = 0.0) -> Floats:
        """Left, top, right, bottom of an upright box in shares of the frame."""
        points = np.empty((2 * len(footprint), 3))
        points[:, :2] = np.concatenate([footprint, footprint])
        points[: len(footprint), 2], points[len(footprint) :, 2] = low, height
        pixels, _ = self.room.project(points)
        share = np.clip(pixels / [self.room.camera.width, self.room.camera.height], 0, 1)
        return np.concatenate([share.min(0), share.max(0)])

    @cached_property
    def _obstacle_boxes(self) -> tuple[tuple[float, Floats], ...]:
        """How far off the room's own things are, and where they are on the screen."""
        return tuple(
            (float(np.linalg.norm(o.footprint.mean(0))), self.screen_box(o.footprint, o.height))
            for o in self.room.obstacles
        )

    def behind_obstacle(self, footprint: Floats, height: float) -> bool:
        """Whether a piece would be drawn over something of the photo that stands before it."""
        if not self.room.obstacles:
            return False
        box, distance = self.screen_box(footprint, height), float(np.linalg.norm(footprint.mean(0)))
        return any(far < distance and shared(box, theirs) > 0 for far, theirs in self._obstacle_boxes)

    @cached_property
    def pane_boxes(self) -> tuple[Floats, ...]:
        """The glass on the screen."""
        return tuple(
            self.screen_box(np.array([p.survey.wall.point(p.start), p.survey.wall.point(p.end)]), p.high, p.low)
            for p in self.panes
        )


def _before_openings(surveys: Sequence[WallSurvey], depth: float) -> Iterator[Floats]:
    for survey in surveys:
        for opening in survey.openings:
            middle = survey.wall.point((opening.start + opening.end) / 2, depth / 2)
            yield rectangle(middle, opening.end - opening.start, depth, survey.wall.turn)


def thresholds(surveys: Sequence[WallSurvey]) -> list[Floats]:
    """The openings as thin rectangles on the floor."""
    return list(_before_openings(surveys, 0.01))


def _panes(survey: WallSurvey) -> Iterator[Pane]:
    for opening in survey.openings:
        yield Pane(survey, opening.start, opening.end, 0.0, DOOR_HEIGHT_M)
    for window in survey.windows:
        yield Pane(survey, window.start, window.end, window.low, window.high)


def shared(a: Floats, b: Floats) -> float:
    """Area that two screen boxes share."""
    sides = np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])
    return float(np.prod(np.maximum(sides, 0)))


def area_of(box: Floats) -> float:
    return float(np.prod(np.maximum(box[2:] - box[:2], 1e-6)))


@dataclass
class Floorplan:
    """The pieces placed so far, and whether another one fits."""

    ground: Ground
    placed: list[Placed] = field(default_factory=list)
    _boxes: dict[Placed, Floats] = field(default_factory=dict)

    @property
    def standing(self) -> list[Placed]:
        return [piece for piece in self.placed if piece.stands]

    def stands_free(self, footprint: Floats, margin: float = rules.PIECE_GAP) -> bool:
        """In the room, clear of doors and obstacles, and of what stands there already."""
        if not self.ground.contains(footprint) or not self.ground.blocks_nothing(footprint):
            return False
        return not any(overlap(footprint, piece.footprint, margin) for piece in self.standing)

    def sound(self) -> bool:
        """Whether everything that was placed without asking stands free all the same."""
        standing = self.standing
        ground = self.ground
        if not all(ground.contains(p.footprint) and ground.blocks_nothing(p.footprint) for p in standing):
            return False
        if any(ground.behind_obstacle(p.footprint, p.height) for p in self.placed):
            return False
        return not any(overlap(a.footprint, b.footprint) for a, b in combinations(standing, 2))

    def on_bare_floor(self, footprint: Floats) -> bool:
        return self.ground.floor_share(footprint) >= MOST_OF_FOOTPRINT

    def lies_free(self, footprint: Floats) -> bool:
        """For rugs: in the room and on bare floor; doors may open over it."""
        clear = not any(overlap(footprint, obstacle) for obstacle in self.ground.obstacles)
        clear = clear and not self.ground.behind_obstacle(footprint, 0.0)
        return clear and self.ground.contains(footprint) and self.on_bare_floor(footprint)

    def well_seen(self, footprint: Floats, height: float, hiding: float = MOST_HIDDEN) -> bool:
        """In view, not at the camera's nose, before no glass when tall, and not hiding the group behind it.

        `hiding` is the share of another piece that it may hide: 1 for what belongs before one, such as a table, which
        the frame's lower edge may cut, too.
        """
        least = PARTLY_SEEN if hiding >= 1 else MOST_SEEN
        if np.linalg.norm(footprint, axis=1).min() < rules.NEAREST or self.ground.seen_share(footprint) < least:
            return False
        box = self.ground.screen_box(footprint, height)
        if (
            box[2] - box[0] > WIDEST_SHARE
            or box[3] - box[1] > TALLEST_SHARE
            or (hiding < 1 and self.cut_off(footprint))
        ):
            return False
        if height > rules.TALL and self._before_glass(box):
            return False
        distance = float(np.linalg.norm(footprint.mean(0)))
        return hiding >= 1 or not any(self._hides(box, distance, p, hiding) for p in self.placed if not p.flat)

    def _before_glass(self, box: Floats) -> bool:
        """Whether a tall piece would be seen before a window or an opening."""
        return any(shared(box, pane) > 0.3 * min(area_of(box), area_of(pane)) for pane in self.ground.pane_boxes)

    def cut_off(self, footprint: Floats) -> bool:
        """Whether the frame's lower edge would cut through a piece's foot."""
        room = self.ground.room
        pixels, depth = room.project(np.c_[footprint, np.zeros(len(footprint))])
        return bool((depth < 0.1).any() or (pixels[:, 1] > 0.995 * room.camera.height).any())

    def _hides(self, box: Floats, distance: float, other: Placed, most: float) -> bool:
        if distance >= float(np.linalg.norm(other.centre)):
            return False
        theirs = self._box_of(other)
        return shared(box, theirs) > most * area_of(theirs)

    def _box_of(self, piece: Placed) -> Floats:
        if piece not in self._boxes:
            self._boxes[piece] = self.ground.screen_box(piece.footprint, piece.height, piece.z)
        return self._boxes[piece]

    def fits(self, piece: Furnishing, centre: Floats, turn: float, margin: float, hiding: float = MOST_HIDDEN) -> bool:
        footprint, height = _footprint(*piece.bounds, centre, turn)
        free = self.stands_free(footprint, margin) and self.on_bare_floor(footprint)
        free = free and not self.ground.behind_obstacle(footprint, height)
        return free and self.well_seen(footprint, height, hiding)

    def put(
        self,
        piece: Furnishing,
        centre: Floats,
        turn: float,
        z: float = 0.0,
        flat: bool = False,
        on_wall: bool = False,
    ) -> Placed:
        """Place a piece without asking."""
        footprint, height = _footprint(*piece.bounds, centre, turn)
        placed = Placed(piece.name, piece.mesh, centre, footprint, z + height, turn, z, flat, on_wall, piece.variant)
        self.placed.append(placed)
        return placed

    def walkable(self) -> bool:
        """Whether a way of rules.WALKWAY leads from the camera's side of the room to every opening and main piece."""
        ways = self._ways()
        row = ways.labels[int(BEFORE_M / 2 / WAY_CELL_M)]
        start = row[row > 0]
        if not len(start):
            return False
        home = int(np.bincount(start).argmax())
        zones = [zone for zone in self.ground.zones if zone[:, 1].max() > NEAR_M]
        return all(ways.reach(zone, home) for zone in zones)

    def _ways(self) -> "_Ways":
        room = self.ground.room
        rows = int(np.ceil((room.back + BEFORE_M) / WAY_CELL_M))
        columns = int(np.ceil((room.right - room.left) / WAY_CELL_M))
        free = np.ones((rows, columns), np.uint8)
        origin = np.array([room.left, -BEFORE_M])
        for footprint in [*(piece.footprint for piece in self.standing), *self.ground.obstacles]:
            corners = np.round((footprint - origin) / WAY_CELL_M - 0.5).astype(np.int32)
            cv2.fillConvexPoly(free, corners, 0)
        room_for = cv2.distanceTransform(np.pad(free, 1), cv2.DIST_L2, 5)[1:-1, 1:-1] * WAY_CELL_M
        wide = (room_for + WAY_CELL_M / 2 >= rules.WALKWAY / 2).astype(np.uint8)
        return _Ways(np.asarray(cv2.connectedComponents(wide)[1], np.int32), origin)


BEFORE_M = 1.0  # of floor behind the camera counts as free: nobody sees it


@dataclass(frozen=True)
class _Ways:
    """Floor on which a person has room on all sides, labelled by connected part."""

    labels: NDArray[np.int32]
    origin: Floats

    def reach(self, zone: Floats, label: int) -> bool:
        column, row = np.floor((inside_points(zone) - self.origin) / WAY_CELL_M).astype(int).T
        inside = (column >= 0) & (row >= 0) & (column < self.labels.shape[1]) & (row < self.labels.shape[0])
        return bool((self.labels[row[inside], column[inside]] == label).any())


_U, _V = (grid.reshape(-1, 1) for grid in np.meshgrid(np.linspace(0.04, 0.96, 6), np.linspace(0.04, 0.96, 6)))


def inside_points(footprint: Floats) -> Floats:
    """36 points spread over a rectangle."""
    a, b, _, d = footprint
    return np.asarray(a + (b - a) * _U + (d - a) * _V, np.float64)
