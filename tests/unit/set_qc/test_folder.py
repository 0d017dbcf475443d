"""`vitrine set-qc`: a folder of files in, a report and a page out."""

import json
from pathlib import Path

import cv2
import pytest

from infra.cli import main
from infra.engine_tools.set_qc import indices
from tests.unit.set_qc import turntable


@pytest.mark.parametrize(
    ("names", "places"),
    [
        (["img_1.jpg", "img_2.jpg", "img_10.jpg"], [0, 1, None]),
        (["img_01.jpg", "img_02.jpg", "img_04.jpg"], [0, 1, 3]),
        (["car-0.png", "car-1.png", "car-2.png"], [0, 1, 2]),
        (["a_010.jpg", "a_020.jpg", "a_030.jpg"], [0, 1, 2]),
        (["12345_01_001.jpg", "12345_01_002.jpg"], [0, 1]),
        (["car (7).jpg", "car (8).jpg"], [0, 1]),
        (["2_web.jpg", "3_web.jpg"], [0, 1]),
        (["a_1.jpg", "b_1.jpg", "a_2.jpg"], [None, None, None]),
        (["front.jpg", "rear.jpg"], [None, None]),
    ],
)
def test_a_name_says_the_place_by_its_number(names: list[str], places: list[int | None]) -> None:
    wanted = places if None not in places else [None] * len(names)
    assert indices(names) == wanted


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Twelve frames of a turn, the fifth left out, one a PNG by content, and two files that are no frames."""
    found = tmp_path / "frames"
    found.mkdir()
    for at, picture in enumerate(turntable.turn(12)):
        kind = ".png" if at == 2 else ".jpg"
        (found / f"IMG_{at + 1}.jpg").write_bytes(bytes(cv2.imencode(kind, picture[..., ::-1])[1]))
    (found / "IMG_5.jpg").unlink()
    (found / "broken.jpg").write_bytes((found / "IMG_1.jpg").read_bytes()[:2000])
    (found / "notes.txt").write_text("night shift")
    return found


def test_a_folder_is_judged_whole(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert main(["set-qc", str(folder), "--no-masks", "--out", str(out)]) == 1
    report = json.loads((out / "report.json").read_text())
    expected = {"order", "missing", "duplicates", "swapped", "foreign", "direction", "front_frame", "seam", "vehicle"}
    assert expected | {"reshoot", "frames", "status"} <= report.keys()
    assert list(report["frames"])[:3] == ["IMG_1.jpg", "IMG_2.jpg", "IMG_3.jpg"]
    assert [(gap["after"], gap["count"]) for gap in report["missing"]] == [("IMG_4.jpg", 1)]
    assert set(report["unreadable"]) == {"broken.jpg", "notes.txt"}
    assert report["frames"]["IMG_9.jpg"]["checks"]["sharpness"]["status"] == "pass"
    page = (out / "index.html").read_text()
    assert page.count("<figure") == 11 and "missing</title>" in page and "notes.txt" in page
    assert len(list((out / "thumbs").iterdir())) == 11


def test_a_folder_without_a_frame_is_an_error_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.txt").write_text("nothing")
    assert main(["set-qc", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert "holds no frame." in capsys.readouterr().err
