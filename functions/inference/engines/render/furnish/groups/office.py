"""Groups of an office: a desk and its chair."""

import numpy as np

from functions.inference.engines.render.furnish import rules
from functions.inference.engines.render.furnish.groups.placing import against, corner_chair, pictures, plant
from functions.inference.engines.render.furnish.groups.setting import Setting, beside


def desk_at_wall(s: Setting) -> bool:
    return _desk(s, 1.4)


def small_desk(s: Setting) -> bool:
    return _desk(s, 1.1)


def _desk(s: Setting, width: float) -> bool:
    """A desk at the wall, its chair pulled out a little, shelves and a chair for visitors where there is room."""
    desk, chair = s.made("desk", width), s.made("office_chair")
    s.put(desk, 0, desk.back)
    s.rug(desk.depth - 0.15, ((2.2, 1.6), (1.8, 1.3), (1.4, 1.0)))
    d = desk.depth + 0.02 + chair.back
    if not s.offer(chair, [(0.06, d, np.pi + 0.25), (0.0, d + 0.05, np.pi), (-0.1, d, np.pi - 0.2)], hiding=1.0):
        return False
    return _office_rest(s, desk.half)


def desk_in_room(s: Setting) -> bool:
    """A desk that looks into the room, its user's back to the wall."""
    desk, chair = s.made("desk", 1.4), s.made("office_chair")
    s.put(desk, 0, rules.DESK_ROOM + desk.depth - desk.back, np.pi)
    if not s.offer(chair, [(0.0, rules.DESK_ROOM - 0.06 - (chair.depth - chair.back), 0.0)]):
        return False
    s.rug(rules.DESK_ROOM - 0.3, ((2.4, 1.7), (2.0, 1.5)))
    return _office_rest(s, desk.half)


def _office_rest(s: Setting, edge: float) -> bool:
    shelf = s.made("bookcase")
    pictures(s, 1.3 if s.survey else 0.0, (0.9, 0.6))
    _ = s.offer(shelf, s.both_ways(beside(shelf, edge + 0.15), s.far)) or against(s, shelf)
    corner_chair(s)
    plant(s, list(s.both_ways([(edge + 0.45, 0.4, 0.0)], -s.far)))
    return True
