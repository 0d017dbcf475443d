"""From working size to the photo's own: alpha that follows the photo's edges, and the product's own colours in it.

Sources: He, Sun, "Fast guided filter", 2015 (alpha is a linear function of colour in every window; its coefficients are
found small and used at full size); Forte, "Approximate fast foreground colour estimation", ICIP 2021 (one step from
smooth colours of product and ground towards what explains the pixel).
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from functions.inference.products.looking import Box, as_shares
from functions.inference.products.spreading import spread
from functions.inference.vision.arrays import Array, Bytes

RADIUS, SMOOTHNESS = 2, 1e-4
"""Of the guided filter: half its window in pixels of working size, and how much colours must differ to count."""
FIDELITY = 0.03
"""How much the smooth colours count against the pixel's own, where alpha says little."""
SOLID, GONE = 0.985, 0.015
_ROW = 4096
"""`cv2.remap` takes maps of fewer than 32,768 columns: pixels are laid out in rows of this many."""


@dataclass(frozen=True)
class Estimate:
    """At working size: the linear coefficients of alpha by colour (h x w x 4), and the colours of product and ground
    without each other (h x w x 3, 0 to 1)."""

    alpha: Array
    by_colour: Array
    product: Array
    ground: Array


def estimate(colours: Array, alpha: Array) -> Estimate:
    solid, gone = (alpha > SOLID).astype(np.float32), (alpha < GONE).astype(np.float32)
    solid = np.asarray(cv2.erode(solid, np.ones((3, 3), np.uint8)), np.float32) if solid.any() else alpha
    return Estimate(alpha, guided(colours, alpha), spread(colours, solid), spread(colours, gone))


def guided(colours: Array, alpha: Array) -> Array:
    """h x w x 4: alpha is the first three times the colour plus the fourth."""
    middle, level = _mean(colours), _mean(alpha)
    pairs = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)]
    spread_of = {(i, j): _mean(colours[..., i] * colours[..., j]) - middle[..., i] * middle[..., j] for i, j in pairs}
    matrix = np.stack([np.stack([spread_of[min(i, j), max(i, j)] for j in range(3)], -1) for i in range(3)], -2)
    matrix[..., range(3), range(3)] += SMOOTHNESS
    with_alpha = _mean(colours * alpha[..., None]) - middle * level[..., None]
    slope = np.linalg.solve(matrix, with_alpha[..., None])[..., 0]
    rest = level - (slope * middle).sum(-1)
    return _mean(np.dstack([slope, rest]).astype(np.float32))


def _mean(of: Array) -> Array:
    return np.asarray(cv2.blur(of, (2 * RADIUS + 1, 2 * RADIUS + 1)), np.float32)


def finish(pixels: Bytes, box: Box, made: Estimate) -> Bytes:
    """RGBA at the photo's size (straight alpha). Where the product is solid, the photo's very bytes."""
    left, top, right, bottom = box
    part = pixels[top:bottom, left:right]
    size = right - left, bottom - top
    out = np.zeros((*pixels.shape[:2], 4), np.uint8)
    made_part = out[top:bottom, left:right]
    made_part[..., :3] = part
    made_part[..., 3] = cv2.resize(np.rint(made.alpha * 255).astype(np.uint8), size, interpolation=cv2.INTER_LINEAR)
    where = np.nonzero(_mixed(made.alpha, size))
    made_part[where] = _edge(part, made, where)
    made_part[made_part[..., 3] == 0] = 0
    return out


def _mixed(alpha: Array, size: tuple[int, int]) -> NDArray[np.bool_]:
    """Where alpha is neither 0 nor 1, and right beside."""
    soft = ((alpha > GONE) & (alpha < SOLID)).astype(np.uint8)
    mask = (alpha > 0.5).astype(np.uint8)
    edges = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)), np.uint8)
    near = cv2.dilate(soft | edges, np.ones((3, 3), np.uint8))
    return np.asarray(cv2.resize(near, size, interpolation=cv2.INTER_NEAREST) > 0)


def _edge(part: Bytes, made: Estimate, where: tuple[NDArray[np.intp], ...]) -> Bytes:
    """RGBA (n x 4) of the pixels `where` (rows, columns of the part)."""
    colours = as_shares(part[where])
    small_y, small_x = made.alpha.shape
    y = (where[0] + 0.5) * small_y / part.shape[0] - 0.5
    x = (where[1] + 0.5) * small_x / part.shape[1] - 0.5
    fields = np.dstack([made.alpha, made.by_colour])
    plain, by_colour = np.split(_sampled(fields, y, x), [1], 1)
    sharp = (by_colour[:, :3] * colours).sum(1) + by_colour[:, 3]
    is_enlarged = max(part.shape[:2]) > 1.2 * max(made.alpha.shape)
    alpha = stretched(sharp if is_enlarged else plain[:, 0])
    own = unmixed(colours, alpha, _sampled(made.product, y, x), _sampled(made.ground, y, x))
    return np.asarray(np.rint(np.column_stack([own, alpha]) * 255), np.uint8)


def stretched(alpha: Array) -> Array:
    """Nearly nothing is nothing, nearly all is all."""
    return np.asarray(np.clip((alpha - GONE) / (SOLID - GONE), 0, 1), np.float32)


def unmixed(colours: Array, alpha: Array, product: Array, ground: Array) -> Array:
    """The product's colours (n x 3) of pixels that are product by `alpha` (n) and ground by the rest."""
    share = alpha[:, None]
    rest = colours - share * product - (1 - share) * ground
    found = product + share * rest / (share**2 + (1 - share) ** 2 + FIDELITY)
    return np.where(share >= 1, colours, np.clip(found, 0, 1)).astype(np.float32)


def _sampled(field: Array, y: NDArray[np.floating], x: NDArray[np.floating]) -> Array:
    """The field (h x w x channels) at places between its pixels: n x channels."""
    count, channels = len(y), field.shape[2]
    rows = max(1, -(-count // _ROW))
    across, down = (np.resize(of.astype(np.float32), rows * _ROW).reshape(rows, _ROW) for of in (x, y))
    parts = [field[..., at : at + 4] for at in range(0, channels, 4)]
    found = [cv2.remap(part, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE) for part in parts]
    return np.concatenate([one.reshape(rows * _ROW, -1)[:count] for one in found], 1).astype(np.float32)
