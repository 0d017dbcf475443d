"""How a product was photographed: how far the camera looked down, from which side, and through how wide a lens.

The outline's hull is compared with the hull of the product's box (or, where width and depth are equal, of its cylinder)
over a grid of views. What the best views agree on is told, each with an interval; what they do not is undetermined:
a lamp seen from any side is a lamp. A cylinder's base ellipse says the same as its hull: its minor axis over its major
one is the tilt's sine.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product as combinations

import cv2
import numpy as np

from functions.inference.products.dimensions import Size
from functions.inference.vision.arrays import Bools, Bytes, Floats

SIDE = 128
"""Pixels of the longer side at which hulls are compared."""
LENSES = (18.0, 32.0, 50.0)
"""Degrees that the photo's longer side may span."""
COARSE, FINE = 10.0, 2.0
"""Degrees between the views of the grid, and of the search around its best."""
TILTS, TURNS = (-6.0, 64.0), (-80.0, 90.0)
FITS, AS_GOOD, BY_MISFIT = 0.9, 0.012, 0.45
"""Least IoU of the hulls at which a view is believed; how much worse another may be and still count, and how much more
for what the best one leaves unexplained: a sofa is not quite its box."""
MOST_TILT_SPREAD, MOST_TURN_SPREAD, MOST_LENS_SPREAD = 20.0, 36.0, 15.0
"""Degrees between the ends of an interval above which nothing is known."""
ROUND, SQUARE = 0.08, 0.2
"""Relative differences of width and depth up to which a product may be round, and looks alike when turned by 90
degrees."""
_AROUND = np.linspace(0, 2 * np.pi, 24, endpoint=False)


@dataclass(frozen=True)
class Interval:
    """Degrees."""

    best: float
    low: float
    high: float


@dataclass(frozen=True)
class Viewpoint:
    """`tilt`: how far the camera looked down at the product's middle. `azimuth`: how far the product's front is turned
    to the photo's left (clockwise from above); `field_of_view`: of the photo's longer side. None is undetermined.
    `shape` is "box" or "round", None where neither fits; `score` the hulls' IoU.
    """

    shape: str | None
    score: float
    tilt: Interval | None = None
    azimuth: Interval | None = None
    field_of_view: Interval | None = None


@dataclass(frozen=True)
class View:
    """Degrees."""

    tilt: float
    turn: float
    lens: float


@dataclass(frozen=True)
class _Seen:
    """The outline to compare with: its hull's mask (SIDE at its longer side), and the share of the photo's longer side
    that it spans."""

    hull: Bytes
    share: float


def find(mask: Bools, size: Size, frame: tuple[int, int]) -> Viewpoint:
    """Of a cut-out's mask, the product's size and the photo's height and width (as many pixels as the mask's)."""
    if size.depth is None or not mask.any():
        return Viewpoint(None, 0.0)
    seen = _seen(mask, max(frame))
    tried = {shape: _search(seen, points) for shape, points in _solids(size).items()}
    shape = max(tried, key=lambda name: max(tried[name].values()))
    score = max(tried[shape].values())
    if score < FITS:
        return Viewpoint(None, round(score, 3))
    is_square = abs(size.width - size.depth) < SQUARE * max(size.width, size.depth)
    return _told(shape, tried[shape], score, is_square)


def _told(shape: str, scores: dict[View, float], score: float, is_square: bool) -> Viewpoint:
    best = max(scores, key=lambda view: scores[view])
    least = score - AS_GOOD - BY_MISFIT * (1 - score)
    good = [view for view, one in scores.items() if one >= least]
    tilt = _interval([view.tilt for view in good], best.tilt, MOST_TILT_SPREAD)
    turn = _interval([view.turn for view in good], best.turn, MOST_TURN_SPREAD)
    lens = _interval([view.lens for view in good], best.lens, MOST_LENS_SPREAD)
    return Viewpoint(shape, round(score, 3), tilt, None if shape == "round" or is_square else turn, lens)


