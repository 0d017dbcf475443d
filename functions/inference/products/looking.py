"""The first look at a photo: what stands out, what the ground is, and which part of the photo to work on."""

from dataclasses import dataclass

import cv2
import numpy as np

from functions.inference.products import chroma, ground, region
from functions.inference.vision import saliency
from functions.inference.vision.arrays import Array, Bools, Bytes
from vitrine.pictures.decoding import fit

FIRST_SIDE, WORK_SIDE = 320, 720
"""Longest side, in pixels, of the first look at the whole photo, and of the part that is worked on."""
MARGIN = 0.12
"""What is worked on around the product's box, in shares of the box."""
_HARDLY = 0.15

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in whole pixels of the photo."""


@dataclass(frozen=True)
class First:
    """The whole photo, small: the net's map (h x w, 0 to 1), its ground, and the box of what may be product."""

    net: Array
    ground: ground.Ground | None
    box: Box


@dataclass(frozen=True)
class Part:
    """The part of the photo around the product, at working size: colours (h x w x 3, 0 to 1), the net's two looks, and
    the bare ground before which it stands, if that is plain."""

    box: Box
    colours: Array
    net: Array
    first_net: Array
    ground: Array | None


def first(pixels: Bytes) -> First:
    small = fit(pixels, FIRST_SIDE)
    height, width = small.shape[:2]
    net = saliency.standing_out(small, (width, height))
    colours = as_shares(small)
    reach = np.ones((9, 9), np.uint8)
    below = ground.fit(colours, cv2.dilate((net > _HARDLY).astype(np.uint8), reach) == 0)
    possible = _possible(colours, net, below)
    return First(net, below, _box(possible, pixels.shape[0], pixels.shape[1]))


def as_shares(pixels: Bytes) -> Array:
    """0 to 255 as 0 to 1."""
    return np.divide(pixels, 255, dtype=np.float32)


def _possible(colours: Array, net: Array, below: ground.Ground | None) -> Bools:
    """What the net saw, and what hangs together with it before a plain ground."""
    seen = net > 0.2
    if below is None or not below.is_plain:
        return seen
    like = region.likeness(colours, below.at(*net.shape), below.noise.astype(np.float32))
    return seen | region.find(like, (net, net)).product


def _box(possible: Bools, height: int, width: int) -> Box:
    rows, columns = np.flatnonzero(possible.any(1)), np.flatnonzero(possible.any(0))
    if not len(rows):
        return 0, 0, width, height
    down, across = height / possible.shape[0], width / possible.shape[1]
    top, bottom, left, right = rows[0] * down, (rows[-1] + 1) * down, columns[0] * across, (columns[-1] + 1) * across
    more = max(MARGIN * max(bottom - top, right - left), 4 * max(down, across))
    return (
        max(0, round(left - more)),
        max(0, round(top - more)),
        min(width, round(right + more)),
        min(height, round(bottom + more)),
    )


def closer(pixels: Bytes, look: First) -> Part:
    """A second look at the part alone, so that a small product is seen as large as a large one."""
    left, top, right, bottom = look.box
    height, width = pixels.shape[:2]
    small = fit(np.ascontiguousarray(pixels[top:bottom, left:right]), WORK_SIDE)
    size = small.shape[1], small.shape[0]
    shares = left / width, top / height, right / width, bottom / height
    below = look.ground.at(size[1], size[0], shares) if look.ground and look.ground.is_plain else None
    whole = cut_out_of(look.net, shares, size)
    return Part(look.box, chroma.sharpened(as_shares(small)), saliency.standing_out(small, size), whole, below)


def cut_out_of(field: Array, box: tuple[float, float, float, float], size: tuple[int, int]) -> Array:
    """A box (shares) of a small field of the whole photo, at `size` (width and height)."""
    height, width = field.shape
    x = (box[0] + (box[2] - box[0]) * (np.arange(size[0]) + 0.5) / size[0]) * width - 0.5
    y = (box[1] + (box[3] - box[1]) * (np.arange(size[1]) + 0.5) / size[1]) * height - 0.5
    columns, rows = np.meshgrid(x.astype(np.float32), y.astype(np.float32))
    return np.asarray(cv2.remap(field, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)
