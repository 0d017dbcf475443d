"""What a file says of itself in its first bytes. Plain parsing of untrusted bytes: nothing is decoded or allocated.

Formats: JPEG ITU-T T.81 annex B, PNG ISO/IEC 15948, WebP RFC 9649, HEIF ISO/IEC 23008-12 over ISO/IEC 14496-12.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from vitrine.assets.models import ContentType
from vitrine.assets.refusals import ANIMATED, EMPTY, NOT_AN_IMAGE, TRUNCATED, UNREADABLE, Refused, unsupported

_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"mif1"}
_OTHER_PICTURES = {
    b"GIF8": "image/gif",
    b"BM": "image/bmp",
    b"II*\0": "image/tiff",
    b"MM\0*": "image/tiff",
    b"%PDF": "application/pdf",
    b"8BPS": "image/vnd.adobe.photoshop",
    b"\xff\x0a": "image/jxl",
    b"\0\0\0\x0cJXL ": "image/jxl",
    b"\0\0\0\x0cjP  ": "image/jp2",
}
"""What is no photo of ours, by its first bytes."""
_OTHER_BRANDS = {b"avif": "image/avif", b"avis": "image/avif", b"qt  ": "video/quicktime"}
_FILM_BRANDS = (b"mp4", b"iso", b"M4V", b"avc")
_WEBP_ANIMATION = 0x02
# A progressive JPEG decodes its whole picture once a scan; encoders use about ten.
_MAX_SCANS = 64


@dataclass(frozen=True)
class Header:
    """`size` is width and height as stored, or None where the decoder's own header reader is asked instead."""

    size: tuple[int, int] | None = None
    exif: bytes | None = None
    icc: bytes | None = None


def kind_of(data: bytes) -> ContentType:
    """The kind of picture by its content. Raises `Refused`."""
    if not data:
        raise Refused(EMPTY)
    if data.startswith(b"\xff\xd8\xff"):
        return ContentType.JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return ContentType.PNG
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return ContentType.WEBP
    if data[4:8] == b"ftyp":
        return _heif_kind(data)
    other = next((name for start, name in _OTHER_PICTURES.items() if data.startswith(start)), None)
    raise unsupported(other) if other else Refused(NOT_AN_IMAGE)


def media_type(data: bytes) -> str:
    """The type of a photo by its content; octets for whatever else it is, so that no browser runs it as a page."""
    try:
        return kind_of(data).value
    except Refused:
        return "application/octet-stream"


def jpeg(data: bytes) -> Header:
    """EXIF and colour profile. Raises `Refused` for a file with so many scans that decoding it is an attack."""
    segments = list(_jpeg_segments(data))
    exif = next((body for marker, _, body in segments if marker == 0xE1 and body.startswith(b"Exif\0\0")), None)
    profile = [body[12:] for marker, _, body in segments if marker == 0xE2 and body.startswith(b"ICC_PROFILE\0")]
    start = segments[-1][1] if segments else 0
    end = data.find(b"\xff\xd9", start)
    if data.count(b"\xff\xda", start, end if end > 0 else len(data)) > _MAX_SCANS:
        raise Refused(UNREADABLE)
    icc = b"".join(part[2:] for part in sorted(profile))
    return Header(exif=exif, icc=icc or None)


def png(data: bytes) -> Header:
    if len(data) < 24:
        raise Refused(TRUNCATED)
    return Header(size=struct.unpack(">II", data[16:24]))


def webp(data: bytes) -> Header:
    """Raises `Refused` for an animation, and for a file shorter than its container says."""
    if int.from_bytes(data[4:8], "little") > len(data) - 8:
        raise Refused(TRUNCATED)
    # Of chunks that come twice the first counts, as in libwebp.
    chunks = dict(reversed(list(_webp_chunks(data))))
    flags = int.from_bytes(chunks.get(b"VP8X", b"")[:1], "little")
    if flags & _WEBP_ANIMATION or b"ANIM" in chunks:
        raise Refused(ANIMATED)
    return Header(size=_webp_size(chunks), exif=chunks.get(b"EXIF"), icc=chunks.get(b"ICCP"))


def check_heif_is_whole(data: bytes) -> None:
    """Raises `Refused` when a top-level box reaches past the end of the file."""
    position = 0
    while position + 16 <= len(data):
        size = int.from_bytes(data[position : position + 4], "big")
        if size == 1:
            size = int.from_bytes(data[position + 8 : position + 16], "big")
        if size == 0:
            return
        position += max(size, 8)
    if position > len(data):
        raise Refused(TRUNCATED)


def _heif_kind(data: bytes) -> ContentType:
    """AVIF and film share the container; the brands tell them apart."""
    length = min(int.from_bytes(data[:4], "big"), 512)
    major, compatible = data[8:12], {data[at : at + 4] for at in range(16, length, 4)}
    if major in _HEIC_BRANDS and not {b"avif", b"avis"} & compatible:
        return ContentType.HEIC
    raise unsupported(_other_brand({major, *compatible}))


def _other_brand(brands: set[bytes]) -> str | None:
    named = next((_OTHER_BRANDS[brand] for brand in _OTHER_BRANDS if brand in brands), None)
    return named or ("video/mp4" if any(brand.startswith(_FILM_BRANDS) for brand in brands) else None)


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Marker, position and body of the segments up to and with the first start of scan."""
    position = 2
    while position + 4 <= len(data) and data[position] == 0xFF:
        marker = data[position + 1]
        if marker == 0xFF:
            position += 1
            continue
        length = int.from_bytes(data[position + 2 : position + 4], "big")
        yield marker, position, data[position + 4 : position + 2 + length]
        if marker == 0xDA:
            return
        position += 2 + length


def _webp_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Name and body of each chunk; of the pixels' chunks the first bytes only."""
    position = 12
    while position + 8 <= len(data):
        name, length = struct.unpack("<4sI", data[position : position + 8])
        shown = 16 if name in (b"VP8 ", b"VP8L", b"ALPH") else length
        yield name, data[position + 8 : position + 8 + shown]
        position += 8 + length + length % 2


def _webp_size(chunks: dict[bytes, bytes]) -> tuple[int, int]:
    """The larger of what container and bitstream claim, so that neither can hide a bomb."""
    readers = ((b"VP8X", 10, _vp8x_size), (b"VP8 ", 10, _vp8_size), (b"VP8L", 5, _vp8l_size))
    sizes = [read(chunks[name]) for name, needed, read in readers if len(chunks.get(name, b"")) >= needed]
    if not sizes:
        raise Refused(UNREADABLE)
    return max(width for width, _ in sizes), max(height for _, height in sizes)


def _vp8x_size(body: bytes) -> tuple[int, int]:
    return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1


def _vp8_size(body: bytes) -> tuple[int, int]:
    width, height = struct.unpack("<HH", body[6:10])
    return width & 0x3FFF, height & 0x3FFF


def _vp8l_size(body: bytes) -> tuple[int, int]:
    bits = int.from_bytes(body[1:5], "little")
    return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
