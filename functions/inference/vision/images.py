"""Decoding photos of any kind into upright 8-bit RGB, and encoding results."""

import io
import math
import struct
import warnings
import zlib
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError
from PIL.Image import Image as Picture

from functions.inference.vision.arrays import Bytes

MOST_PIXELS = 110_000_000  # what the upload surfaces accept, with a margin
TOO_MANY_PIXELS = f"The picture has more than {MOST_PIXELS // 1_000_000} megapixels. Please send a smaller one."
SMALLEST_SIDE = 240
PNG_HEAD = 8 + 25  # bytes: the signature and the first chunk
FORMATS = ("JPEG", "PNG", "WEBP", "HEIF", "TIFF", "BMP")
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
    """An upright photo. `focal` is the focal length over the longer side, when EXIF tells it."""

    pixels: Bytes
    focal: float | None
    icc_profile: bytes | None


def _open(data: bytes) -> Picture:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            load_plugins()
            return Image.open(io.BytesIO(data), formats=[name for name in FORMATS if name in Image.OPEN])
    except UnidentifiedImageError:
        raise UnreadablePhotoError("The file is not a picture. Please send a JPEG, PNG, WebP or HEIC photo.") from None
    except Image.DecompressionBombError:
        raise UnreadablePhotoError(TOO_MANY_PIXELS) from None
    except Exception:
        raise UnreadablePhotoError("The picture file is damaged. Please export it again.") from None


def load_plugins() -> None:
    """Teach Pillow every format it has a plug-in for; the first picture would do so else."""
    Image.init()
    try:
        from pillow_heif import register_heif_opener
    except ImportError:
        return
    register_heif_opener()


def _check_size(picture: Picture) -> None:
    width, height = picture.size
    if width * height > MOST_PIXELS:
        raise UnreadablePhotoError(TOO_MANY_PIXELS)
    if min(width, height) < SMALLEST_SIDE:
        raise UnreadablePhotoError(
            f"The picture has only {width} x {height} pixels. Please send one at least {SMALLEST_SIDE} pixels on its "
            "shorter side."
        )


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


def _focal(picture: Picture) -> float | None:
    """Focal length over the longer side from EXIF, None when it is absent, absurd or the crop's scale is unknown."""
    try:
        tags = dict(picture.getexif().get_ifd(EXIF_IFD))
    except Exception:  # broken EXIF data must not cost the photo
        return None
    full = _full_size(tags, picture.size)
    focal = full and (_from_equivalent(tags, full) or _from_sensor(tags, full))
    if not full or not focal:
        return None
    low, high = (limit / DIAGONAL_35MM * math.hypot(*full) for limit in PLAUSIBLE_35MM)
    return focal / max(picture.size) if low <= focal <= high else None


def _as_rgb(picture: Picture) -> Picture:
    if picture.mode.startswith("I") or picture.mode == "F":
        values = np.asarray(picture, np.float32)
        top = 65535.0 if picture.mode.startswith("I") else max(float(values.max()), 1.0)
        return Image.fromarray((np.clip(values / top, 0, 1) * 255).astype(np.uint8)).convert("RGB")
    return picture.convert("RGB")


def decode(data: bytes) -> Photo:
    """An upright photo of at most MOST_PIXELS, sizes checked before any pixel is decoded.

    Transparency is dropped and 16 bits become 8. Raises UnreadablePhotoError.
    """
    picture = _open(data)
    _check_size(picture)
    focal = _focal(picture)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            profile = picture.info.get("icc_profile") if picture.mode in ("RGB", "RGBA") else None
            upright = ImageOps.exif_transpose(_as_rgb(picture))
            return Photo(np.asarray(upright), focal, profile)
    except MemoryError:
        raise
    except Exception:
        raise UnreadablePhotoError("The picture file is damaged or cut off. Please export it again.") from None


def encode_png(pixels: Bytes, icc_profile: bytes | None = None) -> bytes:
    """Lossless. The time is on the request's path: this filter and strategy take half of Pillow's lightest, and give
    smaller files."""
    settings = [
        cv2.IMWRITE_PNG_STRATEGY,
        cv2.IMWRITE_PNG_STRATEGY_RLE,
        cv2.IMWRITE_PNG_FILTER,
        cv2.IMWRITE_PNG_FILTER_UP,
    ]
    ordered = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    _, coded = cv2.imencode(".png", ordered, [cv2.IMWRITE_PNG_COMPRESSION, 1, *settings])
    png = coded.tobytes()
    return png if icc_profile is None else png[:PNG_HEAD] + _profile_chunk(icc_profile) + png[PNG_HEAD:]


def _profile_chunk(icc_profile: bytes) -> bytes:
    """An iCCP chunk (PNG specification, 11.3.2.3); it belongs right after the header."""
    body = b"iCCP" + b"ICC profile\0\0" + zlib.compress(icc_profile)
    return struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
