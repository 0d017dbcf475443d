"""Which texts of a frame are number plates, and how far each plate reaches.

A plate missed is worse than a badge covered, so what could be a plate counts as one. Two things speak for it:
characters as plates have them, and a ground of one colour that ends not far from the text, unlike a badge's paint.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from functions.inference.vehicle.text import Characters, Text, count_characters, distinct
from functions.inference.vision.arrays import Bools, Bytes, Floats

RATIO = (0.7, 11.0)
"""Length over height of a plate's text: from the upper line of a short one, seen aslant, to a long one."""
MOST_AREA = 0.3
"""Share of a frame: a plate photographed alone fills more, and is no frame of a vehicle."""
MOST_CHARACTERS = 11
READ = 0.6
"""Confidence from which a reading is believed."""
HIGH = 0.05
"""Height of a plate's text over the height of a vehicle seen from any side: its characters are some 75 mm high,
and with the box's margin 90, of 1.4 to 2 m. A model's name is half as high."""
MOST_HIGH = 0.2
"""Higher is no plate's text on a vehicle: two lines of one are some 180 mm high. A wheel's spokes look like letters."""
SURE = 0.7
"""Score from which a text that cannot be read is one."""
UNIT = 24
"""Height of the text, in pixels, where its ground is looked at."""
AROUND = 40
"""How far around the text its ground is followed, in the same pixels."""
LEAST_MARGIN = (0.7, 0.25)
"""What a plate has beside its text and above it, over the text's height: a European plate's blue band, its rim."""
ALIKE = 14.0
"""Distance in L*a*b* up to which a pixel is of the ground's colour, besides the ground's own spread."""
RIM = 0.12
"""What is covered beyond the end of the ground, over the text's height: the plate's rim, and half a pixel of doubt."""
FILLED = 0.5
GAP = 0.35
"""A ground may be broken, by a line of smaller text, for this share of the text's height."""


@dataclass(frozen=True)
class Found:
    """A plate's corners in pixels of the frame, clockwise from the top left."""

    corners: Floats
    confidence: float


@dataclass(frozen=True)
class _Ground:
    """How far the text's ground reaches: left, top, right, bottom, over the text's height; and whether it ends."""

    margins: tuple[float, float, float, float]
    ends: bool


def find_plates(pixels: Bytes, texts: list[Text], vehicle: Bytes | None) -> list[Found]:
    """The plates among a frame's texts, the surest first; `vehicle` is its mask at any size."""
    found = [plate for text in distinct(texts) if (plate := _plate(pixels, text, vehicle))]
    found.sort(key=lambda plate: -plate.confidence)
    return [plate for index, plate in enumerate(found) if not _within_any(plate, found[:index])]


def _plate(pixels: Bytes, text: Text, vehicle: Bytes | None) -> Found | None:
    if not RATIO[0] <= text.ratio <= RATIO[1]:
        return None
    height = _height_on(text, vehicle, pixels)
    if vehicle is not None and height > MOST_HIGH:
        return None
    ground = _ground(pixels, text)
    corners = _grown(text, ground.margins)
    if cv2.contourArea(corners.astype(np.float32)) > MOST_AREA * pixels.shape[0] * pixels.shape[1]:
        return None
    read = count_characters(pixels, text)
    confidence = _confidence(text, read, ground, height)
    return Found(corners, confidence) if confidence else None


def _confidence(text: Text, read: Characters, ground: _Ground, height: float) -> float:
    """0 for what is no plate. `height`: of the text over the vehicle's; 0 where it is not on the vehicle."""
    is_read = read.confidence > READ
    if is_read and (read.count > MOST_CHARACTERS or read.is_make):
        return 0.0
    if is_read and read.digits and read.letters + read.digits >= 3:
        return 0.95 if ground.ends else 0.7
    # A tyre's tread, seen as wide as a plate aslant, looks like letters.
    if text.stretch > 1 or (is_read and read.count < 2):
        return 0.0
    if ground.ends and height:
        return 0.5
    return 0.4 if height >= HIGH and (read.count >= 4 if is_read else text.score >= SURE) else 0.0


