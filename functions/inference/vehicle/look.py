"""Look at one frame: decode it no larger than needed, find the vehicle, and the plates on and around it.

Text is looked for on the whole frame, where other vehicles' plates are too; closer on the vehicle alone, for a plate
that is small or dark on one scale is found on the other; and, if neither shows a plate, on the vehicle's two ends,
stretched, where a plate is seen so much aslant that its characters stand too close.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import cv2
import numpy as np

from functions.inference.vehicle import mask, plates, text
from functions.inference.vehicle.seen import Seen, Timings, UnreadableFrame
from functions.inference.vision.arrays import Bytes
from functions.inference.vision.images import encode_png
from vitrine.contracts.inference import Box, Plate
from vitrine.pictures.decoding import Limits, Still, fit, open_still
from vitrine.pictures.faults import BadPicture

SIDE = 1280
"""Longest side, in pixels, at which a frame is looked at."""
WIDE_SIDE = 736
"""The same for text on the whole frame."""
MOST_PIXELS = 110_000_000
SMALLEST_SIDE = 32
LIMITS = Limits(MOST_PIXELS, MOST_PIXELS, SMALLEST_SIDE)
LARGE = 16_000_000
"""Pixels above which one frame is decoded at a time, so that memory stays bounded."""
END = 0.18
"""Share of the vehicle's width that is looked at as one of its ends."""
STRETCH = 2.5
MOST_ZOOM = 2.0
"""How far a frame smaller than `SIDE` is enlarged where text is looked for closely."""
AROUND = 0.02
"""What is looked at around the vehicle's box, in shares of the frame."""

_one_large = threading.Lock()


def look(data: bytes) -> Seen:
    """What is on a frame's file. Raises `UnreadableFrame`."""
    timings: Timings = {}
    with _timed(timings, "decode"):
        pixels = _decoded(data)
    with _timed(timings, "mask"):
        vehicle = mask.find_vehicle(pixels)
    with _timed(timings, "plates"):
        found = _plates(pixels, vehicle)
    seen_plates = tuple(_plate(each, pixels) for each in found)
    if vehicle is None:
        return Seen(plates=seen_plates, timings=timings)
    left, top, right, bottom = vehicle.box
    return Seen(
        mask_png=encode_png(vehicle.mask),
        box=Box(left=left, top=top, right=right, bottom=bottom),
        area=vehicle.area,
        touches=vehicle.touches,
        confidence=vehicle.confidence,
        plates=seen_plates,
        timings=timings,
    )


@contextmanager
def _timed(timings: Timings, step: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    timings[step] = time.perf_counter() - started


def _decoded(data: bytes) -> Bytes:
    try:
        still = open_still(data, LIMITS)
        with _one_large if still.width * still.height > LARGE else nullcontext():
            return _upright(still)
    except BadPicture as bad:
        raise UnreadableFrame from bad
    except MemoryError:
        raise
    except Exception as error:  # a decoder's own error on a broken file
        raise UnreadableFrame from error


def _upright(still: Still) -> Bytes:
    return np.ascontiguousarray(still.upright(fit(still.decode(SIDE), SIDE)))


def _plates(pixels: Bytes, vehicle: mask.Found | None) -> list[plates.Found]:
    box = vehicle.box if vehicle else (0.0, 0.0, 1.0, 1.0)
    seen_on = vehicle.mask if vehicle else None
    texts = _close(pixels, box, 1.0) + text.find_text(pixels, WIDE_SIDE / max(pixels.shape[:2]))
    found = plates.find_plates(pixels, texts, seen_on)
    if vehicle is None or any(plate.confidence >= plates.READ for plate in found):
        return found
    return found + plates.find_plates(pixels, _aslant(pixels, vehicle.box), seen_on)


def _aslant(pixels: Bytes, box: tuple[float, float, float, float]) -> list[text.Text]:
    left, top, right, bottom = box
    end, middle = END * (right - left), top + (bottom - top) / 4
    first = _close(pixels, (left, middle, left + end, bottom), STRETCH)
    return first + _close(pixels, (right - end, middle, right, bottom), STRETCH)


def _close(pixels: Bytes, box: tuple[float, float, float, float], stretch: float) -> list[text.Text]:
    """Texts in a box of shares and a little around it, which is looked at `stretch` times as wide as it is."""
    height, width = pixels.shape[:2]
    left, right = (round(float(np.clip(share, 0, 1)) * width) for share in (box[0] - AROUND, box[2] + AROUND))
    top, bottom = (round(float(np.clip(share, 0, 1)) * height) for share in (box[1] - AROUND, box[3] + AROUND))
    zoom = min(MOST_ZOOM, SIDE / max(height, width))
    part = cv2.resize(pixels[top:bottom, left:right], None, fx=stretch * zoom, fy=zoom, interpolation=cv2.INTER_CUBIC)
    moved, shrunk = np.array([left, top]), np.array([stretch * zoom, zoom])
    found = text.find_text(np.asarray(part, np.uint8), 1.0)
    return [text.Text(each.corners / shrunk + moved, each.score, stretch) for each in found]


def _plate(found: plates.Found, pixels: Bytes) -> Plate:
    height, width = pixels.shape[:2]
    shares = np.clip(found.corners / (width, height), 0.0, 1.0)
    return Plate(corners=tuple((float(x), float(y)) for x, y in shares), confidence=found.confidence)
