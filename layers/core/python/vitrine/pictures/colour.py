"""Colours as sRGB: by the embedded profile, with transparency over white; and the tag that says so.

A profile that cannot be used, or that is for another kind of colours than the file has, counts as none, as in browsers.
One that is sRGB in all but name changes no pixel.
"""

import io
import os
import struct
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, lru_cache
from typing import Literal

import numpy as np
from PIL import Image, ImageCms

from vitrine.pictures.orient import Pixels

Space = Literal["L", "RGB", "CMYK"]
"""What the channels are, by Pillow's names. CMYK as Pillow has it: 255 is all of an ink."""

_PROFILES_OF = {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK"}
"""The colour space of a profile's header (ICC.1:2022, 7.2.8)."""
_SAME = 2
"""Levels: sRGB profiles of different makers differ by their rounding."""
_STRIP = 2**18
"""Pixels that are converted at once: few enough that neither they nor what they become leave the processor's cache."""
_CREATED = slice(24, 36)
_PNG_HEAD, _JPEG_HEAD = 8 + 25, 2 + 18
"""Bytes: signature and first chunk; start of image and JFIF segment."""


def to_srgb(pixels: Pixels, space: Space, icc: bytes | None) -> Pixels:
    """RGB, height × width × 3. Without a usable profile, grey is repeated and inks are multiplied, as browsers do."""
    transform = _transform(icc, space) if icc else None
    if transform is None and space != "CMYK":
        return _repeated(pixels)
    return _in_strips(lambda part: _converted(part, space, transform), pixels, 3)


def needs_conversion(space: Space, icc: bytes | None) -> bool:
    """Whether `to_srgb` would compute each pixel anew: then it is worth to shrink the picture first."""
    return space == "CMYK" or bool(icc and _transform(icc, space))


def over_white(pixels: Pixels) -> Pixels:
    """Grey or RGB, of which the last channel was alpha: what shows in front of white."""
    colours = pixels.shape[2] - 1
    out = _in_strips(_blended, pixels, colours)
    return out[..., 0] if colours == 1 else out


def _blended(pixels: Pixels) -> Pixels:
    alpha = pixels[..., -1:].astype(np.uint16)
    # Rounds: 127 is half of 255.
    return ((pixels[..., :-1] * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)


def _in_strips(convert: Callable[[Pixels], Pixels], pixels: Pixels, channels: int) -> Pixels:
    """Some rows at a time, on all processors: both libraries let go of Python's lock while they compute."""
    out = np.empty((*pixels.shape[:2], channels), np.uint8)
    strips = min(len(pixels), max(1, pixels.shape[0] * pixels.shape[1] // _STRIP))

    def fill(part: Pixels, made: Pixels) -> None:
        made[:] = convert(part)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(fill, np.array_split(pixels, strips), np.array_split(out, strips)))
    return out


@cache
def srgb_profile() -> bytes:
    """The profile that published pictures carry; its date is always the same, so that equal pixels are equal files."""
    made = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    made[_CREATED] = struct.pack(">6H", 2026, 1, 1, 0, 0, 0)
    return bytes(made)


def tagged_png(png: bytes) -> bytes:
    """With an iCCP chunk (PNG specification, 11.3.2.3) right after the header, where it belongs.

    Not the shorter chunk sRGB, which some editors of photos pass over.
    """
    body = b"iCCP" + b"sRGB\0\0" + zlib.compress(srgb_profile())
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return png[:_PNG_HEAD] + chunk + png[_PNG_HEAD:]


def tagged_jpeg(jpeg: bytes) -> bytes:
    """With the profile in an APP2 segment (ICC.1:2022, B.4) after the JFIF segment, which comes first."""
    body = b"ICC_PROFILE\0\x01\x01" + srgb_profile()
    return jpeg[:_JPEG_HEAD] + b"\xff\xe2" + struct.pack(">H", len(body) + 2) + body + jpeg[_JPEG_HEAD:]


def _repeated(pixels: Pixels) -> Pixels:
    return np.repeat(pixels[..., None], 3, axis=2) if pixels.ndim == 2 else np.ascontiguousarray(pixels)


def _converted(pixels: Pixels, space: Space, transform: ImageCms.ImageCmsTransform | None) -> Pixels:
    picture = _picture(pixels, space)
    if transform is None:
        return np.asarray(picture.convert("RGB"))
    return np.asarray(ImageCms.applyTransform(picture, transform))


def _picture(pixels: Pixels, space: Space) -> Image.Image:
    height, width = pixels.shape[:2]
    return Image.frombuffer(space, (width, height), np.ascontiguousarray(pixels), "raw", space, 0, 1)


@lru_cache(maxsize=8)
def _transform(icc: bytes, space: Space) -> ImageCms.ImageCmsTransform | None:
    """None for a profile that is of no use, or changes nothing."""
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        if profile.profile.xcolor_space.strip() != _PROFILES_OF[space]:
            return None
        made = ImageCms.buildTransform(profile, ImageCms.createProfile("sRGB"), space, "RGB")
        return made if space == "CMYK" or _changes(made, space) else None
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None


def _changes(transform: ImageCms.ImageCmsTransform, space: Space) -> bool:
    """Whether any of the colours all over the space comes out otherwise."""
    samples = _samples(space)
    changed = _converted(samples, space, transform).astype(np.int16) - _repeated(samples)
    return bool(np.abs(changed).max() > _SAME)


def _samples(space: Space) -> Pixels:
    if space == "L":
        return np.arange(256, dtype=np.uint8)[None]
    levels = np.linspace(0, 255, 18).round().astype(np.uint8)
    return np.stack(np.meshgrid(levels, levels, levels), -1).reshape(1, -1, 3)
