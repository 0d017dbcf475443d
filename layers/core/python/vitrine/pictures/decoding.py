"""Pictures from files: a header read first, checked, and decoded once, no larger than is needed.

| kind | decoder            | scaled while decoding                     |
|------|--------------------|-------------------------------------------|
| JPEG | TurboJPEG          | yes: halves, quarters, eighths            |
| PNG  | Pillow             | no; reduced by a whole factor right after |
| WebP | libwebp in OpenCV  | no (Pillow's reader holds four copies)    |
| HEIC | libheif            | no                                        |

At full size each gives the very pixels that Pillow gives, whose readers use the same libraries.
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
from PIL import Image

from vitrine.pictures import colour, containers, jpeg
from vitrine.pictures.faults import BadPicture, Fault
from vitrine.pictures.kinds import ContentType, kind_of
from vitrine.pictures.orient import Pixels, orientation_of, upright

# libjpeg warns of bytes before a marker in files that cameras and editors really write, and their pixels are all there.
# Many such bytes are another matter: a file whose end was lost and filled with zeros.
_EXTRA = re.compile(r"(?P<extra>\d+) extraneous bytes before marker 0x(?P<marker>[0-9a-f]{2})")
_HARMLESS_SHARE = 0.01


@dataclass(frozen=True)
class Limits:
    """What is decoded at all: the most pixels, the longest side, and the least shorter side."""

    pixels: int
    longest: int
    shortest: int

    def check(self, width: int, height: int) -> None:
        """Raises `BadPicture`."""
        if width * height > self.pixels or max(width, height) > self.longest:
            raise BadPicture(Fault.TOO_MANY_PIXELS, size=(width, height))
        if min(width, height) < self.shortest:
            raise BadPicture(Fault.TOO_SMALL, size=(width, height))


@dataclass(frozen=True)
class _Raw:
    """Decoded pixels as the file has them: grey, RGB or CMYK by `space`, with alpha as one channel more.

    Where a decoder had to shrink them, they may be over white already.
    """

    pixels: Pixels
    space: colour.Space


@dataclass(frozen=True)
class Still:
    """A picture whose size has been checked and whose pixels have not been touched.

    `width` and `height` are as stored; `orientation` is EXIF's, 1 where the decoder itself applies it.
    """

    content_type: ContentType
    width: int
    height: int
    exif: bytes | None
    icc: bytes | None
    orientation: int
    load: Callable[[int], _Raw]

    @property
    def upright_size(self) -> tuple[int, int]:
        return (self.height, self.width) if self.orientation >= 5 else (self.width, self.height)

    def decode(self, side: int | None = None) -> Pixels:
        """RGB as stored, in sRGB, over white; the longer side at least `side`, or as stored where that is shorter.

        None: as stored. Raises `BadPicture`.
        """
        least = side or max(self.width, self.height)
        raw = self.load(least)
        pixels = raw.pixels
        if pixels.ndim == 3 and pixels.shape[2] > _CHANNELS[raw.space]:
            pixels = colour.over_white(pixels)
        if colour.needs_conversion(raw.space, self.icc):
            pixels = fit(pixels, least)
        return colour.to_srgb(pixels, raw.space, self.icc)

    def decode_with_alpha(self) -> tuple[Pixels, Pixels | None]:
        """Whole, as stored: RGB in sRGB as it is below any transparency, and alpha (height x width, 255 is opaque).

        Alpha is None where the file has none. Raises `BadPicture`.
        """
        raw = self.load(max(self.width, self.height))
        channels = _CHANNELS[raw.space]
        if raw.pixels.ndim < 3 or raw.pixels.shape[2] == channels:
            return colour.to_srgb(raw.pixels, raw.space, self.icc), None
        colours = raw.pixels[..., 0] if channels == 1 else np.ascontiguousarray(raw.pixels[..., :channels])
        return colour.to_srgb(colours, raw.space, self.icc), np.ascontiguousarray(raw.pixels[..., channels])

    def upright(self, pixels: Pixels) -> Pixels:
        return upright(pixels, self.orientation)


def read(data: bytes) -> Pixels:
    """A whole picture, upright: RGB in sRGB, over white. For people's own files; raises `BadPicture`."""
    still = open_still(data, _OF_THEIR_OWN)
    return still.upright(still.decode())


