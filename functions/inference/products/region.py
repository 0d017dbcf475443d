"""Where the product is before a plain ground: what the ground, and the product's shadow on it, do not explain.

A shadow takes light and leaves colour: it is the ground times a share below 1, and changes slowly. Ground and shadow
that reach the frame's rim are the ground; ground within the product is a hole where the net sees
through it, the sooner the thinner what surrounds it.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from functions.inference.vision.arrays import Array, Bools
from functions.inference.vision.masks import filled

DARKEST = 0.3
"""Share of the ground's light that the darkest part of a shadow keeps."""
SLOW = 0.035
"""Largest change of a shadow's share from pixel to pixel at working size."""
SURE, LIKELY, POSSIBLE, HARDLY = 0.9, 0.6, 0.5, 0.3
"""Of the net's map: surely product, product, hardly product."""
THIN = 0.5
"""Handles, rings and bars are thin: ground seen through them lies no farther in than this share of its own size. What
lies deeper may be print: white print has white paper's colour."""
SEEN_THROUGH, SURELY_THROUGH = 0.55, 0.3
"""A hole behind something thin needs one look that sees through it; a deeper one needs both, and surely."""
SAME, EVEN = 1.6, 0.03
"""Ground's very colour (in units of what noise explains), evenly lit (deviation): a hole even if no look sees it."""
LEAST_HOLE, MOST_DEEP_HOLE, LEAST_PART = 0.0004, 0.04, 0.004
"""Shares of the product's area below which a hole stays closed, above which a deep one does, and below which a part
that lies apart is dropped."""


@dataclass(frozen=True)
class Likeness:
    """`same`: the ground's colour. `shaded`: the ground in a shadow. `tinted`: the ground's hue, however it changes.

    `off` is the distance in units of what noise explains, `share` how much of the ground's light is there (h x w).
    """

    same: Bools
    shaded: Bools
    tinted: Bools
    off: Array
    share: Array


@dataclass(frozen=True)
class Region:
    """`product` with its holes open; `gone`: surely ground; `apart`: what is neither; `doubtful`: holes left closed."""

    product: Bools
    gone: Bools
    apart: Bools
    doubtful: Bools


def likeness(colours: Array, ground: Array, noise: Array) -> Likeness:
    """Of a picture and the bare ground (h x w x 3, 0 to 1); `noise` is a deviation for each channel."""
    smooth = cv2.GaussianBlur(colours, (0, 0), 0.8)
    tolerance = 3.0 * noise + 0.006
    off = (np.abs(smooth - ground) / tolerance).max(2)
    share = (smooth * ground).sum(2) / np.maximum((ground * ground).sum(2), 1e-4)
    across = np.abs(smooth - share[..., None] * ground).max(2)
    tinted = (across < float(tolerance.max()) + 0.01) & (share > DARKEST) & (share < 1.02)
    change = np.hypot(cv2.Scharr(share, cv2.CV_32F, 1, 0), cv2.Scharr(share, cv2.CV_32F, 0, 1)) / 32
    return Likeness(off < 1, tinted & (change < SLOW), tinted, off.astype(np.float32), share.astype(np.float32))


def find(like: Likeness, looks: tuple[Array, Array]) -> Region:
    """Of what is like the ground, and the net's two maps (h x w, 0 to 1)."""
    net = np.asarray((looks[0] + looks[1]) / 2, np.float32)
    outside = _reaching_the_rim((like.same & (net < SURE)) | (like.shaded & (net < LIKELY)))
    product, apart = _parts(_opened(~outside & ((net > HARDLY) | ~like.tinted)), net)
    product |= filled(product) & ~outside
    holes, doubtful = _holes(like, looks, product, outside)
    product &= ~holes
    touching = cv2.dilate(product.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return Region(product, (outside | holes) & (net < POSSIBLE) & ~touching, apart, doubtful)


def _opened(mask: Bools) -> Bools:
    """Without specks; what is thin stays where a 2 x 2 square fits."""
    return np.asarray(cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, np.ones((2, 2), np.uint8)) > 0)


def _reaching_the_rim(mask: Bools) -> Bools:
    _, labels = cv2.connectedComponents(mask.astype(np.uint8), connectivity=4)
    rim = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    return np.isin(labels, rim[rim > 0])


def _parts(mask: Bools, net: Array) -> tuple[Bools, Bools]:
    """What hangs together with something that the net surely saw, and what does not."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    seen = np.bincount(labels.ravel(), (net > POSSIBLE).ravel(), count)
    area = stats[:, cv2.CC_STAT_AREA]
    largest = max(int(seen[1:].max(initial=0)), 1)
    kept = (seen > LEAST_PART * largest) & (seen > 0.1 * area)
    kept[0] = False
    product = kept[labels]
    return product, mask & ~product


def _holes(like: Likeness, looks: tuple[Array, Array], product: Bools, outside: Bools) -> tuple[Bools, Bools]:
    """Places of the ground's very colour first: with shaded ones, a pale product would run together with its holes."""
    away = np.asarray(cv2.distanceTransform((~outside).astype(np.uint8), cv2.DIST_L2, 3), np.float32)
    limits = LEAST_HOLE * int(product.sum()), MOST_DEEP_HOLE * int(product.sum())
    opened = doubtful = np.zeros_like(product)
    for candidates in (like.same, like.same | like.shaded):
        holes, unsure = _among(candidates & ~outside & ~opened, like, looks, away, limits)
        opened, doubtful = opened | holes, doubtful | unsure
    return opened, doubtful & ~opened


def _among(
    candidates: Bools, like: Likeness, looks: tuple[Array, Array], away: Array, limits: tuple[float, float]
) -> tuple[Bools, Bools]:
    """Which of the places that hang together are holes, and which may be.

    `limits`: pixels of the smallest hole, and of the largest deep one.
    """
    least, most = limits
    count, labels, stats, _ = cv2.connectedComponentsWithStats(candidates.astype(np.uint8), connectivity=4)
    areas = stats[:, cv2.CC_STAT_AREA]
    opened, doubtful = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
    means = [np.bincount(labels.ravel(), one.ravel(), count) / areas for one in looks]
    for label in np.flatnonzero((areas > least) & (np.arange(count) > 0)):
        there = labels == label
        looked = min(one[label] for one in means), max(one[label] for one in means)
        opened[label] = _is_hole(like, there, looked, _depth(there, away), areas[label] < most)
        doubtful[label] = not opened[label] and looked[0] < POSSIBLE and looked[1] < SURE
    return opened[labels], doubtful[labels]


def _depth(there: Bools, away: Array) -> float:
    """How far a place lies within the product: its rim's middle distance to the ground outside, in its own size."""
    rim = there & (cv2.erode(there.astype(np.uint8), np.ones((3, 3), np.uint8)) == 0)
    return float(np.median(away[rim]) / max(1.0, np.sqrt(there.sum())))


def _is_hole(like: Likeness, there: Bools, looked: tuple[float, float], depth: float, is_small: bool) -> bool:
    least, most = looked
    if depth > THIN:
        return most < SURELY_THROUGH and is_small
    is_same = float(np.median(like.off[there])) < SAME and float(like.share[there].std()) < EVEN
    return least < SEEN_THROUGH or (is_same and least < SURE)
