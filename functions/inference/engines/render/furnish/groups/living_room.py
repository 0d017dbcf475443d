"""Groups of a living room: sofas and chairs around a table."""

import numpy as np

from functions.inference.engines.render.furnish import rules
from functions.inference.engines.render.furnish.groups.placing import against, pictures, plant
from functions.inference.engines.render.furnish.groups.setting import LITTLE_HIDDEN, Setting, beside, facing


def sofa_group(s: Setting) -> bool:
    """A sofa facing the room, a table in reach, chairs across it."""
    return _sofa_group(s, "sofa", 2.2, 2)


def loveseat_group(s: Setting) -> bool:
    """The same for small rooms: two seats and one chair."""
    return _sofa_group(s, "loveseat", 1.6, 1)


def _sofa_group(s: Setting, name: str, width: float, chairs: int) -> bool:
    edge, front = _seat(s, name, width)
    s.rug(front - rules.RUG_UNDER_SEAT)
    table = _coffee_table(s, front)
    if table is None:
        return False
    _lamp_and_table(s, edge)
    _chairs(s, edge, front, table, 1 + int(s.rng.random() < 0.5) if chairs > 1 else 1)
    pictures(s, s.made(name, width).height)
    _living_rest(s, True)
    plant(s, list(s.both_ways([(edge + 0.5, 0.4, 0.0), (edge + 0.9, 0.45, 0.0)], s.far)))
    return True


def corner_group(s: Setting) -> bool:
    """A sofa and a loveseat at a right angle around one table."""
    edge, front = _seat(s, "sofa", 2.2)
    other = s.made("loveseat", 1.6)
    a, d = edge + other.depth / 2 - 0.2, front + 0.12 + other.half
    s.rug(front - rules.RUG_UNDER_SEAT)
    spots = [(k * a, d, -k * np.pi / 2) for k in (s.far, -s.far)]
    if not s.offer(other, [spot for spot in spots if s.shows_front(*spot)], hiding=0.5):
        return False
    if (table := _coffee_table(s, front)) is None:
        return False
    _lamp_and_table(s, edge)
    _chairs(s, edge, front, table, 1)
    pictures(s, s.made("sofa", 2.2).height)
    _living_rest(s, False)
    plant(s, list(s.both_ways([(edge + 0.5, 0.4, 0.0)], s.far)))
    return True


def facing_sofas(s: Setting) -> bool:
    """Two sofas across one table, for large rooms."""
    edge, front = _seat(s, "sofa", 2.0)
    s.rug(front - rules.RUG_UNDER_SEAT, ((2.8, 2.0), (2.4, 1.8)))
    if (table := _coffee_table(s, front)) is None:
        return False
    other = s.made("sofa", 2.0)
    across = 2 * table - front + other.back
    spots = [(0.0, across, np.pi), (0.0, across + 0.1, np.pi)]
    if not s.offer(other, [spot for spot in spots if s.shows_front(*spot)], hiding=0.55):
        return False
    _lamp_and_table(s, edge)
    pictures(s, other.height)
    _living_rest(s, False)
    plant(s, list(s.both_ways([(edge + 0.5, 0.4, 0.0)], s.far)))
    return True


def chair_pair(s: Setting) -> bool:
    """Two armchairs with a small table between them."""
    chair, table = s.made("armchair"), s.made("side_table")
    reach, turn = table.half + chair.half + 0.16, np.radians(14)
    d = chair.back + 0.14
    s.put(chair, -reach, d, turn)
    s.put(chair, reach, d, -turn)
    if not s.offer(table, [(0.0, d, 0.0), (0.0, d + 0.1, 0.0)], hiding=1.0):
        return False
    s.rug(d - 0.1, ((2.4, 1.7), (2.0, 1.4), (1.6, 1.2)))
    lamp, pouf = s.made("floor_lamp"), s.made("pouf")
    s.offer(lamp, s.both_ways(beside(lamp, reach + chair.half + 0.1), s.far))
    s.offer(pouf, [(k * 0.3, d + chair.depth / 2 + 0.75, 0.0) for k in (s.far, -s.far)], hiding=1.0)
    pictures(s, 0.95)
    _living_rest(s, True)
    plant(s, list(s.both_ways([(reach + chair.half + 0.4, 0.4, 0.0)], -s.far)))
    return True


