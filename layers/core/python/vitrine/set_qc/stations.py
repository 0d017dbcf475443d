"""Where a frame is taken from, in words that a photographer walks by."""

from vitrine.set_qc.models import Direction

_VIEWS = (
    (10, "front"),
    (35, "{side} front, near the front"),
    (55, "{side} front corner"),
    (80, "{side} front door"),
    (100, "{side} side"),
    (125, "{side} rear door"),
    (145, "{side} rear corner"),
    (170, "{side} rear, near the rear"),
    (181, "rear"),
)


def view(angle_deg: float) -> str:
    """What stands before the camera at an angle from the front, towards the vehicle's right side (as its driver)."""
    turned = angle_deg % 360
    side, from_front = ("right", turned) if turned <= 180 else ("left", 360 - turned)
    return next(words for limit, words in _VIEWS if from_front < limit).format(side=side)


def station(index: int | None, angle_deg: float | None, from_front: float | None) -> str:
    """Such as "frame 8, 105 degrees, right rear door" for `index` 7: people count from 1, as the files of a set and the
    page that shows it do. `from_front` as in `view`."""
    parts = ["frame of unknown place" if index is None else f"frame {index + 1}"]
    if angle_deg is not None:
        parts.append(f"{angle_deg:g} degrees")
    if from_front is not None:
        parts.append(view(from_front))
    return ", ".join(parts)


def from_front(angle_deg: float, front_deg: float | None, direction: Direction) -> float | None:
    """A frame's angle from the front towards the vehicle's right side; None where front or direction is unknown."""
    if front_deg is None or direction is Direction.UNKNOWN:
        return None
    walked = (angle_deg - front_deg) % 360
    return walked if direction is Direction.CLOCKWISE else (360 - walked) % 360
