"""What is wrong with a turn is named at the frame where it is."""

from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np
import pytest

from tests.bench import capture_damage as damage
from tests.unit.set_qc import turntable
from tests.unit.set_qc.turntable import judged, measured, names, related
from vitrine.set_qc.judge import judge_set
from vitrine.set_qc.measure import Measured
from vitrine.set_qc.models import CheckStatus, Direction, Mode, Outline, SetFrame, SetMeasures, SetReport
from vitrine.set_qc.relate import relate
from vitrine.set_qc.thresholds import DEFAULT

COUNT = 24


@lru_cache
def sound() -> tuple[Measured, ...]:
    return tuple(measured(turntable.turn(COUNT)))


def with_one(at: int, way: damage.Damage) -> list[Measured]:
    line = list(sound())
    line[at] = measured([way(turntable.frame(360 * at / COUNT))])[0]
    return line


def named(report: SetReport, *checks: str) -> set[int]:
    """The frames of which one of the checks says more than that it passes."""
    return {
        int(frame[1:])
        for frame, found in report.frames.items()
        if any(found[name].status is not CheckStatus.PASS for name in checks if name in found)
    }


@pytest.fixture(scope="module")
def report() -> SetReport:
    return judged(list(sound()), expected=COUNT)


def test_of_a_sound_turn_nothing_is_named(report: SetReport) -> None:
    assert report.status == "complete"
    assert (report.missing, report.duplicates, report.swapped, report.foreign) == ((), (), (), ())
    assert (report.direction, report.front_frame) == (Direction.CLOCKWISE, "f0")
    assert report.checks["seam"].code == "seam_closed"
    assert report.order == tuple(frame.id for frame in names(COUNT))
    assert named(report, "exposure", "colour", "position", "crop", "identity") == set()
    assert report.reshoot == ()


@pytest.mark.parametrize(
    ("at", "way", "check"),
    [
        (3, damage.BLURS["gauss 2.5"], "sharpness"),
        (10, damage.motion(15), "sharpness"),
        (14, damage.exposed(0.5), "exposure"),
        (6, damage.cast(1.08, 0.92), "colour"),
        (17, damage.moved(across=0.05), "position"),
        (20, damage.moved(turn_deg=3.0), "position"),
    ],
)
def test_one_bad_frame_is_named_and_no_other(at: int, way: damage.Damage, check: str) -> None:
    assert named(judged(with_one(at, way)), check) == {at}


def test_a_blurred_frame_is_to_be_shot_again_at_its_station() -> None:
    found = judged(with_one(7, damage.BLURS["gauss 2.5"]))
    assert found.status == "failed"
    assert [(one.id, one.station) for one in found.reshoot] == [("f7", "frame 8, 105 degrees, right rear door")]
    assert found.reshoot[0].codes == ("blurred",)


@pytest.mark.parametrize("at", [2, 8, 15])
def test_a_missing_frame_is_found_in_the_pictures_alone_at_its_place(at: int) -> None:
    found = judged([*sound()[:at], *sound()[at + 1 :]])
    assert [(gap.after, gap.count, gap.by_names) for gap in found.missing] == [(f"f{at - 1}", 1, False)]
    assert found.missing[0].confidence <= 0.5
    assert found.checks["missing"].status is CheckStatus.WARN


def test_a_gap_in_the_names_is_sure_and_told_once() -> None:
    kept = [at for at in range(COUNT) if at not in (5, 6)]
    frames = [SetFrame(id=f"f{at}", index=at, name=f"img{at}") for at in kept]
    found = judged([sound()[at] for at in kept], frames, COUNT)
    assert [(gap.after, gap.count, gap.confidence) for gap in found.missing] == [("f4", 2, 1.0)]
    assert found.status == "incomplete"
    assert [one.index for one in found.reshoot] == [5, 6]


@pytest.mark.parametrize("name", list(damage.COPIES))
def test_a_copy_is_found_whatever_was_done_to_it(name: str) -> None:
    copy = measured([damage.COPIES[name](turntable.frame(360 * 5 / COUNT))])
    found = judged([*sound()[:6], *copy, *sound()[6:]])
    assert [(pair.first, pair.second) for pair in found.duplicates] == [("f5", "f6")]
    assert found.missing == ()


def test_two_swapped_frames_are_named_and_put_right() -> None:
    line = list(sound())
    line[9], line[10] = line[10], line[9]
    found = judged(line)
    assert [(pair.first, pair.second) for pair in found.swapped] == [("f9", "f10")]
    assert found.order[8:12] == ("f8", "f10", "f9", "f11")
    assert found.missing == ()


