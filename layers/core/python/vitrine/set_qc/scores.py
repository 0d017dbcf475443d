"""What numbers of the relations come to, for relating and for judging alike. Needs no library."""

from vitrine.set_qc.models import Close, Step

SAME = 0.25
"""Distance, in the set's median steps, below which pictures without enough points are copies."""


def is_copy(pair: Close, limit: float = SAME) -> bool:
    """By the points' motion where enough points are shared, else by the pictures' distance."""
    return pair.turned < 1 if pair.turned is not None else pair.distance < limit


def foreignness(nearest: float, shared: float, paint: float) -> float:
    """Above 1 a frame belongs to another vehicle: it shares few points with its neighbours although these share many,
    and it looks or is painted unlike all others."""
    few = min(1.0, max(0.0, (0.95 - shared) / 0.35))
    unlike = min(max((nearest - 1.2) / 1.2, 0.0), 2.0)
    other_paint = min(max((paint - 3) / 7, 0.0), 2.0)
    return few * (unlike + other_paint)


def is_gap(step: Step, odds: float, size: float) -> bool:
    """From these log odds on, and from this size over one that was claimed: of a wide step less of it is enough."""
    return step.gap_score >= odds and step.size is not None and step.size / step.claimed >= size ** (1 / step.claimed)
