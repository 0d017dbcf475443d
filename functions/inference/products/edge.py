"""The outline at working size: alpha in a band around the product's mask."""

import cv2
import numpy as np

from functions.inference.products import matting
from functions.inference.products.spreading import spread
from functions.inference.vision.arrays import Array, Bools, Bytes

BAND, UNSURE_BAND = 0.006, 0.012
"""Half the band's width, in shares of the longer side: before a plain ground, and before another."""
_LEAST = 3
TRUST = 0.6
"""How much the colours of product and ground around count beside the matting, at most."""
LITTLE = 0.12
"""Distance of two colours (0 to 1) at which they count half."""


def soften(colours: Array, product: Bools, gone: Bools, half: int) -> Array:
    """Alpha (h x w, 0 to 1): 1 within the product, 0 where `gone`, solved within `half` pixels of the outline."""
    mask = product.astype(np.uint8)
    inside, outside = shrunk(mask, half) > 0, (grown(mask, half) == 0) | gone
    start, trust = _by_colour(colours, product, inside, outside)
    start[inside], start[outside] = 1, 0
    return matting.solve(colours, start, ~inside & ~outside, matting.PRIOR + TRUST * trust)


def _by_colour(colours: Array, product: Bools, inside: Bools, outside: Bools) -> tuple[Array, Array]:
    """Where each pixel lies between the colours of product and ground around it, and how far these are apart (0 to 1).

    Where they are one colour, the mask decides.
    """
    ours, theirs = spread(colours, inside.astype(np.float32)), spread(colours, outside.astype(np.float32))
    apart = ours - theirs
    distance = (apart * apart).sum(2)
    between = np.clip(((colours - theirs) * apart).sum(2) / np.maximum(distance, 1e-4), 0, 1)
    trust = distance / (distance + LITTLE**2)
    mask = cv2.GaussianBlur(product.astype(np.float32), (0, 0), 1.0)
    return (trust * between + (1 - trust) * mask).astype(np.float32), trust.astype(np.float32)


def half_band(shape: tuple[int, ...], share: float) -> int:
    return max(_LEAST, round(share * max(shape[:2])))


def grown(mask: Bytes, by: int) -> Bytes:
    return np.asarray(cv2.dilate(mask, _disc(by)), np.uint8)


def shrunk(mask: Bytes, by: int) -> Bytes:
    """The picture's rim counts as more of the same."""
    return np.asarray(cv2.erode(mask, _disc(by), borderType=cv2.BORDER_REPLICATE), np.uint8)


def _disc(radius: int) -> Bytes:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)), np.uint8)
