"""`vitrine stage` and `vitrine gallery`: the engine alone, from the command line."""

import argparse
import json
from pathlib import Path
from typing import Any

import pytest

from functions.inference.engines.base import StagedPhoto, StageOptions
from functions.inference.engines.render import RenderEngine
from infra.engine_tools import gallery, stage
from infra.engine_tools.gallery_page import Entry, page
from tests.support.rooms import truths
from vitrine.contracts.catalogue import Quality, RoomType, Style
from vitrine.contracts.inference import Scores


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers()
    stage.register(commands)
    gallery.register(commands)
    return parser.parse_args(words)


def test_the_stage_command_takes_its_options() -> None:
    args = parsed(
        *("stage", "room.jpg", "--style", "coastal", "--room-type", "office"),
        *("--seed", "7", "--quality", "preview", "--ceiling-height", "2.8", "--out", "there"),
    )
    assert (args.style, args.room_type, args.seed) == (Style.COASTAL, RoomType.OFFICE, 7)
    assert (args.quality, args.ceiling_height, args.out) == (Quality.PREVIEW, 2.8, Path("there"))
    assert args.run is stage.run


@pytest.mark.engine
def test_staging_a_file_writes_picture_mask_layout_and_report(tmp_path: Path) -> None:
    out = tmp_path / "out"
    args = parsed(
        "stage", str(truths()[0].picture), "--room-type", "bedroom", "--quality", "preview", "--out", str(out)
    )
    assert args.run(args) == 0
    report = json.loads((out / "report.json").read_text())
    assert {report["after"], report["mask"], report["layout"]} == {"after.png", "mask.png", "layout.json"}
    assert all((out / report[part]).stat().st_size > 100 for part in ("after", "mask", "layout"))
    assert report["scores"]["integrity"] > 0.9
    assert report["engine"]["name"] == "render"
    assert json.loads((out / "layout.json").read_text())["pieces"]


@pytest.mark.engine
def test_a_refused_photo_ends_with_status_two_and_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    photo = tmp_path / "letter.jpg"
    photo.write_text("not a photo")
    args = parsed("stage", str(photo), "--out", str(tmp_path / "out"))
    assert args.run(args) == 2
    assert "not a picture" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_missing_file_ends_with_status_two(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    args = parsed("stage", str(tmp_path / "nowhere.jpg"), "--out", str(tmp_path / "out"))
    assert args.run(args) == 2
    assert "nowhere.jpg" in capsys.readouterr().err


def test_the_gallery_names_every_cell_once() -> None:
    found = list(gallery.cells([Path("a.jpg"), Path("b.jpg")], [None, RoomType.OFFICE], list(Style)[:2], [0, 1]))
    assert len({cell.name for cell in found}) == len(found) == 16


def entry(**changes: Any) -> Entry:
    fields: dict[str, Any] = {
        "name": "a", "photo": "a.jpg", "before": "a-before.jpg", "room_type": RoomType.OFFICE,
        "style": Style.COASTAL, "seed": 1, "quality": Quality.PREVIEW, "fingerprint": "f", "seconds": 1.0,
    }  # fmt: skip
    return Entry(**{**fields, **changes})


def test_the_gallery_page_shows_before_and_after_escaped_and_says_why_there_is_no_picture() -> None:
    scores = Scores(integrity=1, quality=0.9, parts={"layout": 0.8})
    entries = [entry(after="a.jpg", scores=scores), entry(photo="<b>room</b>.jpg", refusal="too_dark: Light <it>.")]
    text = page(entries, "render 9", "uv run vitrine gallery", 3)
    assert "<b>room" not in text
    assert "&lt;b&gt;room" in text
    assert text.count("<img") == 3
    assert "too_dark: Light &lt;it&gt;." in text
    assert "2 of 3 done: 1 staged, 1 not." in text
    assert "vitrine stage a.jpg --room-type office --style coastal --seed 1 --quality preview" in text


def test_the_default_sheet_has_every_room_and_every_style() -> None:
    photos = [Path(f"room-0{i}.jpg") for i in range(8)]
    found = gallery.sampler(photos)
    assert {cell.photo for cell in found} == set(photos)
    assert {cell.style for cell in found} == set(Style)
    assert len({cell.name for cell in found}) == len(found)


def test_every_room_of_the_default_sheet_has_a_room_type_and_all_room_types_are_shown() -> None:
    assert {truth.name for truth in truths()} | {"room"} == set(gallery.FITTING)
    assert set(gallery.FITTING.values()) == set(RoomType)


@pytest.mark.engine
def test_a_stopped_gallery_goes_on_where_it_was(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    letter, photo = tmp_path / "letter.jpg", truths()[1].picture
    letter.write_text("not a photo")
    words = ("gallery", str(letter), str(photo), "--style", "japandi", "--room-type", "bathroom")
    args = parsed(*words, "--out", str(tmp_path / "out"))
    assert args.run(args) == 0
    text = (tmp_path / "out" / "index.html").read_text()
    assert "2 of 2 done: 1 staged, 1 not." in text
    assert "not a picture" in text
    picture = tmp_path / "out" / "room-01-bathroom-japandi-0.jpg"
    made = picture.stat().st_mtime_ns
    assert args.run(args) == 0
    assert picture.stat().st_mtime_ns == made
    picture.unlink()
    assert args.run(args) == 0
    assert picture.exists()
    assert str(tmp_path / "out" / "index.html") in capsys.readouterr().out


@pytest.mark.engine
def test_without_llvm_the_engine_still_finishes_and_says_that_it_is_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.inference.engines.render.render.toolchain.ensure_llvm", lambda _progress: None)
    engine = RenderEngine()
    try:
        options = StageOptions(RoomType.ENTRY_HALL, quality=Quality.PREVIEW, deadline_s=300)
        answer = engine.stage(truths()[0].picture.read_bytes(), options, lambda _step, _share: None)
    finally:
        engine.close()
    assert isinstance(answer, StagedPhoto)
    assert "slow_renderer" in [warning.code for warning in answer.warnings]
    assert answer.scores.integrity > 0.9
    assert answer.scores.parts["mask_share"] > 0.01
