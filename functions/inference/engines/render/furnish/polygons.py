"""Convex polygons on the floor (n x 2, metres, anticlockwise) and boxes on the screen."""

import numpy as np

from functions.inference.vision.arrays import Floats


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


_U, _V = (grid.reshape(-1, 1) for grid in np.meshgrid(np.linspace(0.04, 0.96, 6), np.linspace(0.04, 0.96, 6)))


def inside_points(footprint: Floats) -> Floats:
    """36 points spread over a rectangle."""
    a, b, _, d = footprint
    return np.asarray(a + (b - a) * _U + (d - a) * _V, np.float64)


def shared(a: Floats, b: Floats) -> float:
    """Area that two screen boxes share."""
    sides = np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])
    return float(np.prod(np.maximum(sides, 0)))


def area_of(box: Floats) -> float:
    return float(np.prod(np.maximum(box[2:] - box[:2], 1e-6)))
