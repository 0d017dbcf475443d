"""The outline of the floor: the two side walls and the wall faced, from the camera's segments and the floor mask.

Everything is measured in camera heights. Walls stand where segments lie, so that the box's floor covers the mask and
its edge lies on lines.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from functions.inference.engines.render.read.camera import Camera, CameraFit
from functions.inference.engines.render.read.floor import FloorMask
from functions.inference.vision.arrays import Array, Bools, Floats
from functions.inference.vision.segments import lengths, midpoints

DEPTHS = 1 / np.tan(np.radians(np.linspace(4, 42, 60)))  # camera heights, 14 down to 1.1
SIDES = np.geomspace(0.35, 8, 44)
X_AXIS, Y_AXIS = 0, 1
MOST_CLOSE, MOST_POSSIBLE = 9, 9
EDGE_TOLERANCE_PX = 3.0  # at 1024 px
EDGE_WEIGHT = 1.2
BEYOND_VIEW = 0.15
LEAST_MASK = 0.4  # a box that covers less of the floor mask has found other edges than the floor's
CLEAR_LEAD, SAME_FLOOR = 0.1, 0.85  # a box of another floor must score this much less, or the reading is in doubt


class Box(NamedTuple):
    """Distances of the walls from the camera's foot, in camera heights: `left` < 0 < `right`, `back` ahead."""

    back: float
    left: float
    right: float

    def contains(self, x: Floats, y: Floats) -> Bools:
        return np.asarray((x > self.left) & (x < self.right) & (y < self.back))


@dataclass(frozen=True)
class FloorPoints:
    """Floor points of the photo (`x`, `y`) and whether the mask shows floor there: `sign` is 1, else -1."""

    x: Floats
    y: Floats
    sign: Floats

    def overlap(self, box: Box) -> float:
        """Intersection over union of the box's floor with the mask."""
        return same_share(box.contains(self.x, self.y), self.sign > 0)


@dataclass(frozen=True)
class Outline:
    """`cover` is the share of the floor's visible edge that lies on segments; `ambiguous`: another floor fits too."""

    box: Box
    cover: float
    ambiguous: bool


@dataclass(frozen=True)
class _Lines:
    """The fitted segments seen from above: where each lies if it is on the floor, in camera heights."""

    axis: NDArray[np.intp]
    length: Floats
    floor: Floats
    below: Bools
    near_edge: Bools


def floor_points(camera: Camera, pixels: Floats) -> tuple[Floats, Bools]:
    """Where pixels lie if they are floor (n x 2, camera heights), and whether they lie below the horizon."""
    rays = camera.rays(pixels)
    below = rays[:, 2] < -1e-3
    reach = -1.0 / np.where(below, rays[:, 2], -1e-3)
    return rays[:, :2] * reach[:, None], below


def floor_points_of(camera: Camera, floor: FloorMask) -> FloorPoints:
    """Every third pixel of the mask that lies well below the horizon."""
    rows, columns = np.mgrid[0 : floor.mask.shape[0] : 3, 0 : floor.mask.shape[1] : 3].reshape(2, -1)
    low = floor.elevation[rows, columns] < -1.5
    rows, columns = rows[low], columns[low]
    points, _ = floor_points(camera, np.c_[columns, rows] / floor.scale)
    return FloorPoints(points[:, 0], points[:, 1], np.where(floor.mask[rows, columns], 1.0, -1.0))


def find(fit: CameraFit, floor: FloorMask, points: FloorPoints) -> Outline:
    """The outline that explains the mask and the segments best."""
    lines = _lines(fit, floor)
    outline = _refine(points, fit, lines, _search(points, lines))
    return Outline(_within_view(points, outline.box), outline.cover, outline.ambiguous)


def _lines(fit: CameraFit, floor: FloorMask) -> _Lines:
    middle = midpoints(fit.segments)
    points, below = floor_points(fit.camera, middle)
    edge = cv2.Canny(floor.mask.astype(np.uint8) * 255, 50, 100)
    distance = cv2.distanceTransform((edge == 0).astype(np.uint8), cv2.DIST_L2, 3)
    rows, columns = distance.shape
    x, y = np.clip((middle * floor.scale).astype(int), 0, [columns - 1, rows - 1]).T
    return _Lines(fit.axis, lengths(fit.segments) / fit.camera.width, points, below, distance[y, x] < 14)


