"""What is said of each frame: alone, and among its neighbours."""

import math
from collections.abc import Mapping, Sequence
from statistics import median

from vitrine.set_qc import checks
from vitrine.set_qc.checks import above, below, judged, passed
from vitrine.set_qc.models import Check, CheckStatus, FrameMeasures, FrameRelations, Outline
from vitrine.set_qc.scores import foreignness, outlined
from vitrine.set_qc.thresholds import Thresholds

_STEADY = "Hold the camera still or use a shorter exposure, focus on the vehicle, and shoot this frame again."
_SAME_LIGHT = "Lock exposure and white balance for the whole turn, check the lamps, and shoot this frame again."
_SAME_PLACE = "Put the camera back to its height and distance, level it, and shoot this frame again."
_OUTLINE_SURE = {Outline.MASK: 1.0, Outline.RIM: 0.8, None: 0.5}


def sharpness(measures: FrameMeasures, thresholds: Thresholds) -> Check:
    """On the document's scale, against the site's own floor: one limit for all would reject good night frames."""
    if measures.sharpness < 1.0:
        bad = ("no_detail", "Nothing sharp is on this frame.", _STEADY)
        return judged(measures.sharpness, (CheckStatus.FAIL, 1.0), bad, ("sharp", ""))
    floor = thresholds.soft_floor
    if floor is None or measures.sharpness >= floor:
        return passed("sharp", "No softness was found.", measures.sharpness, floor)
    bad = ("softer_than_site", "Softer than the frames that this site usually delivers.", _STEADY)
    return judged(measures.sharpness, (CheckStatus.WARN, floor), bad, ("sharp", ""))


def exposure(measures: FrameMeasures, thresholds: Thresholds) -> Check:
    """By brightness (0 to 1) and by the shares of pixels that are black or white."""
    light = "Expose less, or move the lamps back, and shoot this frame again."
    dark = "Expose longer or add light, and shoot this frame again."
    good = ("exposed", "Exposure is within limits.")
    found = [
        judged(
            measures.brightness,
            below(measures.brightness, thresholds.dark),
            ("too_dark", "The frame is too dark.", dark),
            good,
        ),
        judged(
            measures.brightness,
            above(measures.brightness, thresholds.bright),
            ("too_bright", "The frame is too bright.", light),
            good,
        ),
        judged(
            measures.clipped_highlights,
            above(measures.clipped_highlights, thresholds.highlights),
            ("clipped_highlights", "Too much of the frame is pure white.", light),
            good,
        ),
        judged(
            measures.clipped_shadows,
            above(measures.clipped_shadows, thresholds.shadows),
            ("clipped_shadows", "Too much of the frame is pure black.", dark),
            good,
        ),
    ]
    return checks.worst(found)


def blur(measures: Sequence[FrameMeasures], at: int, thresholds: Thresholds) -> Check:
    """Crispness over the median of the four frames beside, in the order of the turn."""
    ratio = blur_ratio(measures, at)
    return judged(
        ratio,
        below(ratio, thresholds.sharpness),
        ("blurred", f"Has {ratio:.0%} of the crispness of the frames beside it.", _STEADY),
        ("sharp", "As sharp as the frames beside it."),
    )


def blur_ratio(measures: Sequence[FrameMeasures], at: int) -> float:
    count = len(measures)
    beside = [crispness(measures[(at + far) % count]) for far in (-2, -1, 1, 2)] if count > 4 else []
    usual = median(beside) if beside else 0.0
    return crispness(measures[at]) / usual if usual > 0 else 1.0


def crispness(measures: FrameMeasures) -> float:
    """Fine detail over the root of coarse detail: from the front a vehicle has less of both than from the side, and
    blur takes the fine one first."""
    return measures.detail / math.sqrt(max(measures.coarse_detail, 1e-6))


def rim(measures: Mapping[str, FrameMeasures], frame: str, thresholds: Thresholds) -> list[Check]:
    """A studio's rim is the same in all frames: L* and a*b* against the set's median."""
    if thresholds.rim_lightness is None or thresholds.rim_colour is None or len(measures) < 4:
        return []
    usual = [median(one.ring_lab[part] for one in measures.values()) for part in range(3)]
    light, a, b = (own - mid for own, mid in zip(measures[frame].ring_lab, usual, strict=True))
    tint = (a * a + b * b) ** 0.5
    return [
        judged(
            abs(light),
            above(abs(light), thresholds.rim_lightness),
            (
                "brightness_drift",
                f"The studio is {_more(light, 'brighter', 'darker')} than in the other frames.",
                _SAME_LIGHT,
            ),
            ("even_light", "As bright as the other frames."),
        ),
        judged(
            tint,
            above(tint, thresholds.rim_colour),
            ("colour_drift", "The studio has another tint than in the other frames.", _SAME_LIGHT),
            ("even_colour", "The colour of the other frames."),
        ),
    ]


