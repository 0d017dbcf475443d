"""Where the vehicle is: the map of what stands out (`vision.saliency`), cut to one vehicle."""

from dataclasses import dataclass

import cv2
import numpy as np

from functions.inference.vehicle.seen import Side
from functions.inference.vision import saliency
from functions.inference.vision.arrays import Array, Bools, Bytes
from functions.inference.vision.masks import filled

SIDE = 320
"""Longest side of a mask."""
INSIDE = 0.5
SURE, POSSIBLE = 0.8, 0.2
LEAST_AREA = 0.01
"""Share of the frame below which nothing is taken for the frame's vehicle."""
LEAST_CONFIDENCE = 0.3
RIM = 0.02
"""A side is reached when the mask runs along it for this share of the side."""


@dataclass(frozen=True)
class Found:
    """The vehicle's mask (0 or 255, `SIDE` at its longest side), its box and area in shares of the frame."""

    mask: Bytes
    box: tuple[float, float, float, float]
    area: float
    touches: tuple[Side, ...]
    confidence: float


def find_vehicle(pixels: Bytes) -> Found | None:
    """The vehicle on an upright frame, None where nothing stands out enough to be one."""
    shares = saliency.standing_out(pixels, mask_size(pixels))
    mask = _one_thing(shares)
    area, confidence = float(mask.mean()), _confidence(shares, mask)
    if area < LEAST_AREA or confidence < LEAST_CONFIDENCE:
        return None
    return Found(mask.astype(np.uint8) * 255, _box(mask), area, _touches(mask), confidence)


def mask_size(pixels: Bytes) -> tuple[int, int]:
    """Width and height of a frame's mask."""
    height, width = pixels.shape[:2]
    scale = SIDE / max(height, width)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _one_thing(shares: Array) -> Bools:
    """The largest connected thing, without holes: windows one can look through belong to a vehicle."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats((shares > INSIDE).astype(np.uint8))
    if count < 2:
        return np.zeros(shares.shape, np.bool_)
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    return filled(labels == largest)


def _confidence(shares: Array, mask: Bools) -> float:
    """How little depends on where the map is cut, and on which thing is the vehicle: surely inside over possibly."""
    possible = (shares > POSSIBLE) | mask
    sure = (shares > SURE) & mask
    return float(sure.sum() / max(1, possible.sum()))


def _box(mask: Bools) -> tuple[float, float, float, float]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    height, width = mask.shape
    return (
        float(columns[0] / width),
        float(rows[0] / height),
        float((columns[-1] + 1) / width),
        float((rows[-1] + 1) / height),
    )


def _touches(mask: Bools) -> tuple[Side, ...]:
    rims: dict[Side, Bools] = {
        "left": mask[:, 0],
        "top": mask[0],
        "right": mask[:, -1],
        "bottom": mask[-1],
    }
    return tuple(side for side, rim in rims.items() if rim.mean() > RIM)
