"""What stands on the floor of a photo already: columns, radiators, kitchen units, plants, furniture.

Two kinds of evidence: upright segments whose foot is on the floor, away from the walls, and patches within the box's
floor that the photo does not show as floor. Sun and rugs make patches too, but nothing upright, and they end before the
wall.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from functions.inference.engines.render.read.camera import CameraFit
from functions.inference.engines.render.read.room import Obstacle, Room
from functions.inference.vision.arrays import Bools, Floats

WALL_MARGIN_M = 0.22  # door jambs and skirting end here
SHORTEST_M = 0.22
PADDING_M, SMALLEST_M, USUAL_DEPTH_M = 0.05, 0.3, 0.35
TO_WALL_M = 0.6  # what stands this close to a wall reaches it
SAME_THING_M = 0.75
SAME_SIDE_M, LONGEST_SIDE_M = 0.25, 2.0
SMALLEST_PATCH, PLAIN_PATCH = 0.003, 0.012  # of the frame; the larger without anything upright
FARTHEST_M = 9.0


@dataclass(frozen=True, eq=False)
class _Upright:
    """A vertical edge: its foot on the floor and the height of its upper end, in metres."""

    foot: Floats
    height: float


def _floor_at(room: Room, pixels: Floats) -> Floats:
    """Floor points of pixels; infinite at and above the horizon."""
    rays = room.camera.rays(pixels)
    reach = np.where(rays[:, 2] < -1e-3, room.camera_height / np.maximum(-rays[:, 2], 1e-3), np.inf)
    with np.errstate(invalid="ignore"):
        return np.asarray(rays[:, :2] * reach[:, None], np.float64)


def _within(room: Room, points: Floats, margin: float) -> Bools:
    x, y = points.T
    inside = np.isfinite(x) & (y > 0.2) & (y < FARTHEST_M) & room.contains(x, y, margin)
    return np.asarray(inside, np.bool_)


def _uprights(fit: CameraFit, room: Room) -> list[_Upright]:
    """Vertical segments that rise from the floor, away from the walls, over the floor's own edge in the picture."""
    segments = np.asarray(fit.segments[fit.axis == 2], np.float64)
    lower = np.where((segments[:, 1] > segments[:, 3])[:, None], segments[:, :2], segments[:, 2:])
    upper = np.where((segments[:, 1] > segments[:, 3])[:, None], segments[:, 2:], segments[:, :2])
    if not len(segments):
        return []
    feet = _floor_at(room, lower)
    standing = _within(room, feet, WALL_MARGIN_M) & ~_within(room, _floor_at(room, upper), 0.0)
    found = []
    for foot, top in zip(feet[standing], upper[standing], strict=True):
        ray = room.camera.rays(top)[0]
        reach = float(np.linalg.norm(foot)) / max(float(np.linalg.norm(ray[:2])), 1e-6)
        height = room.camera_height + float(ray[2]) * reach
        if SHORTEST_M < height < room.height + 0.3:
            found.append(_Upright(foot, min(height, room.height)))
    return found


def _patches(room: Room) -> list[tuple[Floats, bool]]:
    """Lower outlines, on the floor in metres, of the patches within the box's floor that are not bare floor.

    With each: whether it is large and reaches up to the floor's end in the picture, as what stands at a wall does.
    """
    rows, columns = room.floor.mask.shape
    y, x = np.mgrid[0:rows, 0:columns]
    inside = _within(room, _floor_at(room, np.stack([x.ravel(), y.ravel()], 1) / room.floor.scale), 0.12)
    missing = (inside.reshape(rows, columns) & ~room.floor.mask).astype(np.uint8)
    opened = cv2.morphologyEx(missing, cv2.MORPH_OPEN, np.ones((7, 7), np.uint8))
    count, label, stats, _ = cv2.connectedComponentsWithStats(opened)
    large = [i for i in range(1, count) if stats[i, cv2.CC_STAT_AREA] >= SMALLEST_PATCH * rows * columns]
    rising = np.roll(~inside.reshape(rows, columns), 6, axis=0) & (y > 6)
    return [
        (
            _lower_outline(room, label == i),
            bool((rising & (label == i)).any()) and stats[i, cv2.CC_STAT_AREA] > PLAIN_PATCH * rows * columns,
        )
        for i in large
    ]


