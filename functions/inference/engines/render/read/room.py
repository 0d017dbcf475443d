"""The room as a box: two side walls, the wall faced, floor and ceiling, from the camera's segments and the floor mask.

World axes are the camera module's; floor coordinates have their origin under the camera. Everything here is first
measured in camera heights and becomes metres at the end.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from functions.inference.engines.render.read import edges
from functions.inference.engines.render.read.camera import Camera, CameraFit
from functions.inference.engines.render.read.edges import EdgeReader
from functions.inference.engines.render.read.floor import FloorMask
from functions.inference.vision.arrays import Array, Bools, Floats
from functions.inference.vision.segments import lengths, midpoints

DEPTHS = 1 / np.tan(np.radians(np.linspace(4, 42, 60)))  # camera heights, 14 down to 1.1
SIDES = np.geomspace(0.35, 8, 44)
CEILINGS = np.linspace(0.35, 1.9, 120)
TYPICAL_CEILING_M, CEILING_SPREAD_M = 2.6, 0.25
TYPICAL_CAMERA_M, CAMERA_SPREAD_M = 1.35, 0.18
X_AXIS, Y_AXIS = 0, 1
MOST_CLOSE, MOST_POSSIBLE = 9, 9
EDGE_TOLERANCE_PX = 3.0  # at 1024 px
EDGE_WEIGHT = 1.2
BEYOND_VIEW = 0.15
LEAST_MASK = 0.4  # a box that covers less of the floor mask has found other edges than the floor's
EDGE_POINTS = 60
FEWEST_EDGE_POINTS = 20
STRONG_STEP = 12.0  # Lab: a wall's edge need not be clearer
CEILING_COVER, CEILING_COVER_WITH_LINES, CEILING_LINES = 0.6, 0.5, 0.3
SKIRTING_SHARES = np.r_[0.0, np.linspace(0.02, 0.105, 35)]  # of the camera's height
SKIRTING_STEP, SKIRTING_COVER, SKIRTING_POINTS = 0.5, 0.75, 10
CLEAR_LEAD, SAME_FLOOR = 0.1, 0.85  # a box of another floor must score this much less, or the reading is in doubt
SURE_EDGE = 0.6  # of the edge between floor and walls on lines: then the floor ends there, whatever its colour


@dataclass(frozen=True)
class Obstacle:
    """Something that stands on the floor in the photo: a rectangle in metres (4 x 2), anticlockwise, and its height.

    `kind` is column (floor to ceiling), fixture (low, at a wall: radiators, units) or furniture; `confidence` 0 to 1.
    """

    footprint: Floats
    height: float
    kind: str
    confidence: float


@dataclass(frozen=True)
class Room:
    """A room in metres: `left` < 0 < `right`, `back` ahead, `height` of the ceiling (assumed unless `ceiling_seen`).

    `overlap` is the intersection over union of the box's floor with the floor mask as first found, `edge_cover` the
    share of the floor's visible edge that lies on lines, `ceiling_support` the share of the ceiling's visible edge that
    shows as one, `wall_seen` the visible share of the lower edge of the back, left and right wall. `ambiguous`: another
    floor would explain the photo nearly as well.
    """

    camera: Camera
    camera_height: float
    left: float
    right: float
    back: float
    height: float
    ceiling_seen: bool
    ceiling_support: float
    floor: FloorMask
    overlap: float
    edge_cover: float
    wall_seen: tuple[float, float, float]
    score: float
    focal_drop: float
    obstacles: tuple[Obstacle, ...] = ()
    ambiguous: bool = False

    def project(self, points: Floats) -> tuple[Floats, Floats]:
        """Pixels and depths of n x 3 points in room coordinates (z 0 on the floor)."""
        return self.camera.project(np.atleast_2d(points) - np.array([0.0, 0.0, self.camera_height]))

    def visible(self, points: Floats) -> Bools:
        pixels, depth = self.project(points)
        inside = (pixels >= 0).all(1) & (pixels[:, 0] < self.camera.width) & (pixels[:, 1] < self.camera.height)
        return inside & (depth > 0.2)

    def on_floor(self, points: Floats) -> tuple[Bools, Bools]:
        """Whether the photo's floor mask confirms points, and whether they are in the frame at all."""
        pixels, _ = self.project(points)
        return self.floor.at(pixels), self.visible(points)

    def contains(self, x: Floats, y: Floats, margin: float = 0.0) -> Bools:
        return (x > self.left + margin) & (x < self.right - margin) & (y < self.back - margin)


@dataclass(frozen=True)
class _Lines:
    """The fitted segments seen from above: where each lies if it is on the floor, in camera heights."""

    axis: NDArray[np.intp]
    length: Floats
    floor: Floats
    below: Bools
    near_edge: Bools