def reading_corner(s: Setting) -> bool:
    """One chair, a lamp and a table to put a cup on."""
    chair, lamp, table = s.made("armchair"), s.made("floor_lamp"), s.made("side_table")
    d, turn = chair.back + 0.16, float(np.radians(12)) * -s.far
    s.put(chair, 0, d, turn)
    edge = chair.half + 0.08
    s.rug(d - 0.25, ((1.9, 1.4), (1.6, 1.2), (1.3, 0.9)))
    s.offer(lamp, s.both_ways(beside(lamp, edge), s.far))
    s.offer(table, s.both_ways([(edge + table.half + 0.05, d, 0.0)], -s.far))
    pouf = s.made("pouf")
    s.offer(pouf, [facing(0.25 * k, d + chair.depth / 2 + 0.55, d) for k in (1, -1)], hiding=1.0)
    pictures(s, 0.95, (0.7, 0.5))
    plant(s, list(s.both_ways([(edge + 0.45, 0.4, 0.0)], -s.far)))
    return True


def _seat(s: Setting, name: str, width: float) -> tuple[float, float]:
    """The main seat at the wall; answers where it ends to the side and to the front."""
    seat = s.made(name, width)
    s.put(seat, 0, seat.back)
    return seat.half, seat.depth


def _coffee_table(s: Setting, front: float, a: float = 0.0) -> float | None:
    """A table in reach of a seat that ends at `front`; answers how far out its middle is."""
    table = s.made("coffee_table")
    d = front + rules.TABLE_REACH + table.back
    spots = [(a + shift, d + out, 0.0) for out in (0.0, -0.08) for shift in (0.0, 0.15, -0.15, 0.3, -0.3)]
    if s.offer(table, spots, hiding=1.0):
        return d
    pouf = s.made("pouf")
    near = front + 0.3 + pouf.back
    return near if s.offer(pouf, [(a + shift, near, 0.0) for shift in (0.0, 0.4, -0.4)], hiding=1.0) else None


def _chairs(s: Setting, edge: float, front: float, table: float, most: int) -> None:
    """Armchairs across and beside the table, looking at it, within talking distance."""
    chair = s.made("armchair")
    around = [(edge + 0.3, front + 0.55), (edge + 0.15, front + 0.95), (edge - 0.15, front + 1.35)]
    around += [(edge - 0.4, front + 1.7), (0.75, front + 1.85), (edge + 0.6, front + 0.4), (0.0, front + 1.9)]
    spots = [facing(a, d, table) for a, d in around if np.hypot(a, d - front) < rules.CONVERSATION]
    placed = 0
    for _ in range(most):
        placed += s.offer(chair, s.both_ways(spots, s.far), margin=0.12, hiding=LITTLE_HIDDEN)


def _lamp_and_table(s: Setting, edge: float) -> None:
    lamp, table = s.made("floor_lamp"), s.made("side_table")
    s.offer(lamp, s.both_ways(beside(lamp, edge), s.far))
    s.offer(table, s.both_ways(beside(table, edge), -s.far))


def _living_rest(s: Setting, facing_wall: bool) -> None:
    """What completes a living room: something at another wall, and a plant."""
    behind = (s.survey.wall.name,) if s.survey else ()
    if facing_wall and s.rng.random() < 0.75:
        names = [("media_console", 1.6), ("bookcase", 0.9), ("sideboard", 1.5)]
        order = s.made.home.rng("living_rest").permutation(len(names))
        any(against(s, s.made(*names[i]), behind) for i in order)
