"""The room as a box: the floor's outline, the height of the walls, and the scale in metres."""

from dataclasses import replace

import cv2
import numpy as np

from functions.inference.engines.render.read import edges, heights, outline
from functions.inference.engines.render.read.camera import Camera, CameraFit
from functions.inference.engines.render.read.floor import FloorMask
from functions.inference.engines.render.read.outline import Box
from functions.inference.engines.render.read.room import Room

SURE_EDGE = 0.6  # of the edge between floor and walls on lines: then the floor ends there, whatever its colour


def fit_room(fit: CameraFit, floor: FloorMask, ceiling_height_m: float | None = None) -> Room:
    """The box whose floor best covers the floor mask and whose edges lie on segments."""
    points = outline.floor_points_of(fit.camera, floor)
    found = outline.find(fit, floor, points)
    reader = edges.reader(floor.lab, floor.scale, fit.camera)
    box = heights.below_skirting(reader, found.box)
    ceiling, support = heights.ceiling(fit, reader, box)
    metre = heights.camera_height_m(ceiling, ceiling_height_m)
    return Room(
        camera=fit.camera,
        camera_height=metre,
        left=box.left * metre,
        right=box.right * metre,
        back=box.back * metre,
        height=metre * (1 + ceiling) if ceiling is not None else (ceiling_height_m or heights.TYPICAL_CEILING_M),
        ceiling_seen=ceiling is not None,
        ceiling_support=support,
        floor=_clipped(floor, fit.camera, box) if found.cover > SURE_EDGE else floor,
        edge_cover=found.cover,
        overlap=points.overlap(box),
        wall_seen=_walls_seen(fit.camera, box),
        score=fit.score,
        focal_drop=fit.focal_drop,
        ambiguous=found.ambiguous,
    )


def _walls_seen(camera: Camera, box: Box) -> tuple[float, float, float]:
    """Visible share of the lower edge of the back, left and right wall."""
    back, left, right = box
    return (
        _edge_seen(camera, (left, back), (right, back)),
        _edge_seen(camera, (left, 0.05), (left, back)),
        _edge_seen(camera, (right, 0.05), (right, back)),
    )


def _edge_seen(camera: Camera, start: tuple[float, float], end: tuple[float, float]) -> float:
    t = np.linspace(0, 1, 40)[:, None]
    line = np.array(start) * (1 - t) + np.array(end) * t
    pixels, depth = camera.project(np.c_[line, -np.ones(len(line))])
    inside = (pixels >= 0).all(1) & (pixels[:, 0] < camera.width) & (pixels[:, 1] < camera.height)
    return float((inside & (depth > 0.05)).mean())


def _clipped(floor: FloorMask, camera: Camera, box: Box) -> FloorMask:
    """The floor mask without what lies outside the box's floor, a few pixels of doubt aside."""
    rows, columns = floor.mask.shape
    y, x = np.mgrid[0:rows, 0:columns].reshape(2, -1)
    points, below = outline.floor_points(camera, np.c_[x, y] / floor.scale)
    inside = below & box.contains(points[:, 0], points[:, 1])
    grown = cv2.dilate(inside.reshape(rows, columns).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    return replace(floor, mask=floor.mask & grown)
