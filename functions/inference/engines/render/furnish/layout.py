"""Rule-based furnishing: rate the places for every group that suits the room, try the best, let the seed choose."""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from functions.inference.engines.render.furnish import groups, rules
from functions.inference.engines.render.furnish.floorplan import (
    SIDE_WALL_GAP_M,
    Floorplan,
    Frame,
    Ground,
    Placed,
    rectangle,
)
from functions.inference.engines.render.furnish.furnishings import Furnishings, furnishings_of
from functions.inference.engines.render.furnish.groups import Group, Setting
from functions.inference.engines.render.furnish.homeplan import HomePlan
from functions.inference.engines.render.furnish.meshes.builder import Mesh
from functions.inference.engines.render.read.room import Room
from functions.inference.engines.render.read.walls import WallSurvey
from functions.inference.vision.arrays import Bools, Floats
from vitrine.contracts.catalogue import RoomType

Rng = np.random.Generator

STEP_M = 0.2
MOSTLY_SEEN, PARTLY_SEEN = 0.55, 0.3  # of the main piece; the second where nothing else fits
LIKED_DISTANCE_M, LIKED_PER_WIDTH = 2.3, 0.5  # from the camera: the second per metre of the group
SMALLEST_ON_SCREEN = 0.30  # share of the frame's width that the main piece should span
CHOICE_RANGE = 0.9  # a layout this much below the best one may still be chosen by the seed
CHOICE_TEMPERATURE = 0.4
TRIES, RETRIES, MOST_FAILURES = 4, 4, 16  # layouts wanted per group; places tried near one and in all
APART_M = 0.5  # nearer than that, two places count as one
NEAREST_ROW_M, FARTHEST_ROW_M, ROW_STEP_M = 1.6, 6.2, 0.35


@dataclass(frozen=True)
class GroupSpec:
    """A group that may furnish a room, in metres: its main piece, the floor it wants, and where it may stand.

    `back_height` is how high the wall behind must be plain; None lets pieces stand in the open, with `around` free
    beside and before the main piece. `bonus` adds to the score of every layout of the group. `rank` above 0 is for what
    is done only where no group of a lower rank fits; `lacks` says what is then missing.
    """

    group: Group
    main: tuple[float, float]
    area: tuple[float, float]
    back_height: float | None
    bonus: float = 0.0
    around: tuple[float, float] = (0.0, 0.0)
    rank: int = 0
    lacks: str = ""

    @property
    def name(self) -> str:
        return self.group.__name__


GROUPS: dict[RoomType, tuple[GroupSpec, ...]] = {
    RoomType.LIVING_ROOM: (
        GroupSpec(groups.sofa_group, (2.24, 0.98), (3.3, 3.0), 0.95),
        GroupSpec(groups.corner_group, (2.24, 0.98), (3.3, 3.0), 0.95),
        GroupSpec(groups.facing_sofas, (2.04, 0.98), (2.6, 3.4), 0.95),
        GroupSpec(groups.loveseat_group, (1.66, 0.98), (2.6, 2.6), 0.95),
        GroupSpec(groups.chair_pair, (2.3, 1.1), (2.4, 2.0), 0.95),
        GroupSpec(groups.reading_corner, (1.0, 1.0), (1.8, 1.4), 0.95, rank=1, lacks="a sofa"),
    ),
    RoomType.BEDROOM: (
        GroupSpec(groups.double_bed, (1.9, 2.25), (3.0, 2.9), 1.9, 1.1),
        GroupSpec(groups.small_double_bed, (1.7, 2.25), (2.7, 2.7), 1.9, 0.7),
        GroupSpec(groups.double_bed_one_stand, (1.9, 2.25), (2.6, 2.7), 1.9, rank=1),
        GroupSpec(groups.single_bed, (1.2, 2.25), (1.8, 2.5), 1.6, rank=2),
        GroupSpec(groups.reading_corner, (1.0, 1.0), (1.8, 1.4), 0.95, rank=3, lacks="a bed"),
    ),
    RoomType.DINING_ROOM: (
        GroupSpec(groups.dining_for_six, (1.9, 2.0), (3.0, 2.9), None, 1.3, groups.ROOM_AROUND),
        GroupSpec(groups.dining_for_four, (1.3, 2.0), (2.2, 2.5), None, 0.8, groups.ROOM_AROUND),
        GroupSpec(groups.dining_for_two, (1.2, 1.9), (1.6, 2.1), None, 0.0, groups.LITTLE_AROUND, rank=1),
    ),
    RoomType.OFFICE: (
        GroupSpec(groups.desk_at_wall, (1.5, 0.72), (2.6, 2.3), 1.3, 0.4),
        GroupSpec(groups.desk_in_room, (1.5, 1.7), (2.4, 2.6), 0.6, 0.1),
        GroupSpec(groups.small_desk, (1.2, 0.72), (1.6, 1.8), 1.3, rank=1),
    ),
    RoomType.NURSERY: (GroupSpec(groups.cot_group, (1.34, 0.76), (2.8, 2.3), 0.95),),
    RoomType.ENTRY_HALL: (
        GroupSpec(groups.hall, (1.24, 0.42), (1.8, 1.2), 1.45, 0.4),
        GroupSpec(groups.small_hall, (0.84, 0.42), (1.2, 1.0), 1.45),
    ),
    RoomType.KITCHEN: (
        GroupSpec(groups.dining_for_two, (1.2, 1.9), (1.6, 2.1), None, 0.0, groups.LITTLE_AROUND),
        GroupSpec(groups.kitchen_runner, (0.7, 0.7), (1.2, 1.4), 1.25, rank=1, lacks="a table"),
    ),
    RoomType.BATHROOM: (GroupSpec(groups.bath_corner, (0.5, 0.45), (1.1, 1.1), 0.7),),
}

