"""Rule-based furnishing: score the places where a group could go, let the seed choose among the best, arrange it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from functions.inference.engines.render.camera import Floats
from functions.inference.engines.render.floorplan import Floorplan, Frame, Placed, rectangle
from functions.inference.engines.render.homeplan import HomePlan
from functions.inference.engines.render.meshes import beds, decor, seating, storage, tables
from functions.inference.engines.render.meshes.builder import Mesh
from functions.inference.engines.render.room import Room
from functions.inference.engines.render.styles import StyleSpec
from functions.inference.engines.render.walls import Wall, WallSurvey
from vitrine.contracts.catalogue import RoomType

Rng = np.random.Generator

WALL_GAP_M = 0.04
STEP_M = 0.2
LIKED_DISTANCE_M = 4.0
SMALLEST_ON_SCREEN = 0.30  # share of the frame's width that the main piece should span
CHOICE_RANGE = 0.7  # a place this much below the best one may still be chosen by the seed
CHOICE_TEMPERATURE = 0.3
NEAREST_ROW_M, FARTHEST_ROW_M, ROW_STEP_M = 1.6, 6.2, 0.35


@dataclass(frozen=True)
class GroupSpec:
    """What a room type needs, in metres: its main piece, the whole group, and how high its back must be clear."""

    main: tuple[float, float]
    group: tuple[float, float]
    wall_only: bool = False
    floating_only: bool = False


GROUPS: dict[RoomType, tuple[GroupSpec, ...]] = {
    RoomType.LIVING_ROOM: (GroupSpec((2.2, 0.96), (3.3, 3.0)), GroupSpec((1.75, 0.96), (2.6, 2.6))),
    RoomType.BEDROOM: (GroupSpec((1.7, 2.25), (3.0, 2.9), wall_only=True),
                       GroupSpec((1.5, 2.25), (2.2, 2.6), wall_only=True)),
    RoomType.DINING_ROOM: (GroupSpec((1.9, 2.0), (3.0, 2.9), floating_only=True),
                           GroupSpec((1.3, 2.0), (2.0, 2.2), floating_only=True)),
    RoomType.OFFICE: (GroupSpec((1.5, 0.72), (2.6, 2.5), wall_only=True),
                      GroupSpec((1.2, 0.72), (1.6, 1.8), wall_only=True)),
    RoomType.NURSERY: (GroupSpec((1.3, 0.74), (2.8, 2.3), wall_only=True),),
    RoomType.ENTRY_HALL: (GroupSpec((1.2, 0.38), (1.8, 1.2), wall_only=True),
                          GroupSpec((0.9, 0.38), (1.2, 1.0), wall_only=True)),
    RoomType.KITCHEN: (GroupSpec((1.3, 2.0), (1.6, 2.1), floating_only=True),
                       GroupSpec((0.8, 0.6), (1.0, 0.8), floating_only=True)),
    RoomType.BATHROOM: (GroupSpec((0.9, 0.6), (1.0, 0.8), floating_only=True),),
}  # fmt: skip


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
    """A furnished room: the pieces, the place's score, and how long the search's list of places was."""

    pieces: tuple[Placed, ...]
    score: float
    alternatives: int
    frame: Frame

    @property
    def mesh(self) -> Mesh:
        return Mesh(part for piece in self.pieces for part in piece.mesh.parts)


def _frames(
    room: Room, surveys: Sequence[WallSurvey], spec: GroupSpec
) -> Iterator[tuple[Frame, WallSurvey | None, float]]:
    width = spec.main[0]
    if not spec.floating_only:
        for survey in surveys:
            for u in _stops(survey.wall.start + width / 2 + 0.15, survey.wall.end - width / 2 - 0.15):
                yield Frame(survey.wall.point(u, WALL_GAP_M), survey.wall.turn), survey, u
    if not spec.wall_only:
        yield from _floating(room, spec)


def _floating(room: Room, spec: GroupSpec) -> Iterator[tuple[Frame, None, float]]:
    across, along = spec.main
    for y in np.arange(NEAREST_ROW_M, FARTHEST_ROW_M, ROW_STEP_M):
        for x in _stops(room.left + across / 2 + 0.3, room.right - across / 2 - 0.3):
            if y < room.back - 0.5:
                yield Frame(np.array([x, y + along / 2]), 0.0), None, x
        if spec.floating_only:
            for x in _stops(room.left + along / 2 + 0.3, room.right - along / 2 - 0.3):
                if y + across / 2 < room.back - 0.3:
                    yield Frame(np.array([x - along / 2, y]), np.pi / 2), None, x


def _stops(low: float, high: float) -> Floats:
    if high < low - 0.2:
        return np.array([])
    return np.linspace(low, max(low, high), max(1, int((high - low) / STEP_M) + 1))


def _grid(frame: Frame, width: float, depth: float) -> Floats:
    a, d = np.meshgrid(np.linspace(-width / 2, width / 2, 11), np.linspace(0.05, depth, 9))
    points = frame.base + a.reshape(-1, 1) * frame.along + d.reshape(-1, 1) * frame.out
    return np.asarray(np.c_[points, np.zeros(len(points))], np.float64)


def _share(hits: NDArray[np.bool_], of: NDArray[np.bool_]) -> float:
    return float((hits & of).sum() / max(1, of.sum()))


def _score(plan: Floorplan, frame: Frame, spec: GroupSpec, survey: WallSurvey | None, position: float) -> float | None:
    """How good a place is; None when the main piece cannot stand there."""
    room, (width, depth) = plan.room, spec.main
    middle = frame.at(0, depth / 2)
    footprint = rectangle(middle, width, depth, frame.turn)
    if not plan.stands_free(footprint) or np.linalg.norm(footprint, axis=1).min() < 1.1:
        return None
    main, group = _grid(frame, width, depth), _grid(frame, *spec.group)
    main_seen, top_seen = room.visible(main), room.visible(main + np.array([0, 0, 0.8]))
    if main_seen.mean() < 0.55 or top_seen.mean() < 0.6:
        return None
    main_floor, _ = room.on_floor(main)
    group_floor, group_seen = room.on_floor(group)
    inside = room.contains(group[:, 0], group[:, 1], -0.02) & (group[:, 1] > 0.3)
    distance = float(np.linalg.norm(middle))
    score = 2.0 * main_seen.mean() + top_seen.mean() + 0.8 * group_seen.mean()
    score += 2.5 * _share(main_floor, main_seen) + 1.2 * _share(group_floor, group_seen) + 1.5 * inside.mean()
    score -= 0.16 * abs(distance - LIKED_DISTANCE_M) + 0.35 * max(0.0, 2.6 - distance)
    return float(score + _screen_terms(plan, frame, spec) + _wall_terms(frame, spec, survey, position))


def _screen_terms(plan: Floorplan, frame: Frame, spec: GroupSpec) -> float:
    """Prefer a main piece that spans enough of the frame, near its middle."""
    half = spec.main[0] / 2
    ends = np.c_[np.array([frame.at(-half, 0), frame.at(half, 0)]), np.zeros(2)]
    pixels, _ = plan.room.project(ends)
    span = min(1.0, float(np.hypot(*(pixels[1] - pixels[0]))) / plan.room.camera.width)
    middle = plan.room.project(np.r_[frame.at(0, spec.main[1] / 2), 0.0])[0][0, 0] / plan.room.camera.width
    side = 1.0 if abs(np.sin(frame.turn)) < 0.5 else 0.7
    return -3.0 * max(0.0, SMALLEST_ON_SCREEN - span / side) - 0.5 * abs(float(middle) - 0.5)


def _wall_terms(frame: Frame, spec: GroupSpec, survey: WallSurvey | None, position: float) -> float:
    """Prefer a wall, the one faced most; dislike covering what is on it."""
    if survey is None:
        return 0.0 if spec.floating_only else -0.5
    half = spec.main[0] / 2
    busy = 1 - survey.clear(position - half, position + half, 0.25, 1.9)
    return (0.55 if survey.wall.name == "back" else 0.25) - 2.2 * busy


def places(plan: Floorplan, specs: Sequence[GroupSpec]) -> list[Place]:
    """All places for the first spec that has any, best first."""
    for spec in specs:
        found = [
            Place(score, frame, spec, survey, position)
            for frame, survey, position in _frames(plan.room, plan.surveys, spec)
            if (score := _score(plan, frame, spec, survey, position)) is not None
        ]
        if found:
            return sorted(found, key=lambda p: -p.score)
    return []


def distinct(found: Sequence[Place], apart: float = 0.5) -> list[Place]:
    """The good places of a sorted list, each at least `apart` metres from or turned against the better ones."""
    kept: list[Place] = []
    for place in found:
        near = [
            k for k in kept
            if abs(k.frame.turn - place.frame.turn) < 0.1 and np.linalg.norm(k.frame.base - place.frame.base) < apart
        ]  # fmt: skip
        if place.score > found[0].score - CHOICE_RANGE and not near:
            kept.append(place)
    return kept


def choose(found: Sequence[Place], rng: Rng) -> Place:
    kept = distinct(found)
    weight = np.exp((np.array([p.score for p in kept]) - kept[0].score) / CHOICE_TEMPERATURE)
    return kept[int(rng.choice(len(kept), p=weight / weight.sum()))]


@dataclass(frozen=True)
class _Setting:
    """What every arranger needs: the plan so far, the chosen place, the style, and its own chance."""

    plan: Floorplan
    place: Place
    home: HomePlan
    room_type: RoomType
    rng: Rng

    @property
    def style(self) -> StyleSpec:
        return self.home.style

    def chance(self, piece: str) -> Rng:
        return self.home.rng(piece)

    @property
    def frame(self) -> Frame:
        return self.place.frame

    def far_side(self) -> int:
        """The side of the group that is further from the camera, for tall pieces."""
        one, other = (np.linalg.norm(self.frame.at(s * 1.6, 0.6)) for s in (1, -1))
        return 1 if one >= other else -1

    def put(self, name: str, mesh: Mesh, a: float, d: float, turn: float = 0.0) -> None:
        self.plan.put(name, mesh, self.frame.at(a, d), self.frame.turn + turn)

    def offer(self, name: str, mesh: Mesh, spots: Sequence[tuple[float, float, float]]) -> bool:
        """Place a piece on the first of (a, d, turn) where it fits."""
        return any(self.plan.offer(name, mesh, self.frame.at(a, d), self.frame.turn + turn) for a, d, turn in spots)

    def rug(self, a: float, d: float, sizes: Sequence[tuple[float, float]]) -> None:
        """The largest rug that lies on bare floor inside the room."""
        for width, depth in sizes:
            if self.plan.lies_free(rectangle(self.frame.at(a, d), width, depth, self.frame.turn)):
                mesh = decor.rug(width, depth)
                self.plan.put("rug", mesh, self.frame.at(a, d), self.frame.turn, flat=True)
                return

    def picture(self, width: float, height: float, z: float, a: float = 0.0, name: str = "art0") -> None:
        """A picture on the wall behind, where the wall is plain, seen, and not too bright to hang one on."""
        survey = self.place.survey
        if survey is None or z + height > self.plan.room.height - 0.15:
            return
        u = self.place.position + (a if survey.wall.turn == self.frame.turn else -a)
        start, end = u - width / 2 - 0.08, u + width / 2 + 0.08
        if survey.clear(start, end, z - 0.05, z + height + 0.08) < 0.97:
            return
        if survey.seen_share(start, end, z - 0.05, z + height + 0.08) < 0.9:
            return
        mesh = decor.picture(self.style, width, height, f"art-{self.room_type}-{name[-1]}")
        self.plan.put(name, mesh, survey.wall.point(u, 0.006), survey.wall.turn, z, on_wall=True)


# Along the sofa from its middle, out from its wall, and turned towards the table.
CHAIR_SPOTS = ((1.75, 1.7, 62), (1.6, 2.1, 95), (1.5, 1.5, 70), (1.25, 2.45, 125), (0.9, 2.75, 150))
RUG_SIZES = ((3.0, 2.1), (2.7, 1.9), (2.3, 1.6), (1.9, 1.3))


def _living_room(s: _Setting) -> None:
    width = 2.2 if s.place.spec.main[0] > 2 else 1.75
    s.put("sofa", seating.sofa(s.style, s.chance("sofa"), width), 0, 0.50)
    s.rug(0, 1.55, RUG_SIZES)
    s.offer(
        "coffee_table",
        tables.coffee_table(s.style, s.chance("coffee_table")),
        [(0, 1.52, 0), (0, 1.62, 0), (0.15, 1.5, 0)],
    )
    far = s.far_side()
    edge = width / 2
    s.offer("floor_lamp", decor.floor_lamp(s.style), [(k * (edge + 0.32), 0.33, 0) for k in (far, -far)])
    s.offer("side_table", tables.side_table(s.style), [(k * (edge + 0.32), 0.36, 0) for k in (-far, far)])
    corner = [(k * (edge + off), 0.45, 0.0) for off in (0.95, 0.7, 0.5) for k in (far, -far)]
    chair = seating.armchair(s.style, s.chance("armchair"))
    angled = [(k * a, d, -k * np.radians(t)) for a, d, t in CHAIR_SPOTS for k in (far, -far)]
    s.offer("armchair", chair, angled)
    _plant(s, 1.5, corner)
    if s.rng.random() < 0.5:
        s.offer("pouf", seating.pouf(s.chance("pouf")), [(-far * 1.2, 1.95, 0.0), (far * 1.2, 2.1, 0.0)])
    _wall_pictures(s, 1.25)


def _plant(s: _Setting, height: float, spots: Sequence[tuple[float, float, float]]) -> None:
    """A plant beside the group, else wherever a wall is free."""
    mesh = decor.plant(s.style, s.chance("plant"), height)
    if not s.offer("plant", mesh, spots):
        _against_walls(s, "plant", mesh)


def _wall_pictures(s: _Setting, z: float) -> None:
    if s.rng.random() < 0.55:
        s.picture(1.25, 0.85, z)
        return
    for k, a in enumerate((-0.42, 0.42)):
        s.picture(0.62, 0.82, z, a, f"art{k}")


def _bedroom(s: _Setting) -> None:
    width = 1.6 if s.place.spec.main[0] > 1.6 else 1.4
    s.put("bed", beds.bed(s.style, s.chance("bed"), width), 0, 1.20)
    s.rug(0, 1.75, ((2.9, 2.0), (2.5, 1.7), (2.2, 1.5)))
    for side in (-1, 1):
        s.offer("nightstand", storage.nightstand(s.style), [(side * (width / 2 + a), 0.26, 0) for a in (0.40, 0.46)])
    far = s.far_side()
    chair = seating.armchair(s.style, s.chance("armchair"))
    s.offer("armchair", chair, [(k * a, 1.9, -k * np.radians(50)) for a in (1.9, 1.7) for k in (far, -far)])
    _plant(s, 1.45, [(k * a, 0.45, 0) for a in (1.85, 1.6) for k in (far, -far)])
    s.picture(1.1, 0.7, s.style.headboard + 0.2)


def _dining_room(s: _Setting) -> None:
    large = s.place.spec.main[0] > 1.5
    depth = s.place.spec.main[1] / 2
    s.rug(0, depth, ((2.9, 2.3), (2.5, 2.1), (2.0, 1.9)))
    s.put(
        "dining_set",
        tables.dining_set(s.style, s.chance("dining_set"), 1.8 if large else 1.2, 6 if large else 4),
        0,
        depth,
    )
    if s.plan.room.ceiling_seen and s.plan.room.ceiling_support > 0.3 and s.plan.room.height < 3.4:
        _hang_pendant(s, s.frame.at(0, depth))
    _against_walls(s, "sideboard", storage.sideboard(s.style, s.chance("sideboard")))
    _against_walls(s, "plant", decor.plant(s.style, s.chance("plant"), 1.55))


def _hang_pendant(s: _Setting, over: Floats) -> None:
    lamp = decor.pendant(s.style, s.plan.room.height - 1.8)
    pixels, _ = s.plan.room.project(np.r_[over, s.plan.room.height])
    if pixels[0, 1] > 4:
        s.plan.put("pendant", lamp, over, 0.0, s.plan.room.height - 0.002, on_wall=True)


def _against_walls(s: _Setting, name: str, mesh: Mesh) -> bool:
    """Put a piece with its back to the plainest stretch of any wall where it fits."""
    low, high = mesh.bounds()
    width, back = float(high[0] - low[0]), float(high[1])
    options = []
    for survey in s.plan.surveys:
        wall: Wall = survey.wall
        for u in _stops(wall.start + width / 2 + 0.12, wall.end - width / 2 - 0.12):
            clear = survey.clear(u - width / 2, u + width / 2, 0.25, min(float(high[2]), 1.5))
            options.append((clear, float(s.rng.random()) * 0.05, wall.point(u, back + 0.05), wall.turn))
    options.sort(key=lambda o: (-round(o[0], 1), -o[1]))
    return any(s.plan.offer(name, mesh, centre, turn) for clear, _, centre, turn in options if clear > 0.8)


def _office(s: _Setting) -> None:
    width = 1.4 if s.place.spec.main[0] > 1.3 else 1.1
    s.put("desk", tables.desk(s.style, s.chance("desk"), width), 0, 0.40)
    s.rug(0, 1.1, ((2.4, 1.7), (2.0, 1.4), (1.6, 1.2)))
    s.offer("office_chair", seating.office_chair(), [(0.05, 1.08, np.pi + 0.25), (0, 1.15, np.pi)])
    far = s.far_side()
    shelf = storage.bookcase(s.style, s.chance("bookcase"))
    if not s.offer("bookcase", shelf, [(k * a, 0.18, 0) for a in (width / 2 + 0.55,) for k in (far, -far)]):
        _against_walls(s, "bookcase", shelf)
    _plant(s, 1.45, [(k * (width / 2 + 0.5), 0.42, 0) for k in (-far, far)])
    chair = seating.armchair(s.style, s.chance("armchair"))
    s.offer("armchair", chair, [(k * 1.6, 1.7, -k * np.radians(40)) for k in (far, -far)])
    s.picture(0.9, 0.65, 1.45)


def _nursery(s: _Setting) -> None:
    s.put("cot", beds.cot(s.style, s.chance("cot")), 0, 0.38)
    s.rug(0, 1.4, ((2.4, 1.7), (2.0, 1.4), (1.6, 1.2)))
    far = s.far_side()
    drawers = storage.dresser(s.style, s.chance("dresser"))
    if not s.offer("dresser", drawers, [(k * 1.35, 0.29, 0) for k in (far, -far)]):
        _against_walls(s, "dresser", drawers)
    chair = seating.armchair(s.style, s.chance("armchair"))
    s.offer("armchair", chair, [(k * a, 1.45, -k * np.radians(55)) for a in (1.5, 1.25) for k in (far, -far)])
    s.offer("pouf", seating.pouf(s.chance("pouf")), [(0.3, 1.5, 0), (-0.5, 1.4, 0)])
    s.offer("plant", decor.plant(s.style, s.chance("plant"), 1.2), [(k * 0.95, 0.4, 0) for k in (-far, far)])
    for k, a in enumerate((-0.35, 0.35)):
        s.picture(0.5, 0.62, 1.25, a, f"art{k}")


def _entry_hall(s: _Setting) -> None:
    width = s.place.spec.main[0]
    s.put("console", storage.console(s.style, s.chance("console"), width), 0, 0.20)
    s.rug(0, 0.95, ((2.0, 0.8), (1.6, 0.7), (1.2, 0.6)))
    far = s.far_side()
    s.offer(
        "plant", decor.plant(s.style, s.chance("plant"), 1.4), [(k * (width / 2 + 0.4), 0.36, 0) for k in (far, -far)]
    )
    s.offer("pouf", seating.pouf(s.chance("pouf")), [(k * (width / 2 + 0.4), 0.34, 0) for k in (-far, far)])
    s.picture(0.75, 0.95, 1.15)


def _kitchen(s: _Setting) -> None:
    width, depth = s.place.spec.main
    if width > 1:
        s.put("dining_set", tables.dining_set(s.style, s.chance("dining_set"), 1.1, 2), 0, depth / 2)
    else:
        s.put("stool", seating.stool(s.style), 0, depth / 2)
        s.offer("stool", seating.stool(s.style), [(k * 0.55, depth / 2, 0) for k in (1, -1)])
    _against_walls(s, "plant", decor.plant(s.style, s.chance("plant"), 1.2))


def _bathroom(s: _Setting) -> None:
    s.rug(0, 0.3, ((0.9, 0.6), (0.7, 0.5)))
    low = seating.stool(s.style, 0.45).put(decor.throw(0.3, int(s.chance("towel").integers(1 << 30))), (0, 0, 0.48))
    s.offer("stool", low, [(k * 0.75, d, 0) for d in (0.1, 0.5) for k in (1, -1)])
    if not _against_walls(s, "plant", decor.plant(s.style, s.chance("plant"), 0.95)):
        s.offer("plant", decor.plant(s.style, s.chance("plant"), 0.9), [(k * 0.8, 0.3, 0) for k in (1, -1)])


_ARRANGERS: dict[RoomType, Callable[[_Setting], None]] = {
    RoomType.LIVING_ROOM: _living_room,
    RoomType.BEDROOM: _bedroom,
    RoomType.DINING_ROOM: _dining_room,
    RoomType.OFFICE: _office,
    RoomType.NURSERY: _nursery,
    RoomType.ENTRY_HALL: _entry_hall,
    RoomType.KITCHEN: _kitchen,
    RoomType.BATHROOM: _bathroom,
}


def arrange(
    room: Room, surveys: Sequence[WallSurvey], room_type: RoomType, home: HomePlan, seed: int
) -> Arrangement | None:
    """Furnish a room with what its home has, or None when the group's main piece fits nowhere."""
    plan = Floorplan(room, surveys, home)
    found = places(plan, GROUPS[room_type])
    if not found:
        return None
    rng = np.random.default_rng([seed, 7])
    place = choose(found, rng)
    _ARRANGERS[room_type](_Setting(plan, place, home, room_type, rng))
    pieces = tuple(plan.placed)
    return Arrangement(pieces, place.score, len(distinct(found)), place.frame) if pieces else None