def light(one: FrameRelations, thresholds: Thresholds) -> list[Check]:
    found = []
    if one.ev is not None:
        words = f"The vehicle is {_more(one.ev, 'brighter', 'darker')} than in both frames beside."
        bad = ("brightness_jump", words, _SAME_LIGHT)
        good = ("even_light", "As bright as the frames beside.")
        found.append(judged(abs(one.ev), above(abs(one.ev), thresholds.ev), bad, good))
    if one.cast is not None:
        bad = ("colour_jump", "The vehicle has another tint than in both frames beside.", _SAME_LIGHT)
        good = ("even_colour", "The colour of the frames beside.")
        found.append(judged(one.cast, above(one.cast, thresholds.cast), bad, good))
    return found


def _more(value: float, more: str, less: str) -> str:
    return more if value > 0 else less


def position(one: FrameRelations, thresholds: Thresholds) -> Check:
    """Where the neighbours' points put the frame, and where its outline stands."""
    found = [*_stands(one, thresholds), *_outlined(one, thresholds)]
    if not found:
        return passed("position_unknown", "Too little is shared with the frames beside to tell.", sure=0.3)
    return checks.worst(found)


def _stands(one: FrameRelations, thresholds: Thresholds) -> list[Check]:
    if one.shift_x is None or one.shift_y is None or one.scale is None or one.turn_deg is None:
        return []
    shift, scale, turn = (one.shift_x**2 + one.shift_y**2) ** 0.5, abs(one.scale - 1), abs(one.turn_deg)
    good = ("in_place", "Stands as the frames beside.")
    return [
        judged(
            turn,
            above(turn, thresholds.turn_deg),
            ("tilted", f"Turned by {turn:.1f} degrees against the frames beside.", _SAME_PLACE),
            good,
        ),
        judged(
            scale,
            above(scale, thresholds.scale),
            (
                "other_scale",
                f"{scale:.1%} {_more(one.scale - 1, 'larger', 'smaller')} than the frames beside.",
                _SAME_PLACE,
            ),
            good,
        ),
        judged(
            shift,
            above(shift, thresholds.shift),
            ("shifted", f"Shifted by {shift:.1%} of the frame against the frames beside.", _SAME_PLACE),
            good,
        ),
    ]


def _outlined(one: FrameRelations, thresholds: Thresholds) -> list[Check]:
    sure = _OUTLINE_SURE[one.outline]
    rules = (
        (_moved(one), thresholds.lower, "other_height", "The vehicle stands higher or lower than in the other frames."),
        (_grown(one), thresholds.height, "other_size", "The vehicle is larger or smaller than its turn has it."),
        (one.centre, thresholds.centre, "off_centre", "The vehicle is off its place across the frame."),
    )
    return [
        judged(abs(off), above(abs(off), band), (code, words, _SAME_PLACE), ("in_place", "Stands in its place."), sure)
        for off, band, code, words in rules
        if off is not None
    ]


def _edges(one: FrameRelations) -> tuple[float, float] | None:
    """By how much the outline's lower and upper edge stand off. One edge alone tells nothing: a mask has taken in the
    vehicle's shadow, which those that the frame's rim tells do, and those of the endpoint do not."""
    return None if one.lower is None or one.height is None else (one.lower, one.lower - one.height)


def _moved(one: FrameRelations) -> float | None:
    """As far as both edges go the same way."""
    edges = _edges(one)
    if edges is None:
        return None
    return min(edges, key=abs) if edges[0] * edges[1] > 0 else 0.0


def _grown(one: FrameRelations) -> float | None:
    """Twice as far as both edges go apart, or together."""
    edges = _edges(one)
    if edges is None:
        return None
    return 2 * min(map(abs, edges)) if edges[0] * edges[1] < 0 else 0.0


def crop(one: FrameRelations) -> Check:
    if not one.touches:
        sure = _OUTLINE_SURE[one.outline]
        return passed("whole", "The vehicle is whole on the frame.", 0.0, 1.0, sure if one.outline else 0.3)
    remedy = "Step back or use a wider lens, so that the whole vehicle is on the frame, and shoot it again."
    words = f"The vehicle is cut off at the {' and the '.join(one.touches)}."
    status = CheckStatus.FAIL if one.outline is not Outline.RIM else CheckStatus.WARN
    sure = _OUTLINE_SURE[one.outline]
    return judged(float(len(one.touches)), (status, 1.0), ("cropped", words, remedy), ("whole", ""), sure)


def identity(one: FrameRelations, thresholds: Thresholds) -> Check:
    score = foreignness(one.nearest, one.shared, one.paint, outlined(one))
    return judged(
        score,
        above(score, thresholds.foreign),
        (
            "foreign_frame",
            "Does not show what the frames beside it show.",
            "Remove this frame if it shows another vehicle, and shoot its station again.",
        ),
        ("same_vehicle", "Shows what the frames beside it show."),
    )
