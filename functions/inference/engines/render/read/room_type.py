"""What a room is for, when the caller does not say: a guess from its shape, size and fittings.

Weights are points that add up per type; the confidence is their softmax. Size alone separates living rooms
from bedrooms badly, and the confidence says so. Bathrooms are recognised by size and fittings only.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from functions.inference.engines.render.read.room import Room
from functions.inference.engines.render.read.walls import CELL_M, WallSurvey
from vitrine.contracts.catalogue import RoomType

NARROW_M, LONG = 2.0, 1.9  # a hall's width, and its length in widths
SMALL_M2, MIDDLE_M2, LARGE_M2 = 7.0, 11.0, 16.0
LOW_BAND_M, MIDDLE_BAND_M, HIGH_BAND_M = (0.1, 0.85), (0.95, 1.35), (1.45, 2.1)  # base units, splashback, wall units
FITTED, BUSY_FITTED, BUSY_SMALL = 0.75, 0.4, 0.25
SURE_OBSTACLE = 0.4


@dataclass(frozen=True)
class Signs:
    """What the guess rests on: metres, shares of the seen wall that is not plain at three heights, and fixtures."""

    width: float
    depth: float
    glazed: float
    fitted: float
    busy: float
    fixtures: int

    @property
    def area(self) -> float:
        return self.width * self.depth


@dataclass(frozen=True)
class RoomGuess:
    """`confidence` is 0 to 1; `because` completes "judging by"."""

    room_type: RoomType
    confidence: float
    because: str


def _not_plain(surveys: Sequence[WallSurvey], band: tuple[float, float]) -> float:
    rows = slice(int(band[0] / CELL_M), int(band[1] / CELL_M))
    seen = sum(int(survey.seen[rows].sum()) for survey in surveys)
    plain = sum(int((survey.plain & survey.seen)[rows].sum()) for survey in surveys)
    return 1 - plain / seen if seen else 0.0


def signs_of(room: Room, surveys: Sequence[WallSurvey], busy: float) -> Signs:
    """`busy` is the gate's `furnished_share`."""
    openings = [opening for survey in surveys for opening in survey.openings]
    bands = (LOW_BAND_M, MIDDLE_BAND_M, HIGH_BAND_M)
    return Signs(
        width=room.right - room.left,
        depth=room.back,
        glazed=sum(o.end - o.start for o in openings if o.kind == "glazed"),
        fitted=float(np.mean([_not_plain(surveys, band) for band in bands])),
        busy=busy,
        fixtures=sum(o.kind == "fixture" and o.confidence >= SURE_OBSTACLE for o in room.obstacles),
    )


def _between(value: float, low: float, high: float) -> float:
    """0 up to `low`, 1 from `high`."""
    return float(np.clip((value - low) / (high - low), 0, 1))


def _kitchen(s: Signs) -> float:
    return 4.2 * (s.fitted >= FITTED and s.busy >= BUSY_FITTED) + 0.5 * min(s.fixtures, 2) - 1.0


def _bathroom(s: Signs) -> float:
    small = 1 - _between(s.area, SMALL_M2, MIDDLE_M2)
    return 2.4 * small * (s.busy > BUSY_SMALL or s.fixtures > 0) - 0.8


def _hall(s: Signs) -> float:
    return 3.0 * (s.width < NARROW_M and s.depth > LONG * s.width) - 1.0


_POINTS: dict[RoomType, Callable[[Signs], float]] = {
    RoomType.LIVING_ROOM: lambda s: 0.4 + 1.6 * _between(s.area, MIDDLE_M2, LARGE_M2) + 0.2 * min(s.glazed, 3.0),
    RoomType.BEDROOM: lambda s: 1.2 - 0.8 * _between(s.area, LARGE_M2, 2 * LARGE_M2),
    RoomType.DINING_ROOM: lambda s: -0.2,
    RoomType.OFFICE: lambda s: 0.6 - 1.0 * _between(s.area, SMALL_M2, MIDDLE_M2),
    RoomType.NURSERY: lambda s: -0.6,
    RoomType.ENTRY_HALL: _hall,
    RoomType.KITCHEN: _kitchen,
    RoomType.BATHROOM: _bathroom,
}

_BECAUSE = {
    RoomType.KITCHEN: "the fittings along its walls",
    RoomType.BATHROOM: "its small size and its fittings",
    RoomType.ENTRY_HALL: "its narrow shape",
}


def guess(signs: Signs) -> RoomGuess:
    """The likeliest type; any room gets one."""
    points = np.array([rule(signs) for rule in _POINTS.values()])
    chance = np.exp(points) / np.exp(points).sum()
    best = int(chance.argmax())
    room_type = list(_POINTS)[best]
    because = _BECAUSE.get(room_type, f"its size of about {signs.area:.0f} m²")
    return RoomGuess(room_type, float(chance[best]), because)
