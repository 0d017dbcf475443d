"""EXIF's orientation, and undoing it.

Browsers heed EXIF alone (and the container's own turn in HEIC, which its decoder applies), so XMP and PNG's raw
profiles say nothing here: a photo must not be turned for the engine that its owner sees upright.
"""

import warnings

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.ExifTags import Base

Pixels = NDArray[np.uint8]
"""Height × width, or height × width × channels, 0 to 255."""


def orientation_of(exif: bytes | None) -> int:
    """1 to 8 (CIPA DC-008, 4.6.5); 1, which is upright, for hostile or broken data."""
    if not exif:
        return 1
    tags = Image.Exif()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tags.load(exif)
            said = tags.get(Base.Orientation, 1)
        return int(said) if said in range(1, 9) else 1
    except Exception:  # any byte of it may lie, and Pillow has no one error for that
        return 1


def upright(pixels: Pixels, orientation: int) -> Pixels:
    """The orientation undone: 2, 4, 5, 7 are mirrored, 5 to 8 lie on their side."""
    if orientation >= 5:
        pixels = pixels.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(pixels)