def _lower_outline(room: Room, patch: Bools) -> Floats:
    columns = np.flatnonzero(patch.any(0))
    lowest = len(patch) - 1 - patch[::-1, columns].argmax(0)
    points = _floor_at(room, np.stack([columns, lowest + 1], 1) / room.floor.scale)
    return points[_within(room, points, -0.05)]


def _attached(outline: Floats, uprights: list[_Upright]) -> list[_Upright]:
    """The uprights that belong to a patch, one leading to the next."""
    points, rest, own = outline, list(uprights), []
    while close := [u for u in rest if _near(points, u.foot)]:
        own += close
        rest = [u for u in rest if u not in close]
        points = np.vstack([points, *(u.foot for u in close)])
    return own


def _near(points: Floats, foot: Floats) -> bool:
    """Whether a foot is close to some of the points, or in line with one along a side of the same thing."""
    off = np.abs(points - foot)
    close = np.hypot(*off.T) < SAME_THING_M
    in_line = (off.min(1) < SAME_SIDE_M) & (off.max(1) < LONGEST_SIDE_M)
    return bool((close | in_line).any())


def _footprint(room: Room, points: Floats) -> Floats:
    """The rectangle along the walls that holds the points, as deep as such things are, and to a wall that is close."""
    (x0, y0), (x1, y1) = points.min(0) - PADDING_M, points.max(0) + PADDING_M
    y1 = max(y1, y0 + USUAL_DEPTH_M)
    if x1 - x0 < SMALLEST_M:
        x0, x1 = (x0 + x1 - SMALLEST_M) / 2, (x0 + x1 + SMALLEST_M) / 2
    if x0 - room.left < TO_WALL_M:
        x0 = room.left
    if room.right - x1 < TO_WALL_M:
        x1 = room.right
    if room.back - y1 < TO_WALL_M:
        y1 = room.back
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])


def _obstacle(room: Room, points: Floats, uprights: list[_Upright], patch: bool) -> Obstacle:
    height = max((upright.height for upright in uprights), default=0.6)
    footprint = _footprint(room, points)
    x0, x1, y1 = footprint[0, 0], footprint[1, 0], footprint[2, 1]
    at_wall = x0 <= room.left or x1 >= room.right or y1 >= room.back
    kind = "column" if height > 0.85 * room.height else ("fixture" if at_wall and height < 1.1 else "furniture")
    confidence = 0.2 + 0.25 * patch + 0.2 * min(len(uprights), 2)
    return Obstacle(footprint, height, kind, confidence)


def _groups(uprights: list[_Upright]) -> list[list[_Upright]]:
    """Uprights closer to each other than one thing is wide."""
    groups: list[list[_Upright]] = []
    for upright in sorted(uprights, key=lambda u: float(u.foot[0])):
        close = [group for group in groups if _near(np.array([u.foot for u in group]), upright.foot)]
        for group in close:
            groups.remove(group)
        groups.append([upright, *(other for group in close for other in group)])
    return groups


def find(fit: CameraFit, room: Room) -> tuple[Obstacle, ...]:
    """The things that stand on the floor, nearest first. Sizes are those of their visible parts."""
    uprights = _uprights(fit, room)
    found: list[Obstacle] = []
    used: set[int] = set()
    for outline, rising in _patches(room):
        own = _attached(outline, [u for u in uprights if id(u) not in used])
        used.update(id(u) for u in own)
        if len(outline) and (own or rising):
            found.append(_obstacle(room, np.vstack([outline, *(u.foot for u in own)]), own, patch=True))
    alone = _groups([u for u in uprights if id(u) not in used])
    found += [_obstacle(room, np.array([u.foot for u in group]), group, patch=False) for group in alone]
    return tuple(sorted(found, key=lambda o: float(np.linalg.norm(o.footprint, axis=1).min())))