def test_a_frame_of_another_vehicle_is_named() -> None:
    line = list(sound())
    line[13] = measured([turntable.frame(360 * 13 / COUNT, seed=9, tint=(1.0, 0.5, 0.3))])[0]
    found = judged(line)
    assert found.foreign == ("f13",)
    assert found.status == "failed"


def test_a_turn_the_other_way_round_is_told() -> None:
    line = list(sound())[::-1]
    wanted = DEFAULT[Mode.STUDIO360].model_copy(update={"direction": Direction.CLOCKWISE})
    found = judged(line, thresholds=wanted)
    assert found.direction is Direction.COUNTER_CLOCKWISE
    assert found.checks["direction"].code == "reversed"


def test_a_turn_that_begins_elsewhere_keeps_its_front() -> None:
    assert judged([*sound()[7:], *sound()[:7]]).front_frame == f"f{COUNT - 7}"


@pytest.mark.parametrize("began", [0, 6, 14])
def test_lost_and_doubled_frames_leave_the_front_where_it_is(began: int) -> None:
    """As in the demo: 13 stands again in 14's place, and 19 is lost."""
    line = {at: sound()[(at + began) % COUNT] for at in range(COUNT) if at != 19}
    line[14] = measured([damage.COPIES["shifted 1 %"](turntable.frame(360 * (13 + began) / COUNT))])[0]
    frames = [SetFrame(id=f"f{at}", index=at, name=f"img{at}") for at in line]
    found = judged(list(line.values()), frames, COUNT)
    assert (found.front_frame, found.direction) == (f"f{-began % COUNT}", Direction.CLOCKWISE)
    assert found.checks["front"].confidence == 0.9


@pytest.mark.parametrize("kept", [range(COUNT - 3), range(4, COUNT), [at for at in range(COUNT) if at not in (7, 8)]])
def test_the_front_is_found_where_the_pictures_alone_tell_that_frames_are_missing(kept: Sequence[int]) -> None:
    found = judged([sound()[at] for at in kept])
    front = found.order.index(str(found.front_frame))
    assert min(kept[front], COUNT - kept[front]) <= (0 if 0 in kept else 4)


def test_a_last_frame_that_is_the_first_again_is_told() -> None:
    assert judged([*sound(), sound()[0]]).checks["seam"].code == "first_again"


def test_a_turn_that_does_not_close_is_told() -> None:
    assert judged(list(sound())[:-2]).checks["seam"].code == "seam_gap"


def test_relations_are_numbers_that_can_be_judged_again_under_other_thresholds() -> None:
    relations = SetMeasures.model_validate_json(related(list(sound())).model_dump_json())
    frames = names(COUNT)
    measures = {frame.id: one.measures for frame, one in zip(frames, sound(), strict=True)}
    strict = DEFAULT[Mode.STUDIO360].model_copy(update={"soft_floor": 1e6, "version": "strict"})
    found = judge_set(frames, COUNT, measures, relations, strict)
    assert found.thresholds == "strict"
    assert {one["sharpness"].code for one in found.frames.values()} == {"softer_than_site"}


def test_the_order_in_which_frames_are_given_does_not_matter() -> None:
    pairs = [(frame, one.features) for frame, one in zip(names(8), sound()[::3], strict=True)]
    assert relate(pairs[::-1], Mode.STUDIO360) == relate(pairs, Mode.STUDIO360)


def test_a_mask_counts_more_than_the_rim_and_says_what_is_cut_off() -> None:
    mask = np.zeros((240, 320), np.uint8)
    mask[100:180, :250] = 255
    png = bytes(cv2.imencode(".png", mask)[1])
    pairs = [(frame, one.features) for frame, one in zip(names(12), sound()[::2], strict=True)]
    relations = relate(pairs, Mode.STUDIO360, {}, {"f4": png})
    seen = {frame.id: frame for frame in relations.frames}
    assert (seen["f4"].outline, seen["f4"].touches) == (Outline.MASK, ("left",))
    assert (seen["f5"].outline, seen["f5"].touches) == (Outline.RIM, ())


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7])
def test_a_set_of_few_frames_has_a_verdict(count: int) -> None:
    assert len(judged(list(sound())[:count], expected=None).frames) == count


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_frames_on_which_nothing_is_have_a_verdict(shade: int) -> None:
    blank = measured([np.full((90, 120, 3), shade, np.uint8)] * 8)
    assert judged(blank).status == "failed"
