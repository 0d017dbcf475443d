"""How pieces stand together: one function per group, each in the group's own axes (see floorplan.Frame)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from functions.inference.engines.render.furnish import rules
from functions.inference.engines.render.furnish.floorplan import (
    MOST_HIDDEN,
    Floorplan,
    Frame,
    Placed,
    area_of,
    footprint_of,
    rectangle,
    shared,
)
from functions.inference.engines.render.furnish.furnishings import Furnishing, Furnishings
from functions.inference.engines.render.read.walls import WallSurvey
from functions.inference.vision.arrays import Floats
from vitrine.contracts.catalogue import RoomType

Rng = np.random.Generator
Spot = tuple[float, float, float]
"""Along the wall from the group's middle, out from it, and the turn against it."""

RUGS = ((3.0, 2.1), (2.7, 1.9), (2.3, 1.6), (1.9, 1.3))
PLANT_HEIGHTS = (1.5, 1.0)
ART_MIDDLE_M = 1.5
STEP_M = 0.2
LITTLE_HIDDEN = 0.18  # of the main piece, by a chair before it


@dataclass(frozen=True)
class Setting:
    """What a group needs: the plan so far, where it stands, what the home has, and the seed's chance.

    `survey` is the wall behind the group and `position` its middle along it; None when the group stands free.
    """

    plan: Floorplan
    frame: Frame
    survey: WallSurvey | None
    position: float
    made: Furnishings
    room_type: RoomType
    rng: Rng

    @property
    def far(self) -> int:
        """The side of the group that is further from the camera, for tall pieces."""
        one, other = (np.linalg.norm(self.frame.at(s * 1.6, 0.6)) for s in (1, -1))
        return 1 if one >= other else -1

    def put(self, piece: Furnishing, a: float, d: float, turn: float = 0.0) -> Placed:
        return self.plan.put(piece, self.frame.at(a, d), self.frame.turn + turn)

    def offer(
        self, piece: Furnishing, spots: Iterable[Spot], margin: float = rules.PIECE_GAP, hiding: float = MOST_HIDDEN
    ) -> bool:
        """Place a piece on the first spot where it fits."""
        for a, d, turn in spots:
            if self.covers_something(piece, a, d):
                continue
            if self.plan.fits(piece, self.frame.at(a, d), self.frame.turn + turn, margin, hiding):
                self.put(piece, a, d, turn)
                return True
        return False

    def shows_front(self, a: float, d: float, turn: float) -> bool:
        """Whether the camera would not look at the back of a piece there."""
        at = self.frame.at(a, d)
        front = self.frame.out * np.cos(turn) + self.frame.along * np.sin(turn)
        return bool(-at @ front > -0.1 * np.linalg.norm(at))

    def covers_something(self, piece: Furnishing, a: float, d: float) -> bool:
        """Whether a tall piece at the group's wall would stand before what is on it."""
        if self.survey is None or piece.height <= rules.TALL or d > piece.depth + 0.3:
            return False
        u = self.position + a * float(self.frame.along @ self.survey.wall.along)
        return self.survey.clear(u - piece.half, u + piece.half, 0.25, piece.height) < 0.85

    def both_ways(self, spots: Sequence[Spot], first: int) -> Iterator[Spot]:
        """Each spot on one side, then mirrored on the other."""
        for a, d, turn in spots:
            yield from ((k * a, d, k * turn) for k in (first, -first))

    def rug(self, back: float, sizes: Sequence[tuple[float, float]] = RUGS, a: float = 0.0) -> bool:
        """The largest rug that lies on bare floor inside the room, its back edge `back` from the wall."""
        for width, depth in sizes:
            piece, centre = self.made("rug", width, depth), self.frame.at(a, back + depth / 2)
            if self.plan.lies_free(footprint_of(piece.mesh, centre, self.frame.turn)[0]):
                self.plan.put(piece, centre, self.frame.turn, flat=True)
                return True
        return False


Group = Callable[[Setting], bool]
"""Places a group; answers whether the pieces that it cannot do without found their place."""


def facing(a: float, d: float, target: float) -> Spot:
    """A spot whose piece looks at the group's axis, `target` out from the wall."""
    return a, d, float(np.arctan2(-a, target - d))


