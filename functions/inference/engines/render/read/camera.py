"""The camera from the vanishing points of a Manhattan room, after the focal length of the EXIF data when it is there.

Camera axes: x right, y down, z forward. World axes: X and Y along the walls, Z up, origin at the camera.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.inference.engines.render.read import simplex
from functions.inference.vision.arrays import Floats
from functions.inference.vision.segments import Segments, lengths, midpoints

LONGEST_WEIGHT = 0.35  # a segment counts by its length, up to this share of the longer side
TYPICAL_FOCAL = 0.72  # of the longer side: about 70 degrees across, a 24 mm lens on full frame
GRID_FOCALS = (0.45, 0.55, 0.65, 0.78, 0.95, 1.2)
GRID_SEGMENTS = 140
FEWEST_SEGMENTS = 12
INLIER_DEG = 2.0
LOG_DOUBT = np.float32(np.log(0.3))


def rotations(angles: Floats) -> Floats:
    """World to camera, k x 3 x 3, for k x 3 (yaw, pitch, roll) in radians.

    Yaw 0 looks along +Y, positive pitch looks down.
    """
    (sy, sp, sr), (cy, cp, cr) = np.sin(angles).T, np.cos(angles).T
    right = np.stack([cy, -sy, np.zeros_like(cy)], -1)
    ahead = np.stack([cp * sy, cp * cy, -sp], -1)
    down = np.stack([-sp * sy, -sp * cy, -cp], -1)
    sr, cr = sr[:, None], cr[:, None]
    return np.stack([cr * right + sr * down, -sr * right + cr * down, ahead], 1)


def rotation(yaw: float, pitch: float, roll: float) -> Floats:
    """`rotations` of one camera, 3 x 3."""
    return np.asarray(rotations(np.array([[yaw, pitch, roll]]))[0], np.float64)


@dataclass(frozen=True)
class Camera:
    """A pinhole camera with its principal point in the middle; `focal`, `width` and `height` in pixels."""

    yaw: float
    pitch: float
    roll: float
    focal: float
    width: int
    height: int

    @property
    def rotation(self) -> Floats:
        return rotation(self.yaw, self.pitch, self.roll)

    @property
    def centre(self) -> Floats:
        return np.array([self.width / 2, self.height / 2])

    @property
    def horizontal_fov_deg(self) -> float:
        return float(2 * np.degrees(np.arctan(self.width / 2 / self.focal)))

    def rays(self, pixels: Floats) -> Floats:
        """World directions of n x 2 pixels, not normalised."""
        pixels = np.atleast_2d(pixels)
        return np.asarray(np.c_[(pixels - self.centre) / self.focal, np.ones(len(pixels))] @ self.rotation, np.float64)

    def project(self, points: Floats) -> tuple[Floats, Floats]:
        """Pixels and depths of n x 3 points relative to the camera; behind the camera the depth is negative."""
        seen = np.atleast_2d(points) @ self.rotation.T
        return seen[:, :2] / np.maximum(seen[:, 2:], 1e-6) * self.focal + self.centre, seen[:, 2]

    def resized(self, width: int, height: int) -> "Camera":
        return replace(self, focal=self.focal * width / self.width, width=width, height=height)


@dataclass(frozen=True)
class CameraFit:
    """A camera with what speaks for it.

    `score` is the length-weighted share of segments that point at a vanishing point; `focal_drop` how much of it is
    lost when the focal length is forced 30 % off (below 0.01 the photo does not show it); `axis` is 0, 1 or 2 per
    segment (X, Y, Z) or -1.
    """

    camera: Camera
    segments: Segments
    axis: NDArray[np.intp]
    score: float
    focal_drop: float


class _Evidence:
    """Segments in units of the longer side, about the image centre."""

    def __init__(self, segments: Segments, width: int, height: int) -> None:
        unit = max(width, height)
        ends = (segments.reshape(-1, 2, 2) - np.array([width / 2, height / 2])) / unit
        length = lengths(segments) / unit
        self.middle = ends.mean(1).astype(np.float32)
        self.direction = ((ends[:, 1] - ends[:, 0]) / length[:, None]).astype(np.float32)
        self.weight = np.minimum(length, LONGEST_WEIGHT).astype(np.float32)
        self.reach2 = ((0.6 * length) ** 2).astype(np.float32)

    def angles(self, turn: Floats, focal: float) -> tuple[Floats, Floats]:
        """Angle in radians between each segment and the line to each vanishing point (3 x n), and that distance."""
        points = turn.T * np.array([focal, focal, 1.0])
        towards = points[:, None, :2] - points[:, None, 2:] * self.middle[None]
        across = towards[..., 0] * self.direction[:, 1] - towards[..., 1] * self.direction[:, 0]
        along = towards[..., 0] * self.direction[:, 0] + towards[..., 1] * self.direction[:, 1]
        return np.arctan2(np.abs(across), np.abs(along) + 1e-12), np.hypot(towards[..., 0], towards[..., 1])

    def score(self, turn: Floats, focal: float, sigma: float) -> float:
        return float(self.scores(turn[None], np.array([focal]), sigma)[0])

    def scores(self, turns: Floats, focals: Floats, sigma: float) -> Floats:
        """Length-weighted agreement of the segments with k cameras, with the sine for the angle."""
        scale = np.stack([focals, focals, np.ones_like(focals)], -1)
        points = (np.swapaxes(turns, 1, 2) * scale[:, None]).astype(np.float32)[..., None]
        x = points[:, :, 0] - points[:, :, 2] * self.middle[:, 0]
        y = points[:, :, 1] - points[:, :, 2] * self.middle[:, 1]
        across = x * self.direction[:, 1] - y * self.direction[:, 0]
        distance2 = x * x + y * y + np.float32(1e-12)
        log_agreement = across * across / distance2 * np.float32(-0.5 / sigma**2)
        # A segment that reaches its vanishing point says nothing about it.
        log_agreement += (distance2 < self.reach2) * LOG_DOUBT
        return np.asarray(np.exp(log_agreement.max(1)) @ self.weight / self.weight.sum(), np.float64)

    def grid_scores(self, turns: Floats, focal: float, sigma: float) -> Floats:
        """`score` for many rotations (k x 3 x 3) at once, on the longest segments, with sin for the angle."""
        few = slice(0, GRID_SEGMENTS)
        points = (np.swapaxes(turns, 1, 2) * np.array([focal, focal, 1.0])).astype(np.float32)
        middle, direction = self.middle[few], self.direction[few]
        x = points[..., 0:1] - points[..., 2:3] * middle[:, 0]
        y = points[..., 1:2] - points[..., 2:3] * middle[:, 1]
        across = x * direction[:, 1] - y * direction[:, 0]
        sine2 = across * across / (x * x + y * y + 1e-9)
        agreement = np.exp(sine2.min(1) * np.float32(-0.5 / sigma**2))
        weight = self.weight[few]
        return np.asarray(agreement @ weight / weight.sum(), np.float64)


def _log_prior(pitch: Any, roll: Any, focal: Any, known_focal: float | None) -> Any:
    """Of one camera or of many; angles in radians."""
    spread = np.log(focal / (known_focal or TYPICAL_FOCAL)) / 0.35
    prior = -0.5 * spread**2 * (0.24 if known_focal else 0.012)
    return prior - 0.5 * (np.degrees(roll) / 3) ** 2 * 0.010 - 0.5 * (np.degrees(pitch) / 12) ** 2 * 0.010


def _angle_grid() -> tuple[Floats, Floats]:
    """All (yaw, pitch, roll) of the exhaustive search, and their rotations."""
    degrees = np.stack(
        np.meshgrid(np.arange(-45, 45, 3), np.arange(-15, 31, 3), [-4, -2, 0, 2, 4], indexing="ij"), -1
    ).reshape(-1, 3)
    angles = np.radians(degrees.astype(np.float64))
    return angles, rotations(angles)


_ANGLES, _ALL_TURNS = _angle_grid()
_TURNS = np.array_split(_ALL_TURNS, 12)  # so that the search stays in the processor's cache


def _grid_candidates(evidence: _Evidence, known_focal: float | None) -> Iterator[Floats]:
    """The best (yaw, pitch, roll, log focal) of the grid, each unlike the ones before it."""
    focals = [known_focal] if known_focal else list(GRID_FOCALS)
    score = np.concatenate(
        [
            np.concatenate([evidence.grid_scores(turns, f, np.radians(3.0)) for turns in _TURNS])
            + _log_prior(_ANGLES[:, 1], _ANGLES[:, 2], f, known_focal)
            for f in focals
        ]
    )
    chosen: list[Floats] = []
    for index in np.argsort(-score, kind="stable")[:3000]:
        which, row = divmod(int(index), len(_ANGLES))
        candidate = np.r_[_ANGLES[row], np.log(focals[which])]
        if all(_unlike(candidate, other) for other in chosen):
            chosen.append(candidate)
            yield candidate
        if len(chosen) >= 8:
            return


def _unlike(a: Floats, b: Floats) -> bool:
    return bool((np.abs(a[:2] - b[:2]) > np.radians(5)).any() or abs(a[3] - b[3]) > 0.3)


_SIMPLEX_STEPS = np.array([np.radians(3), np.radians(2), np.radians(1), 0.12])


def _refine(evidence: _Evidence, starts: Floats, known_focal: float | None) -> Floats:
    """The best (yaw, pitch, roll, log focal) that the starts (k x 4) lead to."""
    values, states = np.zeros(len(starts)), starts
    for sigma, iterations in ((np.radians(2.5), 120), (np.radians(1.2), 200)):

        def loss(x: Floats, _which: simplex.Indices, sigma: float = sigma) -> Floats:
            focals = np.exp(x[:, 3])
            found = evidence.scores(rotations(x[:, :3]), focals, sigma)
            return np.asarray(-found - _log_prior(x[:, 1], x[:, 2], focals, known_focal), np.float64)

        corners = simplex.around(states, _SIMPLEX_STEPS)
        values, states = simplex.minimise(loss, corners, iterations, near=1e-4, flat=1e-5)
    return np.asarray(states[values.argmin()], np.float64)


def _focal_drop(evidence: _Evidence, state: Floats) -> float:
    focal, sigma = float(np.exp(state[3])), float(np.radians(1.2))
    best = evidence.score(rotation(*state[:3]), focal, sigma)
    focals = focal * np.array([0.7, 1.4])

    def loss(angles: Floats, which: simplex.Indices) -> Floats:
        return -evidence.scores(rotations(angles), focals[which], sigma)

    corners = simplex.around(np.tile(state[:3], (2, 1)), 0.05 * state[:3])
    values, _ = simplex.minimise(loss, corners, 70, near=1e-4, flat=1e-4)
    return best + float(values.min())


def fit(segments: Segments, width: int, height: int, known_focal: float | None = None) -> CameraFit | None:
    """The camera that the segments agree on, or None when there are too few of them.

    `known_focal` is the focal length over the longer side, from EXIF. The yaw of the answer is within 45 degrees, so
    that the wall faced is the one across +Y.
    """
    if len(segments) < FEWEST_SEGMENTS:
        return None
    evidence = _Evidence(segments, width, height)
    state = _refine(evidence, np.array(list(_grid_candidates(evidence, known_focal))), known_focal)
    yaw, pitch, roll = (float(v) for v in state[:3])
    quarter = round(np.degrees(yaw) / 90)
    camera = Camera(
        yaw - np.radians(90 * quarter), pitch, roll, float(np.exp(state[3])) * max(width, height), width, height
    )
    focal = camera.focal / max(width, height)
    angle, _ = evidence.angles(camera.rotation, focal)
    axis = np.where(angle.min(0) < np.radians(INLIER_DEG), angle.argmin(0), -1)
    score = evidence.score(camera.rotation, focal, float(np.radians(1.2)))
    return CameraFit(camera, segments, axis, score, 1.0 if known_focal else _focal_drop(evidence, state))


def rays_at_midpoints(fit: CameraFit) -> Floats:
    return fit.camera.rays(midpoints(fit.segments))