WORTH: dict[str, float] = {
    "sofa": 1.5, "loveseat": 1.15, "armchair": 0.45, "coffee_table": 0.6, "side_table": 0.15, "floor_lamp": 0.2,
    "rug": 0.4, "plant": 0.2, "picture": 0.25, "mirror": 0.3, "pouf": 0.1, "bench": 0.2, "pendant": 0.2,
    "media_console": 0.35, "sideboard": 0.35, "bookcase": 0.35, "dresser": 0.3, "nightstand": 0.2, "bed": 1.0,
    "dining_set": 1.0, "desk": 1.0, "office_chair": 0.4,
}  # fmt: skip
"""What a piece adds to a layout's score, beside the score of the place."""


@dataclass(frozen=True)
class Place:
    """Where a group could go. `survey` is the wall behind it, None when it stands free."""

    score: float
    frame: Frame
    spec: GroupSpec
    survey: WallSurvey | None
    position: float


@dataclass(frozen=True)
class Arrangement:
    """A furnished room: the pieces, the place's score, how many layouts the seed could choose from, which it is.

    `lacks` names what a room of this type should have and this one has no room for.
    """

    pieces: tuple[Placed, ...]
    score: float
    alternatives: int
    frame: Frame
    name: str = ""
    lacks: str = ""

    @property
    def mesh(self) -> Mesh:
        return Mesh(part for piece in self.pieces for part in piece.mesh.parts)


def _stops(low: float, high: float) -> Floats:
    if high < low - 0.2:
        return np.array([])
    return np.linspace(low, max(low, high), max(1, int((high - low) / STEP_M) + 1))


def _anchors(ground: Ground, spec: GroupSpec) -> Iterator[tuple[Frame, WallSurvey | None, float]]:
    width = spec.main[0]
    if spec.back_height is None:
        yield from _floating(ground.room, spec)
        return
    for survey in ground.surveys:
        wall = survey.wall
        for u in _stops(wall.start + width / 2 + 0.12, wall.end - width / 2 - 0.12):
            if survey.clear(u - width / 2, u + width / 2, 0.25, spec.back_height) >= 0.9:
                yield Frame(wall.point(u, ground.foot(survey, u - width / 2, u + width / 2)), wall.turn), survey, u


def _floating(room: Room, spec: GroupSpec) -> Iterator[tuple[Frame, None, float]]:
    across, along = spec.main
    for y in np.arange(NEAREST_ROW_M, FARTHEST_ROW_M, ROW_STEP_M):
        for x in _stops(room.left + across / 2 + 0.3, room.right - across / 2 - 0.3):
            if y < room.back - 0.5:
                yield Frame(np.array([x, y + along / 2]), 0.0), None, float(x)
        for x in _stops(room.left + along / 2 + 0.3, room.right - along / 2 - 0.3):
            if y + across / 2 < room.back - 0.3:
                yield Frame(np.array([x - along / 2, y]), np.pi / 2), None, float(x)


def _lattice(frames: Sequence[Frame], width: float, depth: float) -> Floats:
    """Points over a rectangle before each frame: frames x 99 x 2."""
    a, d = np.meshgrid(np.linspace(-width / 2, width / 2, 11), np.linspace(0.05, depth, 9))
    base, along, out = (np.array([getattr(f, name) for f in frames]) for name in ("base", "along", "out"))
    return np.asarray(
        base[:, None] + a.reshape(1, -1, 1) * along[:, None] + d.reshape(1, -1, 1) * out[:, None], np.float64
    )


