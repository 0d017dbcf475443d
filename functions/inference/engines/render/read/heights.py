"""Where the walls of a box end: at the ceiling above, at the floor below their skirting boards."""

import numpy as np

from functions.inference.engines.render.read.camera import CameraFit
from functions.inference.engines.render.read.edges import EdgeReader
from functions.inference.engines.render.read.outline import X_AXIS, Y_AXIS, Box
from functions.inference.vision.arrays import Floats
from functions.inference.vision.segments import lengths, midpoints

CEILINGS = np.linspace(0.35, 1.9, 120)  # camera heights over the camera
TYPICAL_CEILING_M, CEILING_SPREAD_M = 2.6, 0.25
TYPICAL_CAMERA_M, CAMERA_SPREAD_M = 1.35, 0.18
EDGE_POINTS = 60
FEWEST_EDGE_POINTS = 20
STRONG_STEP = 12.0  # Lab: a wall's edge need not be clearer
CEILING_COVER, CEILING_COVER_WITH_LINES, CEILING_LINES = 0.6, 0.5, 0.3
SKIRTING_SHARES = np.r_[0.0, np.linspace(0.02, 0.105, 35)]  # of the camera's height
SKIRTING_STEP, SKIRTING_COVER, SKIRTING_POINTS = 0.5, 0.75, 10


def ceiling(fit: CameraFit, reader: EdgeReader, box: Box) -> tuple[float | None, float]:
    """Height over the camera where the walls end, and the share of that edge that shows; None when it is not in view.

    A window's head or a lintel is as clear but short: the whole edge has to show.
    """
    votes = _line_votes(*_heights_on_walls(fit, box))
    lines = [reader.cover(line) for line in _wall_lines(box, CEILINGS)]
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


def below_skirting(reader: EdgeReader, box: Box) -> Box:
    """The box with walls moved from the top of their skirting boards to the floor."""
    shares = (1 - SKIRTING_SHARES)[:, None]
    floor = np.full(1, -1.0)
    found = []
    for wall, axis in zip(_wall_lines(box, floor), (1, 0, 0), strict=True):
        lines = np.repeat(wall, len(SKIRTING_SHARES), axis=0)
        lines[..., axis] *= shares
        found.append(1 - _skirting_share(reader, lines))
    return Box(box.back * found[0], box.left * found[1], box.right * found[2])


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


def _heights_on_walls(fit: CameraFit, box: Box) -> tuple[Floats, Floats]:
    """Heights over the camera of the level segments above the horizon, each cast on the wall it could lie on."""
    rays = fit.camera.rays(midpoints(fit.segments))
    side = np.where(rays[:, 0] < 0, box.left, box.right)
    with np.errstate(divide="ignore", invalid="ignore"):
        reach_back, reach_side = box.back / rays[:, 1], side / rays[:, 0]
        x, y = rays[:, 0] * reach_back, rays[:, 1] * reach_side
        on_back = (fit.axis == X_AXIS) & (rays[:, 1] > 0.05) & (x > box.left * 1.05) & (x < box.right * 1.05)
        on_side = (fit.axis == Y_AXIS) & (np.abs(rays[:, 0]) > 0.05) & (y > 0) & (y < box.back * 1.05)
        heights = rays[:, 2] * np.where(on_back, reach_back, reach_side)
    chosen = (on_back | on_side) & (rays[:, 2] > 0.02)
    return heights[chosen], lengths(fit.segments)[chosen] / fit.camera.width


def _line_votes(heights: Floats, weights: Floats) -> Floats:
    """Segment length that gathers at each of CEILINGS; higher counts more, as lintels and frames are lower."""
    near = np.exp(-0.5 * ((heights[None] - CEILINGS[:, None]) / 0.03) ** 2)
    return np.asarray((near * weights).sum(1) * (0.6 + 0.4 * CEILINGS / 1.9), np.float64)


def _wall_lines(box: Box, heights: Floats) -> list[Floats]:
    """Level lines on the back, left and right wall, by height: k x EDGE_POINTS x 3, relative to the camera."""
    u = np.linspace(0, 1, EDGE_POINTS)
    ahead = np.geomspace(0.1, box.back, EDGE_POINTS)
    plans = (
        np.stack([box.left + (box.right - box.left) * u, np.full(EDGE_POINTS, box.back)], -1),
        np.stack([np.full(EDGE_POINTS, box.left), ahead], -1),
        np.stack([np.full(EDGE_POINTS, box.right), ahead], -1),
    )
    shape = (len(heights), EDGE_POINTS)
    levels = np.broadcast_to(heights[:, None, None], (*shape, 1))
    return [np.concatenate([np.broadcast_to(plan, (*shape, 2)), levels], -1) for plan in plans]


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
