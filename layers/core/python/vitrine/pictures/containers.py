"""What PNG (ISO/IEC 15948) and WebP (RFC 9649) files say of themselves, and whether HEIF (ISO/IEC 14496-12) ends early.

Plain parsing of untrusted bytes: nothing is decoded or allocated.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from vitrine.pictures.faults import BadPicture, Fault

_WEBP_ANIMATION = 0x02
_MOST_PARTS = 10_000
"""Chunks or boxes of a file: real ones have some dozens, more are made to keep their reader busy."""
_WEBP_PIXELS = (b"VP8 ", b"VP8L", b"ALPH")


@dataclass(frozen=True)
class WebP:
    """`size` is width and height; `data` the file as its decoder reads it."""

    size: tuple[int, int]
    exif: bytes | None
    icc: bytes | None
    data: bytes


def png_size(data: bytes) -> tuple[int, int]:
    if len(data) < 24:
        raise BadPicture(Fault.TRUNCATED)
    width, height = struct.unpack(">II", data[16:24])
    return width, height


def webp(data: bytes) -> WebP:
    """Raises `BadPicture` for an animation, and for a file that ends before its pixels do.

    A container that claims to be longer than its file is taken as long as it is: its decoder would refuse it unread.
    """
    found = list(islice(_webp_chunks(data), _MOST_PARTS))
    if len(found) == _MOST_PARTS:
        raise BadPicture(Fault.UNREADABLE)
    # Of chunks that come twice the first counts, as in libwebp.
    chunks = {name: body for name, body, _ in reversed(found)}
    if any(name in _WEBP_PIXELS and end > len(data) for name, _, end in found):
        raise BadPicture(Fault.TRUNCATED)
    flags = int.from_bytes(chunks.get(b"VP8X", b"")[:1], "little")
    if flags & _WEBP_ANIMATION or b"ANIM" in chunks:
        raise BadPicture(Fault.ANIMATED)
    size = _webp_size(chunks, is_short=_claims_more(data))
    if _claims_more(data):
        data = data[:4] + struct.pack("<I", len(data) - 8) + data[8:]
    return WebP(size, chunks.get(b"EXIF"), chunks.get(b"ICCP"), data)


def _claims_more(data: bytes) -> bool:
    return int.from_bytes(data[4:8], "little") > len(data) - 8


def heif_ends_early(data: bytes) -> bool:
    """Whether a box of a name reaches past the end. Phones write notes behind the last box which read as one, so this
    only explains why a decoder gave up."""
    position = 0
    for _ in range(_MOST_PARTS):
        if position + 16 > len(data):
            break
        size = int.from_bytes(data[position : position + 4], "big")
        if size == 1:
            size = int.from_bytes(data[position + 8 : position + 16], "big")
        if size == 0:
            return False
        position += max(size, 8)
    return position > len(data)


def _webp_chunks(data: bytes) -> Iterator[tuple[bytes, bytes, int]]:
    """Name, body and end of each chunk; of the pixels' chunks the first bytes only."""
    position = 12
    while position + 8 <= len(data):
        name, length = struct.unpack("<4sI", data[position : position + 8])
        shown = 16 if name in _WEBP_PIXELS else length
        yield name, data[position + 8 : position + 8 + shown], position + 8 + length
        position += 8 + length + length % 2


def _webp_size(chunks: dict[bytes, bytes], *, is_short: bool) -> tuple[int, int]:
    """The larger of what container and bitstream claim, so that neither can hide a bomb."""
    readers = ((b"VP8X", 10, _vp8x_size), (b"VP8 ", 10, _vp8_size), (b"VP8L", 5, _vp8l_size))
    sizes = [read(chunks[name]) for name, needed, read in readers if len(chunks.get(name, b"")) >= needed]
    if not sizes:
        raise BadPicture(Fault.TRUNCATED if is_short else Fault.UNREADABLE)
    return max(width for width, _ in sizes), max(height for _, height in sizes)


def _vp8x_size(body: bytes) -> tuple[int, int]:
    return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1


def _vp8_size(body: bytes) -> tuple[int, int]:
    width, height = struct.unpack("<HH", body[6:10])
    return width & 0x3FFF, height & 0x3FFF


def _vp8l_size(body: bytes) -> tuple[int, int]:
    bits = int.from_bytes(body[1:5], "little")
    return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