def _floor_points(camera: Camera, pixels: Floats) -> tuple[Floats, Bools]:
    rays = camera.rays(pixels)
    below = rays[:, 2] < -1e-3
    reach = -1.0 / np.where(below, rays[:, 2], -1e-3)
    return rays[:, :2] * reach[:, None], below


def _lines(fit: CameraFit, floor: FloorMask) -> _Lines:
    middle = midpoints(fit.segments)
    points, below = _floor_points(fit.camera, middle)
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


def _agreement(x: Floats, y: Floats, sign: Floats) -> Floats:
    """Summed `sign` of the floor points inside each (depth, left, right) rectangle of the search grid."""
    edges_x = np.r_[-np.inf, -SIDES[::-1], SIDES, np.inf]
    edges_y = np.r_[-np.inf, DEPTHS[::-1], np.inf]
    table = np.histogram2d(y, x, bins=[edges_y, edges_x], weights=sign)[0].cumsum(0).cumsum(1)
    nearer = table[: len(DEPTHS)][::-1]
    columns = len(SIDES)
    left = nearer[:, :columns][:, ::-1]
    right = nearer[:, columns : 2 * columns]
    return np.asarray(right[:, None, :] - left[:, :, None], np.float64)


def _search(x: Floats, y: Floats, sign: Floats, lines: _Lines) -> tuple[float, float, float]:
    """(back, left, right) that best explains the floor mask and the lines along its edge."""
    across = lines.near_edge & lines.below & (lines.axis == X_AXIS)
    along = lines.near_edge & lines.below & (lines.axis == Y_AXIS)
    back = _evidence(lines, across, lines.floor[:, 1], DEPTHS)
    right = _evidence(lines, along & (lines.floor[:, 0] > 0), lines.floor[:, 0], SIDES)
    left = _evidence(lines, along & (lines.floor[:, 0] < 0), -lines.floor[:, 0], SIDES)
    total = _agreement(x, y, sign) / max(1.0, float((sign > 0).sum()))
    total = total + 0.5 * np.minimum(back, 0.5)[:, None, None]
    total = total + 0.35 * np.minimum(left, 0.4)[None, :, None] + 0.35 * np.minimum(right, 0.4)[None, None, :]
    b, le, r = np.unravel_index(int(total.argmax()), total.shape)
    return float(DEPTHS[b]), float(-SIDES[le]), float(SIDES[r])


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


def _mask_overlap(x: Floats, y: Floats, sign: Floats, back: Floats, left: Floats, right: Floats) -> Floats:
    """Intersection over union with the floor mask, by (back, left, right)."""
    floor = (sign > 0).astype(np.float32)
    before = (y[None] < back[:, None]).astype(np.float32)
    between = (x[None, None] > left[:, None, None]) & (x[None, None] < right[None, :, None])
    between_flat = between.reshape(-1, len(x)).astype(np.float32)
    shape = (len(back), len(left), len(right))
    covered = ((before * floor) @ between_flat.T).reshape(shape)
    area = (before @ between_flat.T).reshape(shape)
    return np.asarray(covered / np.maximum(area + floor.sum() - covered, 1), np.float64)


def _refine(
    x: Floats, y: Floats, sign: Floats, fit: CameraFit, lines: _Lines, coarse: tuple[float, float, float]
) -> tuple[tuple[float, float, float], float, bool]:
    """The segment positions that make the box whose edge lies on lines and whose floor covers the mask.

    Answers (back, left, right), the share of the visible edge that lies on segments, and whether a box of another
    floor scores nearly as well.
    """
    back = _candidates(coarse[0], lines, X_AXIS, lines.floor[:, 1])
    left = _candidates(coarse[1], lines, Y_AXIS, lines.floor[:, 0])
    right = _candidates(coarse[2], lines, Y_AXIS, lines.floor[:, 0])
    few = slice(None, None, 3)  # every third point is enough to compare areas
    overlap = _mask_overlap(x[few], y[few], sign[few], back, left, right)
    cover = _edge_cover(fit, back, left, right)
    score = overlap + EDGE_WEIGHT * cover - 2 * np.maximum(0, LEAST_MASK - overlap)
    b, le, r = np.unravel_index(int(score.argmax()), score.shape)
    rivals = np.argwhere(score > score.max() - CLEAR_LEAD)
    best = _inside(x[few], y[few], back[b], left[le], right[r])
    ambiguous = any(
        _same_share(best, _inside(x[few], y[few], back[i], left[j], right[k])) < SAME_FLOOR for i, j, k in rivals
    )
    return (float(back[b]), float(left[le]), float(right[r])), float(cover[b, le, r]), ambiguous


def _inside(x: Floats, y: Floats, back: float, left: float, right: float) -> Bools:
    return np.asarray((x > left) & (x < right) & (y < back))


def _same_share(one: Bools, other: Bools) -> float:
    """Intersection over union."""
    return float((one & other).sum() / max(1, (one | other).sum()))


