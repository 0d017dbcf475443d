"""A set's frames among each other: features in, numbers out. Decodes no frame; the same set gives the same numbers."""

from collections.abc import Mapping, Sequence

import numpy as np

from vitrine.contracts.inference import SeenFrame
from vitrine.set_qc import beside, front, lineup, order, outline, places, steps, thumbs, tracks, wheels
from vitrine.set_qc.features import Features, unpack
from vitrine.set_qc.front import Round
from vitrine.set_qc.lineup import LEAST, Alone, Lineup
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
from vitrine.set_qc.outline import Mask, Silhouette
from vitrine.set_qc.scores import is_gap
from vitrine.set_qc.turn import Middle

_MOVED = 0.004
_GAP, _GAP_SIZE = 1.5, 1.45
"""From which log odds and size on a step counts as two or more where frames get their places on the turn."""


def relate(
    frames: Sequence[tuple[SetFrame, bytes]],
    mode: Mode,
    views: Mapping[str, SeenFrame] | None = None,
    masks: Mapping[str, bytes] | None = None,
) -> SetMeasures:
    """`frames` with the features that `measure` gave, in any order; `views` and `masks` (8-bit PNG) by a frame's id,
    as far as the endpoint saw them. Raises ValueError where features are none."""
    unpacked = {frame.id: unpack(data) for frame, data in frames}
    claimed = places.claimed([frame for frame, _ in frames])
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
    seen = [_silhouette(one, frame.id, masks, mode) for one, frame in zip(features, claimed, strict=True)]
    greys = thumbs.greys([one.small for one in features])
    whole = Lineup(
        claimed,
        tracks.without_stage([outline.within(one, on) for one, on in zip(features, seen, strict=True)]),
        places.places(claimed),
        thumbs.distances(greys, greys),
        thumbs.distances(greys, thumbs.mirrored(greys)),
        {},
    )
    return _measured(whole, mode, seen, views)


def _silhouette(features: Features, frame: str, masks: Mapping[str, bytes], mode: Mode) -> Silhouette | None:
    """By the mask; else a studio's rim is the stage, while a walk-around's is somebody's street."""
    masked = outline.from_mask(masks[frame], features.small) if frame in masks else None
    return masked or (outline.from_rim(features.small) if mode is Mode.STUDIO360 else None)


def _measured(whole: Lineup, mode: Mode, seen: list[Silhouette | None], views: Mapping[str, SeenFrame]) -> SetMeasures:
    swapped = order.swaps(whole.distances)
    alone, near = lineup.isolation(whole, seen), lineup.close(whole)
    line = lineup.kept(whole, near, alone, swapped)
    in_sight = mode is Mode.WALK360 and not any(one is not None for one in seen)
    middles, taken = _steps(whole, line, alone, in_sight)
    turn, rightward = _round(line, taken), _rightward(taken)
    on = _near(whole, rightward) if in_sight else [None if one is None else one.mask for one in seen]
    tour = order.shortest(whole.distances)
    length = order.length(whole.distances, range(whole.count))
    return SetMeasures(
        mode=mode,
        order=whole.ids(range(whole.count)),
        frames=tuple(beside.frames_of(whole, line, middles, seen, views, alone, _shapes(whole, line, turn, seen))),
        steps=taken,
        close=near,
        tour=whole.ids(tour),
        tour_gain=round(1 - order.length(whole.distances, tour) / max(length, 1e-9), 4),
        swaps=tuple(_swap(whole, at, gain) for at, gain in swapped),
        rightward=rightward,
        axis=_axis(whole, line, turn, on),
        differences=_differences(whole, line, turn),
        wheels=_wheels(whole, seen),
        width_ratio=front.shapes([one.width if one else None for one in seen]),
        masked=any(one is not None and one.source is Outline.MASK for one in seen),
    )


def _swap(whole: Lineup, at: int, gain: float) -> Pair:
    return Pair(first=whole.frames[at].id, second=whole.frames[(at + 1) % whole.count].id, score=round(gain, 4))


def _steps(
    whole: Lineup, kept: list[int], alone: Alone, in_sight: bool
) -> tuple[dict[int, Middle | None], tuple[Step, ...]]:
    if len(kept) < LEAST:
        return {}, ()
    frames = [whole.features[at] for at in kept]
    following = [*kept[1:], kept[0]]
    matches = [whole.matches(*pair) for pair in zip(kept, following, strict=True)]
    claimed = np.array(lineup.claimed_steps(whole, kept, alone), np.float64)
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
                distance=round(float(whole.distances[one, other]) / whole.usual, 4),
                size=None if np.isnan(size) else round(size, 3),
                gap_score=round(float(found.score[at]), 3),
                gap_count=int(found.count[at]),
                rightward=_moves_right(frames[at], frames[(at + 1) % len(kept)], matches[at], in_sight),
                shared=len(matches[at].first),
                claimed=int(claimed[at]),
                seam=at == len(kept) - 1,
            )
        )
    return dict(zip(kept, middles, strict=True)), tuple(taken)


