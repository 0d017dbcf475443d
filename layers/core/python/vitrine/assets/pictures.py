"""Pictures from files: a header read first, checked, and decoded once, no larger than is needed.

| kind | decoder            | scaled while decoding                            |
|------|--------------------|--------------------------------------------------|
| JPEG | TurboJPEG          | yes: halves, quarters, eighths; CMYK by Pillow   |
| PNG  | Pillow             | no; reduced by a whole factor right after        |
| WebP | libwebp in OpenCV  | no (Pillow's reader holds four copies)           |
| HEIC | libheif            | no                                               |
"""

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import cv2
import numpy as np
import pillow_heif
import simplejpeg
from numpy.typing import NDArray
from PIL import Image

from vitrine.assets import headers
from vitrine.assets.models import MAX_PIXELS, MAX_SIDE, MIN_SIDE, ContentType
from vitrine.assets.refusals import ANIMATED, TOO_MANY_PIXELS, TOO_SMALL, TRUNCATED, UNREADABLE, Refused

Pixels = NDArray[np.uint8]
"""Height × width × 3, RGB, 0 to 255."""

# libjpeg warns of these in files that cameras and editors really write, and their pixels are all there. Many extra
# bytes are another matter: a file whose end was lost and filled with zeros.
_HARMLESS = re.compile(r"(?P<extra>\d+) extraneous bytes before marker|Invalid SOS parameters")
_HARMLESS_SHARE = 0.01
# Our own limit comes first; Pillow's is the second line behind it.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS


@dataclass(frozen=True)
class Still:
    """A picture whose size has been checked and whose pixels have not been touched.

    `width` and `height` are as stored. `decode(side)` gives its pixels with the longer side at least `side`, or as
    stored where that is shorter; it raises `Refused`. `upright`: the decoder has applied the orientation already.
    """

    content_type: ContentType
    width: int
    height: int
    exif: bytes | None
    icc: bytes | None
    decode: Callable[[int], Pixels]
    upright: bool = False


def open_still(data: bytes) -> Still:
    """Raises `Refused`."""
    return _OPENERS[headers.kind_of(data)](data)


def fit(pixels: Pixels, side: int) -> Pixels:
    """Shrink so that the longer side is `side`; what is smaller stays as it is."""
    height, width = pixels.shape[:2]
    if max(height, width) <= side:
        return pixels
    scale = side / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return cast(Pixels, cv2.resize(pixels, size, interpolation=cv2.INTER_AREA))


def check_size(width: int, height: int) -> None:
    """Raises `Refused`."""
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise Refused(TOO_MANY_PIXELS)
    if min(width, height) < MIN_SIDE:
        raise Refused(TOO_SMALL)


def _open_jpeg(data: bytes) -> Still:
    with _unreadable_if(ValueError, complete=b"\xff\xd9" in data):
        height, width, colours, _ = simplejpeg.decode_jpeg_header(data)
    check_size(width, height)
    header = headers.jpeg(data)
    if colours in ("CMYK", "YCCK"):
        return Still(ContentType.JPEG, width, height, header.exif, None, lambda side: _decode_cmyk(data, side))
    decode = lambda side: _decode_jpeg(data, *_at_least(side, width, height))  # noqa: E731
    return Still(ContentType.JPEG, width, height, header.exif, header.icc, decode)


def _at_least(side: int, width: int, height: int) -> tuple[int, int]:
    scale = min(1.0, side / max(width, height))
    return int(width * scale), int(height * scale)


def _decode_jpeg(data: bytes, width: int, height: int, strict: bool = True) -> Pixels:
    try:
        pixels: Pixels = simplejpeg.decode_jpeg(data, "RGB", min_width=width, min_height=height, strict=strict)
    except ValueError as error:
        if strict and _is_harmless(str(error), len(data)):
            return _decode_jpeg(data, width, height, strict=False)
        raise Refused(TRUNCATED if "Premature end of JPEG" in str(error) else UNREADABLE) from error
    return pixels


def _is_harmless(warning: str, size: int) -> bool:
    match = _HARMLESS.search(warning)
    return match is not None and int(match["extra"] or 0) <= size * _HARMLESS_SHARE


