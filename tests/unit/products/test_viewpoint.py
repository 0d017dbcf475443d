"""From where a product was photographed: silhouettes of solids whose view is known."""

import cv2
import numpy as np
import pytest

from functions.inference.products import viewpoint
from functions.inference.products.dimensions import Size
from functions.inference.products.viewpoint import Interval, View
from functions.inference.vision.arrays import Bools, Floats

FRAME = (600, 800)
SHARE = 0.6


def silhouette(points: Floats, view: View) -> Bools:
    """Of the hull of points, as large as `SHARE` of the frame's width says, in the frame's middle."""
    flat = viewpoint.projected(points, view, SHARE)
    flat = (flat - flat.min(0)) * (SHARE * FRAME[1] / max(np.ptp(flat, axis=0)))
    flat += (np.array(FRAME[::-1]) - flat.max(0)) / 2
    mask = np.zeros(FRAME, np.uint8)
    cv2.fillConvexPoly(mask, np.asarray(cv2.convexHull(np.rint(flat).astype(np.int32)), np.int32), 1)
    return mask > 0


def points_of(size: Size, shape: str = "box") -> Floats:
    return viewpoint._solids(size)[shape]


def holds(interval: Interval | None, true: float) -> bool:
    return interval is not None and interval.low <= true <= interval.high


SOFA = Size(2.0, 0.9, 0.85)


@pytest.mark.parametrize("view", [View(15, 25, 32), View(25, -40, 32), View(30, 10, 50)])
def test_a_boxs_view_lies_in_the_intervals(view: View) -> None:
    found = viewpoint.find(silhouette(points_of(SOFA), view), SOFA, FRAME)
    assert found.shape == "box" and found.score > 0.95
    assert holds(found.tilt, view.tilt)
    assert found.azimuth is None or holds(found.azimuth, view.turn)


def test_a_tilt_that_a_longer_lens_explains_as_well_is_undetermined() -> None:
    found = viewpoint.find(silhouette(points_of(SOFA), View(8, 0, 18)), SOFA, FRAME)
    assert found.tilt is None or holds(found.tilt, 8)
    assert holds(found.azimuth, 0)


def test_a_sofa_seen_from_a_corner_has_an_azimuth_with_its_sign() -> None:
    left, right = (viewpoint.find(silhouette(points_of(SOFA), View(20, turn, 32)), SOFA, FRAME) for turn in (-30, 30))
    assert holds(left.azimuth, -30) and holds(right.azimuth, 30)


def test_a_round_things_azimuth_is_undetermined_and_its_tilt_is_not() -> None:
    stool = Size(0.45, 0.45, 0.4)
    found = viewpoint.find(silhouette(points_of(stool, "round"), View(24, 0, 32)), stool, FRAME)
    assert (found.shape, found.azimuth) == ("round", None)
    assert holds(found.tilt, 24)


def test_what_is_no_box_of_this_size_is_undetermined() -> None:
    mask = np.zeros(FRAME, np.bool_)
    mask[100:500, 380:420] = True
    mask[480:500, 250:550] = True
    found = viewpoint.find(mask, SOFA, FRAME)
    assert (found.shape, found.tilt, found.azimuth, found.field_of_view) == (None, None, None, None)


def test_without_a_depth_nothing_is_known() -> None:
    assert viewpoint.find(np.ones(FRAME, np.bool_), Size(1.0, None, 1.0), FRAME).shape is None
    assert viewpoint.find(np.zeros(FRAME, np.bool_), SOFA, FRAME).shape is None