def _ratio(part: Bools, whole: Bools) -> Floats:
    return np.asarray(part.sum(1) / np.maximum(1, whole.sum(1)), np.float64)


def _stands(ground: Ground, frame: Frame, spec: GroupSpec) -> bool:
    width, depth = spec.main
    middle, (beside, before) = frame.at(0, depth / 2), spec.around
    footprint = rectangle(middle, width, depth, frame.turn)
    whole = rectangle(middle, width + 2 * beside, depth + 2 * before, frame.turn)
    free = ground.contains(whole, 0.0 if beside else SIDE_WALL_GAP_M) and ground.blocks_nothing(whole)
    return (
        free and ground.floor_share(footprint) > 0.8 and bool(np.linalg.norm(footprint, axis=1).min() > rules.NEAREST)
    )


def _scores(ground: Ground, frames: Sequence[Frame], spec: GroupSpec, least_seen: float) -> Floats:
    """How good places are; minus infinity where the main piece would not be seen."""
    main, area = _lattice(frames, *spec.main), _lattice(frames, *spec.area)
    seen, top = ground.sample(ground.seen, main), ground.sample(ground.top_seen, main)
    area_seen = ground.sample(ground.seen, area)
    inside = ground.room.contains(area[..., 0], area[..., 1], -0.02) & (area[..., 1] > 0.3)
    distance, liked = np.linalg.norm(main.mean(1), axis=1), LIKED_DISTANCE_M + LIKED_PER_WIDTH * spec.area[0]
    score = 2.0 * seen.mean(1) + top.mean(1) + 0.8 * area_seen.mean(1) + 1.5 * inside.mean(1)
    score += 2.5 * _ratio(ground.sample(ground.floor, main), seen)
    score += 1.2 * _ratio(ground.sample(ground.floor, area), area_seen)
    score -= 0.16 * np.abs(distance - liked) + 0.35 * np.maximum(0, min(2.6, liked) - distance)
    score -= 3.0 * np.maximum(0, 0.95 - np.minimum(seen, top).mean(1))
    hidden = (seen.mean(1) < least_seen) | (top.mean(1) < least_seen + 0.05)
    return np.where(hidden, -np.inf, score + _screen_terms(ground.room, frames, spec))


def _screen_terms(room: Room, frames: Sequence[Frame], spec: GroupSpec) -> Floats:
    """Prefer a main piece that spans enough of the frame, near its middle."""
    half, depth = spec.main[0] / 2, spec.main[1] / 2
    points = np.array([[f.at(-half, 0), f.at(half, 0), f.at(0, depth)] for f in frames]).reshape(-1, 2)
    pixels = room.project(np.c_[points, np.zeros(len(points))])[0].reshape(-1, 3, 2) / room.camera.width
    span = np.minimum(1.0, np.linalg.norm(pixels[:, 1] - pixels[:, 0], axis=1))
    side = np.array([1.0 if abs(np.sin(f.turn)) < 0.5 else 0.7 for f in frames])
    small = np.maximum(0.0, SMALLEST_ON_SCREEN * min(1.0, spec.main[0] / 1.6) - span / side)
    return np.asarray(-3.0 * small - 0.5 * np.abs(pixels[:, 2, 0] - 0.5), np.float64)


def _wall_terms(ground: Ground, place: Place) -> float:
    """Prefer the wall faced most and a view of the light; dislike covering what is on the wall."""
    if place.survey is None:
        return 0.0
    half = place.spec.main[0] / 2
    start, end = place.position - half, place.position + half
    busy, unseen = 1 - place.survey.clear(start, end, 0.25, 1.9), 1 - place.survey.seen_share(start, end, 0.2, 1.2)
    return (0.3 if place.survey.wall.name == "back" else 0.2) - 2.2 * busy - 2.0 * unseen + _view(ground, place.frame)


def _view(ground: Ground, frame: Frame) -> float:
    """0.3 for a group that looks at a window or a glass door, 0.15 for one beside it."""
    seat = frame.at(0, 0.5)
    ways = [(pane.middle - seat) / max(1e-6, float(np.linalg.norm(pane.middle - seat))) for pane in ground.panes]
    return max((0.3 if way @ frame.out > 0.8 else 0.15 if way @ frame.out > 0 else 0.0 for way in ways), default=0.0)


