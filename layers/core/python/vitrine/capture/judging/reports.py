"""A set's report from its numbers. Apart from `rules`, since `set_qc` needs the imaging layer."""

from vitrine.capture.judging.models import Measured
from vitrine.capture.judging.rules import failing
from vitrine.set_qc import judge
from vitrine.set_qc.models import Check, SetReport
from vitrine.set_qc.thresholds import Thresholds


def report(measured: Measured, thresholds: Thresholds) -> SetReport:
    """The report on a set from its numbers alone. Frames of no turn are judged one by one."""
    alone = {key: judge.judge_frame(found, thresholds) for key, found in measured.measures.items()}
    if measured.relations is None:
        return _without_turn(alone, measured, thresholds)
    in_turn = {frame.id: measured.measures[frame.id] for frame in measured.frames}
    found = judge.judge_set(measured.frames, measured.expected, in_turn, measured.relations, thresholds)
    frames = {key: {**checks, **found.frames.get(key, {})} for key, checks in alone.items()}
    return found.model_copy(update={"frames": frames})


def _without_turn(frames: dict[str, dict[str, Check]], measured: Measured, thresholds: Thresholds) -> SetReport:
    """`status` is the session's to say: which stills are wanted, the report does not know."""
    failed = any(failing(checks) for checks in frames.values())
    order = tuple(frame.id for frame in measured.frames)
    status = "failed" if failed else "complete"
    return SetReport(status=status, thresholds=thresholds.version, frames=frames, checks={}, order=order)
