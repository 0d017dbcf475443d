"""A JPEG by its segments (ITU-T T.81 annex B): what it says of itself, whether all of its pixels came, and what of it
readers stumble over without need. Plain parsing of untrusted bytes: nothing is decoded.

How the file ends says little: phones write panoramas without the marker of the end, and put films, gain maps and notes
of their own behind it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

END = b"\xff\xd9"
_END, _SCAN = 0xD9, 0xDA
_FRAMES = (*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0))
_PROGRESSIVE = (0xC2, 0xC6, 0xCA, 0xCE)
_BETWEEN_SCANS = {0xC4, 0xCC, _SCAN, 0xDB, 0xDC, 0xDD, 0xFE, *range(0xE0, 0xF0)}
_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
"""In coded data, FF stands before 00 and restarts (D0 to D7) alone, or is a filler before a marker."""
_FILL = re.compile(rb"\xff+(?=\xff)")
MOST_SCANS = 64
"""A progressive JPEG decodes its whole picture once a scan; encoders use about ten."""
_MOST_SEGMENTS = 5_000
"""A profile or XMP of 100 MB has 1,600 of them; a file of empty ones is made to keep its reader busy."""
_COEFFICIENTS = 64


@dataclass(frozen=True)
class Segment:
    marker: int
    at: int
    body: bytes

    @property
    def end(self) -> int:
        return self.at + 4 + len(self.body)


@dataclass(frozen=True)
class Scan:
    """One pass over some components: coefficients `first` to `last`, down to bit `low`."""

    components: tuple[int, ...]
    first: int
    last: int
    low: int


@dataclass(frozen=True)
class Layout:
    """How a JPEG is made up: its segments up to the first scan, the scans, and where the picture ends.

    `ended` says whether the marker of the end stands at `end`; if not, something else does, or the file is over. Both
    are None until it was looked for.
    """

    head: tuple[Segment, ...]
    scans: tuple[Scan, ...]
    end: int | None = None
    ended: bool | None = None

    @cached_property
    def frame(self) -> Segment | None:
        return next((segment for segment in self.head if segment.marker in _FRAMES), None)

    @property
    def exif(self) -> bytes | None:
        """The first block, as in browsers."""
        blocks = (segment.body for segment in self.head if segment.marker == 0xE1)
        return next((body for body in blocks if body.startswith(b"Exif\0\0")), None)

    @property
    def icc(self) -> bytes | None:
        blocks = (segment.body for segment in self.head if segment.marker == 0xE2)
        parts = sorted(body[12:] for body in blocks if body.startswith(b"ICC_PROFILE\0"))
        return b"".join(part[2:] for part in parts) or None

    @property
    def components(self) -> tuple[int, ...]:
        return _components(self.frame.body) if self.frame else ()

    @property
    def has_one_scan(self) -> bool:
        """Whether the first scan is the whole picture."""
        return self.frame is not None and self.frame.marker not in _PROGRESSIVE and self._first_has_all

    @property
    def _first_has_all(self) -> bool:
        return bool(self.scans) and len(self.scans[0].components) >= len(self.components)

    def has_all_scans(self) -> bool:
        """Whether the scans that are there make up the picture.

        One that ended by itself has what its encoder wanted, if no component lacks all of it; of one that did not, a
        further scan may be missing, unless each coefficient is there to its last bit.
        """
        known = {component: dict[int, int]() for component in self.components}
        for scan in self.scans:
            for component in scan.components:
                known.setdefault(component, {}).update(dict.fromkeys(range(scan.first, scan.last + 1), scan.low))
        if self.ended:
            return all(0 in bits for bits in known.values())
        return all(len(bits) == _COEFFICIENTS and not any(bits.values()) for bits in known.values())


def layout(data: bytes) -> Layout:
    """What stands before the coded data of the first scan; that it is short is not an error yet."""
    head = tuple(_head(data))
    found = Layout(head, ())
    if head and head[-1].marker == _SCAN:
        return Layout(head, (_scan(head[-1], found.frame),))
    return found


def followed(data: bytes, found: Layout) -> Layout:
    """The layout with all its scans and its end, by going through the coded data: 1 to 2 ms a megabyte.

    Stops after one scan more than `MOST_SCANS`.
    """
    scans, position = list(found.scans), found.head[-1].end if found.head else len(data)
    for _ in range(_MOST_SEGMENTS):
        met = _MARKER.search(data, position)
        if met is None or len(scans) > MOST_SCANS:
            break
        position, marker = met.start(), data[met.start() + 1]
        if marker not in _BETWEEN_SCANS or found.has_one_scan:
            return Layout(found.head, tuple(scans), position, ended=marker == _END)
        segment = _segment(data, position)
        if marker == _SCAN:
            scans.append(_scan(segment, found.frame))
        position = segment.end
    return Layout(found.head, tuple(scans), len(data), ended=False)


def mended(data: bytes, found: Layout) -> bytes:
    """Without what libjpeg warns of though every viewer shows the picture, so that its other warnings can be heeded:
    an unknown version of JFIF, and a baseline scan that claims a range of coefficients which only progressive ones
    have."""
    changes = [(at, new) for at, new in _mends(found) if data[at : at + len(new)] != new]
    if not changes:
        return data
    copy = bytearray(data)
    for at, new in changes:
        copy[at : at + len(new)] = new
    return bytes(copy)


def _mends(found: Layout) -> Iterator[tuple[int, bytes]]:
    for segment in found.head:
        if segment.marker == 0xE0 and segment.body.startswith(b"JFIF\0") and segment.body[5:6] != b"\x01":
            yield segment.at + 9, b"\x01\x01"
    if found.frame and found.frame.marker not in _PROGRESSIVE and len(found.head[-1].body) >= 4:
        yield found.head[-1].end - 3, b"\x00\x3f\x00"


def _head(data: bytes) -> Iterator[Segment]:
    """Up to and with the first start of scan."""
    position = 2
    for _ in range(_MOST_SEGMENTS):
        filled = _FILL.match(data, position)
        position = filled.end() if filled else position
        if position + 4 > len(data) or data[position] != 0xFF:
            return
        segment = _segment(data, position)
        yield segment
        if segment.marker == _SCAN:
            return
        position = segment.end


def _segment(data: bytes, at: int) -> Segment:
    length = max(2, int.from_bytes(data[at + 2 : at + 4], "big"))
    return Segment(data[at + 1], at, data[at + 4 : at + 2 + length])


def _components(frame: bytes) -> tuple[int, ...]:
    return tuple(frame[at] for at in range(6, min(len(frame), 6 + 3 * frame[5]), 3)) if len(frame) > 5 else ()


def _scan(header: Segment, frame: Segment | None) -> Scan:
    body = header.body
    count = body[0] if body else 0
    parameters = body[1 + 2 * count : 4 + 2 * count]
    if frame is None or frame.marker not in _PROGRESSIVE or len(parameters) < 3:
        parameters = b"\x00\x3f\x00"
    return Scan(tuple(body[1 : 1 + 2 * count : 2]), parameters[0], parameters[1], parameters[2] & 15)
