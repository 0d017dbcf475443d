"""Where pieces may stand in an empty room: bare floor, doors, obstacles, glass, and what of it the photo shows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from functions.inference.engines.render.furnish import rules
from functions.inference.engines.render.furnish.polygons import inside_points, overlap, rectangle, shared
from functions.inference.engines.render.read.room import Room
from functions.inference.engines.render.read.walls import WallSurvey
from functions.inference.vision.arrays import Bools, Floats

SIDE_WALL_GAP_M = 0.03
DOOR_HEIGHT_M = 2.05
CELL_M = 0.05
NEAR_M = 0.2  # the floor at the photographer's feet, ahead of which the plan begins
TOP_M = 0.8
FEET_M = (0.0, 0.1, 0.2, 0.3, 0.4)


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
