"""`vitrine stage` and `vitrine gallery`: the engine alone, from the command line."""

import argparse
import json
from pathlib import Path

import pytest

from functions.inference.engines.base import StagedPhoto, StageOptions
from functions.inference.engines.render import RenderEngine
from infra.local import gallery, stage
from infra.local.gallery import Figure
from tests.support.rooms import truths
from vitrine.contracts.catalogue import Quality, RoomType, Style


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


def test_the_gallery_page_escapes_what_it_shows() -> None:
    page = gallery.page([Figure("a.jpg", "<b>room</b>"), Figure("", "refused")])
    assert "<b>room" not in page
    assert "&lt;b&gt;room" in page
    assert page.count("<img") == 1


@pytest.mark.engine
def test_without_llvm_the_engine_still_finishes_and_says_that_it_is_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.inference.engines.render.toolchain.ensure_llvm", lambda _progress: None)
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
