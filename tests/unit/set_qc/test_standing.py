"""Frames off their places, solved for from points and outlines; and what an outline says of its vehicle."""

import cv2
import numpy as np
import pytest

from tests.unit.set_qc.turntable import frame, measured, names, related, turn
from vitrine.pictures.orient import Pixels
from vitrine.set_qc import frame_checks, front, outline
from vitrine.set_qc.models import FrameRelations, Mode, Outline, SetFrame
from vitrine.set_qc.relate import relate
from vitrine.set_qc.scores import foreignness, outlined, unlike
from vitrine.set_qc.standing import Array, Measured, offsets
from vitrine.set_qc.thresholds import DEFAULT

COUNT = 24
USUAL = 0.004


def by_points(true: Array, deviation: float = 0.004) -> Measured:
    noise = np.random.default_rng(1).normal(0, 0.002, len(true))
    return Measured(true - (np.roll(true, 1) + np.roll(true, -1)) / 2 + noise, np.full(len(true), deviation))


def by_outline(true: Array, deviation: float = 0.004) -> Measured:
    return Measured(true + np.random.default_rng(2).normal(0, 0.002, len(true)), np.full(len(true), deviation))


def unknown() -> Measured:
    return Measured(np.full(COUNT, np.nan), np.full(COUNT, np.nan))


def one_off(at: int, by: float) -> Array:
    true = np.zeros(COUNT)
    true[at] = by
    return true


@pytest.mark.parametrize(
    ("points", "outlines"),
    [
        (by_points(one_off(9, 0.04)), unknown()),
        (unknown(), by_outline(one_off(9, 0.04))),
        (by_points(one_off(9, 0.04)), by_outline(one_off(9, 0.04))),
    ],
)
def test_a_frame_that_is_off_is_told_and_its_neighbours_are_not(points: Measured, outlines: Measured) -> None:
    found = offsets(points, outlines, USUAL)
    assert found[9] == pytest.approx(0.04, abs=0.008)
    assert np.abs(np.delete(found, 9)).max() < 0.006


def test_points_that_claim_much_at_one_frame_and_nothing_beside_it_are_an_error() -> None:
    points = by_points(np.zeros(COUNT))
    points.value[9] = 0.05
    assert np.abs(offsets(points, by_outline(np.zeros(COUNT)), USUAL)).max() < 0.006


def test_nothing_known_is_nothing_off() -> None:
    assert np.abs(offsets(unknown(), unknown(), USUAL)).max() == 0


def car(corner: tuple[int, int, int], paint: tuple[int, int, int]) -> tuple[Pixels, outline.Mask]:
    """The end of a car: a box with a lamp at either corner."""
    picture = np.full((120, 200, 3), 230, np.uint8)
    picture[30:100, 50:150] = paint
    picture[60:72, 52:68] = picture[60:72, 132:148] = corner
    on = np.zeros((120, 200), np.bool_)
    on[30:100, 50:150] = True
    return picture, on


@pytest.mark.parametrize("paint", [(150, 20, 25), (40, 60, 150), (120, 120, 120)])
def test_the_rear_has_more_red_in_the_lamps_places_than_the_front_whatever_the_paint(
    paint: tuple[int, int, int],
) -> None:
    rear, head = car((170, 15, 20), paint), car((225, 225, 220), paint)
    assert front.red_lamps(*rear) > front.red_lamps(*head) + 0.05


@pytest.mark.parametrize("began", [7, 13])
def test_a_walk_without_masks_that_begins_elsewhere_keeps_its_front(began: int) -> None:
    frames = turn(COUNT)
    axis = related(measured([*frames[began:], *frames[:began]]), mode=Mode.WALK360).axis
    assert axis is not None and axis.red_first is not None and axis.red_second is not None
    ends = {axis.first: axis.red_first, axis.second: axis.red_second}
    assert min(ends, key=lambda end: ends[end]) == f"f{COUNT - began}"


def test_paint_alone_or_shape_alone_is_not_another_vehicle_and_both_are() -> None:
    assert unlike(tone=1.0) < 1
    assert unlike(tone=0.1, shape=0.3, size=0.04) < 1
    assert unlike(tone=0.8, shape=0.05) > 1
    assert unlike(tone=0.0, shape=0.1, size=0.12) > 1


def test_a_vehicle_of_the_same_paint_and_another_shape_is_foreign() -> None:
    one = FrameRelations(id="a", nearest=0.9, shared=1.0, paint=0.0, shape=0.1, height=0.03, height_share=0.3)
    assert foreignness(one.nearest, one.shared, one.paint, outlined(one)) > 1


def test_the_outline_of_a_frame_is_compared_with_its_mirror() -> None:
    """All outlines are one box, and one is another: only it and its partner match badly."""
    pairs = [(claimed, one.features) for claimed, one in zip(names(COUNT), measured(turn(COUNT)), strict=True)]
    masks = {claimed.id: box(100, 180) for claimed, _ in pairs} | {"f5": box(60, 180)}
    found = {one.id: one for one in relate(pairs, Mode.STUDIO360, {}, masks).frames}
    assert {one for one, seen in found.items() if seen.shape > 0.02} == {"f5", "f19"}
    assert found["f5"].outline is Outline.MASK and outlined(found["f5"]) > 1 > outlined(found["f19"])


def box(top: int, bottom: int) -> bytes:
    mask = np.zeros((240, 320), np.uint8)
    mask[top:bottom, 80:240] = 255
    return bytes(cv2.imencode(".png", mask)[1])


def test_a_foreign_frame_holds_a_place_where_names_have_no_numbers() -> None:
    frames = [SetFrame(id=f"f{at}", index=None, name=f"img{at}.jpg") for at in range(COUNT)]
    line = measured(turn(COUNT))
    line[8] = measured([frame(360 * 8 / COUNT, seed=9, tint=(1.0, 0.5, 0.3))])[0]
    relations = related(line, frames)
    assert [step.claimed for step in relations.steps if step.first == "f7"] == [2]
    assert relations.axis is not None and relations.axis.first == "f0"


@pytest.mark.parametrize(
    ("lower", "height", "code"),
    [
        (0.042, 0.039, "in_place"),  # a shadow, taken in below
        (0.04, 0.0, "other_height"),
        (-0.04, 0.002, "other_height"),
        (0.02, 0.04, "other_size"),
        (0.001, 0.001, "in_place"),
    ],
)
def test_one_edge_of_an_outline_alone_says_nothing_of_the_vehicles_place(
    lower: float, height: float, code: str
) -> None:
    one = FrameRelations(
        id="a", nearest=0.9, shared=1.0, paint=0.0, outline=Outline.RIM, lower=lower, height=height, centre=0.0
    )
    assert frame_checks.position(one, DEFAULT[Mode.STUDIO360]).code == code
