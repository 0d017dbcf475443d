"""A product's photo to a cut-out: the whole way, in order.

What comes out depends on the bytes and on `VERSION` alone, so `key` names it for ever. A stated size changes no pixel:
`against` adds what it makes doubtful.
"""

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from functions.inference.products import confidence, dimensions, edge, finishing, looking, own_alpha, reading, region
from functions.inference.products.confidence import Measures
from functions.inference.products.doubts import Doubt, Doubtful, Refusal, Refused, doubt, refuse
from functions.inference.vision.arrays import Array, Bools, Bytes
from functions.inference.vision.masks import filled

VERSION = "1"
"""Raised whenever the same file would give another cut-out or other doubts."""
LEAST_AREA, LEAST_STANDING_OUT = 0.001, 0.5
MOST_SCENE_RIM = 0.35
"""Share of the frame's rim above which the photo shows a scene."""
LEAST_CONFIDENCE, LEAST_IN_A_SCENE = 0.3, 0.45
"""Below this a photo is refused: before a plain ground, and before another."""

Timings = dict[str, float]


@dataclass(frozen=True)
class CutOut:
    """`rgba` (h x w x 4, straight alpha) at the photo's size; `box` of the product (left, top, right, bottom, pixels).

    `source`: "alpha" the file's own, "refined" by colours and matting, "net" where these did not agree with it.
    """

    rgba: Bytes
    box: tuple[int, int, int, int]
    source: str
    confidence: float
    doubts: tuple[Doubtful, ...]
    measures: dict[str, float] = field(default_factory=dict)
    timings: Timings = field(default_factory=dict)


@dataclass(frozen=True)
class _Found:
    """At working size: alpha (h x w), and what its confidence is made of."""

    alpha: Array
    measures: Measures
    is_refined: bool


def key(data: bytes) -> str:
    """Names the cut-out of a file by this version: same key, same pixels and doubts."""
    return f"{hashlib.sha256(data).hexdigest()}-{VERSION}"


def cut(data: bytes) -> CutOut | Refused:
    """The product of a file, or why there is none to be had. Never raises for what is in the file."""
    timings: Timings = {}
    with _timed(timings, "decode"):
        photo = reading.read(data)
    if isinstance(photo, Refused):
        return photo
    if photo.alpha is not None and own_alpha.is_invisible(photo.alpha):
        return refuse(Refusal.TRANSPARENT)
    if photo.alpha is not None and own_alpha.is_cut_out(photo.alpha):
        return _of_own_alpha(photo.pixels, photo.alpha, timings)
    return _of_pixels(photo.opaque(), timings)


def against(made: CutOut, size: dimensions.Size) -> CutOut:
    """With what the product's stated size makes doubtful."""
    left, top, right, bottom = made.box
    found = dimensions.check(size, right - left, bottom - top)
    less = float(np.prod([1 - confidence.PENALTIES[one.code] for one in found]))
    return replace(made, doubts=made.doubts + tuple(found), confidence=round(made.confidence * less, 3))


def _of_own_alpha(pixels: Bytes, alpha: Bytes, timings: Timings) -> CutOut:
    codes = own_alpha.doubts(pixels, alpha)
    box = _box(alpha)
    if confidence.second_part(alpha > 127) > confidence.SECOND:
        codes.append(Doubt.SEVERAL)
    if max(box[2] - box[0], box[3] - box[1]) < confidence.FEW_PIXELS:
        codes.append(Doubt.SMALL)
    sure = float(np.prod([1 - confidence.PENALTIES[code] for code in codes]))
    found = tuple(doubt(code) for code in codes)
    return CutOut(np.dstack([pixels, alpha]), box, "alpha", round(sure, 3), found, timings=timings)


