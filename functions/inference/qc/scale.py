"""Whether furniture has the size of furniture, and fits the room it is said to stand in."""

import math

from vitrine.contracts.inference import Layout, Piece, Room

Range = tuple[float, float]

USUAL_M: dict[str, tuple[Range, Range]] = {
    "sofa": ((1.2, 3.4), (0.6, 1.2)),
    "armchair": ((0.5, 1.3), (0.6, 1.3)),
    "bed": ((1.7, 2.6), (0.3, 1.9)),
    "cot": ((1.0, 1.6), (0.6, 1.3)),
    "desk": ((0.8, 2.4), (0.65, 1.9)),
    "coffee_table": ((0.4, 1.7), (0.25, 1.1)),
    "dining": ((0.7, 3.8), (0.65, 1.6)),
    "nightstand": ((0.3, 0.8), (0.3, 1.3)),
    "rug": ((0.5, 5.0), (0.0, 0.06)),
    "floor_lamp": ((0.2, 1.6), (1.2, 2.1)),
}
"""Longer side of the footprint and height (with the lamp or vase on top), by how a piece's name begins: the range of
what furniture shops sell."""
ANY_M: tuple[Range, Range] = ((0.03, 4.0), (0.0, 3.5))
FULLEST = 0.65  # share of the floor that furniture may take up, rugs aside
SLACK_M = 0.05


def _sides(piece: Piece) -> list[float]:
    corners = piece.footprint
    return [math.dist((a.x, a.y), (b.x, b.y)) for a, b in zip(corners, [*corners[1:], corners[0]], strict=True)]


def _usual(name: str) -> tuple[Range, Range]:
    return next((ranges for start, ranges in USUAL_M.items() if name.startswith(start)), ANY_M)


def _within(value: float, limits: Range) -> bool:
    return limits[0] - SLACK_M <= value <= limits[1] + SLACK_M


def _plausible(piece: Piece, room: Room) -> bool:
    longest = max(_sides(piece), default=0.0)
    across, high = _usual(piece.name)
    across_room = math.hypot(room.width_m or math.inf, room.depth_m or math.inf)
    fits = longest <= across_room + SLACK_M and piece.height_m <= (room.height_m or math.inf) + SLACK_M
    return fits and _within(longest, across) and _within(piece.height_m, high)


def _area(piece: Piece) -> float:
    corners = piece.footprint
    return abs(sum(a.x * b.y - b.x * a.y for a, b in zip(corners, [*corners[1:], corners[0]], strict=True))) / 2


def plausibility(layout: Layout) -> float:
    """Share of the pieces with a plausible size, less where they would fill the room; 1 for an empty layout."""
    if not layout.pieces:
        return 1.0
    sound = sum(_plausible(piece, layout.room) for piece in layout.pieces) / len(layout.pieces)
    floor = (layout.room.width_m or math.inf) * (layout.room.depth_m or math.inf)
    taken = sum(_area(piece) for piece in layout.pieces if not piece.name.startswith("rug")) / floor
    return sound * min(1.0, FULLEST / max(taken, FULLEST))
