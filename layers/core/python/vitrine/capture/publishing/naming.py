"""Names of published files, and the order of a turn: Auto Care Digital Asset Guidelines rev. 4. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from typing import TypeVar

from vitrine.capture.models import Vehicle
from vitrine.identity.organisations.models import FirstFrame
from vitrine.set_qc.models import Direction

PLANE = "01"
_LONGEST = 60
_NOT_ALLOWED = re.compile(r"[^A-Za-z0-9_-]+")

T = TypeVar("T")


def identifier(vehicle: Vehicle) -> str:
    """The stock number, else the VIN, in letters, digits, dashes and underscores; else the vehicle's id."""
    for text in (vehicle.stock, vehicle.vin, vehicle.id):
        if plain := _plain(text or ""):
            return plain
    raise ValueError("A vehicle has an id.")


def frame_name(identifier: str, number: int) -> str:
    """`number` counts from 1 in the order that is shown."""
    return f"{identifier}_{PLANE}_{number:03}.jpg"


def still_name(identifier: str, shot_name: str | None, taken: set[str]) -> str:
    """A still's file; a second one of the same shot gets a number. Adds the name to `taken`."""
    base = f"{identifier}_{_plain(shot_name or '') or 'still'}"
    numbered = (f"{base}_{number}.jpg" for number in range(2, len(taken) + 3))
    name = next(name for name in (f"{base}.jpg", *numbered) if name not in taken)
    taken.add(name)
    return name


def smaller_name(name: str, side: int) -> str:
    """Of a published frame's smaller version."""
    return f"{name.removesuffix('.jpg')}_w{side}.jpg"


def package_name(identifier: str) -> str:
    return f"{identifier}_360.zip"


def _plain(text: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _NOT_ALLOWED.sub("-", ascii_only).strip("-_")[:_LONGEST]


def begin(front: int | None, count: int, direction: Direction, choice: FirstFrame) -> int:
    """The place of a turn (from 0) at which it begins, as the organisation wants it; 0 where the front is not known.

    The front three-quarter view is an eighth of a turn from the front, on the vehicle's left, where drivers sit in most
    countries. `direction` is that of the capture: who walks around a vehicle counter-clockwise, seen from above, comes
    from its front to its left. Where it is not known, the next eighth in the order of capture is taken.
    """
    if front is None or choice is FirstFrame.AS_SHOT:
        return 0
    if choice is FirstFrame.FRONT:
        return front
    eighth = round(count / 8)
    return (front - eighth if direction is Direction.CLOCKWISE else front + eighth) % count


def in_order(placed: Sequence[tuple[int, T]], first: int) -> list[tuple[int, T]]:
    """Frames by their places, beginning with `first` or the next place that has one."""
    ordered = sorted(placed, key=lambda each: each[0])
    at = next((index for index, (place, _) in enumerate(ordered) if place >= first), 0)
    return [*ordered[at:], *ordered[:at]]
