"""Each frame of a set among its neighbours."""

from collections.abc import Mapping, Sequence

import numpy as np

from vitrine.contracts.inference import SeenFrame
from vitrine.set_qc import colours, outline
from vitrine.set_qc.lineup import Alone, Lineup
from vitrine.set_qc.models import FrameRelations
from vitrine.set_qc.outline import Silhouette
from vitrine.set_qc.turn import Middle


def frames_of(
    whole: Lineup,
    kept: list[int],
    middles: Mapping[int, Middle | None],
    seen: list[Silhouette | None],
    views: Mapping[str, SeenFrame],
    alone: Alone,
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
