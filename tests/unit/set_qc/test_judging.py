"""Thresholds judge numbers: no picture is needed."""

import subprocess
import sys

import pytest

from vitrine.set_qc.models import Close, Direction, Mode, SetFrame, SetMeasures
from vitrine.set_qc.places import claimed, places
from vitrine.set_qc.set_checks import findings
from vitrine.set_qc.stations import from_front, station, view
from vitrine.set_qc.thresholds import DEFAULT


def frame(name: str, index: int | None = None) -> SetFrame:
    return SetFrame(id=name, index=index, name=name)


@pytest.mark.parametrize(
    "names", [["img1", "img2", "img10"], ["img01", "img02", "img10"], ["IMG_0", "img_1", "img_11"]]
)
def test_names_are_in_the_order_of_their_numbers(names: list[str]) -> None:
    assert [one.name for one in claimed([frame(name) for name in reversed(names)])] == names


def test_an_index_counts_more_than_a_name() -> None:
    line = claimed([frame("a", 2), frame("b", 0), frame("c")])
    assert [one.name for one in line] == ["b", "a", "c"]
    assert places(line) == [0, 2, 3]


def test_a_station_is_in_words() -> None:
    assert station(7, 105.0, from_front(105.0, 0.0, Direction.CLOCKWISE)) == "frame 8, 105 degrees, right rear door"
    assert view(from_front(105.0, 0.0, Direction.COUNTER_CLOCKWISE) or 0) == "left rear door"
    assert station(7, 105.0, from_front(105.0, None, Direction.CLOCKWISE)) == "frame 8, 105 degrees"


@pytest.mark.parametrize(("copies", "words"), [(1, "1 frame is there twice."), (2, "2 frames are there twice.")])
def test_the_report_counts_in_singular_and_plural(copies: int, words: str) -> None:
    close = tuple(Close(first=f"f{at}", second=f"f{at + 1}", distance=0.1, turned=None) for at in range(copies))
    measures = SetMeasures(mode=Mode.STUDIO360, order=("f0", "f1", "f2"), frames=(), steps=(), close=close)
    found = findings([frame(f"f{at}") for at in range(3)], 3 + copies, measures, DEFAULT[Mode.STUDIO360])
    assert found.checks["duplicates"].message == words
    assert found.checks["missing"].message.startswith(words.replace("there twice.", "missing"))


def test_judging_needs_no_picture_library() -> None:
    code = "import sys, vitrine.set_qc.judge; print({'cv2', 'numpy', 'PIL'} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "set()\n"