def _ground(pixels: Bytes, text: Text) -> _Ground:
    window, inner = _straight(pixels, text)
    alike = _alike(window, inner)
    left, top, right, bottom = inner
    columns, rows = alike[top:bottom].mean(axis=0), alike[:, left:right].mean(axis=1)
    reach = (
        _reach(columns[:left][::-1]),
        _reach(rows[:top][::-1]),
        _reach(columns[right:]),
        _reach(rows[bottom:]),
    )
    least = (*LEAST_MARGIN, *LEAST_MARGIN)
    ends = all(length is not None for length in reach)
    margins = [max(low, (length or 0) / UNIT + RIM) for low, length in zip(least, reach, strict=True)]
    return _Ground((margins[0], margins[1], margins[2], margins[3]), ends)


def _straight(pixels: Bytes, text: Text) -> tuple[Bytes, tuple[int, int, int, int]]:
    """The text with its surroundings, turned upright, and the text's box there."""
    width = int(np.clip(round(UNIT * text.ratio), UNIT // 2, 20 * UNIT))
    left, top, right, bottom = AROUND, AROUND, AROUND + width, AROUND + UNIT
    target = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)
    turn = cv2.getPerspectiveTransform(text.corners.astype(np.float32), target)
    size = (width + 2 * AROUND, UNIT + 2 * AROUND)
    window = cv2.warpPerspective(pixels, turn, size, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_CONSTANT)
    return np.asarray(window, np.uint8), (left, top, right, bottom)


def _alike(window: Bytes, inner: tuple[int, int, int, int]) -> Bools:
    """Pixels of the colour that the text stands on: the more frequent of light and dark within its box."""
    left, top, right, bottom = inner
    lab = cv2.cvtColor(window.astype(np.float32) / 255, cv2.COLOR_RGB2Lab)
    box = lab[top:bottom, left:right].reshape(-1, 3)
    middle = (box[:, 0].max() + box[:, 0].min()) / 2
    light = box[:, 0] > middle
    ground = box[light if light.mean() >= 0.5 else ~light]
    colour = np.median(ground, axis=0)
    spread = np.median(np.linalg.norm(ground - colour, axis=1))
    return np.asarray(np.linalg.norm(lab - colour, axis=2) < ALIKE + 2 * spread, np.bool_)


def _reach(shares: Floats) -> int | None:
    """How far the ground goes on, None where no end is in sight."""
    held = np.flatnonzero(shares >= FILLED)
    last = -1
    for place in held:
        if place - last > GAP * UNIT:
            break
        last = int(place)
    return last + 1 if last + 1 < len(shares) else None


def _grown(text: Text, margins: tuple[float, float, float, float]) -> Floats:
    left, top, right, bottom = margins
    a, b, c, d = text.corners
    along, across = text.size
    right_step = (b - a + c - d) / 2 / max(along, 1e-6) * across / text.stretch
    down_step = (d - a + c - b) / 2 / max(across, 1e-6) * across
    return np.array(
        [
            a - left * right_step - top * down_step,
            b + right * right_step - top * down_step,
            c + right * right_step + bottom * down_step,
            d - left * right_step + bottom * down_step,
        ]
    )


def _height_on(text: Text, vehicle: Bytes | None, pixels: Bytes) -> float:
    """The text's height over the vehicle's; 0 beside the vehicle, and 1 where none is known."""
    if vehicle is None:
        return 1.0
    height, width = vehicle.shape[:2]
    scale = np.array([width / pixels.shape[1], height / pixels.shape[0]])
    box = np.zeros((height, width), np.uint8)
    cv2.fillPoly(box, [np.rint(text.corners * scale).astype(np.int32)], 1)
    if vehicle[box > 0].mean() < 64:
        return 0.0
    return float(text.size[1] * scale[1] / np.count_nonzero(vehicle.any(axis=1)))


def _within_any(plate: Found, others: list[Found]) -> bool:
    """Whether a surer plate covers this one."""
    area = cv2.contourArea(plate.corners.astype(np.float32))
    for other in others:
        common, _ = cv2.intersectConvexConvex(plate.corners.astype(np.float32), other.corners.astype(np.float32))
        if common > 0.9 * area:
            return True
    return False
