"""Look at one frame: decode it no larger than needed, find the vehicle, and the plates on and around it.

Text is looked for twice: on the whole frame, where other vehicles' plates are too, and closer on the vehicle alone,
where a plate that is small or dark on one scale is found on the other.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

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
        found = plates.find_plates(pixels, _texts(pixels, vehicle), vehicle.mask if vehicle else None)
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


def _texts(pixels: Bytes, vehicle: mask.Found | None) -> list[text.Text]:
    longest = max(pixels.shape[:2])
    wide = text.find_text(pixels, WIDE_SIDE / longest)
    left, top, right, bottom = _cut(pixels, vehicle)
    close = text.find_text(np.ascontiguousarray(pixels[top:bottom, left:right]), 1.0)
    return text.distinct([text.Text(each.corners + np.array([left, top]), each.score) for each in close] + wide)


def _cut(pixels: Bytes, vehicle: mask.Found | None) -> tuple[int, int, int, int]:
    """What is looked at closely: the vehicle, or all of a frame that has none."""
    height, width = pixels.shape[:2]
    left, top, right, bottom = vehicle.box if vehicle else (0.0, 0.0, 1.0, 1.0)
    return (
        round(max(0.0, left - AROUND) * width),
        round(max(0.0, top - AROUND) * height),
        round(min(1.0, right + AROUND) * width),
        round(min(1.0, bottom + AROUND) * height),
    )


def _plate(found: plates.Found, pixels: Bytes) -> Plate:
    height, width = pixels.shape[:2]
    shares = np.clip(found.corners / (width, height), 0.0, 1.0)
    return Plate(corners=tuple((float(x), float(y)) for x, y in shares), confidence=found.confidence)
