"""Where a group could go in a room, and how good each place is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from functions.inference.engines.render.furnish import rules
from functions.inference.engines.render.furnish.ground import SIDE_WALL_GAP_M, Ground
from functions.inference.engines.render.furnish.groups.spec import GroupSpec
from functions.inference.engines.render.furnish.placed import Frame
from functions.inference.engines.render.furnish.polygons import rectangle
from functions.inference.engines.render.read.room import Room
from functions.inference.engines.render.read.walls import WallSurvey
from functions.inference.vision.arrays import Bools, Floats

STEP_M = 0.2
MOSTLY_SEEN, PARTLY_SEEN = 0.55, 0.3  # of the main piece; the second where nothing else fits
LIKED_DISTANCE_M, LIKED_PER_WIDTH = 2.3, 0.5  # from the camera: the second per metre of the group
SMALLEST_ON_SCREEN = 0.30  # share of the frame's width that the main piece should span
NEAREST_ROW_M, FARTHEST_ROW_M, ROW_STEP_M = 1.6, 6.2, 0.35


@dataclass(frozen=True)
class Place:
    """Where a group could go. `survey` is the wall behind it, None when it stands free."""

    score: float
    frame: Frame
    spec: GroupSpec
    survey: WallSurvey | None
    position: float


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