def _interval(found: Sequence[float], best: float, most: float) -> Interval | None:
    """Half a step of the grid wider than what was found; None where that is too wide."""
    low, high = min(found) - FINE / 2, max(found) + FINE / 2
    return Interval(best, low, high) if high - low <= most else None


def _solids(size: Size) -> dict[str, Floats]:
    """Points (n x 3, metres, the middle at 0, x to the product's right, y to its back, z up): the solid's hull."""
    deep = size.depth or 0.0
    half = np.array([size.width, deep, size.height]) / 2
    corners = np.array(list(combinations((-1, 1), repeat=3))) * half
    if abs(size.width - deep) > ROUND * max(size.width, deep):
        return {"box": corners}
    ring = np.stack([np.cos(_AROUND) * half[0], np.sin(_AROUND) * half[1]], 1)
    ends = [np.column_stack([ring, np.full(len(ring), side * half[2])]) for side in (-1, 1)]
    return {"box": corners, "round": np.concatenate(ends)}


def _seen(mask: Bools, longest: int) -> _Seen:
    outlines, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    points = np.concatenate([outline[:, 0] for outline in outlines]).astype(np.float64)
    return _Seen(_drawn(points), (float(np.ptp(points, axis=0).max()) + 1) / longest)


def _search(seen: _Seen, points: Floats) -> dict[View, float]:
    """The IoU of each view of the grid, and of finer ones around the best."""
    coarse = [
        View(float(tilt), float(turn), lens)
        for tilt in np.arange(TILTS[0], TILTS[1], COARSE)
        for turn in np.arange(TURNS[0], TURNS[1] + 1, COARSE)
        for lens in LENSES
    ]
    scores = {view: _likeness(seen, points, view) for view in coarse}
    for best in sorted(scores, key=lambda view: -scores[view])[:4]:
        for tilt, turn in combinations(np.arange(-COARSE, COARSE + 1, FINE), repeat=2):
            view = replace(best, tilt=best.tilt + float(tilt), turn=best.turn + float(turn))
            if view not in scores:
                scores[view] = _likeness(seen, points, view)
    return scores


def _likeness(seen: _Seen, points: Floats, view: View) -> float:
    other = _drawn(projected(points, view, seen.share))
    height = min(other.shape[0], seen.hull.shape[0])
    width = min(other.shape[1], seen.hull.shape[1])
    both = int(np.count_nonzero(other[:height, :width] & seen.hull[:height, :width]))
    return both / (int(np.count_nonzero(other)) + int(np.count_nonzero(seen.hull)) - both)


def projected(points: Floats, view: View, share: float) -> Floats:
    """Points (n x 3) on the photo (n x 2, x to the right, y down, in no unit), the camera as far away as the lens says
    for a product that spans `share` of the photo's longer side."""
    turn, tilt = np.radians(view.turn), np.radians(view.tilt)
    x = points[:, 0] * np.cos(turn) - points[:, 1] * np.sin(turn)
    y = points[:, 0] * np.sin(turn) + points[:, 1] * np.cos(turn)
    up = points[:, 2] * np.cos(tilt) + y * np.sin(tilt)
    away = y * np.cos(tilt) - points[:, 2] * np.sin(tilt)
    extent = max(float(np.ptp(x)), float(np.ptp(up)))
    distance = extent / (2 * share * np.tan(np.radians(view.lens) / 2))
    depth = np.maximum(distance + away, 0.05 * distance)
    return np.stack([x / depth, -up / depth], 1)


def _drawn(points: Floats) -> Bytes:
    """The hull of points (n x 2), moved to the corner and scaled to `SIDE` at its longer side, as a mask."""
    low, extent = points.min(0), np.maximum(np.ptp(points, axis=0), 1e-9)
    placed = (points - low) * ((SIDE - 1) / float(extent.max()))
    width, height = np.rint(placed.max(0)).astype(int) + 1
    hull = cv2.convexHull(np.rint(placed).astype(np.int32))
    mask = np.zeros((height, width), np.uint8)
    cv2.fillConvexPoly(mask, np.asarray(hull, np.int32), 1)
    return mask
