"""How sure a cut-out is, from what can be measured without knowing the truth.

Thresholds were chosen on the photos of `tests/bench/cutout.py`: nothing with an IoU below 0.9 may pass without a doubt.
"""

from dataclasses import asdict, dataclass

import cv2
import numpy as np

from functions.inference.products.doubts import Doubt
from functions.inference.products.spreading import spread
from functions.inference.vision.arrays import Array, Bools
from functions.inference.vision.masks import filled

AGREES = 0.95
"""Least IoU of the refined mask and the net's at which the refined one is taken."""
LEAST_LOOKS, LEAST_SURE, MOST_WEAK, MOST_APART, MOST_HOLES, MOST_RIM = 0.93, 0.8, 0.4, 0.01, 0.02, 0.04
LITTLE_CONTRAST = 0.07
"""Distance of two colours (0 to 1) along the outline that is easily mistaken."""
SECOND = 0.12
"""A part of this share of the largest, apart from it, is another thing."""
FEW_PIXELS = 160
STEADY, STEADILY_SURE = 0.955, 0.86
"""Before a ground that is not plain, nothing but the net's steadiness speaks for the mask."""
PENALTIES: dict[Doubt, float] = {
    Doubt.LOOKS_DISAGREE: 0.4,
    Doubt.EDGE_DISAGREES: 0.4,
    Doubt.NET_UNSURE: 0.4,
    Doubt.LOW_CONTRAST: 0.4,
    Doubt.PART_MISSING: 0.35,
    Doubt.SEVERAL: 0.3,
    Doubt.HOLE: 0.25,
    Doubt.FRAME: 0.3,
    Doubt.SMALL: 0.25,
    Doubt.BUSY: 0.25,
    Doubt.PROPORTIONS: 0.4,
    Doubt.DIMENSIONS: 0.1,
    Doubt.SEE_THROUGH: 0.1,
    Doubt.GROUND_IN_ALPHA: 0.4,
}


@dataclass(frozen=True)
class Measures:
    """What is known of a cut-out, each 0 to 1.

    `agreement`: IoU of the refined mask and the net's, holes filled; `looks`: of the net's two looks; `sure`: of the
    net's map, surely over possibly; `weak`: share of the outline where product and ground have nearly one colour;
    `apart`: area beside the product that is neither ground nor shadow, over the product's; `holes`: doubtful ones,
    likewise;
    `rim`: share of the frame's rim that is product; `second`: the second largest part over the largest; `area`: of the
    frame; `plain`: whether the ground is; `pixels`: the longer side of the product's box.
    """

    agreement: float
    looks: float
    sure: float
    weak: float
    apart: float
    holes: float
    rim: float
    second: float
    area: float
    plain: bool
    pixels: int

    def as_dict(self) -> dict[str, float]:
        return {name: round(float(value), 4) for name, value in asdict(self).items()}


def doubts(found: Measures) -> list[Doubt]:
    """What is doubtful, gravest first."""
    limits = [
        (found.looks < LEAST_LOOKS, Doubt.LOOKS_DISAGREE),
        (found.agreement < AGREES, Doubt.EDGE_DISAGREES),
        (found.sure < LEAST_SURE, Doubt.NET_UNSURE),
        (found.weak > MOST_WEAK, Doubt.LOW_CONTRAST),
        (found.apart > MOST_APART, Doubt.PART_MISSING),
        (found.second > SECOND, Doubt.SEVERAL),
        (found.holes > MOST_HOLES, Doubt.HOLE),
        (found.rim > MOST_RIM, Doubt.FRAME),
        (found.pixels < FEW_PIXELS, Doubt.SMALL),
        (not found.plain and (found.looks < STEADY or found.sure < STEADILY_SURE), Doubt.BUSY),
    ]
    return [code for holds, code in limits if holds]


def confidence(found: Measures, doubtful: list[Doubt]) -> float:
    """0 to 1: how steady the net is, less for each doubt."""
    steady = min(found.looks, found.sure, found.agreement)
    left = 1.0
    for code in doubtful:
        left *= 1 - PENALTIES[code]
    return round(max(0.0, min(1.0, 0.5 + 0.5 * steady) * left), 3)


def iou(one: Bools, other: Bools) -> float:
    return float((one & other).sum() / max(1, (one | other).sum()))


def sureness(net: Array) -> float:
    return float((net > 0.8).sum() / max(1, (net > 0.2).sum()))


def weak_share(colours: Array, alpha: Array) -> float:
    """Share of the outline along which product and ground, each a few pixels away from it, have nearly one colour."""
    mask = (alpha > 0.5).astype(np.uint8)
    wide = np.ones((7, 7), np.uint8)
    inside, outside = cv2.erode(mask, wide) > 0, cv2.dilate(mask, wide) == 0
    line = cv2.morphologyEx(mask, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
    if not line.any() or not inside.any():
        return 1.0
    ours, theirs = (spread(colours, known.astype(np.float32)) for known in (inside, outside))
    return float((np.linalg.norm((ours - theirs)[line], axis=1) < LITTLE_CONTRAST).mean())


def second_part(mask: Bools) -> float:
    """The area of the second largest part over the largest's."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    areas = np.sort(stats[1:, cv2.CC_STAT_AREA])
    return float(areas[-2] / areas[-1]) if len(areas) > 1 else 0.0


def rim_share(mask: Bools) -> float:
    """Share of the whole frame's rim that is product."""
    return float(np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]]).mean())


def solid(one: Array, other: Array) -> Array:
    """The mean of two maps, with holes filled by what surrounds them."""
    net = (one + other) / 2
    return np.where(filled(net > 0.8), np.maximum(net, 0.9), net).astype(np.float32)
