"""What numbers of the relations come to, for relating and for judging alike. Needs no library."""

from vitrine.set_qc.models import Close, FrameRelations, Step

_TRACE = 0.3
SAME = 0.25
"""Distance, in the set's median steps, below which pictures without enough points are copies."""


def is_copy(pair: Close, limit: float = SAME) -> bool:
    """By the points' motion where enough points are shared, else by the pictures' distance."""
    return pair.turned < 1 if pair.turned is not None else pair.distance < limit


def foreignness(nearest: float, shared: float, paint: float, outlined: float = 0.0) -> float:
    """Above 1 a frame belongs to another vehicle: it shares few points with its neighbours although these share many,
    and it looks or is painted unlike all others; or its outline says so (`unlike`), of which a trace tips nothing."""
    few = min(1.0, max(0.0, (0.95 - shared) / 0.35))
    strange = min(max((nearest - 1.2) / 1.2, 0.0), 2.0)
    other_paint = min(max((paint - 3) / 7, 0.0), 2.0)
    return few * (strange + other_paint) + (outlined if outlined >= _TRACE else 0.0)


def unlike(tone: float, shape: float = 0.0, size: float = 0.0) -> float:
    """Above 1 an outline holds another vehicle: by its paint (stops), by how much worse than usual it matches the frame
    that mirrors it, and by its height (a share of it). Of either alone a fault of light or place has some too, and the
    frame that mirrors a foreign one matches as badly; so paint alone counts half, and shape or height decides nothing.
    """
    of_shape = min(max((shape - 0.02) / 0.05, 0.0), 0.8)
    of_size = min(max((size - 0.05) / 0.05, 0.0), 0.6)
    counts = min(1.0, 0.5 + (of_shape + of_size) / 0.6)
    return counts * tone / 0.9 + of_shape + of_size


def outlined(one: FrameRelations) -> float:
    size = abs(one.height or 0.0) / max(one.height_share or 1.0, 0.05)
    return unlike(one.tone, one.shape, size)


def is_gap(step: Step, odds: float, size: float) -> bool:
    """From these log odds on, and from this size over one that was claimed: of a wide step less of it is enough."""
    return step.gap_score >= odds and step.size is not None and step.size / step.claimed >= size ** (1 / step.claimed)
