"""Product photos with a known cut-out: real products with alpha, set on many grounds with shadows, noise and JPEG.

The same seed gives the same bytes. Shadows multiply the ground; they are part of it, not of the product.
"""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from functions.inference.products.looking import as_shares
from functions.inference.vision.arrays import Array, Bytes

SIDE = 900
"""Longer side of a made photo, in pixels."""
QUALITY, NOISE = 88, 1.5
CONTRAST = 0.1
"""The product's colours along its outline lie at least this far from the ground's (0 to 1, mean distance of RGB)."""


@dataclass(frozen=True)
class Case:
    """One made photo: its file, the true alpha (0 to 1), whether product and ground differ enough, the bare ground."""

    name: str
    ground: str
    data: bytes
    alpha: Array
    has_contrast: bool


@dataclass(frozen=True)
class Product:
    """A product's own colours (h x w x 3) and alpha (h x w), 0 to 1; `box` is its size in metres, if known."""

    name: str
    colours: Array
    alpha: Array
    box: tuple[float, float, float] | None = None


def products(folder: Path) -> Iterator[Product]:
    """The pictures of a folder that have an alpha channel, cropped to what they show."""
    for path in sorted(folder.glob("*.png")):
        whole = as_shares(np.asarray(Image.open(path).convert("RGBA")))
        if whole[..., 3].min() < 1:
            rows, columns = np.nonzero(whole[..., 3].max(1) > 0)[0], np.nonzero(whole[..., 3].max(0) > 0)[0]
            cut = whole[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
            yield Product(path.stem.removeprefix("solidus_"), cut[..., :3], cut[..., 3])


def whitened(thing: Product) -> Product:
    """The same product as if made of white porcelain: what fails before white paper."""
    light = 0.86 + 0.12 * np.clip(thing.colours.mean(2, keepdims=True) + 0.1, 0, 1)
    return Product(f"white {thing.name}", np.repeat(light, 3, 2).astype(np.float32), thing.alpha, thing.box)


Ground = Callable[[int, int, np.random.Generator], Array]


def _flat(*colour: int) -> Ground:
    return lambda height, width, _rng: np.full((height, width, 3), np.array(colour, np.float32) / 255, np.float32)


def _shaded(low: int, high: int) -> Ground:
    """A studio's paper: brighter around a point, darker towards the corners."""

    def ground(height: int, width: int, rng: np.random.Generator) -> Array:
        y, x = np.mgrid[0:height, 0:width].astype(np.float32)
        middle = rng.uniform(0.3, 0.7, 2)
        away = np.hypot(x / width - middle[0], y / height - middle[1])
        light = high - (high - low) * np.clip(away / 0.8, 0, 1) ** 1.5
        return np.asarray(np.repeat((light / 255)[..., None], 3, 2), np.float32)

    return ground


def _gradient(top: tuple[int, int, int], bottom: tuple[int, int, int]) -> Ground:
    def ground(height: int, width: int, _rng: np.random.Generator) -> Array:
        share = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
        colour = (np.array(top, np.float32) * (1 - share) + np.array(bottom, np.float32) * share) / 255
        return np.asarray(np.repeat(colour, width, 1), np.float32)

    return ground


def _sweep(height: int, width: int, rng: np.random.Generator) -> Array:
    """Wall and floor of two greys with an edge between them."""
    share = np.linspace(0, 1, height, dtype=np.float32)
    edge = rng.uniform(0.6, 0.75)
    light = np.where(share < edge, 0.93 - 0.05 * share, 0.80 + 0.05 * share)
    return np.asarray(np.repeat(np.repeat(light[:, None, None], width, 1), 3, 2), np.float32)


def _cloth(height: int, width: int, rng: np.random.Generator) -> Array:
    grain = cv2.GaussianBlur(rng.normal(0, 1, (height, width)).astype(np.float32), (0, 0), 1.2)
    folds = cv2.GaussianBlur(rng.normal(0, 1, (height, width)).astype(np.float32), (0, 0), 60)
    light = 1 + 0.06 * grain / grain.std() + 0.08 * folds / folds.std()
    return np.asarray(np.clip(np.array([0.62, 0.66, 0.60]) * light[..., None], 0, 1), np.float32)


def _wood(height: int, width: int, rng: np.random.Generator) -> Array:
    """Boards that run across, with grain along them."""
    board = np.arange(height) // max(20, height // 7)
    tone = rng.uniform(0.85, 1.1, int(board[-1]) + 1)[board]
    grain = cv2.GaussianBlur(rng.normal(0, 1, (height, width)).astype(np.float32), (0, 0), 40, sigmaY=1.2)
    joints = np.where(np.arange(height) % max(20, height // 7) < 2, 0.6, 1.0)
    light = (tone * joints)[:, None] * (1 + 0.08 * grain / grain.std())
    return np.asarray(np.clip(np.array([0.64, 0.47, 0.32]) * light[..., None], 0, 1), np.float32)


def _photo(path: Path) -> Ground:
    def ground(height: int, width: int, rng: np.random.Generator) -> Array:
        with Image.open(path) as picture:
            picture.draft("RGB", (2 * width, 2 * height))
            pixels = np.asarray(picture.convert("RGB"))
        scale = 1.15 * max(height / pixels.shape[0], width / pixels.shape[1])
        large = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        top, left = (int(rng.integers(0, spare + 1)) for spare in (large.shape[0] - height, large.shape[1] - width))
        return as_shares(np.asarray(large[top : top + height, left : left + width], np.uint8))

    return ground


PLAIN: dict[str, Ground] = {
    "white": _flat(255, 255, 255),
    "paper": _shaded(222, 252),
    "grey": _shaded(150, 185),
    "blue": _flat(70, 110, 165),
    "beige": _gradient((236, 224, 205), (205, 188, 165)),
    "dusk": _gradient((120, 140, 170), (215, 190, 180)),
    "sweep": _sweep,
}
TEXTURED: dict[str, Ground] = {"cloth": _cloth, "wood": _wood}


def room_grounds(folder: Path) -> dict[str, Ground]:
    return {path.stem: _photo(path) for path in sorted(folder.glob("living-room*"))}


def cases(things: list[Product], grounds: dict[str, Ground], seed: int = 1) -> Iterator[Case]:
    """Every product on every ground; place, shadow and noise differ by both."""
    for at, thing in enumerate(things):
        for under, (name, ground) in enumerate(grounds.items()):
            yield composed(thing, name, ground, np.random.default_rng((seed, at, under)))


def composed(thing: Product, name: str, ground: Ground, rng: np.random.Generator) -> Case:
    colours, alpha = _placed(thing, rng)
    bare = ground(alpha.shape[0], alpha.shape[1], rng)
    below = bare * _shadow(alpha, rng)[..., None]
    shown = colours * alpha[..., None] + below * (1 - alpha[..., None])
    noisy = shown * 255 + rng.normal(0, NOISE, shown.shape)
    data = io.BytesIO()
    Image.fromarray(np.clip(np.rint(noisy), 0, 255).astype(np.uint8)).save(data, "JPEG", quality=QUALITY)
    return Case(thing.name, name, data.getvalue(), alpha, contrast(colours, alpha, bare) >= CONTRAST)


def _placed(thing: Product, rng: np.random.Generator) -> tuple[Array, Array]:
    """The product somewhere near the middle of a frame that it fills by 45 to 80 %."""
    share, aspect = rng.uniform(0.45, 0.8), rng.uniform(0.75, 1.35)
    width, height = (SIDE, round(SIDE / aspect)) if aspect > 1 else (round(SIDE * aspect), SIDE)
    high, wide = thing.alpha.shape
    scale = share * min(width / wide, height / high)
    rgba = np.dstack([thing.colours * thing.alpha[..., None], thing.alpha])
    small = cv2.resize(rgba, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    whole = np.zeros((height, width, 4), np.float32)
    high, wide = small.shape[:2]
    top, left = (round(spare * rng.uniform(0.35, 0.65)) for spare in (height - high, width - wide))
    whole[top : top + high, left : left + wide] = small
    alpha = np.clip(whole[..., 3], 0, 1)
    return np.clip(whole[..., :3] / np.maximum(alpha, 1e-4)[..., None], 0, 1), alpha


def _shadow(alpha: Array, rng: np.random.Generator) -> Array:
    """What the product takes of the ground's light: a dark line where it stands and a wide soft cast to one side."""
    height, width = alpha.shape
    rows, columns = np.nonzero(alpha.max(1) > 0.5)[0], np.nonzero(alpha.max(0) > 0.5)[0]
    contact = np.zeros_like(alpha)
    middle, base = (int(columns[0] + columns[-1]) // 2, int(rows[-1]))
    across = int(columns[-1] - columns[0]) // 2
    cv2.ellipse(contact, (middle, base), (across, max(3, across // 9)), 0, 0, 360, 1.0, -1)
    contact = np.asarray(cv2.GaussianBlur(contact, (0, 0), max(2.0, width * 0.008)), np.float32)
    move = np.array([[1, 0, rng.uniform(-0.04, 0.04) * width], [0, 1, rng.uniform(0.0, 0.03) * height]], np.float32)
    cast = cv2.GaussianBlur(cv2.warpAffine(alpha, move, (width, height)), (0, 0), rng.uniform(0.012, 0.03) * width)
    return (1 - rng.uniform(0.15, 0.5) * contact) * (1 - rng.uniform(0.05, 0.3) * cast)


def contrast(colours: Array, alpha: Array, ground: Array) -> float:
    """How far the product's rim lies from the ground: the 20th percentile of distances, since a fifth may be lost."""
    inside = (alpha > 0.95).astype(np.uint8)
    rim = (inside > 0) & (cv2.erode(inside, np.ones((9, 9), np.uint8)) == 0)
    return float(np.percentile(np.linalg.norm((colours - ground)[rim], axis=1), 20)) if rim.any() else 0.0


def as_bytes(alpha: Array) -> Bytes:
    return np.rint(alpha * 255).astype(np.uint8)
