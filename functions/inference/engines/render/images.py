"""Decoding photos of any kind into upright 8-bit RGB, and encoding results."""

import io
import math
import warnings
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError
from PIL.Image import Image as Picture

from functions.inference.engines.render.colour import Bytes

MOST_PIXELS = 110_000_000  # what the upload surfaces accept, with a margin
TOO_MANY_PIXELS = f"The picture has more than {MOST_PIXELS // 1_000_000} megapixels. Please send a smaller one."
SMALLEST_SIDE = 240
FORMATS = ("JPEG", "PNG", "WEBP", "HEIF", "TIFF", "BMP")
FOCAL_35MM_TAG, EXIF_IFD = 0xA405, 0x8769
DIAGONAL_35MM = 43.27
PLAUSIBLE_35MM = (9.0, 70.0)


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
            _load_plugins()
            return Image.open(io.BytesIO(data), formats=[name for name in FORMATS if name in Image.OPEN])
    except UnidentifiedImageError:
        raise UnreadablePhotoError("The file is not a picture. Please send a JPEG, PNG, WebP or HEIC photo.") from None
    except Image.DecompressionBombError:
        raise UnreadablePhotoError(TOO_MANY_PIXELS) from None
    except Exception:
        raise UnreadablePhotoError("The picture file is damaged. Please export it again.") from None


def _load_plugins() -> None:
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


def _focal(picture: Picture) -> float | None:
    try:
        equivalent = float(picture.getexif().get_ifd(EXIF_IFD).get(FOCAL_35MM_TAG) or 0)
    except (ValueError, TypeError, OSError, SyntaxError, ZeroDivisionError):
        return None
    if not PLAUSIBLE_35MM[0] <= equivalent <= PLAUSIBLE_35MM[1]:
        return None
    width, height = picture.size
    return equivalent / DIAGONAL_35MM * math.hypot(width, height) / max(width, height)


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
    """Lossless; the lightest compression, since the time is on the request's path."""
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG", compress_level=1, icc_profile=icc_profile)
    return out.getvalue()