_OF_THEIR_OWN = Limits(pixels=110_000_000, longest=110_000_000, shortest=1)
_CHANNELS = {"L": 1, "RGB": 3, "CMYK": 4}


def open_still(data: bytes, limits: Limits) -> Still:
    """Raises `BadPicture`."""
    # Our own limit comes first; Pillow's is the second line behind it.
    Image.MAX_IMAGE_PIXELS = limits.pixels
    return _OPENERS[kind_of(data)](data, limits)


def fit(pixels: Pixels, side: int) -> Pixels:
    """Shrink so that the longer side is `side`; what is smaller stays as it is."""
    height, width = pixels.shape[:2]
    if max(height, width) <= side:
        return pixels
    scale = side / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return cast(Pixels, cv2.resize(pixels, size, interpolation=cv2.INTER_AREA))


_JPEG_SPACES: dict[str, tuple[str, colour.Space]] = {
    "Gray": ("GRAY", "L"),
    "CMYK": ("CMYK", "CMYK"),
    "YCCK": ("CMYK", "CMYK"),
}


def _open_jpeg(data: bytes, limits: Limits) -> Still:
    found = jpeg.layout(data)
    data = jpeg.mended(data, found)
    with _bad_if(ValueError, complete=bool(found.scans)):
        height, width, colours, _ = simplejpeg.decode_jpeg_header(data)
    limits.check(width, height)
    if not found.scans:
        raise BadPicture(Fault.UNREADABLE)
    if not found.has_one_scan:
        found = jpeg.followed(data, found)
        if len(found.scans) > jpeg.MOST_SCANS:
            raise BadPicture(Fault.UNREADABLE)
    space = _JPEG_SPACES.get(colours, ("RGB", "RGB"))

    def load(side: int) -> _Raw:
        scale = min(1.0, side / max(width, height))
        return _load_jpeg(data, found, (int(width * scale), int(height * scale)), space)

    return Still(ContentType.JPEG, width, height, found.exif, found.icc, orientation_of(found.exif), load)


def _load_jpeg(data: bytes, found: jpeg.Layout, least: tuple[int, int], space: tuple[str, colour.Space]) -> _Raw:
    if not (found.has_one_scan or found.has_all_scans()):
        raise BadPicture(Fault.TRUNCATED)
    decoded = _decode_jpeg(data, found, least, space[0])
    if space[0] == "CMYK":
        decoded = 255 - decoded  # stored as Adobe does, light where there is ink
    return _Raw(decoded[..., 0] if space[0] == "GRAY" else decoded, space[1])


def _decode_jpeg(data: bytes, found: jpeg.Layout, least: tuple[int, int], colours: str) -> Pixels:
    """Strictly at first. What has no end of its own gets one where its data end; then libjpeg misses but pixels."""
    try:
        return _turbo(data, colours, least)
    except ValueError as error:
        warning = str(error)
    if found.ended is None:
        found = jpeg.followed(data, found)
    if not found.ended:
        data = data[: found.end] + jpeg.END
        try:
            return _turbo(data, colours, least)
        except ValueError as error:
            warning = str(error)
    if not _is_harmless(warning, len(data), found):
        raise BadPicture(Fault.UNREADABLE if found.ended else Fault.TRUNCATED)
    with _bad_if(ValueError, complete=True):
        return _turbo(data, colours, least, strict=False)


def _turbo(data: bytes, colours: str, least: tuple[int, int], *, strict: bool = True) -> Pixels:
    """Raises ValueError; if `strict`, at the first warning too."""
    width, height = least
    pixels: Pixels = simplejpeg.decode_jpeg(data, colours, min_width=width, min_height=height, strict=strict)
    return pixels


def _is_harmless(warning: str, size: int, found: jpeg.Layout) -> bool:
    """A few bytes too many before a marker. Where the end is ours they are harmless only before that: until then
    nothing was missed, and after another marker something might be."""
    match = _EXTRA.search(warning)
    if match is None or int(match["extra"]) > size * _HARMLESS_SHARE:
        return False
    return bool(found.ended) or match["marker"] == "d9"


