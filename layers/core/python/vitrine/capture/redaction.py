"""Number plates made unreadable, in the pixels: pure, no AWS.

What stands in a plate's place is made of three colours, the medians of its left, middle and right third in steps of 32.
A median is that of the plate's ground, whatever stands on it, so a reader can learn next to nothing of the characters.
A blur or mosaic of them keeps far more, and is undone by trying all characters of the known font.
"""

from collections.abc import Iterable
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from vitrine.contracts.inference import Plate
from vitrine.identity.organisations.models import Redaction
from vitrine.pictures.orient import Pixels

Points = NDArray[np.float64]


GROWN = 0.25
"""Of the plate's shorter side, on all sides: detectors outline the characters, and may be off by some pixels."""
_AT_LEAST = 2.0
"""Pixels, for plates far away."""
_BOX = (40, 40, 40)
_STEP = 32
_THIRDS = 3
_INSET = 0.08
"""Of a plate that is left out when its colours are measured: the rim shows the car."""


def hide(pixels: Pixels, plates: Iterable[Plate], how: Redaction) -> Pixels:
    """A copy of an upright RGB picture whose plates are hidden; no pixel outside of the grown plates differs.

    `Redaction.BLUR` takes the plate's own colours, `BOX` one grey.
    """
    hidden = pixels.copy()
    if how is not Redaction.OFF:
        for plate in plates:
            _hide(hidden, _corners(plate, pixels), how)
    return hidden


def region(shape: tuple[int, int], plates: Iterable[Plate]) -> NDArray[np.bool_]:
    """Which pixels of a picture of `shape` (height, width) hiding these plates may change."""
    size = np.zeros((*shape, 1), np.uint8)
    found = np.zeros(shape, np.bool_)
    for plate in plates:
        corners = _corners(plate, size)
        left, top, right, bottom = _around(corners, size)
        found[top:bottom, left:right] |= _mask(corners, left, top, right, bottom) > 0
    return found


def _hide(picture: Pixels, corners: Points, how: Redaction) -> None:
    left, top, right, bottom = _around(corners, picture)
    if left >= right or top >= bottom:
        return
    part = picture[top:bottom, left:right]
    mask = _mask(corners, left, top, right, bottom)
    fill = _shade(picture, corners, left, top, right, bottom) if how is Redaction.BLUR else _BOX
    part[:] = np.where(mask[..., None] > 0, _joined(part, np.asarray(fill), mask, _growth(corners), how), part)


def _joined(part: Pixels, fill: NDArray[np.float64], mask: Pixels, growth: float, how: Redaction) -> Pixels:
    """A blur runs out softly, but only in the outer half of what was added around the plate."""
    if how is Redaction.BOX:
        return np.broadcast_to(fill, part.shape).astype(np.uint8)
    depth = cv2.distanceTransform(cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_REPLICATE), cv2.DIST_L2, 3)
    share = np.clip(depth[1:-1, 1:-1] / max(1.0, growth / 2), 0.0, 1.0)[..., None]
    return cast(Pixels, (fill * share + part * (1 - share)).round().astype(np.uint8))


def _corners(plate: Plate, picture: Pixels) -> Points:
    """In pixels, as a convex outline whatever order or crossing the four have."""
    height, width = picture.shape[:2]
    given = np.asarray(plate.corners, np.float64) * (width, height)
    outline = cv2.convexHull(given.astype(np.float32))  # None for four times the same point
    return given if outline is None else cast(Points, outline.reshape(-1, 2).astype(np.float64))


def _growth(corners: Points) -> float:
    _, sides, _ = cv2.minAreaRect(corners.astype(np.float32))
    return max(_AT_LEAST, GROWN * min(sides))


def _around(corners: Points, picture: Pixels) -> tuple[int, int, int, int]:
    """The part of the picture that hiding may touch: left, top, right, bottom."""
    height, width = picture.shape[:2]
    reach = _growth(corners) + 2
    low, high = np.floor(corners.min(0) - reach), np.ceil(corners.max(0) + reach)
    left, top = (int(value) for value in np.clip(low, 0, (width, height)))
    right, bottom = (int(value) for value in np.clip(high, 0, (width, height)))
    return left, top, right, bottom


def _mask(corners: Points, left: int, top: int, right: int, bottom: int) -> Pixels:
    """255 within the growth's distance of the plate, which may reach beyond the picture."""
    margin = int(np.ceil(_growth(corners))) + 2
    drawn = np.zeros((bottom - top + 2 * margin, right - left + 2 * margin), np.uint8)
    outline = np.round(corners - (left - margin, top - margin)).astype(np.int32)
    cv2.fillConvexPoly(drawn, outline, 255)
    cv2.polylines(drawn, [outline], True, 255)
    reach = int(np.ceil(_growth(corners)))
    grown = cv2.dilate(drawn, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1)))
    return cast(Pixels, grown[margin : margin + bottom - top, margin : margin + right - left])


def _shade(picture: Pixels, corners: Points, left: int, top: int, right: int, bottom: int) -> NDArray[np.float64]:
    """A colour for each pixel of the part: the three medians, run into each other along the plate's longer axis."""
    centre, along = _axis(corners)
    across, down = np.meshgrid(np.arange(left, right), np.arange(top, bottom))
    place = (across - centre[0]) * along[0] + (down - centre[1]) * along[1]  # -1 to 1 within the plate
    medians = _medians(picture[top:bottom, left:right], _inside(corners, left, top, right, bottom), place)
    knots = np.linspace(-2 / 3, 2 / 3, _THIRDS)
    return np.stack([np.interp(place, knots, medians[:, channel]) for channel in range(3)], -1)


def _axis(corners: Points) -> tuple[Points, Points]:
    """The centre, and the longer axis scaled so that the plate reaches from -1 to 1 along it."""
    (x, y), (width, height), angle = cv2.minAreaRect(corners.astype(np.float32))
    turn = np.radians(angle if width >= height else angle + 90)
    half = max(width, height, 1.0) / 2
    return np.array([x, y]), np.array([np.cos(turn), np.sin(turn)]) / half


def _inside(corners: Points, left: int, top: int, right: int, bottom: int) -> NDArray[np.bool_]:
    centre = corners.mean(0)
    shrunk = centre + (corners - centre) * (1 - _INSET)
    drawn = np.zeros((bottom - top, right - left), np.uint8)
    cv2.fillConvexPoly(drawn, np.round(shrunk - (left, top)).astype(np.int32), 255)
    return drawn > 0


def _medians(part: Pixels, inside: NDArray[np.bool_], place: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each third, in coarse steps; a third that lies outside of the picture has the plate's own median."""
    if not inside.any():
        return np.full((_THIRDS, 3), 128.0)
    third = np.clip(((place + 1) * _THIRDS / 2).astype(int), 0, _THIRDS - 1)
    whole = np.median(part[inside], axis=0)
    found = [part[inside & (third == at)] for at in range(_THIRDS)]
    medians = np.stack([np.median(colours, axis=0) if len(colours) else whole for colours in found])
    return cast(NDArray[np.float64], np.clip(np.round(medians / _STEP) * _STEP, 0, 255))
