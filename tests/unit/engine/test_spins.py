"""Spins as they are rendered: small ones, kept in the user's cache (tests/support/spins.py)."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from functions.inference.engines.render.vehicles.job import SpinJob
from functions.inference.vision.arrays import Bools, Floats
from infra.engine_tools.spin import spin
from tests.support.spins import SMALL, drawn_spin, frames_of, truth_of

pytestmark = pytest.mark.engine
EXIF_IFD = 0x8769
WALK = SpinJob(mode="walk360", night=True, body="suv", paint="silver", frames=8, width=320, height=212)
TINY = SpinJob(frames=4, width=160, height=106)


@pytest.fixture(scope="module", params=[SMALL, WALK], ids=["studio", "walk at night"])
def folder(request: pytest.FixtureRequest) -> Path:
    return drawn_spin(request.param)


def grey(path: Path) -> Floats:
    return np.asarray(Image.open(path).convert("L"), np.float64)


def mask_of(folder: Path, frame: dict[str, Any]) -> Bools:
    return np.asarray(Image.open(folder / frame["mask"])) > 127


def test_a_spin_has_a_frame_for_every_angle_and_a_mask_for_every_frame(folder: Path) -> None:
    truth = truth_of(folder)
    frames = truth["frames"]
    assert [path.name for path in frames_of(folder)] == [frame["file"] for frame in frames]
    steps = np.diff([frame["angle_deg"] for frame in frames])
    assert steps == pytest.approx(360 / len(frames))
    for frame in frames:
        left, top, right, bottom = frame["box"]
        mask = mask_of(folder, frame)
        assert 0.05 < mask.mean() < 0.5
        assert mask.mean() == pytest.approx(frame["mask_share"], abs=1e-4)
        assert 0 < left < right < truth["width"] and 0 < top < bottom < truth["height"]


def test_plates_lie_on_the_car_and_are_seen_from_their_end_alone(folder: Path) -> None:
    for frame in truth_of(folder)["frames"]:
        seen = {plate["name"]: plate for plate in frame["plates"]}
        turn = np.cos(np.radians(frame["angle_deg"]))
        assert ("front" in seen) >= (turn > 0.5) and ("front" in seen) <= (turn > -0.05)
        assert ("rear" in seen) >= (turn < -0.5) and ("rear" in seen) <= (turn < 0.05)
        mask = mask_of(folder, frame)
        for plate in (p for p in seen.values() if p["seen"] > 0.9):
            corners = np.array(plate["corners"]) - 0.5
            if np.ptp(corners[:, 0]) < 20:
                continue  # seen so much from the side that the mask's own steps count
            inside = cv2.fillConvexPoly(np.zeros(mask.shape, np.uint8), np.rint(corners).astype(np.int32), 1)
            assert mask[inside > 0].mean() > 0.9


def test_a_plate_is_where_the_truth_says(folder: Path) -> None:
    """A plate is the brightest thing around it; its middle, without the letters' share, is what tells."""
    truth = truth_of(folder)
    frame = truth["frames"][0]
    picture = grey(folder / frame["file"])
    corners = np.array(frame["plates"][0]["corners"])
    ring = np.zeros(picture.shape, np.uint8)
    middle = corners.mean(0)
    cv2.fillConvexPoly(ring, np.rint(middle + (corners - middle) * 1.35).astype(np.int32), 1)
    plate = cv2.fillConvexPoly(np.zeros_like(ring), np.rint(middle + (corners - middle) * 0.9).astype(np.int32), 1)
    assert picture[plate > 0].mean() > 1.15 * picture[(ring > 0) & (plate == 0)].mean()


def test_capture_times_rise_and_exif_says_how_a_frame_was_taken(folder: Path) -> None:
    stamps = []
    for path in frames_of(folder):
        details = Image.open(path).getexif().get_ifd(EXIF_IFD)
        assert details[0x8827] >= 64 and details[0x829A] > 0 and details[0x829D] == 5.6
        stamps.append((details[0x9003], details[0x9291]))
    assert stamps == sorted(set(stamps))


def test_a_car_is_no_mirror_image_of_itself(folder: Path) -> None:
    """Left and right sides differ (flap, sticker, exhaust, plate), else a check of direction could not tell them."""
    count = len(frames_of(folder))
    left, right = (grey(frames_of(folder)[k]) for k in (count // 8, count - count // 8))
    assert np.abs(left - right[:, ::-1]).mean() > 0.5


def test_the_same_job_makes_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for name, job in (("a", TINY), ("b", TINY), ("c", replace(TINY, seed=2))):
        spin(job, tmp_path / name)
    first, again, other = ([path.read_bytes() for path in frames_of(tmp_path / name)] for name in "abc")
    assert first == again
    assert all(a != b for a, b in zip(first, other, strict=True))
