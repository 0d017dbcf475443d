"""Product photos drawn with known truth: a mug with a handle on paper, with its baked shadow."""

import io
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from functions.inference.products.looking import as_shares
from functions.inference.vision.arrays import Array, Bools, Bytes

HEIGHT, WIDTH = 420, 520


@dataclass(frozen=True)
class Drawn:
    """`pixels` of the photo, the true `alpha` (0 to 1), where one sees through the handle, and the shadow."""

    pixels: Bytes
    alpha: Array
    hole: Bools
    shadow: Bools

    def file(self, kind: str = "JPEG") -> bytes:
        return encoded(self.pixels, kind)


def encoded(pixels: Bytes, kind: str = "PNG", mode: str | None = None) -> bytes:
    data = io.BytesIO()
    picture = Image.fromarray(pixels)
    (picture.convert(mode) if mode else picture).save(data, kind, **({"quality": 92} if kind == "JPEG" else {}))
    return data.getvalue()


def mug(
    colour: tuple[int, int, int] = (178, 40, 36), ground: tuple[int, int, int] = (228, 226, 222), darkest: float = 0.72
) -> Drawn:
    """Lit from the left; its right side has the `darkest` share of that light."""
    scale = 4
    mask = np.zeros((HEIGHT * scale, WIDTH * scale), np.uint8)
    handle, body = (345 * scale, 210 * scale), ((150 * scale, 110 * scale), (330 * scale, 330 * scale))
    cv2.ellipse(mask, handle, (70 * scale, 70 * scale), 0, 0, 360, 255, 22 * scale)
    cv2.rectangle(mask, *body, 255, -1)
    alpha = as_shares(np.asarray(cv2.resize(mask, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), np.uint8))
    hole = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.ellipse(hole, (345, 210), (56, 56), 0, 0, 360, 1, -1)
    hole[:, :333] = 0
    light = np.linspace(1.0, darkest, WIDTH, dtype=np.float32)[None, :, None]
    product = np.array(colour, np.float32) * light * np.ones((HEIGHT, 1, 1), np.float32)
    cast = np.zeros((HEIGHT, WIDTH), np.float32)
    cv2.ellipse(cast, (250, 332), (120, 12), 0, 0, 360, 0.4, -1)
    cast = np.asarray(cv2.GaussianBlur(cast, (0, 0), 6), np.float32)
    below = np.array(ground, np.float32) * (1 - cast[..., None])
    shown = product * alpha[..., None] + below * (1 - alpha[..., None])
    noise = np.random.default_rng(1).normal(0, 1.2, shown.shape)
    pixels = np.clip(np.rint(shown + noise), 0, 255).astype(np.uint8)
    return Drawn(pixels, alpha, hole.astype(np.bool_), (cast > 0.05) & (alpha == 0))


def rgba(drawn: Drawn) -> Bytes:
    return np.dstack([drawn.pixels, np.rint(drawn.alpha * 255).astype(np.uint8)])
