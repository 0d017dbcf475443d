"""Rule-based furnishing: rate the places for every group that suits the room, try the best, let the seed choose."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from functions.inference.engines.render.furnish.floorplan import Floorplan
from functions.inference.engines.render.furnish.furnishings import Furnishings, furnishings_of
from functions.inference.engines.render.furnish.ground import Ground
from functions.inference.engines.render.furnish.groups import GROUPS
from functions.inference.engines.render.furnish.groups.setting import Setting
from functions.inference.engines.render.furnish.groups.spec import GroupSpec
from functions.inference.engines.render.furnish.homeplan import HomePlan
from functions.inference.engines.render.furnish.meshes.builder import Mesh
from functions.inference.engines.render.furnish.placed import Frame, Placed
from functions.inference.engines.render.furnish.places import MOSTLY_SEEN, PARTLY_SEEN, Place, places
from functions.inference.engines.render.read.room import Room
from functions.inference.engines.render.read.walls import WallSurvey
from vitrine.contracts.catalogue import RoomType

Rng = np.random.Generator

CHOICE_RANGE = 0.9  # a layout this much below the best one may still be chosen by the seed
CHOICE_TEMPERATURE = 0.4
TRIES, RETRIES, MOST_FAILURES = 4, 4, 16  # layouts wanted per group; places tried near one and in all
APART_M = 0.5  # nearer than that, two places count as one


WORTH: dict[str, float] = {
    "sofa": 1.5, "loveseat": 1.15, "armchair": 0.45, "coffee_table": 0.6, "side_table": 0.15, "floor_lamp": 0.2,
    "rug": 0.4, "plant": 0.2, "picture": 0.25, "mirror": 0.3, "pouf": 0.1, "bench": 0.2, "pendant": 0.2,
    "media_console": 0.35, "sideboard": 0.35, "bookcase": 0.35, "dresser": 0.3, "nightstand": 0.2, "bed": 1.0,
    "dining_set": 1.0, "desk": 1.0, "office_chair": 0.4,
}  # fmt: skip
"""What a piece adds to a layout's score, beside the score of the place."""


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
