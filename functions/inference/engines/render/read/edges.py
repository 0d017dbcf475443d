"""Faint edges: how much of a line in the room parts two colours in the photo.

Line segments miss edges of a few grey levels, such as a white ceiling on a white wall; summed along a known line they
still show.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from functions.inference.engines.render.read.camera import Camera
from functions.inference.vision.arrays import Array, Bools, Bytes, Floats

REACH_PX = 2.5  # to each side of the line, at the picture's own size
FAINTEST_STEP = 1.6  # 8-bit Lab, summed over the channels' projections


@dataclass(frozen=True)
class EdgeReader:
    """A slightly blurred Lab picture (8-bit steps) at `scale` times the camera's size."""

    lab: Array
    scale: float
    camera: Camera

    def steps(self, points: Floats) -> tuple[Floats, Bools]:
        """Lab steps (k x n x 3) across the lines through points (k x n x 3, relative to the camera), and what is seen.

        The step is of the side to the left of the line's direction over the other.
        """
        rows = points.shape[:2]
        pixels, depth = self.camera.project(points.reshape(-1, 3))
        at = (pixels * self.scale).reshape(*rows, 2)
        along = np.gradient(at, axis=1)
        normal = np.stack([along[..., 1], -along[..., 0]], -1)
        normal /= np.maximum(np.linalg.norm(normal, axis=-1, keepdims=True), 1e-9)
        height, width = self.lab.shape[:2]
        margin = REACH_PX + 1
        inside = (at > margin).all(-1) & (at[..., 0] < width - margin) & (at[..., 1] < height - margin)
        return self._sample(at + REACH_PX * normal) - self._sample(at - REACH_PX * normal), inside & (
            depth.reshape(rows) > 0.05
        )

    def _sample(self, at: Floats) -> Floats:
        x, y = np.nan_to_num(at, nan=-1e4).clip(-1e4, 1e4).astype(np.float32).transpose(2, 0, 1)
        return cv2.remap(self.lab, np.ascontiguousarray(x), np.ascontiguousarray(y), cv2.INTER_LINEAR).astype(
            np.float64
        )

    def cover(self, points: Floats) -> tuple[Floats, Floats, Floats]:
        """Per line: the share of its visible points that show a step of its own colours, how large that step is, and
        how many points are seen.

        A line's own step is the median of its steps; a point agrees when its step along that direction is at least
        half as large and not too faint.
        """
        step, seen = self.steps(points)
        masked = np.where(seen[..., None], step, np.nan)
        own = np.zeros((len(step), 3))
        some = seen.any(1)
        own[some] = np.nanmedian(masked[some], axis=1)
        size = np.linalg.norm(own, axis=1, keepdims=True)
        agreed = (step * (own / np.maximum(size, 1e-9))[:, None]).sum(-1)
        hit = seen & (agreed > np.maximum(FAINTEST_STEP, 0.5 * size))
        count = seen.sum(1)
        return hit.sum(1) / np.maximum(count, 1), size[:, 0], count.astype(np.float64)


def reader(lab: Bytes, scale: float, camera: Camera) -> EdgeReader:
    return EdgeReader(cv2.GaussianBlur(lab, (0, 0), 1.0).astype(np.float32), scale, camera)