def _of_pixels(pixels: Bytes, timings: Timings) -> CutOut | Refused:
    with _timed(timings, "look"):
        first = looking.first(pixels)
        if not _stands_out(first.net):
            return refuse(Refusal.NO_PRODUCT)
        part = looking.closer(pixels, first)
    with _timed(timings, "edge"):
        found = _found(first, part, pixels.shape[:2])
    codes = confidence.doubts(found.measures)
    sure = confidence.confidence(found.measures, codes)
    refused = _refused(found.measures, codes, sure)
    if refused is not None:
        return refused
    with _timed(timings, "finish"):
        rgba = finishing.finish(pixels, part.box, finishing.estimate(part.colours, found.alpha))
    source = "refined" if found.is_refined else "net"
    doubtful = tuple(doubt(code) for code in codes)
    return CutOut(rgba, _box(rgba[..., 3]), source, sure, doubtful, found.measures.as_dict(), timings)


def _stands_out(net: Array) -> bool:
    return float((net > LEAST_STANDING_OUT).mean()) > LEAST_AREA


def _refused(found: Measures, codes: list[Doubt], sure: float) -> Refused | None:
    if found.area < LEAST_AREA:
        return refuse(Refusal.NO_PRODUCT)
    if not found.plain and (found.rim > MOST_SCENE_RIM or sure < LEAST_IN_A_SCENE):
        return refuse(Refusal.SCENE)
    if sure >= LEAST_CONFIDENCE:
        return None
    return refuse(Refusal.WHITE_ON_WHITE if Doubt.LOW_CONTRAST in codes else Refusal.UNSURE)


def _found(first: looking.First, part: looking.Part, size: tuple[int, int]) -> _Found:
    net = (part.first_net + part.net) / 2
    seen = net > 0.5
    by_ground = _by_ground(first, part)
    agreement = 1.0 if by_ground is None else _agreement(by_ground, seen)
    is_refined = by_ground is not None and agreement >= confidence.AGREES
    if by_ground is None or not is_refined:
        alpha = _softened(part.colours, seen, np.zeros_like(seen), edge.UNSURE_BAND)
    else:
        alpha = _softened(part.colours, by_ground.product, by_ground.gone, edge.BAND)
    return _Found(alpha, _measures(first, part, by_ground, alpha, agreement, size), is_refined)


def _by_ground(first: looking.First, part: looking.Part) -> region.Region | None:
    if part.ground is None or first.ground is None:
        return None
    like = region.likeness(part.colours, part.ground, first.ground.noise.astype(np.float32))
    return region.find(like, (part.first_net, part.net))


def _agreement(found: region.Region, seen: Bools) -> float:
    return confidence.iou(filled(found.product), filled(seen))


def _softened(colours: Array, product: Bools, gone: Bools, band: float) -> Array:
    return edge.soften(colours, product, gone, edge.half_band(product.shape, band))


def _measures(
    first: looking.First,
    part: looking.Part,
    by_ground: region.Region | None,
    alpha: Array,
    agreement: float,
    size: tuple[int, int],
) -> Measures:
    product = alpha > 0.5
    area = max(1, int(product.sum()))
    left, top, right, bottom = part.box
    share = (right - left) * (bottom - top) / (size[0] * size[1])
    _, _, width, height = cv2.boundingRect(product.astype(np.uint8))
    return Measures(
        agreement=agreement,
        looks=confidence.iou(filled(part.first_net > 0.5), filled(part.net > 0.5)),
        sure=confidence.sureness(confidence.solid(part.net, part.first_net)),
        weak=confidence.weak_share(part.colours, alpha),
        apart=0.0 if by_ground is None else float(by_ground.apart.sum()) / area,
        holes=0.0 if by_ground is None else float(by_ground.doubtful.sum()) / area,
        rim=confidence.rim_share(first.net > 0.5),
        second=confidence.second_part(product),
        area=float(product.mean()) * share,
        plain=part.ground is not None,
        pixels=round(max(width, height) * max(right - left, bottom - top) / max(product.shape)),
    )


def _box(alpha: Bytes) -> tuple[int, int, int, int]:
    x, y, width, height = cv2.boundingRect((alpha > own_alpha.NOTHING).astype(np.uint8))
    return x, y, x + width, y + height


@contextmanager
def _timed(timings: Timings, step: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    timings[step] = round(time.perf_counter() - started, 3)
