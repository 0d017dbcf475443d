"""Groups of a bedroom: a bed, its nightstands, and what there is room for."""

from collections.abc import Sequence

import numpy as np

from functions.inference.engines.render.furnish import rules
from functions.inference.engines.render.furnish.furnishings import Furnishing
from functions.inference.engines.render.furnish.groups.placing import against, corner_chair, pictures, plant
from functions.inference.engines.render.furnish.groups.setting import Setting
from functions.inference.engines.render.furnish.polygons import rectangle


def double_bed(s: Setting) -> bool:
    """A wide bed between two nightstands, with a rug, a chair or a dresser where there is room."""
    return _bedroom(s, 1.6, True, ((2.9, 2.0), (2.5, 1.7), (2.2, 1.5)))


def double_bed_one_stand(s: Setting) -> bool:
    """The same with one nightstand where two do not fit; one still gets in on both sides."""
    bed = s.made("bed", 1.6)
    sides = [rectangle(s.frame.at(k * (bed.half + rules.BEDSIDE / 2), 1.2), rules.BEDSIDE, 1.8, s.frame.turn)
             for k in (1, -1)]  # fmt: skip
    free = all(s.plan.ground.contains(side, 0.0) for side in sides)
    return free and _bedroom(s, 1.6, False, ((2.5, 1.7), (2.2, 1.5)))


def small_double_bed(s: Setting) -> bool:
    return _bedroom(s, 1.4, True, ((2.5, 1.7), (2.2, 1.5), (1.9, 1.3)))


def single_bed(s: Setting) -> bool:
    """A narrow bed with one nightstand or two, for small rooms."""
    return _bedroom(s, 1.0, False, ((2.0, 1.4), (1.6, 1.2)))


def _bedroom(s: Setting, width: float, pair: bool, rugs: Sequence[tuple[float, float]]) -> bool:
    front = _bed(s, width, pair)
    if front is None:
        return False
    s.rug(front * 0.42, rugs)
    bed = s.made("bed", width)
    pictures(s, s.made.home.style.headboard + 0.02, (1.1, 0.8))
    behind = (s.survey.wall.name,) if s.survey else ()
    if width > 1.5 and s.rng.random() < 0.6:
        bench = s.made("bench", 1.2)
        s.offer(bench, [(0.0, front + 0.12 + bench.depth / 2, np.pi)], hiding=0.5)
    if s.rng.random() < 0.5:
        _ = corner_chair(s) or against(s, s.made("dresser"), behind)
    else:
        _ = against(s, s.made("dresser"), behind) or corner_chair(s)
    plant(s, list(s.both_ways([(bed.half + 0.95, 0.42, 0.0)], s.far)))
    return True


def _bed(s: Setting, width: float, pair: bool) -> float | None:
    """A bed with its nightstands, a pair or one; answers where it ends to the front, None when they do not fit."""
    bed, stand = s.made("bed", width), s.made("nightstand")
    s.put(bed, 0, bed.back)
    spots = [(k * (bed.half + 0.05 + stand.half), stand.back + 0.02) for k in (s.far, -s.far)]
    free = [(a, d) for a, d in spots if _room_for(s, stand, a, d)]
    if len(free) < (2 if pair else 1):
        return None
    for a, d in free:
        s.put(stand, a, d)
    return bed.depth


def _room_for(s: Setting, piece: Furnishing, a: float, d: float) -> bool:
    """Whether a piece can stand there, though the photo may not show it."""
    footprint = rectangle(s.frame.at(a, d), 2 * piece.half, piece.depth, s.frame.turn)
    seen = s.plan.ground.seen_share(footprint) > 0.2
    return s.plan.stands_free(footprint, 0.02) and (not seen or s.plan.on_bare_floor(footprint))