def _evidence(lines: _Lines, chosen: Bools, where: Floats, grid: Floats) -> Floats:
    """How much segment length supports each grid position."""
    spread = 0.02 * np.maximum(1, np.abs(grid))
    near = np.exp(-0.5 * ((grid[None] - where[chosen][:, None]) / spread) ** 2)
    return np.asarray(np.minimum(lines.length[chosen], 0.5) @ near, np.float64)


def _agreement(points: FloorPoints) -> Floats:
    """Summed `sign` of the floor points inside each (depth, left, right) rectangle of the search grid."""
    edges_x = np.r_[-np.inf, -SIDES[::-1], SIDES, np.inf]
    edges_y = np.r_[-np.inf, DEPTHS[::-1], np.inf]
    table = np.histogram2d(points.y, points.x, bins=[edges_y, edges_x], weights=points.sign)[0].cumsum(0).cumsum(1)
    nearer = table[: len(DEPTHS)][::-1]
    columns = len(SIDES)
    left = nearer[:, :columns][:, ::-1]
    right = nearer[:, columns : 2 * columns]
    return np.asarray(right[:, None, :] - left[:, :, None], np.float64)


def _search(points: FloorPoints, lines: _Lines) -> Box:
    """The box of the search grid that best explains the floor mask and the lines along its edge."""
    across = lines.near_edge & lines.below & (lines.axis == X_AXIS)
    along = lines.near_edge & lines.below & (lines.axis == Y_AXIS)
    back = _evidence(lines, across, lines.floor[:, 1], DEPTHS)
    right = _evidence(lines, along & (lines.floor[:, 0] > 0), lines.floor[:, 0], SIDES)
    left = _evidence(lines, along & (lines.floor[:, 0] < 0), -lines.floor[:, 0], SIDES)
    total = _agreement(points) / max(1.0, float((points.sign > 0).sum()))
    total = total + 0.5 * np.minimum(back, 0.5)[:, None, None]
    total = total + 0.35 * np.minimum(left, 0.4)[None, :, None] + 0.35 * np.minimum(right, 0.4)[None, None, :]
    b, le, r = np.unravel_index(int(total.argmax()), total.shape)
    return Box(float(DEPTHS[b]), float(-SIDES[le]), float(SIDES[r]))


def _candidates(coarse: float, lines: _Lines, axis: int, where: Floats) -> Floats:
    """Positions of the segments that could be a wall's lower edge, the strongest ones and the coarse one."""
    possible = (lines.axis == axis) & lines.below & (where * coarse > 0)
    possible &= (np.abs(where) > SIDES[0]) & (np.abs(where) < DEPTHS[0])
    close = possible & lines.near_edge & (np.abs(where - coarse) < 0.16 * abs(coarse))
    found = [where[np.flatnonzero(mask)[np.argsort(-lines.length[mask], kind="stable")][:n]]
             for mask, n in ((close, MOST_CLOSE), (possible, MOST_POSSIBLE))]  # fmt: skip
    beyond = [np.sign(coarse) * SIDES[-1]] if axis == Y_AXIS else []  # a side wall may be out of view
    return np.unique(np.r_[found[0], found[1], coarse, beyond].round(4))


def _line_distance(fit: CameraFit, axis: int) -> Array:
    """Pixels to the nearest segment along a world axis."""
    canvas = np.ones((fit.camera.height, fit.camera.width), np.uint8)
    for x0, y0, x1, y1 in fit.segments[fit.axis == axis].round().astype(int):
        cv2.line(canvas, (int(x0), int(y0)), (int(x1), int(y1)), 0, 1)
    return np.asarray(cv2.distanceTransform(canvas, cv2.DIST_L2, 3), np.float32)


def _running(camera: Camera, points: Floats, distance: Array) -> tuple[Floats, Floats]:
    """Along a line on the floor: pixels in view so far, and those of them that lie on a segment."""
    pixels, depth = camera.project(np.c_[points, -np.ones(len(points))])
    inside = (
        (pixels >= 0).all(1) & (pixels[:, 0] < camera.width - 1) & (pixels[:, 1] < camera.height - 1) & (depth > 0.05)
    )
    step = np.r_[0, np.hypot(*np.diff(pixels, axis=0).T)] * inside
    x, y = np.clip(pixels, 0, [camera.width - 1, camera.height - 1]).astype(int).T
    hit = distance[y, x] < EDGE_TOLERANCE_PX * camera.width / 1024
    return step.cumsum(), (step * hit).cumsum()


