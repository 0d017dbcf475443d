"""A vehicle drawn flat with OpenCV, with what is known of it: its mask and its plates' corners.

For tests that need a picture on which the models see something; spins of a solid car come from the render engine.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import simplejpeg

from functions.inference.vision.arrays import Bools, Bytes, Floats

WIDTH, HEIGHT = 960, 640
BODY = np.array([[330, 300], [370, 190], [590, 190], [630, 300], [660, 330], [660, 470], [300, 470], [300, 330]])
WINDOW = np.array([[360, 295], [390, 210], [570, 210], [600, 295]])
TYRES = ((310, 440, 365, 520), (595, 440, 650, 520))


@dataclass(frozen=True)
class Drawn:
    """`vehicle` is True where the vehicle is; `plates` are 4 x 2 corners in pixels, clockwise from the top left."""

    pixels: Bytes
    vehicle: Bools
    plates: tuple[Floats, ...]

    @property
    def jpeg(self) -> bytes:
        return bytes(simplejpeg.encode_jpeg(np.ascontiguousarray(self.pixels), quality=92))

    def plate_pixels(self) -> Bools:
        return covered([plate / (WIDTH, HEIGHT) for plate in self.plates], (WIDTH, HEIGHT))


def draw(*plates: tuple[str, float, float], colour: tuple[int, int, int] = (150, 30, 35)) -> Drawn:
    """A hatchback from behind, on a yard. Each plate is its text and the middle of it in pixels."""
    rng = np.random.default_rng(7)
    pixels = np.full((HEIGHT, WIDTH, 3), (178, 186, 194), np.uint8)
    pixels[400:] = (120, 118, 116)
    vehicle = np.zeros((HEIGHT, WIDTH), np.uint8)
    for left, top, right, bottom in TYRES:
        cv2.rectangle(pixels, (left, top), (right, bottom), (25, 25, 27), cv2.FILLED)
        cv2.rectangle(vehicle, (left, top), (right, bottom), 1, cv2.FILLED)
    cv2.fillPoly(pixels, [BODY], colour)
    cv2.fillPoly(vehicle, [BODY], 1)
    cv2.fillPoly(pixels, [WINDOW], (40, 46, 52))
    cv2.rectangle(pixels, (305, 430), (655, 468), (45, 45, 48), cv2.FILLED)
    for left in (306, 604):
        cv2.rectangle(pixels, (left, 320), (left + 48, 365), (230, 40, 20), cv2.FILLED)
    corners = tuple(_plate(pixels, *plate) for plate in plates)
    noise = rng.normal(0, 2, pixels.shape)
    pixels = np.clip(cv2.GaussianBlur(pixels, (3, 3), 0) + noise, 0, 255).astype(np.uint8)
    return Drawn(pixels, vehicle.astype(np.bool_), corners)


def covered(plates: list[Floats], size: tuple[int, int]) -> Bools:
    """The pixels of a picture of `size` (width, height) that lie in quadrilaterals given in shares."""
    mask = np.zeros((size[1], size[0]), np.uint8)
    for plate in plates:
        cv2.fillPoly(mask, [np.rint(np.asarray(plate) * size).astype(np.int32)], 1)
    return mask.astype(np.bool_)


def _plate(pixels: Bytes, text: str, x: float, y: float) -> Floats:
    (width, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 0.8, 2)
    left, top = round(x - width / 2 - 8), round(y - height / 2 - 7)
    right, bottom = left + width + 16, top + height + 14
    cv2.rectangle(pixels, (left, top), (right, bottom), (235, 235, 230), cv2.FILLED)
    cv2.putText(pixels, text, (left + 8, bottom - 7), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (15, 15, 20), 2, cv2.LINE_AA)
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float64)