def _open_png(data: bytes, limits: Limits) -> Still:
    width, height = containers.png_size(data)
    limits.check(width, height)
    complete = b"IEND" in data
    with _bad_if(OSError, ValueError, SyntaxError, complete=complete):
        picture = Image.open(io.BytesIO(data), formats=("PNG",))
    if getattr(picture, "is_animated", False):
        raise BadPicture(Fault.ANIMATED)
    exif, icc = picture.info.get("exif"), picture.info.get("icc_profile")
    load = lambda side: _load_png(picture, side, complete)  # noqa: E731
    return Still(ContentType.PNG, width, height, exif, icc, orientation_of(exif), load)


def _load_png(picture: Image.Image, side: int, complete: bool) -> _Raw:
    with _bad_if(OSError, ValueError, SyntaxError, complete=complete):
        picture.load()
    factor = max(1, max(picture.size) // side)
    if picture.mode.startswith("I"):
        deep = np.asarray(picture)[::factor, ::factor]
        return _Raw((deep >> 8).astype(np.uint8), "L")
    if "transparency" in picture.info:
        picture = picture.convert("RGBA")
    elif picture.mode in ("1", "P"):
        picture = picture.convert("L" if picture.mode == "1" else "RGB")
    return _raw(np.asarray(picture.reduce(factor)))


def _raw(pixels: Pixels) -> _Raw:
    """Of grey or RGB, with or without alpha."""
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[..., 0]
    return _Raw(pixels, "L" if pixels.ndim == 2 or pixels.shape[2] == 2 else "RGB")


def _open_webp(data: bytes, limits: Limits) -> Still:
    found = containers.webp(data)
    limits.check(*found.size)
    load = lambda side: _load_webp(found.data, side)  # noqa: E731
    return Still(ContentType.WEBP, *found.size, found.exif, found.icc, orientation_of(found.exif), load)


def _load_webp(data: bytes, side: int) -> _Raw:
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise BadPicture(Fault.UNREADABLE)
    found = _shrunk(_Raw(cast(Pixels, pixels), "RGB"), side).pixels
    order = cv2.COLOR_BGRA2RGBA if found.shape[2] == 4 else cv2.COLOR_BGR2RGB
    return _Raw(cast(Pixels, cv2.cvtColor(found, order)), "RGB")


def _shrunk(raw: _Raw, side: int) -> _Raw:
    """No larger than asked for; over white where that means to mix pixels, for alpha says how much each counts."""
    if max(raw.pixels.shape[:2]) <= side:
        return raw
    has_alpha = raw.pixels.shape[2:] in ((2,), (4,))
    return _Raw(fit(colour.over_white(raw.pixels) if has_alpha else raw.pixels, side), raw.space)


def _open_heic(data: bytes, limits: Limits) -> Still:
    complete = not containers.heif_ends_early(data)
    with _bad_if(*_HEIF_ERRORS, complete=complete):
        picture = pillow_heif.open_heif(io.BytesIO(data), convert_hdr_to_8bit=True)
        width, height = picture.size
    limits.check(width, height)
    exif, icc = picture.info.get("exif"), picture.info.get("icc_profile")
    return Still(ContentType.HEIC, width, height, exif, icc, 1, lambda side: _load_heic(picture, side, complete))


_HEIF_ERRORS = (ValueError, EOFError, SyntaxError, RuntimeError, OSError, IndexError)


def _load_heic(picture: Any, side: int, complete: bool) -> _Raw:
    with _bad_if(*_HEIF_ERRORS, complete=complete):
        return _shrunk(_raw(np.asarray(picture)), side)


@contextmanager
def _bad_if(*errors: type[Exception], complete: bool) -> Iterator[None]:
    """A decoder's complaint is a verdict on the file; `complete` files are damaged, others were cut short."""
    try:
        yield
    except errors as error:
        raise BadPicture(Fault.UNREADABLE if complete else Fault.TRUNCATED) from error


_OPENERS: dict[ContentType, Callable[[bytes, Limits], Still]] = {
    ContentType.JPEG: _open_jpeg,
    ContentType.PNG: _open_png,
    ContentType.WEBP: _open_webp,
    ContentType.HEIC: _open_heic,
}
