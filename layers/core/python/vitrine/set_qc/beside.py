"""Each frame of a set among its neighbours."""

from collections.abc import Mapping, Sequence

import numpy as np

from vitrine.contracts.inference import SeenFrame
from vitrine.set_qc import colours, outline, standing
from vitrine.set_qc.lineup import Alone, Lineup
from vitrine.set_qc.models import FrameRelations
from vitrine.set_qc.outline import Silhouette
from vitrine.set_qc.standing import Array, Measured, offsets
from vitrine.set_qc.turn import Middle

_USUAL = {"shift_x": 0.002, "shift_y": 0.002, "scale": 0.006, "turn": 0.003}
"""Of frames that stand where they should: shares of the frame, of the size, and radians."""
_PIXEL, _SIZE, _LEAN = 0.002, 0.006, 2e-5
"""What a mask of 320 pixels tells at best: places, the logarithm of its size, its lean."""
_WIDER = 2.0
"""A smooth course leaves more at corners of the turn than its median has it."""


def frames_of(
    whole: Lineup,
    kept: list[int],
    middles: Mapping[int, Middle | None],
    seen: list[Silhouette | None],
    views: Mapping[str, SeenFrame],
    alone: Alone,
    shapes: Mapping[int, float],
) -> list[FrameRelations]:
    around = max(whole.places[-1] + 1, whole.count)
    courses = [
        outline.departures([getattr(one, name) if one else None for one in seen], whole.places, around)
        for name in ("centre", "lower", "height")
    ]
    stops, cast = _light(whole, kept)
    stands = _stands(kept, middles, _departures(whole, kept, seen))
    return [
        FrameRelations(
            id=frame.id,
            nearest=round(alone.nearest[at], 4),
            shared=round(alone.shared[at], 4),
            paint=round(alone.paint[at], 3),
            tone=round(alone.tone[at], 3),
            shape=round(shapes.get(at, 0.0), 4),
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


def _light(whole: Lineup, kept: list[int]) -> tuple[dict[int, float | None], dict[int, float | None]]:
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


def _departures(whole: Lineup, kept: list[int], seen: list[Silhouette | None]) -> dict[str, Measured]:
    """Of the kept frames' outlines: shift across and along, scale and turn (radians) against a turn's smooth course."""
    on = [seen[at] for at in kept]
    places, around = [whole.places[at] for at in kept], max(whole.places[-1] + 1, whole.count)

    def course(name: str) -> Array:
        values = [None if one is None else getattr(one, name) for one in on]
        return np.array(outline.departures(values, places, around), np.float64)

    stretch = np.array([np.nan if one is None else max(abs(one.stretch), 1e-4) for one in on])
    return {
        "shift_x": _by_spread(course("centre"), _PIXEL),
        "shift_y": _by_spread(course("middle"), _PIXEL),
        "scale": _by_spread(course("log_size"), _SIZE),
        "turn": _by_spread(course("lean") / stretch, _LEAN / stretch),
    }


def _by_spread(off: Array, least: Array | float) -> Measured:
    """Deviations by what is usual in the set, and by what a mask's pixels allow."""
    return Measured(off, np.hypot(_WIDER * standing.spread_of(off), least) * np.ones(len(off)))


def _stands(
    kept: list[int], middles: Mapping[int, Middle | None], outlines: Mapping[str, Measured]
) -> dict[int, dict[str, float]]:
    """Shift, scale and turn of each frame that its neighbours' points or its outline say something of."""
    line = [middles.get(at) for at in kept]
    found = {
        name: offsets(_by_points(line, name, part).with_usual(), outlines[name], usual)
        for part, (name, usual) in enumerate(_USUAL.items())
    }
    told = [one is not None or not np.isnan(off) for one, off in zip(line, outlines["scale"].value, strict=True)]
    return {
        one: {
            "shift_x": round(float(found["shift_x"][at]), 5),
            "shift_y": round(float(found["shift_y"][at]), 5),
            "scale": round(1 + float(found["scale"][at]), 5),
            "turn_deg": round(float(np.degrees(found["turn"][at])), 5),
        }
        for at, one in enumerate(kept)
        if told[at]
    }


def _by_points(line: Sequence[Middle | None], name: str, part: int) -> Measured:
    values = [np.nan if one is None else getattr(one, name) - (name == "scale") for one in line]
    return Measured(np.array(values), np.array([np.nan if one is None else one.doubts[part] for one in line]))
