"""What is kept of a frame's pixels, so that a set is related without decoding a picture again."""

import io
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vitrine.pictures.decoding import fit
from vitrine.pictures.orient import Pixels

Floats = NDArray[np.float32]

SMALL_SIDE = 320
"""Longest side of the kept picture: silhouettes, thumbnails, colours and lamps are read from it."""
TRACKED_SIDE = 640
MOST_POINTS = 1000
_FORMAT = 1


@dataclass(frozen=True, eq=False)
class Features:
    """A frame small (`small`, RGB), and its points.

    `points` are x and y in shares of the frame's longest side, from its centre, y downwards; `descriptors` are SIFT's
    (128 bytes a point); `colours` the linear RGB around each point, 0 to 1. `aspect` is height over width.
    """

    small: Pixels
    points: Floats
    descriptors: NDArray[np.uint8]
    colours: Floats
    aspect: float


def extract(pixels: Pixels) -> Features:
    """From upright RGB pixels, at least 640 on the longer side where the frame has them."""
    tracked = fit(pixels, TRACKED_SIDE)
    small = fit(tracked, SMALL_SIDE)
    height, width = tracked.shape[:2]
    found, described = _sift(np.asarray(cv2.cvtColor(tracked, cv2.COLOR_RGB2GRAY), np.uint8))
    points = (found - np.array([width / 2, height / 2], np.float32)) / max(width, height)
    return Features(small, points.astype(np.float32), described, _colours(tracked, found), height / width)


def pack(features: Features) -> bytes:
    """As a compressed npz, about 200 kB; the same features give the same bytes."""
    file = io.BytesIO()
    np.savez_compressed(
        file,
        format=np.int32(_FORMAT),
        small=features.small,
        points=features.points.astype(np.float32),
        descriptors=features.descriptors,
        colours=features.colours.astype(np.float16),
        aspect=np.float64(features.aspect),
    )
    return file.getvalue()


def unpack(data: bytes) -> Features:
    """Raises ValueError where the bytes are not what `pack` wrote."""
    with np.load(io.BytesIO(data), allow_pickle=False) as kept:
        if int(kept["format"]) != _FORMAT:
            raise ValueError("features of another format")
        colours = kept["colours"].astype(np.float32)
        return Features(kept["small"], kept["points"], kept["descriptors"], colours, float(kept["aspect"]))


def linear(srgb: NDArray[np.uint8]) -> Floats:
    """Linear light, 0 to 1, of 8-bit sRGB (IEC 61966-2-1)."""
    return _LINEAR[srgb]


def _linear_table() -> Floats:
    coded = np.arange(256) / 255
    return np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4).astype(np.float32)


_LINEAR = _linear_table()


def _sift(grey: Pixels) -> tuple[Floats, NDArray[np.uint8]]:
    points, described = cv2.SIFT.create(MOST_POINTS, contrastThreshold=0.01).detectAndCompute(grey, None)
    if not points:
        return np.zeros((0, 2), np.float32), np.zeros((0, 128), np.uint8)
    found = np.array([point.pt for point in points], np.float32)
    return found[:MOST_POINTS], described[:MOST_POINTS].astype(np.uint8)


def _colours(tracked: Pixels, found: Floats) -> Floats:
    """Around each point, over about 2 % of the frame: small enough for one panel, large enough for a glint to drown."""
    smooth = cv2.blur(linear(tracked), (13, 13))
    columns = np.clip(found[:, 0].round().astype(int), 0, tracked.shape[1] - 1)
    rows = np.clip(found[:, 1].round().astype(int), 0, tracked.shape[0] - 1)
    return np.asarray(smooth[rows, columns], np.float32)
