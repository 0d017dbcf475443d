"""Text on a frame: where it is, and how many letters and digits it has. What it says is told to nobody.

Source: Liao et al., "Real-time scene text detection with differentiable binarization", 2020: the network gives each
pixel's share of being a text's core; cores are cut out, boxed and grown by area times ratio over perimeter. Reading is
CTC (Graves et al., 2006): repeated classes are merged and blanks dropped. Both networks take BGR from -1 to 1.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from functions.inference.vehicle.makes import MAKES
from functions.inference.vision import weights
from functions.inference.vision.arrays import Array, Bytes, Floats

Pixels = NDArray[Any]
"""What OpenCV answers, whose types say less than it does."""

STEP = 32
"""The detector takes sides in multiples of this."""
CORE = 0.3
LEAST_SCORE = 0.5
GROWTH = 1.6
SHORTEST_SIDE = 3
MOST_TEXTS = 60
"""The surest ones, so that a wall full of posters costs no more than a second."""
SAME = 0.6
HEIGHT = 48
WIDEST = 480
LEAST_CHARACTER = 0.3


@dataclass(frozen=True)
class Text:
    """A text's box: four corners in pixels of the frame, clockwise from its top left; `score` 0 to 1.

    `stretch`: how many times wider than it is the text was looked at, because it is seen aslant.
    """

    corners: Floats
    score: float
    stretch: float = 1.0

    @property
    def size(self) -> tuple[float, float]:
        """Length along the text, and height."""
        along = np.linalg.norm(self.corners[1] - self.corners[0]) + np.linalg.norm(self.corners[2] - self.corners[3])
        across = np.linalg.norm(self.corners[3] - self.corners[0]) + np.linalg.norm(self.corners[2] - self.corners[1])
        return float(along / 2), float(across / 2)

    @property
    def ratio(self) -> float:
        """Length over height, as it was looked at."""
        along, across = self.size
        return self.stretch * along / max(across, 1e-6)


@dataclass(frozen=True)
class Characters:
    """How many of each kind were read, and how surely: the mean share of what was read. `is_make`: the name of a make
    of vehicles, which stands on a tailgate as large as a plate's characters."""

    letters: int
    digits: int
    others: int
    confidence: float
    is_make: bool = False

    @property
    def count(self) -> int:
        return self.letters + self.digits + self.others


def find_text(pixels: Bytes, scale: float) -> list[Text]:
    """Texts on an upright picture, the surest first; the detector sees it shrunk to `scale` (at most 1)."""
    height, width = pixels.shape[:2]
    scale = min(1.0, scale)
    size = tuple(max(STEP, round(length * scale / STEP) * STEP) for length in (width, height))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    shares = weights.load(weights.FIND_TEXT)(_batch(small))[0, 0]
    ratio = np.array([width / size[0], height / size[1]])
    texts = [Text(text.corners * ratio, text.score) for text in _boxes(shares)]
    return sorted(texts, key=lambda text: -text.score)[:MOST_TEXTS]


def distinct(texts: list[Text]) -> list[Text]:
    """The texts without those that an earlier one already boxes."""
    kept: list[Text] = []
    for text in texts:
        if not any(_share_in_common(text, other) > SAME for other in kept):
            kept.append(text)
    return kept


def _share_in_common(one: Text, other: Text) -> float:
    """Area of both over the area of either."""
    first, second = one.corners.astype(np.float32), other.corners.astype(np.float32)
    if (first.max(axis=0) < second.min(axis=0)).any() or (second.max(axis=0) < first.min(axis=0)).any():
        return 0.0
    common, _ = cv2.intersectConvexConvex(first, second)
    return float(common / max(1e-6, cv2.contourArea(first) + cv2.contourArea(second) - common))


def count_characters(pixels: Bytes, text: Text) -> Characters:
    """What kinds of characters a text has."""
    width = int(np.clip(round(HEIGHT * text.ratio), HEIGHT // 2, WIDEST))
    target = np.array([[0, 0], [width, 0], [width, HEIGHT], [0, HEIGHT]], np.float32)
    turn = cv2.getPerspectiveTransform(text.corners.astype(np.float32), target)
    straight = cv2.warpPerspective(pixels, turn, (width, HEIGHT), borderMode=cv2.BORDER_REPLICATE)
    return _kinds(weights.load(weights.READ_TEXT)(_batch(straight))[0])


def _batch(pixels: Pixels) -> Array:
    scaled = pixels[:, :, ::-1].astype(np.float32) / 127.5 - 1
    return np.ascontiguousarray(scaled.transpose(2, 0, 1)[None])


def _boxes(shares: Array) -> list[Text]:
    outlines, _ = cv2.findContours((shares > CORE).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    found = (_box(shares, outline) for outline in outlines)
    return [text for text in found if text]


def _box(shares: Array, outline: Pixels) -> Text | None:
    centre, (wide, high), turn = cv2.minAreaRect(outline)
    if min(wide, high) < SHORTEST_SIDE:
        return None
    score = _mean_within(shares, outline)
    if score < LEAST_SCORE:
        return None
    growth = wide * high * GROWTH / (2 * (wide + high))
    grown = (centre, (wide + 2 * growth, high + 2 * growth), turn)
    return Text(clockwise(cv2.boxPoints(grown).astype(np.float64)), score)


def _mean_within(shares: Array, outline: Pixels) -> float:
    left, top, width, height = cv2.boundingRect(outline)
    window = np.zeros((height, width), np.uint8)
    cv2.drawContours(window, [outline], -1, 1, cv2.FILLED, offset=(-left, -top))
    return float(cv2.mean(shares[top : top + height, left : left + width], window)[0])


def clockwise(corners: Floats) -> Floats:
    """A rectangle's corners clockwise from the top left one, for text that runs rather across than down."""
    centre = corners.mean(axis=0)
    angles = np.arctan2(corners[:, 1] - centre[1], corners[:, 0] - centre[0])
    around = corners[np.argsort(angles)]
    first = int(np.argmin(around.sum(axis=1)))
    return np.roll(around, -first, axis=0)


def _kinds(shares: Array) -> Characters:
    """CTC by the likeliest class of each column; class 0 is blank, the others are the file's characters."""
    best, sure = shares.argmax(axis=1), shares.max(axis=1)
    fresh = (best != 0) & (best != np.concatenate([[0], best[:-1]])) & (sure > LEAST_CHARACTER)
    alphabet = _alphabet()
    read = [alphabet[index - 1] for index in best[fresh] if index <= len(alphabet)]
    letters, digits = sum(c.isalpha() for c in read), sum(c.isdigit() for c in read)
    others = sum(not c.isalnum() and not c.isspace() for c in read)
    confidence = float(sure[fresh].mean()) if fresh.any() else 0.0
    return Characters(letters, digits, others, confidence, is_make="".join(read).strip().upper() in MAKES)


def _alphabet() -> list[str]:
    return weights.load(weights.READ_TEXT).note("character").split("\n")