def against(s: Setting, piece: Furnishing, but: Sequence[str] = ()) -> bool:
    """Put a piece with its back to the plainest stretch of wall where it fits, best in the middle of that stretch."""
    options = []
    for survey in s.plan.ground.surveys:
        for u in _stops(survey, piece.half):
            clear = survey.clear(u - piece.half, u + piece.half, 0.25, piece.height + 0.05)
            if clear > 0.85 and survey.wall.name not in but:
                foot = s.plan.ground.foot(survey, u - piece.half, u + piece.half)
                centre = survey.wall.point(u, piece.back + foot)
                options.append((round(clear, 1), float(s.rng.random()), centre, survey.wall.turn))
    options.sort(key=lambda o: (-o[0], -o[1]))
    for _, _, centre, turn in options:
        if s.plan.fits(piece, centre, turn, 0.1):
            s.plan.put(piece, centre, turn)
            return True
    return False


def _stops(survey: WallSurvey, half: float) -> Floats:
    low, high = survey.wall.start + half + 0.1, survey.wall.end - half - 0.1
    return np.linspace(low, high, max(1, int((high - low) / STEP_M) + 1)) if high >= low else np.array([])


def in_corner(s: Setting, piece: Furnishing, off: float) -> bool:
    """Put a piece into a corner of the room, looking at the room's middle."""
    room = s.plan.ground.room
    corners = [(room.left + off, room.back - off, np.pi / 4), (room.right - off, room.back - off, -np.pi / 4)]
    corners.sort(key=lambda corner: float(s.rng.random()))
    for x, y, turn in corners:
        centre = np.array([x, y])
        if s.plan.fits(piece, centre, turn, 0.1):
            s.plan.put(piece, centre, turn)
            return True
    return False


def plant(s: Setting, spots: Sequence[Spot] = ()) -> bool:
    """The tallest plant that fits: beside the group, in a corner, or at a wall."""
    for height in PLANT_HEIGHTS:
        piece = s.made("plant", height)
        if s.offer(piece, spots) or in_corner(s, piece, piece.half + 0.12) or against(s, piece):
            return True
    return False


def pictures(s: Setting, over: float, widths: Sequence[float] = (1.25, 0.9, 0.6)) -> bool:
    """One picture, or a pair, on the wall behind; its middle at eye height, but clear of what is `over` m high."""
    if s.survey is None:
        return False
    if s.rng.random() < 0.5 and widths[0] > 1 and _pair(s, over):
        return True
    return any(_hang(s, s.survey, width, width * 0.68, over, 0.0, 0) for width in widths)


def _pair(s: Setting, over: float) -> bool:
    assert s.survey is not None
    before = len(s.plan.placed)
    if all(_hang(s, s.survey, 0.62, 0.82, over, a, k) for k, a in enumerate((-0.42, 0.42))):
        return True
    del s.plan.placed[before:]
    return False


def _hang(s: Setting, survey: WallSurvey, width: float, height: float, over: float, a: float, k: int) -> bool:
    """A picture `a` from the group's middle along a wall."""
    piece = s.made("picture", width, height, f"art-{s.room_type}-{k}")
    return hang(s, survey, piece, s.position + (a if survey.wall.turn == s.frame.turn else -a), over)


def hang(s: Setting, survey: WallSurvey, piece: Furnishing, u: float, over: float) -> bool:
    """Hang a piece where the wall is plain, seen, and free of what stands before it."""
    z = max(ART_MIDDLE_M - piece.height / 2, over + 0.15)
    top, start, end = z + piece.height, u - piece.half - 0.06, u + piece.half + 0.06
    if any(start < opening.end and end > opening.start for opening in survey.openings):
        return False
    if top > s.plan.ground.room.height - 0.15 or survey.clear(start, end, z - 0.05, top + 0.08) < 0.97:
        return False
    if survey.seen_share(start, end, z - 0.05, top + 0.08) < 0.9:
        return False
    box = s.plan.ground.screen_box(np.array([survey.wall.point(start), survey.wall.point(end)]), top, z)
    tall = [p for p in s.plan.standing[1:] if p.height > rules.TALL]  # the first is what it hangs over
    if any(shared(box, s.plan.ground.screen_box(p.footprint, p.height)) > 0.12 * area_of(box) for p in tall):
        return False
    s.plan.put(piece, survey.wall.point(u, 0.006), survey.wall.turn, z, on_wall=True)
    return True