def places(ground: Ground, spec: GroupSpec, least_seen: float = MOSTLY_SEEN) -> list[Place]:
    """All places for a group at which the photo shows that share of the main piece, best first."""
    anchors = [anchor for anchor in _anchors(ground, spec) if _stands(ground, anchor[0], spec)]
    if not anchors:
        return []
    scores = _scores(ground, [frame for frame, _, _ in anchors], spec, least_seen)
    found = [
        Place(float(score), frame, spec, survey, position)
        for score, (frame, survey, position) in zip(scores, anchors, strict=True)
        if np.isfinite(score)
    ]
    rated = [Place(p.score + _wall_terms(ground, p), p.frame, spec, p.survey, p.position) for p in found]
    return sorted(rated, key=lambda p: -p.score)


def _alike(a: Frame, b: Frame, apart: float) -> bool:
    return bool(abs(a.turn - b.turn) < 0.1 and np.linalg.norm(a.base - b.base) < apart)


@dataclass(frozen=True)
class _Layout:
    """A group tried at a place, and how good the outcome is."""

    place: Place
    pieces: tuple[Placed, ...]
    score: float


def _tried(ground: Ground, place: Place, made: Furnishings, room_type: RoomType, seed: int) -> _Layout | None:
    key = f"{place.spec.name}{place.frame.base.round(2)}{place.frame.turn:.2f}"
    rng = np.random.default_rng([seed, zlib.crc32(key.encode())])
    plan = Floorplan(ground)
    setting = Setting(plan, place.frame, place.survey, place.position, made, room_type, rng)
    if not place.spec.group(setting) or not plan.sound() or not _with_ways(plan):
        return None
    worth = sum(WORTH.get(piece.name, 0.0) for piece in plan.placed)
    return _Layout(place, tuple(plan.placed), place.score + place.spec.bonus + worth)


def _with_ways(plan: Floorplan) -> bool:
    """Take out the pieces placed last until one can walk through the room; False when the main piece is in the way."""
    while not plan.walkable():
        if len(plan.standing) <= 1:
            return False
        plan.placed.remove(plan.standing[-1])
    return True


def _tried_all(
    ground: Ground, spec: GroupSpec, made: Furnishings, room_type: RoomType, seed: int, least_seen: float
) -> list[_Layout]:
    """A group's layouts at its best places that lie apart; near a place that fails, the next best one is tried."""
    done: list[_Layout] = []
    failed: list[Frame] = []
    for place in places(ground, spec, least_seen):
        near = sum(_alike(place.frame, frame, APART_M) for frame in failed)
        if near >= RETRIES or any(_alike(place.frame, layout.place.frame, APART_M) for layout in done):
            continue
        if tried := _tried(ground, place, made, room_type, seed):
            done.append(tried)
        else:
            failed.append(place.frame)
        if len(done) >= TRIES or len(failed) >= MOST_FAILURES:
            break
    return done


def layouts(ground: Ground, made: Furnishings, room_type: RoomType, seed: int) -> list[_Layout]:
    """What could be done with a room, best first: of the lowest rank of groups that fits at all."""
    ranks = sorted({spec.rank for spec in GROUPS[room_type]})
    for least_seen in (MOSTLY_SEEN, PARTLY_SEEN):
        for rank in ranks:
            specs = [spec for spec in GROUPS[room_type] if spec.rank == rank]
            tried = [_tried_all(ground, spec, made, room_type, seed, least_seen) for spec in specs]
            if found := sorted((one for some in tried for one in some), key=lambda layout: -layout.score):
                return found
    return []


def _choose(found: Sequence[_Layout], rng: Rng) -> tuple[_Layout, int]:
    kept = [layout for layout in found if layout.score > found[0].score - CHOICE_RANGE]
    weight = np.exp((np.array([layout.score for layout in kept]) - kept[0].score) / CHOICE_TEMPERATURE)
    return kept[int(rng.choice(len(kept), p=weight / weight.sum()))], len(kept)


def arrange(
    room: Room, surveys: Sequence[WallSurvey], room_type: RoomType, home: HomePlan, seed: int
) -> Arrangement | None:
    """Furnish a room with what its home has, or None when no group fits."""
    found = layouts(Ground(room, surveys), furnishings_of(home), room_type, seed)
    if not found:
        return None
    chosen, alternatives = _choose(found, np.random.default_rng([seed, 7]))
    place = chosen.place
    return Arrangement(chosen.pieces, place.score, alternatives, place.frame, place.spec.name, place.spec.lacks)
