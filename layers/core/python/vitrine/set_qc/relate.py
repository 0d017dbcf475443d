"""A set's frames among each other: features in, numbers out. Decodes no frame; the same set gives the same numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from vitrine.contracts.inference import SeenFrame
from vitrine.set_qc import colours, front, order, outline, steps, thumbs, tracks, wheels
from vitrine.set_qc.features import Features, unpack
from vitrine.set_qc.models import (
    Axis,
    Difference,
    FrameRelations,
    Mode,
    Outline,
    Pair,
    SetFrame,
    SetMeasures,
    Step,
)
from vitrine.set_qc.outline import Silhouette
from vitrine.set_qc.turn import Middle

_CLOSE = 0.5
_SAME = 0.25
_LEAST = 6
"""Below so many frames there is no turn to speak of."""


@dataclass(frozen=True, eq=False)
class _Set:
    """Frames in the claimed order, with what was measured between them."""

    frames: list[SetFrame]
    features: list[Features]
    places: list[int]
    distances: thumbs.Matrix
    mirror: thumbs.Matrix
    shared: dict[tuple[int, int], tracks.Matches]

    @property
    def count(self) -> int:
        return len(self.frames)

    def matches(self, one: int, other: int) -> tracks.Matches:
        if (one, other) not in self.shared:
            self.shared[one, other] = tracks.matched(self.features[one], self.features[other])
        return self.shared[one, other]

    def ids(self, at: Sequence[int]) -> tuple[str, ...]:
        return tuple(self.frames[one].id for one in at)


def relate(
    frames: Sequence[tuple[SetFrame, bytes]],
    mode: Mode,
    views: Mapping[str, SeenFrame] | None = None,
    masks: Mapping[str, bytes] | None = None,
) -> SetMeasures:
    """`frames` with the features that `measure` gave, in any order; `views` and `masks` (8-bit PNG) by a frame's id,
    as far as the endpoint saw them. Raises ValueError where features are none."""
    unpacked = {frame.id: unpack(data) for frame, data in frames}
    claimed = order.claimed([frame for frame, _ in frames])
    return related(claimed, [unpacked[frame.id] for frame in claimed], mode, views or {}, masks or {})


def related(
    claimed: list[SetFrame],
    features: list[Features],
    mode: Mode,
    views: Mapping[str, SeenFrame],
    masks: Mapping[str, bytes],
) -> SetMeasures:
    """As `relate`, from unpacked features in the claimed order."""
    if len(claimed) < 2:
        alone = tuple(FrameRelations(id=frame.id, nearest=1.0, shared=1.0, paint=0.0) for frame in claimed)
        return SetMeasures(mode=mode, order=tuple(frame.id for frame in claimed), frames=alone, steps=())
    greys = thumbs.greys([one.small for one in features])
    whole = _Set(
        claimed,
        features,
        order.places(claimed),
        thumbs.distances(greys, greys),
        thumbs.distances(greys, thumbs.mirrored(greys)),
        {},
    )
    seen = [_silhouette(one, frame.id, masks) for one, frame in zip(features, claimed, strict=True)]
    return _measured(whole, mode, seen, views)


def _silhouette(features: Features, frame: str, masks: Mapping[str, bytes]) -> Silhouette | None:
    masked = outline.from_mask(masks[frame], features.small) if frame in masks else None
    return masked or outline.from_rim(features.small)


def _measured(whole: _Set, mode: Mode, seen: list[Silhouette | None], views: Mapping[str, SeenFrame]) -> SetMeasures:
    usual = _usual_step(whole.distances)
    swapped = order.swaps(whole.distances)
    alone = _isolation(whole, usual)
    kept = _kept(whole, usual, alone, swapped)
    middles, taken = _steps(whole, kept, usual)
    tour = order.shortest(whole.distances)
    length = order.length(whole.distances, range(whole.count))
    return SetMeasures(
        mode=mode,
        order=whole.ids(range(whole.count)),
        frames=tuple(_frames(whole, kept, middles, seen, views, alone)),
        steps=taken,
        close=_close(whole, usual),
        tour=whole.ids(tour),
        tour_gain=round(1 - order.length(whole.distances, tour) / max(length, 1e-9), 4),
        swaps=tuple(
            Pair(first=whole.frames[at].id, second=whole.frames[(at + 1) % whole.count].id, score=round(gain, 4))
            for at, gain in swapped
        ),
        rightward=_rightward(taken),
        axis=_axis(whole, kept),
        differences=_differences(whole, kept),
        wheels=_wheels(whole, seen),
        width_ratio=front.shapes([one.width if one else None for one in seen]),
        masked=any(one is not None and one.source is Outline.MASK for one in seen),
    )


def _usual_step(distances: thumbs.Matrix) -> float:
    at = np.arange(len(distances))
    return max(float(np.median(distances[at, (at + 1) % len(distances)])), 1e-4)


@dataclass(frozen=True)
class _Alone:
    """Per frame: distance to the most like it, points shared with its neighbours against those that these share, and
    how far its colours are from theirs."""

    nearest: list[float]
    shared: list[float]
    paint: list[float]


def _isolation(whole: _Set, usual: float) -> _Alone:
    count = whole.count
    others = whole.distances + np.diag(np.full(count, np.inf))
    paints = colours.paints([one.small for one in whole.features])
    shared, paint = [], []
    for at in range(count):
        before, after = (at - 1) % count, (at + 1) % count
        beside = len(whole.matches(before, at).first) + len(whole.matches(at, after).first)
        shared.append(beside / (2 * len(whole.matches(before, after).first) + 8))
        paint.append(_off(paints[before], paints[at], paints[after]))
    return _Alone([float(one) for one in others.min(axis=1) / usual], shared, paint)


def _off(before: thumbs.Matrix, here: thumbs.Matrix, after: thumbs.Matrix) -> float:
    near = min(float(np.linalg.norm(here - before)), float(np.linalg.norm(here - after)))
    return max(0.0, near - float(np.linalg.norm(before - after)))


def _is_foreign(alone: _Alone, at: int) -> bool:
    return foreignness(alone.nearest[at], alone.shared[at], alone.paint[at]) > 1.0


def foreignness(nearest: float, shared: float, paint: float) -> float:
    """Above 1 a frame belongs to another vehicle: it shares few points with its neighbours although these share many,
    and it looks or is painted unlike all others."""
    few = max(0.0, 1 - shared / 0.6)
    return few * (min(max(nearest - 1, 0.0), 2.0) + min(paint / 12, 2.0)) * 1.5


def _kept(whole: _Set, usual: float, alone: _Alone, swapped: list[tuple[int, float]]) -> list[int]:
    """The frames that steps are measured between: without second copies and foreign ones, swapped ones put right."""
    line = list(range(whole.count))
    for at, gain in swapped:
        if gain > 0.1 and at + 1 < whole.count:
            line[at], line[at + 1] = line[at + 1], line[at]
    kept: list[int] = []
    for one in line:
        copy = bool(kept) and whole.distances[kept[-1], one] < _SAME * usual
        if not copy and not _is_foreign(alone, one):
            kept.append(one)
    if len(kept) > _LEAST and whole.distances[kept[-1], kept[0]] < _SAME * usual:
        kept.pop()
    return kept


def _claimed_steps(whole: _Set, kept: list[int]) -> list[int]:
    """Places from each kept frame to the next. A copy takes no place of its own where the frames have no index."""
    indexed = any(frame.index is not None for frame in whole.frames)
    found = [whole.places[after] - whole.places[before] for before, after in pairwise(kept)]
    return [max(1, far) if indexed else 1 for far in found] + [1]


def _steps(whole: _Set, kept: list[int], usual: float) -> tuple[dict[int, Middle | None], tuple[Step, ...]]:
    if len(kept) < _LEAST:
        return {}, ()
    frames = [whole.features[at] for at in kept]
    following = [*kept[1:], kept[0]]
    matches = [whole.matches(*pair) for pair in zip(kept, following, strict=True)]
    claimed = np.array(_claimed_steps(whole, kept), np.float64)
    middles = steps.middles_of(frames, matches, 2 * np.pi / max(len(kept), 8))
    between = whole.distances[np.ix_(kept, kept)]
    found = steps.sizes(steps.cues_of(middles, steps.rises_of(frames, matches), between, claimed), claimed)
    taken = []
    for at, (one, other) in enumerate(zip(kept, following, strict=True)):
        size = float(found.size[at])
        taken.append(
            Step(
                first=whole.frames[one].id,
                second=whole.frames[other].id,
                distance=round(float(whole.distances[one, other]) / usual, 4),
                size=None if np.isnan(size) else round(size, 3),
                gap_score=round(float(found.score[at]), 3),
                gap_count=int(found.count[at]),
                rightward=_moves_right(frames[at], frames[(at + 1) % len(kept)], matches[at]),
                shared=len(matches[at].first),
                claimed=int(claimed[at]),
                seam=at == len(kept) - 1,
            )
        )
    return dict(zip(kept, middles, strict=True)), tuple(taken)


def _moves_right(one: Features, other: Features, matches: tracks.Matches) -> float | None:
    """The share of moving points that move right, points low in the frame counting more: they are on the near side."""
    first, second = one.points[matches.first], other.points[matches.second]
    live = tracks.moving(first, second)
    if int(live.sum()) < 4:
        return None
    right = second[live, 0] > first[live, 0]
    return round(float(right.mean()), 4)


def _rightward(taken: Sequence[Step]) -> float | None:
    known = [step.rightward > 0.5 for step in taken if step.rightward is not None and step.rightward != 0.5]
    return round(sum(known) / len(known), 4) if len(known) >= _LEAST else None


def _close(whole: _Set, usual: float) -> tuple[Pair, ...]:
    ratio = whole.distances / usual
    pairs = np.argwhere(np.triu(ratio < _CLOSE, 1))
    return tuple(
        Pair(
            first=whole.frames[one].id,
            second=whole.frames[other].id,
            score=round(max(0.0, float(ratio[one, other])), 4),
        )
        for one, other in pairs
    )


def _axis(whole: _Set, kept: list[int]) -> Axis | None:
    if len(kept) < _LEAST:
        return None
    total, margin = front.ridge(whole.mirror[np.ix_(kept, kept)])
    first, second = (kept[end] for end in front.ends(total, len(kept)))
    red = [front.red_lamps(whole.features[end].small) for end in (first, second)]
    return Axis(
        first=whole.frames[first].id,
        second=whole.frames[second].id,
        margin=round(margin, 4),
        red_first=round(red[0], 5),
        red_second=round(red[1], 5),
    )


def _differences(whole: _Set, kept: list[int]) -> tuple[Difference, ...]:
    if len(kept) < 12:
        return ()
    mirror = whole.mirror[np.ix_(kept, kept)]
    total, _ = front.ridge(mirror)
    found = sorted(front.differing(mirror, total), key=lambda one: -one[2])[:6]
    return tuple(
        Difference(first=whole.frames[kept[i]].id, second=whole.frames[kept[j]].id, score=round(score, 4))
        for i, j, score in found
    )


def _wheels(whole: _Set, seen: list[Silhouette | None]) -> float | None:
    """Of the quarter of frames with the widest outlines, which show the sides."""
    wide = sorted((one.width, at) for at, one in enumerate(seen) if one is not None)[-max(2, whole.count // 4) :]
    scores = [wheels.two_wheels(whole.features[at].small, one) for _, at in wide if (one := seen[at]) is not None]
    return round(float(np.mean(sorted(scores)[len(scores) // 2 :])), 4) if len(scores) >= 2 else None


def _frames(
    whole: _Set,
    kept: list[int],
    middles: Mapping[int, Middle | None],
    seen: list[Silhouette | None],
    views: Mapping[str, SeenFrame],
    alone: _Alone,
) -> list[FrameRelations]:
    around = max(whole.places[-1] + 1, whole.count)
    courses = [
        outline.departures([getattr(one, name) if one else None for one in seen], whole.places, around)
        for name in ("centre", "lower", "height")
    ]
    stops, cast = _light(whole, kept)
    stands = _stands(kept, middles)
    return [
        FrameRelations(
            id=frame.id,
            nearest=round(alone.nearest[at], 4),
            shared=round(alone.shared[at], 4),
            paint=round(alone.paint[at], 3),
            ev=stops.get(at),
            cast=cast.get(at),
            **stands.get(at, {}),
            **_outlined(seen[at], [course[at] for course in courses], views.get(frame.id)),
        )
        for at, frame in enumerate(whole.frames)
    ]


def _outlined(one: Silhouette | None, off: list[float | None], view: SeenFrame | None) -> dict[str, object]:
    if one is None:
        return {"touches": view.touches if view else ()}
    centre, lower, height = (None if value is None else round(value, 5) for value in off)
    return {
        "outline": one.source,
        "centre": centre,
        "lower": lower,
        "height": height,
        "width_share": round(one.width, 4),
        "height_share": round(one.height, 4),
        "touches": view.touches if view and view.mask else one.touches,
    }


def _light(whole: _Set, kept: list[int]) -> tuple[dict[int, float | None], dict[int, float | None]]:
    """Stops and cast of each kept frame against both its neighbours."""
    following = [*kept[1:], kept[0]]
    changes = [
        colours.change(whole.features[one], whole.features[other], whole.matches(one, other))
        for one, other in zip(kept, following, strict=True)
    ]
    found: tuple[dict[int, float | None], dict[int, float | None]] = ({}, {})
    for at, one in enumerate(kept):
        apart = colours.standing(changes[at - 1], changes[at])
        found[0][one] = None if apart is None else round(apart.stops, 4)
        found[1][one] = None if apart is None else round(float(np.hypot(apart.a, apart.b)), 3)
    return found


def _stands(kept: list[int], middles: Mapping[int, Middle | None]) -> dict[int, dict[str, float]]:
    """Shift, scale and turn of each frame. A frame beside the odd one seems to stand off by half as much, the other
    way: only what is larger than at both neighbours counts."""
    found: dict[int, dict[str, float]] = {}
    line = [middles.get(at) for at in kept]
    parts = {
        "shift_x": [one.shift_x if one else 0.0 for one in line],
        "shift_y": [one.shift_y if one else 0.0 for one in line],
        "scale": [one.scale - 1 if one else 0.0 for one in line],
        "turn_deg": [float(np.degrees(one.turn)) if one else 0.0 for one in line],
    }
    for at, one in enumerate(kept):
        if line[at] is not None:
            values = {name: round(_peak(series, at), 5) for name, series in parts.items()}
            found[one] = {**values, "scale": round(1 + values["scale"], 5)}
    return found


def _peak(series: Sequence[float], at: int) -> float:
    here, beside = series[at], (series[at - 1], series[(at + 1) % len(series)])
    return here if abs(here) >= max(abs(one) for one in beside) else 0.0
