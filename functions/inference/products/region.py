"""Where the product is before a plain ground: what the ground, and the product's shadow on it, do not explain.

A shadow takes light and leaves colour: it is the ground times a share below 1, and changes slowly. Ground and shadow
that reach the frame's rim are the ground; ground within the product is a hole if it is the ground's very colour.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from functions.inference.vision.arrays import Array, Bools

DARKEST = 0.3
"""Share of the ground's light that the darkest part of a shadow keeps."""
SLOW = 0.035
"""Largest change of a shadow's share from pixel to pixel at working size."""
SURE, LIKELY, POSSIBLE, HARDLY = 0.9, 0.6, 0.5, 0.3
"""Of the net's map: surely product, product, hardly product."""
SEEN_THROUGH = 0.55
"""A hole is ground that neither look took for product; before a ground with a hue of its own, one of them. Colour alone
does not tell: white print has white paper's."""
HUE = 0.12
"""Difference of a ground's channels (0 to 1) from which on its colour is hardly another thing's."""
EVEN = 0.03
"""Most deviation of the ground's light in a hole."""
LEAST_HOLE, LEAST_PART = 0.0004, 0.004
"""Shares of the product's area below which a hole stays closed, and a part that lies apart is dropped."""


@dataclass(frozen=True)
class Likeness:
    """`same`: the ground's colour. `shaded`: the ground in a shadow. `tinted`: the ground's hue, however it changes.

    `off` is the distance in units of what noise explains, `share` how much of the ground's light is there (h x w);
    `has_hue`: the ground is neither white, grey nor black.
    """

    same: Bools
    shaded: Bools
    tinted: Bools
    off: Array
    share: Array
    has_hue: bool


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
    has_hue = float(np.median(np.ptp(ground, axis=2))) > HUE
    return Likeness(
        off < 1, tinted & (change < SLOW), tinted, off.astype(np.float32), share.astype(np.float32), has_hue
    )


def find(like: Likeness, looks: tuple[Array, Array]) -> Region:
    """Of what is like the ground, and the net's two maps (h x w, 0 to 1)."""
    net = np.asarray((looks[0] + looks[1]) / 2, np.float32)
    outside = _reaching_the_rim((like.same & (net < SURE)) | (like.shaded & (net < LIKELY)))
    product, apart = _parts(_opened(~outside & ((net > HARDLY) | ~like.tinted)), net)
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
    candidates = (like.same | like.shaded) & ~outside
    count, labels, stats, _ = cv2.connectedComponentsWithStats(candidates.astype(np.uint8), connectivity=4)
    opened, doubtful = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
    share = stats[:, cv2.CC_STAT_AREA] / max(int(product.sum()), 1)
    sums = [np.bincount(labels.ravel(), one.ravel(), count) / stats[:, cv2.CC_STAT_AREA] for one in looks]
    for label in np.flatnonzero((share > LEAST_HOLE) & (np.arange(count) > 0)):
        off = float(np.median(like.off[labels == label]))
        least, most = min(one[label] for one in sums), max(one[label] for one in sums)
        opened[label] = (least if like.has_hue else most) < SEEN_THROUGH
        is_same = off < 1.6 and float(like.share[labels == label].std()) < EVEN
        doubtful[label] = not opened[label] and (least < POSSIBLE or (is_same and least < SURE))
    return opened[labels], doubtful[labels]