def _edge_cover(fit: CameraFit, back: Floats, left: Floats, right: Floats) -> Floats:
    """Share of the visible edge between floor and walls that lies on segments, by (back, left, right)."""
    across, along = _line_distance(fit, X_AXIS), _line_distance(fit, Y_AXIS)
    x = np.linspace(left.min(), right.max(), 240)
    y = np.geomspace(0.05, back.max(), 240)
    seen = np.zeros((len(back), len(left), len(right)))
    hit = seen.copy()
    for i, depth in enumerate(back):
        for total, running in zip(
            (seen, hit), _running(fit.camera, np.c_[x, np.full(len(x), depth)], across), strict=True
        ):
            total[i] += np.interp(right, x, running)[None, :] - np.interp(left, x, running)[:, None]
    for sides, axis in ((left, 1), (right, 2)):
        for j, side in enumerate(sides):
            runs = _running(fit.camera, np.c_[np.full(len(y), side), y], along)
            for total, running in zip((seen, hit), runs, strict=True):
                upto = np.interp(back, y, running)
                view = total[:, j, :] if axis == 1 else total[:, :, j]
                view += upto[:, None]
    return np.asarray(hit / np.maximum(seen, 0.15 * fit.camera.width), np.float64)


def _mask_overlap(points: FloorPoints, back: Floats, left: Floats, right: Floats) -> Floats:
    """Intersection over union with the floor mask, by (back, left, right)."""
    x, y = points.x, points.y
    floor = (points.sign > 0).astype(np.float32)
    before = (y[None] < back[:, None]).astype(np.float32)
    between = (x[None, None] > left[:, None, None]) & (x[None, None] < right[None, :, None])
    between_flat = between.reshape(-1, len(x)).astype(np.float32)
    shape = (len(back), len(left), len(right))
    covered = ((before * floor) @ between_flat.T).reshape(shape)
    area = (before @ between_flat.T).reshape(shape)
    return np.asarray(covered / np.maximum(area + floor.sum() - covered, 1), np.float64)


def _refine(points: FloorPoints, fit: CameraFit, lines: _Lines, coarse: Box) -> Outline:
    """The segment positions that make the box whose edge lies on lines and whose floor covers the mask."""
    back = _candidates(coarse.back, lines, X_AXIS, lines.floor[:, 1])
    left = _candidates(coarse.left, lines, Y_AXIS, lines.floor[:, 0])
    right = _candidates(coarse.right, lines, Y_AXIS, lines.floor[:, 0])
    few = FloorPoints(points.x[::3], points.y[::3], points.sign[::3])  # enough to compare areas
    overlap = _mask_overlap(few, back, left, right)
    cover = _edge_cover(fit, back, left, right)
    score = overlap + EDGE_WEIGHT * cover - 2 * np.maximum(0, LEAST_MASK - overlap)
    chosen = np.unravel_index(int(score.argmax()), score.shape)
    rivals = np.argwhere(score > score.max() - CLEAR_LEAD)
    best, *others = (Box(float(back[i]), float(left[j]), float(right[k])) for i, j, k in (chosen, *rivals))
    return Outline(best, float(cover[chosen]), _ambiguous(few, best, others))


def _ambiguous(points: FloorPoints, best: Box, others: Sequence[Box]) -> bool:
    """Whether one of the other boxes has another floor."""
    floor = best.contains(points.x, points.y)
    return any(same_share(floor, other.contains(points.x, points.y)) < SAME_FLOOR for other in others)


def _within_view(points: FloorPoints, box: Box) -> Box:
    """The box with side walls that are out of view moved to just beyond the floor that is seen."""
    seen = points.x[points.y < box.back]
    if not len(seen):
        return box
    return Box(
        box.back, max(box.left, float(seen.min()) - BEYOND_VIEW), min(box.right, float(seen.max()) + BEYOND_VIEW)
    )


def same_share(one: Bools, other: Bools) -> float:
    """Intersection over union."""
    return float((one & other).sum() / max(1, (one | other).sum()))
