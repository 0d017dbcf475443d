"""A product's stated size, and whether a cut-out can be that product: what a box shows from the side and from above."""

import re
from dataclasses import dataclass
from itertools import permutations

import numpy as np

from functions.inference.products.doubts import WORDS, Doubt, Doubtful, doubt

METRES = {"mm": 0.001, "cm": 0.01, "m": 1.0, "in": 0.0254, '"': 0.0254, "ft": 0.3048}
SMALLEST, LARGEST = 0.005, 12.0
"""Metres: no side of a product for a room is longer, and its longest is no shorter than this."""
MOST_TILT = 50.0
"""Degrees a product is looked down at, unless it lies flat."""
TOLERANCE = 1.18
"""How far width over height may lie outside what the box can show: products are not quite boxes, lenses not quite
far away."""
FLAT = 0.12
"""Height over the shorter side below which a product lies, and may be photographed from straight above."""
_NUMBER = r"(\d+(?:[.,]\d+)?)"
_UNIT = r"(mm|cm|m|in|ft|\")?"
_SIDE = rf"\s*{_NUMBER}\s*{_UNIT}\s*"
_SIZE = re.compile(f"^{_SIDE}[x×*]{_SIDE}(?:[x×*]{_SIDE})?$", re.I)


class NotASizeError(ValueError):
    """The words are no size; the message says how to write one."""


@dataclass(frozen=True)
class Size:
    """Width, depth and height in metres. Depth is None where only width and height are known."""

    width: float
    depth: float | None
    height: float


def read(text: str) -> Size:
    """`200x90x85cm` (width, depth, height) or `60x90cm` (width, height); mm, cm, m, in, ft.

    The last unit counts for all that have none. Raises `NotASizeError`.
    """
    match = _SIZE.match(text.replace("inch", "in").replace("″", '"'))
    units = [unit.lower() for unit in match.groups()[1::2] if unit] if match else []
    if match is None or not units:
        raise NotASizeError("A size is written like 200x90x85cm (width, depth, height) or 60x90cm (width, height).")
    numbers = [number for number in match.groups()[::2] if number]
    given = list(match.groups()[1::2])[: len(numbers)]
    metres = [
        float(number.replace(",", ".")) * METRES[(unit or units[-1]).lower()]
        for number, unit in zip(numbers, given, strict=True)
    ]
    if min(metres) <= 0:
        raise NotASizeError("Each side of a size is more than nothing.")
    return Size(metres[0], metres[1] if len(metres) == 3 else None, metres[-1])


def check(size: Size, width: float, height: float) -> list[Doubtful]:
    """What is doubtful about a cut-out `width` by `height` pixels, given the product's size."""
    sides = [side for side in (size.width, size.depth, size.height) if side is not None]
    found = [] if SMALLEST <= max(sides) <= LARGEST else [doubt(Doubt.DIMENSIONS)]
    seen = width / max(height, 1e-9)
    if not _fits(size, seen):
        found.append(Doubtful(Doubt.PROPORTIONS, WORDS[Doubt.PROPORTIONS] + _advice(size, seen)))
    return found


def shapes(size: Size) -> tuple[float, float]:
    """The least and the most width over height that a box of this size shows, seen from afar.

    From azimuth 0 to 90 degrees and a tilt up to `MOST_TILT`; what lies flat, from straight above too.
    """
    deep = size.depth if size.depth is not None else 0.0
    turns = np.radians([0.0, 90.0] if size.depth is None else np.arange(0, 91, 5))
    turns = turns[:1] if size.depth is None else turns
    tilts = np.radians(np.arange(0, MOST_TILT + 1, 5))
    turn, tilt = np.meshgrid(turns, tilts)
    across = size.width * np.cos(turn) + deep * np.sin(turn)
    away = size.width * np.sin(turn) + deep * np.cos(turn)
    found = (across / (size.height * np.cos(tilt) + away * np.sin(tilt))).ravel().tolist()
    if deep and size.height < FLAT * min(size.width, deep):
        found += [size.width / deep, deep / size.width]
    return min(found), max(found)


def _fits(size: Size, seen: float) -> bool:
    least, most = shapes(size)
    return least / TOLERANCE <= seen <= most * TOLERANCE


def _advice(size: Size, seen: float) -> str:
    """Names another order of the three that would fit, if there is one."""
    if size.depth is None:
        return ""
    orders = [Size(*order) for order in permutations((size.width, size.depth, size.height))]
    best = min(orders, key=lambda one: abs(np.log(one.width / one.height / seen)))
    if not _fits(best, seen):
        return ""
    width, depth, height = (f"{100 * (side or 0):g}" for side in (best.width, best.depth, best.height))
    return f" It would fit {width} x {depth} x {height} cm (width, depth, height)."