def _beside(piece: Furnishing, edge: float) -> list[Spot]:
    """Next to a main piece that ends at `edge`, backs aligned."""
    return [(edge + gap + piece.half, max(piece.back, 0.24), 0.0) for gap in (0.06, 0.12)]


def _lamp_and_table(s: Setting, edge: float) -> None:
    lamp, table = s.made("floor_lamp"), s.made("side_table")
    s.offer(lamp, s.both_ways(_beside(lamp, edge), s.far))
    s.offer(table, s.both_ways(_beside(table, edge), -s.far))


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


def _seat(s: Setting, name: str, width: float) -> tuple[float, float]:
    """The main seat at the wall; answers where it ends to the side and to the front."""
    seat = s.made(name, width)
    s.put(seat, 0, seat.back)
    return seat.half, seat.depth


def _living_rest(s: Setting, facing_wall: bool) -> None:
    """What completes a living room: something at another wall, and a plant."""
    behind = (s.survey.wall.name,) if s.survey else ()
    if facing_wall and s.rng.random() < 0.75:
        names = [("media_console", 1.6), ("bookcase", 0.9), ("sideboard", 1.5)]
        order = s.made.home.rng("living_rest").permutation(len(names))
        any(against(s, s.made(*names[i]), behind) for i in order)


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
    s.offer(lamp, s.both_ways(_beside(lamp, reach + chair.half + 0.1), s.far))
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
    s.offer(lamp, s.both_ways(_beside(lamp, edge), s.far))
    s.offer(table, s.both_ways([(edge + table.half + 0.05, d, 0.0)], -s.far))
    pouf = s.made("pouf")
    s.offer(pouf, [facing(0.25 * k, d + chair.depth / 2 + 0.55, d) for k in (1, -1)], hiding=1.0)
    pictures(s, 0.95, (0.7, 0.5))
    plant(s, list(s.both_ways([(edge + 0.45, 0.4, 0.0)], -s.far)))
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
        _ = _corner_chair(s) or against(s, s.made("dresser"), behind)
    else:
        _ = against(s, s.made("dresser"), behind) or _corner_chair(s)
    plant(s, list(s.both_ways([(bed.half + 0.95, 0.42, 0.0)], s.far)))
    return True


ROOM_AROUND = (rules.CHAIR_ROOM, rules.CHAIR_ROOM - rules.CHAIR_DEPTH)
"""Beside a table's ends and behind the chairs along its sides, which stand out beyond its edge."""
LITTLE_AROUND = (rules.CHAIR_DEPTH, rules.CHAIR_ROOM - rules.CHAIR_DEPTH)
"""The same for a table at whose ends nobody sits."""


def _corner_chair(s: Setting) -> bool:
    """A chair in a corner of the room, with a lamp beside it if it fits."""
    if not in_corner(s, s.made("armchair"), 0.75):
        return False
    chair, lamp = s.plan.placed[-1], s.made("floor_lamp")
    beside = Frame(chair.centre, chair.turn)
    for k in (1, -1):
        centre = beside.at(k * 0.72, -0.1)
        if s.plan.fits(lamp, centre, chair.turn, rules.PIECE_GAP):
            s.plan.put(lamp, centre, chair.turn)
            break
    return True


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
    _art_anywhere(s)
    return True


def _pendant(s: Setting, over: Floats) -> None:
    room = s.plan.ground.room
    if not (room.ceiling_seen and room.ceiling_support > 0.3 and room.height < 3.4):
        return
    drop = room.height - (0.75 + rules.OVER_TABLE + 0.2)
    if room.project(np.r_[over, room.height])[0][0, 1] > 4:
        s.plan.put(s.made("pendant", round(drop, 2)), over, 0.0, room.height - 0.002, on_wall=True)


