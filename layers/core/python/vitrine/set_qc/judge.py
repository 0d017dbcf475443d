"""Numbers and thresholds in, a verdict out. Pure: judging again under other thresholds decodes nothing."""

from collections.abc import Mapping, Sequence

from vitrine.set_qc import checks, frame_checks, set_checks, verdicts
from vitrine.set_qc.models import Check, FrameMeasures, SetFrame, SetMeasures, SetReport
from vitrine.set_qc.thresholds import Thresholds


def judge_frame(measures: FrameMeasures, thresholds: Thresholds) -> dict[str, Check]:
    """What can be said of a frame alone, by the document's names: `sharpness` and `exposure`."""
    return {
        "sharpness": frame_checks.sharpness(measures, thresholds),
        "exposure": frame_checks.exposure(measures, thresholds),
    }


def judge_set(
    frames: Sequence[SetFrame],
    expected: int | None,
    measures: Mapping[str, FrameMeasures],
    relations: SetMeasures,
    thresholds: Thresholds,
) -> SetReport:
    """The verdict on a whole set. `expected` is how many frames a turn has, None where nobody said.

    Only frames that `relations` and `measures` both know are judged; a frame that could not be read is missing.
    """
    found = set_checks.findings(frames, expected, relations, thresholds)
    each = {one.id: _frame(one.id, measures, relations, thresholds) for one in relations.frames if one.id in measures}
    for frame, name, check in set_checks.marks(found):
        if frame in each:
            each[frame][name] = check
    return verdicts.report(frames, each, found, thresholds)


def _frame(
    frame: str, measures: Mapping[str, FrameMeasures], relations: SetMeasures, thresholds: Thresholds
) -> dict[str, Check]:
    order = [one for one in relations.order if one in measures]
    one = next(one for one in relations.frames if one.id == frame)
    blur = frame_checks.blur([measures[other] for other in order], order.index(frame), thresholds)
    lights = [*frame_checks.rim(measures, frame, thresholds), *frame_checks.light(one, thresholds)]
    bright = [check for check in lights if check.code in {"brightness_drift", "brightness_jump", "even_light"}]
    tints = [check for check in lights if check not in bright]
    alone = judge_frame(measures[frame], thresholds)
    found = {
        "sharpness": checks.worst([alone["sharpness"], blur]),
        "exposure": checks.worst([alone["exposure"], *bright]),
        "position": frame_checks.position(one, thresholds),
        "crop": frame_checks.crop(one),
        "identity": frame_checks.identity(one, thresholds),
    }
    return {**found, "colour": checks.worst(tints)} if tints else found