def _within_view(points: Floats, back: float, left: float, right: float) -> tuple[float, float]:
    """Side walls that are out of view, moved to just beyond the floor that is seen."""
    seen = points[points[:, 1] < back, 0]
    if not len(seen):
        return left, right
    return max(left, float(seen.min()) - BEYOND_VIEW), min(right, float(seen.max()) + BEYOND_VIEW)


def _clipped(floor: FloorMask, camera: Camera, box: tuple[float, float, float]) -> FloorMask:
    """The floor mask without what lies outside the box's floor, a few pixels of doubt aside."""
    rows, columns = floor.mask.shape
    y, x = np.mgrid[0:rows, 0:columns].reshape(2, -1)
    points, below = _floor_points(camera, np.c_[x, y] / floor.scale)
    back, left, right = box
    inside = below & (points[:, 0] > left) & (points[:, 0] < right) & (points[:, 1] < back)
    grown = cv2.dilate(inside.reshape(rows, columns).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    return replace(floor, mask=floor.mask & grown)


def _edge_seen(camera: Camera, start: tuple[float, float], end: tuple[float, float]) -> float:
    t = np.linspace(0, 1, 40)[:, None]
    line = np.array(start) * (1 - t) + np.array(end) * t
    pixels, depth = camera.project(np.c_[line, -np.ones(len(line))])
    inside = (pixels >= 0).all(1) & (pixels[:, 0] < camera.width) & (pixels[:, 1] < camera.height)
    return float((inside & (depth > 0.05)).mean())


def _heights_on_walls(fit: CameraFit, back: float, left: float, right: float) -> tuple[Floats, Floats]:
    """Heights over the camera of the level segments above the horizon, each cast on the wall it could lie on."""
    rays = fit.camera.rays(midpoints(fit.segments))
    side = np.where(rays[:, 0] < 0, left, right)
    with np.errstate(divide="ignore", invalid="ignore"):
        reach_back, reach_side = back / rays[:, 1], side / rays[:, 0]
        x, y = rays[:, 0] * reach_back, rays[:, 1] * reach_side
        on_back = (fit.axis == X_AXIS) & (rays[:, 1] > 0.05) & (x > left * 1.05) & (x < right * 1.05)
        on_side = (fit.axis == Y_AXIS) & (np.abs(rays[:, 0]) > 0.05) & (y > 0) & (y < back * 1.05)
        heights = rays[:, 2] * np.where(on_back, reach_back, reach_side)
    chosen = (on_back | on_side) & (rays[:, 2] > 0.02)
    return heights[chosen], lengths(fit.segments)[chosen] / fit.camera.width


def _line_votes(heights: Floats, weights: Floats) -> Floats:
    """Segment length that gathers at each of CEILINGS; higher counts more, as lintels and frames are lower."""
    near = np.exp(-0.5 * ((heights[None] - CEILINGS[:, None]) / 0.03) ** 2)
    return np.asarray((near * weights).sum(1) * (0.6 + 0.4 * CEILINGS / 1.9), np.float64)


def _wall_lines(back: float, left: float, right: float, heights: Floats) -> list[Floats]:
    """Level lines on the back, left and right wall, by height: k x EDGE_POINTS x 3, relative to the camera."""
    u = np.linspace(0, 1, EDGE_POINTS)
    ahead = np.geomspace(0.1, back, EDGE_POINTS)
    plans = (
        np.stack([left + (right - left) * u, np.full(EDGE_POINTS, back)], -1),
        np.stack([np.full(EDGE_POINTS, left), ahead], -1),
        np.stack([np.full(EDGE_POINTS, right), ahead], -1),
    )
    shape = (len(heights), EDGE_POINTS)
    levels = np.broadcast_to(heights[:, None, None], (*shape, 1))
    return [np.concatenate([np.broadcast_to(plan, (*shape, 2)), levels], -1) for plan in plans]


def _ceiling(reader: EdgeReader, back: float, left: float, right: float, votes: Floats) -> tuple[float | None, float]:
    """Height over the camera where the walls end, and the share of that edge that shows; None when it is not in view.

    A window's head or a lintel is as clear but short: the whole edge has to show.
    """
    lines = [reader.cover(line) for line in _wall_lines(back, left, right, CEILINGS)]
    share, step, points = (np.stack(values) for values in zip(*lines, strict=True))
    seen = points.sum(0)
    few = np.maximum(seen, 2 * FEWEST_EDGE_POINTS)
    cover = (share * points).sum(0) / few
    strength = (share * np.minimum(step, STRONG_STEP) * points).sum(0) / few
    best = int(np.argmax(strength))
    near = np.abs(CEILINGS - CEILINGS[best]) < 0.04
    enough = CEILING_COVER_WITH_LINES if votes[near].max() > CEILING_LINES else CEILING_COVER
    support = float(cover[best])
    return (float(CEILINGS[best]) if support >= enough and seen[best] >= FEWEST_EDGE_POINTS else None), support


def _skirting_share(reader: EdgeReader, lines: Floats) -> float:
    """How much nearer than the first of `lines` a wall really meets the floor, as a share of its distance.

    The lines are the wall's lower edge drawn nearer by SKIRTING_SHARES. Where the found edge is the top of a skirting
    board, its lower edge shows as another clear step between wall and floor.
    """
    cover, step, seen = reader.cover(lines)
    strength = cover * step
    if seen[0] < SKIRTING_POINTS or cover[0] < SKIRTING_COVER:
        return 0.0
    peaks = [
        i
        for i in range(2, len(strength) - 1)
        if strength[i] >= strength[i - 1] and strength[i] > strength[i + 1] and cover[i] >= SKIRTING_COVER
    ]
    best = max(peaks, key=lambda i: strength[i], default=0)
    return float(SKIRTING_SHARES[best]) if strength[best] >= SKIRTING_STEP * strength[0] else 0.0


def _below_skirting(reader: EdgeReader, back: float, left: float, right: float) -> tuple[float, float, float]:
    """The box with walls moved from the top of their skirting boards to the floor."""
    shares = (1 - SKIRTING_SHARES)[:, None]
    floor = np.full(1, -1.0)
    found = []
    for wall, axis in zip(_wall_lines(back, left, right, floor), (1, 0, 0), strict=True):
        lines = np.repeat(wall, len(SKIRTING_SHARES), axis=0)
        lines[..., axis] *= shares
        found.append(1 - _skirting_share(reader, lines))
    return back * found[0], left * found[1], right * found[2]


def camera_height_m(ceiling: float | None, ceiling_height_m: float | None) -> float:
    """Metres per camera height: exact when the ceiling's true height is known, else the likeliest by both priors."""
    if ceiling is None:
        return TYPICAL_CAMERA_M
    if ceiling_height_m is not None:
        return ceiling_height_m / (1 + ceiling)
    ratio = 1 + ceiling
    by_camera, by_ceiling = 1 / CAMERA_SPREAD_M**2, 1 / CEILING_SPREAD_M**2
    best = (TYPICAL_CAMERA_M * by_camera + ratio * TYPICAL_CEILING_M * by_ceiling) / (by_camera + ratio**2 * by_ceiling)
    return float(np.clip(best, 1.05, 1.75))


def _overlap(x: Floats, y: Floats, sign: Floats, back: float, left: float, right: float) -> float:
    return _same_share(_inside(x, y, back, left, right), sign > 0)


def fit_room(fit: CameraFit, floor: FloorMask, ceiling_height_m: float | None = None) -> Room:
    """The box whose floor best covers the floor mask and whose edges lie on segments."""
    rows, columns = np.mgrid[0 : floor.mask.shape[0] : 3, 0 : floor.mask.shape[1] : 3].reshape(2, -1)
    low = floor.elevation[rows, columns] < -1.5
    rows, columns = rows[low], columns[low]
    points, _ = _floor_points(fit.camera, np.c_[columns, rows] / floor.scale)
    sign = np.where(floor.mask[rows, columns], 1.0, -1.0)
    lines = _lines(fit, floor)
    coarse = _search(points[:, 0], points[:, 1], sign, lines)
    (back, left, right), cover, ambiguous = _refine(points[:, 0], points[:, 1], sign, fit, lines, coarse)
    left, right = _within_view(points, back, left, right)
    reader = edges.reader(floor.lab, floor.scale, fit.camera)
    back, left, right = _below_skirting(reader, back, left, right)
    votes = _line_votes(*_heights_on_walls(fit, back, left, right))
    ceiling, support = _ceiling(reader, back, left, right, votes)
    metre = camera_height_m(ceiling, ceiling_height_m)
    corners = ((left, back), (right, back)), ((left, 0.05), (left, back)), ((right, 0.05), (right, back))
    seen = tuple(_edge_seen(fit.camera, *corner) for corner in corners)
    return Room(
        camera=fit.camera,
        camera_height=metre,
        left=left * metre,
        right=right * metre,
        back=back * metre,
        height=metre * (1 + ceiling) if ceiling is not None else (ceiling_height_m or TYPICAL_CEILING_M),
        ceiling_seen=ceiling is not None,
        ceiling_support=support,
        floor=_clipped(floor, fit.camera, (back, left, right)) if cover > SURE_EDGE else floor,
        edge_cover=cover,
        overlap=_overlap(points[:, 0], points[:, 1], sign, back, left, right),
        wall_seen=(seen[0], seen[1], seen[2]),
        score=fit.score,
        focal_drop=fit.focal_drop,
        ambiguous=ambiguous,
    )