def _decode_cmyk(data: bytes, side: int) -> Pixels:
    with _unreadable_if(OSError, ValueError, complete=b"\xff\xd9" in data):
        picture = Image.open(io.BytesIO(data), formats=("JPEG",))
        picture.draft(None, (side, side))
        return np.asarray(picture.convert("RGB"))


def _open_png(data: bytes) -> Still:
    size = headers.png(data).size
    assert size is not None
    check_size(*size)
    complete = b"IEND" in data
    with _unreadable_if(OSError, ValueError, SyntaxError, complete=complete):
        picture = Image.open(io.BytesIO(data), formats=("PNG",))
    if getattr(picture, "is_animated", False):
        raise Refused(ANIMATED)
    info = picture.info
    exif, icc = info.get("exif"), info.get("icc_profile")
    return Still(ContentType.PNG, *size, exif, icc, lambda side: _load(picture, side, complete))


def _load(picture: Image.Image, side: int, complete: bool) -> Pixels:
    with _unreadable_if(OSError, ValueError, SyntaxError, complete=complete):
        picture.load()
    factor = max(1, max(picture.size) // side)
    if picture.mode.startswith("I"):
        deep = np.asarray(picture)[::factor, ::factor]
        return _rgb((deep >> 8).astype(np.uint8))
    if picture.mode in ("1", "P"):
        picture = picture.convert("RGBA" if "transparency" in picture.info else "RGB")
    return _rgb(np.asarray(picture.reduce(factor)))


def _open_webp(data: bytes) -> Still:
    header = headers.webp(data)
    assert header.size is not None
    check_size(*header.size)
    return Still(ContentType.WEBP, *header.size, header.exif, header.icc, lambda side: _decode_webp(data, side))


def _decode_webp(data: bytes, side: int) -> Pixels:
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise Refused(UNREADABLE)
    small = fit(cast(Pixels, pixels), side)
    return _rgb(small[..., [2, 1, 0, 3]] if small.shape[2] == 4 else small[..., ::-1])


def _open_heic(data: bytes) -> Still:
    headers.check_heif_is_whole(data)
    with _unreadable_if(ValueError, EOFError, SyntaxError, RuntimeError, OSError, IndexError, complete=True):
        picture = pillow_heif.open_heif(io.BytesIO(data), convert_hdr_to_8bit=True)
        width, height = picture.size
    check_size(width, height)
    exif, icc = picture.info.get("exif"), picture.info.get("icc_profile")
    return Still(ContentType.HEIC, width, height, exif, icc, lambda side: _decode_heic(picture, side), upright=True)


def _decode_heic(picture: Any, side: int) -> Pixels:
    with _unreadable_if(ValueError, EOFError, SyntaxError, RuntimeError, OSError, complete=True):
        pixels = np.asarray(picture)
    return _rgb(fit(pixels, side))


def _rgb(pixels: Pixels) -> Pixels:
    """Three channels from grey, grey with alpha, RGB or RGBA; what is transparent shows white behind it."""
    if pixels.ndim == 2:
        return np.repeat(pixels[..., None], 3, axis=2)
    if pixels.shape[2] in (1, 3):
        return np.ascontiguousarray(np.broadcast_to(pixels, (*pixels.shape[:2], 3)))
    alpha = pixels[..., -1:].astype(np.float32) / 255
    blended = pixels[..., :-1] * alpha + 255 * (1 - alpha)
    return _rgb(blended.round().astype(np.uint8))


@contextmanager
def _unreadable_if(*errors: type[Exception], complete: bool) -> Iterator[None]:
    """A decoder's complaint is a verdict on the file; `complete` files are damaged, others were cut short."""
    try:
        yield
    except errors as error:
        raise Refused(UNREADABLE if complete else TRUNCATED) from error


_OPENERS: dict[ContentType, Callable[[bytes], Still]] = {
    ContentType.JPEG: _open_jpeg,
    ContentType.PNG: _open_png,
    ContentType.WEBP: _open_webp,
    ContentType.HEIC: _open_heic,
}