def _moves_right(one: Features, other: Features, matches: tracks.Matches, in_sight: bool) -> float | None:
    """The share of moving points that move right. `in_sight`: the surroundings are among them, which move the other way
    when one walks; then the lower half's points, which are nearer, against the upper half's."""
    first, second = one.points[matches.first], other.points[matches.second]
    live = tracks.moving(first, second)
    if int(live.sum()) < 8:
        return None
    right = (second - first)[live, 0]
    if in_sight:
        low = first[live, 1] > np.median(first[live, 1])
        right = right[low] - np.median(right[~low])
    return round(float((right > 0).mean()), 4)


def _rightward(taken: Sequence[Step]) -> float | None:
    known = [step.rightward > 0.5 for step in taken if step.rightward is not None and step.rightward != 0.5]
    return round(sum(known) / len(known), 4) if len(known) >= LEAST else None


def _round(kept: list[int], taken: Sequence[Step]) -> Round | None:
    """By the claimed places, and by gaps that the pictures show where only one was claimed."""
    if len(kept) < LEAST:
        return None
    covered = np.array(
        [
            step.claimed + (step.gap_count if step.claimed == 1 and is_gap(step, _GAP, _GAP_SIZE) else 0)
            for step in taken
        ]
    )
    return Round(tuple(int(place) for place in np.cumsum(covered) - covered), int(covered.sum()))


def _axis(whole: Lineup, kept: list[int], turn: Round | None, on: Sequence[Mask | None]) -> Axis | None:
    if turn is None:
        return None
    total, margin = front.ridge(whole.mirror[np.ix_(kept, kept)], turn)
    first, second = (whole.frames[kept[end]].id for end in front.ends(total, turn))
    red = [_red(whole, on, [kept[one] for one in end]) for end in front.near(total, turn)]
    return Axis(first=first, second=second, margin=round(margin, 4), red_first=red[0], red_second=red[1])


def _red(whole: Lineup, on: Sequence[Mask | None], end: list[int]) -> float | None:
    """Of the frame that shows both corners best."""
    found = [front.red_lamps(whole.features[at].small, mask) for at in end if (mask := on[at]) is not None]
    return round(max(found), 5) if found else None


def _near(whole: Lineup, rightward: float | None) -> list[Mask | None]:
    """Each frame's vehicle by the points that move as near ones do: in sight of its surroundings these are the other
    way."""
    if rightward is None:
        return [None] * whole.count
    way, found = 1 if rightward > 0.5 else -1, []
    for at, one in enumerate(whole.features):
        matches = whole.matches(at, (at + 1) % whole.count)
        first = one.points[matches.first]
        moved = whole.features[(at + 1) % whole.count].points[matches.second] - first
        found.append(front.among(one.small, first[moved[:, 0] * way > _MOVED]))
    return found


def _shapes(whole: Lineup, kept: list[int], turn: Round | None, seen: list[Silhouette | None]) -> dict[int, float]:
    """What is cut off at a border has no shape of its own."""
    if turn is None:
        return {}
    shapes = [None if (one := seen[at]) is None or one.touches else outline.centred(one.mask) for at in kept]
    return dict(zip(kept, front.unmatched(shapes, whole.mirror[np.ix_(kept, kept)], turn), strict=True))


def _differences(whole: Lineup, kept: list[int], turn: Round | None) -> tuple[Difference, ...]:
    if turn is None or len(kept) < 12:
        return ()
    found = sorted(front.differing(whole.mirror[np.ix_(kept, kept)], turn), key=lambda one: -one[2])[:6]
    return tuple(
        Difference(first=whole.frames[kept[i]].id, second=whole.frames[kept[j]].id, score=round(score, 4))
        for i, j, score in found
    )


def _wheels(whole: Lineup, seen: list[Silhouette | None]) -> float | None:
    """Of the quarter of frames with the widest outlines, which show the sides."""
    wide = sorted((one.width, at) for at, one in enumerate(seen) if one is not None)[-max(2, whole.count // 4) :]
    scores = [wheels.two_wheels(whole.features[at].small, one) for _, at in wide if (one := seen[at]) is not None]
    return round(float(np.mean(sorted(scores)[len(scores) // 2 :])), 4) if len(scores) >= 2 else None
