"""Straight line segments of a photo, the raw material of the camera and the room box."""

import cv2
import numpy as np

from functions.inference.vision.arrays import Array, Bytes, Floats

Segments = Floats
"""n x 4: x0, y0, x1, y1 in pixels."""

SHORTEST = 0.025  # of the longer side: below it, LSD mostly answers texture
DETECTION_SIZE = 1000
MOST = 350


def lengths(segments: Segments) -> Floats:
    return np.hypot(segments[:, 2] - segments[:, 0], segments[:, 3] - segments[:, 1])


def midpoints(segments: Segments) -> Floats:
    return (segments[:, :2] + segments[:, 2:]) / 2


def detect(grey: Bytes) -> Segments:
    """The longest segments of a grey photo, longest first (LSD after local contrast equalisation)."""
    longest = max(grey.shape)
    scale = min(1.0, DETECTION_SIZE / longest)
    small = grey if scale == 1 else cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    equalised = cv2.createCLAHE(2.0, (8, 8)).apply(small)
    found: Array | None = cv2.createLineSegmentDetector(cv2.LSD_REFINE_STD).detect(equalised)[0]  # type: ignore[assignment]
    if found is None:
        return np.zeros((0, 4))
    segments = found.reshape(-1, 4).astype(np.float64) / scale
    length = lengths(segments)
    segments, length = segments[length > SHORTEST * longest], length[length > SHORTEST * longest]
    return np.asarray(segments[np.argsort(-length, kind="stable")[:MOST]], np.float64)
