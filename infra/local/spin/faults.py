"""Spoiling four frames of a turn, as it happens on a lot: one blurred, one over-exposed, one taken twice, one lost.

Each keeps its EXIF, so that nothing but its pixels tells.
"""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

QUALITY = 88
Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Faults:
    """Places in the turn, counted from 0: `doubled` holds the picture of the place before it."""

    blurred: int = 4
    overexposed: int = 9
    doubled: int = 14
    missing: int = 19


@dataclass(frozen=True)
class Upload:
    """A file as the camera has it: its place in the turn, its name and bytes."""

    place: int
    name: str
    data: bytes


def spoilt(frames: list[Path], faults: Faults) -> list[Upload]:
    """What a camera sends of these frames when four go wrong: one fewer."""
    changed: Mapping[int, Callable[[], bytes]] = {
        faults.blurred: lambda: _changed(frames[faults.blurred], blurred),
        faults.overexposed: lambda: _changed(frames[faults.overexposed], overexposed),
        faults.doubled: lambda: _twice(frames[faults.doubled - 1], frames[faults.doubled]),
    }
    places = [place for place in range(len(frames)) if place != faults.missing]
    return [
        Upload(place, frames[place].name, changed[place]() if place in changed else frames[place].read_bytes())
        for place in places
    ]


def blurred(picture: Image.Image) -> Image.Image:
    """Out of focus by 4 pixels in 1600."""
    return picture.filter(ImageFilter.GaussianBlur(4 * picture.width / 1600))


def overexposed(picture: Image.Image) -> Image.Image:
    """By 1.3 stops."""
    linear = (np.asarray(picture, np.float32) / 255) ** 2.2 * 2**1.3
    return Image.fromarray(_bytes(np.clip(linear, 0, 1) ** (1 / 2.2) * 255))


def _twice(before: Path, place: Path) -> bytes:
    """The picture before once more: a moment later, so with grain of its own and a pixel aside."""
    picture = np.asarray(Image.open(before).convert("RGB"), np.float32)
    aside = np.pad(picture, ((0, 1), (0, 1), (0, 0)), mode="edge")[1:, 1:]
    grain = np.random.default_rng(7).normal(0, 1.2, picture.shape)
    return _encoded(Image.fromarray(_bytes(aside + grain)), Image.open(place))


def _changed(path: Path, change: Callable[[Image.Image], Image.Image]) -> bytes:
    taken = Image.open(path)
    return _encoded(change(taken.convert("RGB")), taken)


def _encoded(picture: Image.Image, taken: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=QUALITY, exif=taken.getexif())
    return buffer.getvalue()


def _bytes(values: NDArray[np.floating]) -> Pixels:
    return np.asarray(np.clip(np.rint(values), 0, 255), np.uint8)
