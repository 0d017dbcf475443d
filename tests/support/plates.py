"""Number plates drawn in perspective onto a plain picture of a car's rear."""

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from tests.support.pictures import Pixels
from vitrine.contracts.inference import Plate

FONT = ImageFont.load_default(96)
_WIDTH, _HEIGHT = 520, 112
"""Millimetres of a European plate, as pixels."""
Corners = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]
STRAIGHT: Corners = ((0.35, 0.60), (0.65, 0.60), (0.65, 0.68), (0.35, 0.68))
OBLIQUE: Corners = ((0.30, 0.50), (0.52, 0.56), (0.52, 0.68), (0.30, 0.60))
SMALL: Corners = ((0.70, 0.70), (0.80, 0.70), (0.80, 0.727), (0.70, 0.727))
CUT: Corners = ((-0.10, 0.40), (0.12, 0.40), (0.12, 0.47), (-0.10, 0.47))


@cache
def rear(width: int = 800, height: int = 600) -> Pixels:
    """Paint with a little grain and a soft shade, so that nothing is uniform."""
    shade = np.linspace(60, 150, height)[:, None, None] + np.linspace(0, 30, width)[None, :, None]
    grain = np.random.default_rng(3).normal(0, 3, (height, width, 3))
    lit: Pixels = np.clip(shade * np.array([0.6, 0.7, 1.0]) + grain, 0, 255).astype(np.uint8)
    return lit


def with_plate(picture: Pixels, text: str, corners: Corners) -> Pixels:
    height, width = picture.shape[:2]
    to = np.asarray(corners, np.float32) * np.asarray([width, height], np.float32)
    start = np.asarray([(0, 0), (_WIDTH, 0), (_WIDTH, _HEIGHT), (0, _HEIGHT)], np.float32)
    turn = cv2.getPerspectiveTransform(start, to)
    drawn = cv2.warpPerspective(_plate(text), turn, (width, height), flags=cv2.INTER_AREA)
    where = cv2.warpPerspective(np.full((_HEIGHT, _WIDTH), 255, np.uint8), turn, (width, height))
    return np.where(where[..., None] > 127, drawn, picture).astype(np.uint8)


def seen(corners: Corners) -> Plate:
    """As the endpoint says it: of a plate that the frame cuts, the part within."""
    a, b, c, d = ((min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)) for x, y in corners)
    return Plate(corners=(a, b, c, d), confidence=0.9)


def inside(shape: tuple[int, ...], corners: Corners) -> NDArray[np.bool_]:
    """The plate's own pixels, without any margin."""
    drawn = np.zeros(shape[:2], np.uint8)
    outline = np.asarray(corners) * np.asarray([shape[1], shape[0]])
    cv2.fillConvexPoly(drawn, np.round(outline).astype(np.int32), 255)
    return drawn > 0


def _plate(text: str) -> Pixels:
    plate = Image.new("RGB", (_WIDTH, _HEIGHT), (238, 238, 232))
    draw = ImageDraw.Draw(plate)
    draw.rectangle((2, 2, _WIDTH - 3, _HEIGHT - 3), outline=(20, 20, 20), width=4)
    draw.text((_WIDTH // 2, _HEIGHT // 2), text, (15, 15, 15), font=FONT, anchor="mm")
    return np.asarray(plate)
