"""Placing what is not part of a group's core: plants, pictures, and pieces at other walls or in corners."""

from collections.abc import Sequence

import numpy as np

from functions.inference.engines.render.furnish import rules
from functions.inference.engines.render.furnish.furnishings import Furnishing
from functions.inference.engines.render.furnish.groups.setting import Setting, Spot
from functions.inference.engines.render.furnish.placed import Frame
from functions.inference.engines.render.furnish.polygons import area_of, shared
from functions.inference.engines.render.read.walls import WallSurvey
from functions.inference.vision.arrays import Floats

PLANT_HEIGHTS = (1.5, 1.0)
ART_MIDDLE_M = 1.5
STEP_M = 0.2


def against(s: Setting, piece: Furnishing, but: Sequence[str] = ()) -> bool:
    """Put a piece with its back to the plainest stretch of wall where it fits, best in the middle of that stretch."""
    options = []
    for survey in s.plan.ground.surveys:
        for u in wall_stops(survey, piece.half):
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


def wall_stops(survey: WallSurvey, half: float) -> Floats:
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


def corner_chair(s: Setting) -> bool:
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
    return any(hang_picture(s, s.survey, width, width * 0.68, over, 0.0, 0) for width in widths)


def _pair(s: Setting, over: float) -> bool:
    assert s.survey is not None
    before = len(s.plan.placed)
    if all(hang_picture(s, s.survey, 0.62, 0.82, over, a, k) for k, a in enumerate((-0.42, 0.42))):
        return True
    del s.plan.placed[before:]
    return False


def hang_picture(s: Setting, survey: WallSurvey, width: float, height: float, over: float, a: float, k: int) -> bool:
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


def picture_at_any_wall(s: Setting) -> bool:
    """A picture over the sideboard, else on the plainest wall."""
    for survey in s.plan.ground.surveys:
        middle = (survey.wall.start + survey.wall.end) / 2
        spots = sorted(wall_stops(survey, 0.6), key=lambda u: abs(u - middle))
        if any(
            hang_picture(s, survey, 1.1, 0.75, 0.9, u - s.position, 0)
            for u in spots
            if survey.wall.turn == s.frame.turn
        ):
            return True
    return False