def _art_anywhere(s: Setting) -> bool:
    """A picture over the sideboard, else on the plainest wall."""
    for survey in s.plan.ground.surveys:
        middle = (survey.wall.start + survey.wall.end) / 2
        spots = sorted(_stops(survey, 0.6), key=lambda u: abs(u - middle))
        if any(_hang(s, survey, 1.1, 0.75, 0.9, u - s.position, 0) for u in spots if survey.wall.turn == s.frame.turn):
            return True
    return False


def dining_for_six(s: Setting) -> bool:
    return _dining(s, 1.8, 6)


def dining_for_four(s: Setting) -> bool:
    return _dining(s, 1.2, 4)


def dining_for_two(s: Setting) -> bool:
    return _dining(s, 1.0, 2)


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
    _ = s.offer(shelf, s.both_ways(_beside(shelf, edge + 0.15), s.far)) or against(s, shelf)
    _corner_chair(s)
    plant(s, list(s.both_ways([(edge + 0.45, 0.4, 0.0)], -s.far)))
    return True


def cot_group(s: Setting) -> bool:
    """A cot, drawers, a chair to feed in."""
    cot = s.made("cot")
    s.put(cot, 0, cot.back)
    s.rug(cot.depth + 0.1, ((2.2, 1.6), (1.8, 1.3), (1.4, 1.0)))
    drawers, chair = s.made("dresser"), s.made("armchair")
    _ = s.offer(drawers, [(s.far * a, d, turn) for a, d, turn in _beside(drawers, cot.half + 0.15)]) or against(
        s, drawers
    )
    spots = [facing(cot.half + 0.5, cot.depth + 0.7, cot.depth), facing(cot.half + 0.2, cot.depth + 1.0, 0.4)]
    _ = s.offer(chair, s.both_ways(spots, s.far), 0.1, LITTLE_HIDDEN) or _corner_chair(s)
    s.offer(s.made("pouf"), [(0.3, cot.depth + 0.7, 0.0), (-0.4, cot.depth + 0.7, 0.0)], hiding=1.0)
    pictures(s, cot.height, (0.6, 0.5))
    plant(s, list(s.both_ways([(cot.half + 0.4, 0.4, 0.0)], -s.far)))
    return True


def hall(s: Setting) -> bool:
    return _hall(s, 1.2)


def small_hall(s: Setting) -> bool:
    return _hall(s, 0.8)


def _hall(s: Setting, width: float) -> bool:
    """A console with a picture over it, a runner before it."""
    console, pouf = s.made("console", width), s.made("pouf")
    s.put(console, 0, console.back)
    s.rug(console.depth + 0.2, ((2.0, 0.8), (1.6, 0.7), (1.2, 0.6)))
    mirror = s.made("mirror", 0.7, 0.95)
    hung = s.rng.random() < 0.6 and s.survey is not None and hang(s, s.survey, mirror, s.position, 0.75)
    _ = hung or pictures(s, console.height - 0.35, (0.75, 0.5))
    bench = s.made("bench", 1.0)
    if not (width > 1 and s.rng.random() < 0.5 and against(s, bench)):
        s.offer(pouf, s.both_ways(_beside(pouf, console.half + 0.08), -s.far))
    plant(s, list(s.both_ways([(console.half + 0.45, 0.36, 0.0)], s.far)))
    return True


def bath_corner(s: Setting) -> bool:
    """A stool with towels at the wall, a mat, a plant: nothing that touches what is built in."""
    stool = s.made("towel_stool")
    s.put(stool, 0, stool.back)
    s.rug(stool.depth + 0.15, ((1.1, 0.7), (0.9, 0.6), (0.7, 0.5)))
    for height in (0.95, 0.8):
        piece = s.made("plant", height)
        if s.offer(piece, s.both_ways([(stool.half + piece.half + 0.08, piece.back, 0.0)], s.far)) or against(s, piece):
            break
    return True


def kitchen_runner(s: Setting) -> bool:
    """Where no table fits: a plant at the wall and a runner on the floor."""
    piece = s.made("plant", 1.2)
    s.put(piece, 0, piece.back)
    return s.rug(piece.depth + 0.3, ((2.0, 0.8), (1.6, 0.7), (1.2, 0.6))) or True
