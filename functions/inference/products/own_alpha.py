"""A picture that brings its own alpha: whether that is a cut-out, and what is doubtful about it.

Its pixels are used as they are: nothing here changes one.
"""

import cv2
import numpy as np

from functions.inference.products.doubts import Doubt
from functions.inference.vision.arrays import Bools, Bytes

OPAQUE, NOTHING = 250, 8
LEAST_TRANSPARENT, LEAST_VISIBLE = 0.005, 0.001
"""Shares of a picture below which its alpha cuts nothing out, and below which there is nothing to see."""
HALF_TRANSPARENT = 0.35
FULL_BOX = 0.985
"""What fills its box by this share is a rectangle: a product, or a whole photo with transparent margins."""


def is_cut_out(alpha: Bytes) -> bool:
    return float((alpha < OPAQUE).mean()) > LEAST_TRANSPARENT


def is_invisible(alpha: Bytes) -> bool:
    return float((alpha > NOTHING).mean()) < LEAST_VISIBLE


def doubts(pixels: Bytes, alpha: Bytes) -> list[Doubt]:
    """Of the colours (h x w x 3) and alpha (h x w) of a picture that shows something."""
    visible = alpha > NOTHING
    found = []
    if float(((alpha < OPAQUE) & visible).sum()) > HALF_TRANSPARENT * float(visible.sum()):
        found.append(Doubt.SEE_THROUGH)
    if _is_a_photo(pixels, alpha > 127):
        found.append(Doubt.GROUND_IN_ALPHA)
    return found


def _is_a_photo(pixels: Bytes, mask: Bools) -> bool:
    """A filled rectangle whose rim has one colour, other than what it holds."""
    x, y, width, height = cv2.boundingRect(mask.astype(np.uint8))
    if min(width, height) < 8 or float(mask[y : y + height, x : x + width].mean()) < FULL_BOX:
        return False
    inner = pixels[y : y + height, x : x + width].astype(np.float32)
    edge = max(2, min(width, height) // 50)
    rim = np.concatenate([inner[edge : 2 * edge].reshape(-1, 3), inner[-2 * edge : -edge].reshape(-1, 3)])
    differs = np.abs(inner - np.median(rim, 0)).max(2) > 30
    return bool(rim.std(0).max() < 6) and 0.02 < float(differs.mean()) < 0.9
