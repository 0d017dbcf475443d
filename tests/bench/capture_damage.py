"""What goes wrong with a frame, done on purpose: blur, exposure, casts, moves, copies, night."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from vitrine.pictures.orient import Pixels

Damage = Callable[[Pixels], Pixels]


def _scale(picture: Pixels) -> float:
    """Damage is said in pixels of a frame of 960."""
    return float(max(picture.shape[:2])) / 960


def gauss(deviation: float) -> Damage:
    return lambda picture: np.asarray(cv2.GaussianBlur(picture, (0, 0), deviation * _scale(picture)), np.uint8)


def motion(length: int) -> Damage:
    def damage(picture: Pixels) -> Pixels:
        taps = max(3, round(length * _scale(picture)) | 1)
        return np.asarray(cv2.blur(picture, (taps, 1)), np.uint8)

    return damage


def _lit(picture: Pixels, gains: NDArray[np.float64]) -> Pixels:
    linear = (picture / 255.0) ** 2.2 * gains
    return np.asarray(np.clip(linear ** (1 / 2.2) * 255 + 0.5, 0, 255), np.uint8)


def exposed(stops: float) -> Damage:
    return lambda picture: _lit(picture, np.full(3, 2.0**stops))


def cast(red: float, blue: float) -> Damage:
    """In coded values, as a wrong white balance shows."""
    return lambda picture: np.asarray(np.clip(picture * np.array([red, 1.0, blue]) + 0.5, 0, 255), np.uint8)


def moved(across: float = 0.0, along: float = 0.0, scale: float = 1.0, turn_deg: float = 0.0) -> Damage:
    """Shares of the longer side; what comes in at the border is the border's own."""

    def damage(picture: Pixels) -> Pixels:
        height, width = picture.shape[:2]
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), turn_deg, scale)
        matrix[:, 2] += np.array([across, along]) * max(height, width)
        found = cv2.warpAffine(
            picture, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        return np.asarray(found, np.uint8)

    return damage


def encoded_again(picture: Pixels) -> Pixels:
    coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 40])[1]
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_UNCHANGED), np.uint8)


def halved(picture: Pixels) -> Pixels:
    height, width = picture.shape[:2]
    half = cv2.resize(picture, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(half, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def noisy(deviation: float, seed: int = 1) -> Damage:
    chance = np.random.default_rng(seed)
    return lambda picture: np.asarray(np.clip(picture + chance.normal(0, deviation, picture.shape), 0, 255), np.uint8)


def night(picture: Pixels) -> Pixels:
    """A fifth of the values, and a sensor's noise."""
    return noisy(3.0, int(picture[::37, ::41].sum()) % 1000)(np.asarray(picture * 0.22, np.uint8))


BLURS: dict[str, Damage] = {"gauss 1.5": gauss(1.5), "gauss 2.5": gauss(2.5), "motion 9": motion(9)}
LIGHTS: dict[str, Damage] = {
    "+0.5 EV": exposed(0.5),
    "-0.5 EV": exposed(-0.5),
    "warm cast": cast(1.06, 0.94),
    "cold cast": cast(0.94, 1.06),
    "10 % cast": cast(1.1, 0.9),
}
MOVES: dict[str, Damage] = {
    "shift 4 % across": moved(across=0.04),
    "shift 4 % along": moved(along=0.04),
    "scale 4 %": moved(scale=1.04),
    "turn 2 deg": moved(turn_deg=2.0),
}
COPIES: dict[str, Damage] = {
    "encoded again": encoded_again,
    "halved": halved,
    "+0.3 EV": exposed(0.3),
    "shifted 1 %": moved(across=0.01, along=0.01),
    "noisy": noisy(6.0),
}
