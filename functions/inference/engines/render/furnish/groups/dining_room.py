"""Groups of a dining room: a table with its chairs."""

import numpy as np

from functions.inference.engines.render.furnish import rules
from functions.inference.engines.render.furnish.groups.placing import against, picture_at_any_wall, plant
from functions.inference.engines.render.furnish.groups.setting import Setting
from functions.inference.vision.arrays import Floats
from vitrine.contracts.catalogue import RoomType

ROOM_AROUND = (rules.CHAIR_ROOM, rules.CHAIR_ROOM - rules.CHAIR_DEPTH)
"""Beside a table's ends and behind the chairs along its sides, which stand out beyond its edge."""
LITTLE_AROUND = (rules.CHAIR_DEPTH, rules.CHAIR_ROOM - rules.CHAIR_DEPTH)
"""The same for a table at whose ends nobody sits."""


def dining_for_six(s: Setting) -> bool:
    return _dining(s, 1.8, 6)


def dining_for_four(s: Setting) -> bool:
    return _dining(s, 1.2, 4)


def dining_for_two(s: Setting) -> bool:
    return _dining(s, 1.0, 2)


def _dining(s: Setting, width: float, chairs: int) -> bool:
    """A table with its chairs."""
    table = s.made("dining_set", width, chairs)
    d = table.back
    s.rug(d - 1.2 if width > 1.5 else d - 1.0, ((2.9, 2.4),) if width > 1.5 else ((2.2, 2.0),))
    s.put(table, 0, d)
    _pendant(s, s.frame.at(0, d))
    if s.room_type is RoomType.KITCHEN:
        plant(s)
        return True
    against(s, s.made("sideboard", 1.6 if chairs > 2 else 1.2))
    plant(s)
    picture_at_any_wall(s)
    return True


def _pendant(s: Setting, over: Floats) -> None:
    room = s.plan.ground.room
    if not (room.ceiling_seen and room.ceiling_support > 0.3 and room.height < 3.4):
        return
    drop = room.height - (0.75 + rules.OVER_TABLE + 0.2)
    if room.project(np.r_[over, room.height])[0][0, 1] > 4:
        s.plan.put(s.made("pendant", round(drop, 2)), over, 0.0, room.height - 0.002, on_wall=True)
