"""Decoding photos into upright sRGB, as the whole of Vitrine sees them (`vitrine.pictures`), and encoding results."""

import math
import warnings
from dataclasses import dataclass
from typing import Any

import cv2
from PIL import Image

from functions.inference.vision.arrays import Bytes
from vitrine.pictures.colour import tagged_png
from vitrine.pictures.decoding import Limits, Still, open_still
from vitrine.pictures.faults import BadPicture, Fault

MOST_PIXELS = 110_000_000  # what the upload surfaces accept, with a margin
SMALLEST_SIDE = 240
LIMITS = Limits(MOST_PIXELS, MOST_PIXELS, SMALLEST_SIDE)
NO_PICTURE = "The file is not a picture. Please send a JPEG, PNG, WebP or HEIC photo."
WORDS = {
    Fault.EMPTY: NO_PICTURE,
    Fault.NOT_AN_IMAGE: NO_PICTURE,
    Fault.UNSUPPORTED: NO_PICTURE,
    Fault.ANIMATED: "The picture is an animation. Please send a photo.",
    Fault.TRUNCATED: "The picture file is cut off. Please send it again.",
    Fault.UNREADABLE: "The picture file is damaged. Please export it again.",
    Fault.TOO_MANY_PIXELS: f"The picture has more than {MOST_PIXELS // 1_000_000} megapixels. "
    "Please send a smaller one.",
    Fault.TOO_SMALL: "The picture has only {0} x {1} pixels. Please send one at least "
    f"{SMALLEST_SIDE} pixels on its shorter side.",
}
EXIF_IFD = 0x8769
FOCAL_TAG, FOCAL_35MM_TAG, ZOOM_TAG = 0x920A, 0xA405, 0xA404
PLANE_RESOLUTION_TAG, PLANE_UNIT_TAG = 0xA20E, 0xA210
FULL_WIDTH_TAG, FULL_HEIGHT_TAG = 0xA002, 0xA003
PLANE_UNIT_MM = {2: 25.4, 3: 10.0, 4: 1.0, 5: 0.001}  # Exif 2.32, 4.6.5; inch when absent
DIAGONAL_35MM = 43.27
PLAUSIBLE_35MM = (9.0, 70.0)
SENSOR_WIDTHS_MM = ((17.0, 17.6), (22.0, 23.9), (27.5, 28.9), (35.0, 36.3))  # four thirds, APS-C, APS-H, full frame
SAME_ASPECT = 0.02


class UnreadablePhotoError(Exception):
    """The bytes are not a picture that can be staged; the message is for the photographer."""


@dataclass(frozen=True)
class Photo:
    """An upright photo in sRGB. `focal` is the focal length over the longer side, when EXIF tells it."""

    pixels: Bytes
    focal: float | None

    @property
    def icc_profile(self) -> None:
        """None: `pixels` are in no profile's colours but sRGB's."""


def load_plugins() -> None:
    """Have Pillow load its reader of PNG; the first picture would wait for that else."""
    Image.preinit()


def _number(tags: dict[int, Any], tag: int) -> float | None:
    """A positive number, or None for what is absent, zero, infinite or no number."""
    try:
        value = float(tags.get(tag) or 0)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return value if 0 < value < math.inf else None


def _full_size(tags: dict[int, Any], size: tuple[int, int]) -> tuple[float, float] | None:
    """The uncropped frame in the pixels of a picture, None when a crop of unknown scale was made.

    A picture of the frame's shape was only scaled; one that kept one side was cut along the other.
    """
    wide, high = _number(tags, FULL_WIDTH_TAG), _number(tags, FULL_HEIGHT_TAG)
    if wide is None or high is None:
        return size
    if (wide > high) != (size[0] > size[1]):
        wide, high = high, wide  # turned by an editor that left the tags as they were
    across, up = size[0] / wide, size[1] / high
    if abs(across / up - 1) < SAME_ASPECT:
        return size
    return (wide, high) if max(across, up) == 1.0 else None


def _from_equivalent(tags: dict[int, Any], full: tuple[float, float]) -> float | None:
    equivalent = _number(tags, FOCAL_35MM_TAG)
    return equivalent and equivalent / DIAGONAL_35MM * math.hypot(*full)


def _from_sensor(tags: dict[int, Any], full: tuple[float, float]) -> float | None:
    """Focal length in pixels from millimetres and the sensor's pixels per unit.

    Editors write the new size but leave the sensor's resolution as it was; what follows then is no sensor's width.
    """
    focal, density = _number(tags, FOCAL_TAG), _number(tags, PLANE_RESOLUTION_TAG)
    unit = PLANE_UNIT_MM.get(int(_number(tags, PLANE_UNIT_TAG) or 2))
    if focal is None or density is None or unit is None:
        return None
    taken = max(_number(tags, FULL_WIDTH_TAG) or 0, _number(tags, FULL_HEIGHT_TAG) or 0) or max(full)
    sensor = taken * unit / density
    if not any(low <= sensor <= high for low, high in SENSOR_WIDTHS_MM):
        return None
    return focal / sensor * max(full) * max(1.0, _number(tags, ZOOM_TAG) or 1.0)


def _focal(still: Still) -> float | None:
    """Focal length over the longer side from EXIF, None when it is absent, absurd or the crop's scale is unknown."""
    size = still.width, still.height
    try:
        exif = Image.Exif()
        exif.load(still.exif or b"")
        tags = dict(exif.get_ifd(EXIF_IFD))
    except Exception:  # broken EXIF data must not cost the photo
        return None
    full = _full_size(tags, size)
    focal = full and (_from_equivalent(tags, full) or _from_sensor(tags, full))
    if not full or not focal:
        return None
    low, high = (limit / DIAGONAL_35MM * math.hypot(*full) for limit in PLAUSIBLE_35MM)
    return focal / max(size) if low <= focal <= high else None


def decode(data: bytes) -> Photo:
    """An upright photo of at most MOST_PIXELS, sizes checked before any pixel is decoded.

    Colours are sRGB, transparency shows white and 16 bits become 8. Raises UnreadablePhotoError.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            still = open_still(data, LIMITS)
            return Photo(still.upright(still.decode()), _focal(still))
    except BadPicture as bad:
        raise UnreadablePhotoError(WORDS[bad.fault].format(*(bad.size or ()))) from None
    except MemoryError:
        raise
    except Exception:
        raise UnreadablePhotoError(WORDS[Fault.UNREADABLE]) from None


def encode_png(pixels: Bytes) -> bytes:
    """Lossless; a picture (h x w x 3) is tagged as sRGB, a mask (h x w) is not. The time is on the request's path: this
    filter and strategy take half of Pillow's lightest, and give smaller files."""
    settings = [
        cv2.IMWRITE_PNG_STRATEGY,
        cv2.IMWRITE_PNG_STRATEGY_RLE,
        cv2.IMWRITE_PNG_FILTER,
        cv2.IMWRITE_PNG_FILTER_UP,
    ]
    ordered = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    _, coded = cv2.imencode(".png", ordered, [cv2.IMWRITE_PNG_COMPRESSION, 1, *settings])
    return coded.tobytes() if pixels.ndim == 2 else tagged_png(coded.tobytes())
