"""One published frame from its original: upright, in sRGB, plates hidden, without any metadata. Pure: pixels only.

A JPEG that needs no change of its pixels keeps its coded data, so each published pixel is the camera's own, and only
the segments before it are written anew. Everything else is coded once more as Auto Care's "maximum": quality 98 without
subsampling (Digital Asset Guidelines rev. 4).
"""

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import simplejpeg

from vitrine.capture.redaction import hide
from vitrine.contracts.inference import Plate
from vitrine.identity.organisations.models import Redaction
from vitrine.pictures import colour, jpeg
from vitrine.pictures.decoding import Limits, Still, fit, open_still
from vitrine.pictures.kinds import ContentType
from vitrine.pictures.orient import Pixels

PLATE_REDACTED, TURNED, CONVERTED, RE_ENCODED = "plate_redacted", "turned", "converted_to_srgb", "re_encoded"
METADATA_REMOVED = "metadata_removed"
QUALITY = 98
DPI = 300
SMALLER = (1200, 600)
"""Pixels of the longer side, the larger first: a phone holds 24 frames of 1200 within 40 MB or so, and none of 4000."""
_SMALLER_QUALITY = 85
_LIMITS = Limits(pixels=110_000_000, longest=30_000, shortest=1)
_JFIF_DENSITY = slice(13, 18)
"""In a file that begins with the JFIF segment: the unit, then dots across and down (ITU-T T.871, 10.1)."""
_FRAMES = (0xC0, 0xC1, 0xC2)
"""Sequential and progressive Huffman coding: what every viewer reads."""
_HEAD = (0xC4, 0xDB, 0xDD, *_FRAMES, 0xDA)
"""Segments without which coded data cannot be decoded: tables, restarts, the frame, the scan. All others are notes."""
_NOTES = re.compile(rb"\xff[\xe0-\xef\xfe]")
_CHECKED_SIDE = 1600


@dataclass(frozen=True)
class Rendition:
    """`edits` says all that was done to the original, in this order; `width` and `height` are those of the JPEG."""

    jpeg: bytes
    width: int
    height: int
    edits: tuple[str, ...]


def render(original: bytes, plates: Sequence[Plate], how: Redaction) -> Rendition:
    """Raises `BadPicture` for bytes that are no whole picture."""
    still = open_still(original, _LIMITS)
    width, height = still.upright_size
    hidden = bool(plates) and how is not Redaction.OFF
    kept = None if hidden else _kept(original, still)
    if kept is not None:
        return Rendition(kept, width, height, (METADATA_REMOVED,))
    pixels = still.upright(still.decode())
    done = ((PLATE_REDACTED, hidden), (TURNED, still.orientation != 1), (CONVERTED, _changes_colours(still)))
    edits = (*(name for name, was in done if was), RE_ENCODED, METADATA_REMOVED)
    return Rendition(encode(hide(pixels, plates, how) if hidden else pixels), width, height, edits)


def smaller(published: bytes) -> dict[int, bytes]:
    """A published frame for small screens, by its longer side; only those that are smaller than the frame itself."""
    still = open_still(published, _LIMITS)
    sides = [side for side in SMALLER if side < max(still.width, still.height)]
    found: dict[int, bytes] = {}
    pixels = still.decode(sides[0] if sides else 1)
    for side in sides:
        pixels = fit(pixels, side)
        found[side] = colour.tagged_jpeg(simplejpeg.encode_jpeg(pixels, _SMALLER_QUALITY, "RGB", "420"))
    return found


def encode(pixels: Pixels) -> bytes:
    """RGB as a JPEG of the highest quality, tagged as sRGB at 300 dots per inch."""
    made = simplejpeg.encode_jpeg(np.ascontiguousarray(pixels), QUALITY, "RGB", "444", fastdct=False)
    return colour.tagged_jpeg(_dense(made))


def _changes_colours(still: Still) -> bool:
    return colour.needs_conversion("RGB", still.icc)


def _kept(data: bytes, still: Still) -> bytes | None:
    """The JPEG with its own coded data and none of its notes; None where pixels or their meaning would change."""
    if still.content_type is not ContentType.JPEG or still.orientation != 1 or _changes_colours(still):
        return None
    found = jpeg.layout(data)
    data = jpeg.mended(data, found)
    found = jpeg.followed(data, found)
    if not found.ended or not _is_plain_colour(found):
        return None
    coded = data[found.head[-1].end : found.end]
    if not found.has_one_scan and _NOTES.search(coded):  # between scans, where tables may look the same
        return None
    still.decode(_CHECKED_SIDE)  # raises for what is not whole: nobody else would see it
    tables = b"".join(data[part.at : part.end] for part in found.head if part.marker in _HEAD)
    return colour.tagged_jpeg(b"\xff\xd8" + _jfif() + tables + coded + jpeg.END)


def _is_plain_colour(found: jpeg.Layout) -> bool:
    """Three components of 8 bits in YCbCr, as a JFIF file has; Adobe's segment may say otherwise (T.872, 6.5.3)."""
    adobe = [part.body for part in found.head if part.marker == 0xEE and part.body.startswith(b"Adobe")]
    says_rgb = any(len(body) > 11 and body[11] != 1 for body in adobe)
    is_plain = found.frame is not None and found.frame.marker in _FRAMES and found.frame.body[0] == 8
    return is_plain and len(found.components) == 3 and not says_rgb and found.components != (82, 71, 66)


def _jfif() -> bytes:
    return b"\xff\xe0\0\x10JFIF\0\x01\x01" + struct.pack(">BHHBB", 1, DPI, DPI, 0, 0)


def _dense(made: bytes) -> bytes:
    """With the density in the JFIF segment that libjpeg begins with."""
    written = bytearray(made)
    written[_JFIF_DENSITY] = struct.pack(">BHH", 1, DPI, DPI)
    return bytes(written)
