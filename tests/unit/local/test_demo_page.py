"""The page that the demo writes, as text and in a real browser."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from infra.local.journey import page, pictures

CHROMIUM = shutil.which("chromium")
IMAGE: dict[str, Any] = {
    "id": "img_1",
    "roomType": "living_room",
    "style": "scandinavian",
    "seed": 7,
    "quality": "standard",
    "engine": "render 1",
    "width": 400,
    "height": 300,
    "scores": {"integrity": 1.0, "quality": 0.91, "parts": {"mask_share": 0.2}},
    "warnings": [{"code": "steep_camera", "message": "The camera looks down & <far>."}],
}
FILES = {
    "before": "before.heic",
    "after": "after.png",
    "mask": "mask.png",
    "side_by_side": "side-by-side.jpg",
}
SECONDS = {"Sign in": 0.5, "Ask for an upload URL": 1.25, "Stage": 7.0}


@pytest.fixture
def written(tmp_path: Path) -> Path:
    Image.new("RGB", (400, 300), "white").save(tmp_path / "before-upright.jpg")
    Image.new("RGB", (400, 300), "red").save(tmp_path / "after.png")
    page.write(tmp_path, FILES, IMAGE, "before-upright.jpg", SECONDS)
    return tmp_path / "index.html"


def test_the_page_shows_both_pictures_the_scores_the_warnings_and_the_timeline(written: Path) -> None:
    text = written.read_text()
    for shown in (
        "Living room, scandinavian",
        "0.910",
        "Mask share",
        "Ask for an upload URL",
        "1.2 s",
        "Together",
        "8.8 s",
    ):
        assert shown in text, shown
    assert "The camera looks down &amp; &lt;far&gt;." in text
    assert "$" not in text


def test_the_page_needs_files_of_its_folder_alone(written: Path) -> None:
    named = set(re.findall(r'(?:src|href)="([^"]+)"', written.read_text())) - {"data:,"}
    assert named == {*FILES.values(), "before-upright.jpg", "summary.json"}
    assert "//" not in re.sub(r"<!doctype.*?>|/\*.*?\*/", "", written.read_text())


def test_both_pictures_are_there_without_javascript(written: Path) -> None:
    without = re.sub(r"<script>.*?</script>", "", written.read_text(), flags=re.DOTALL)
    assert 'class="pair"' in without
    assert without.count("<img") == 2


@pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")
def test_in_a_browser_the_slider_is_there_for_keys_and_says_where_it_stands(written: Path, tmp_path: Path) -> None:
    options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
    command = [str(CHROMIUM), *options, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", written.as_uri()]
    dom = subprocess.run(command, capture_output=True, text=True, timeout=120).stdout
    assert 'class="slider"' in dom
    assert 'aria-valuetext="50 percent before"' in dom


def test_a_photo_from_a_phone_is_shown_upright_and_as_large_as_its_staging(tmp_path: Path) -> None:
    turned = Image.Exif()
    turned[0x0112] = 6
    Image.new("RGB", (400, 300), "red").save(tmp_path / "before.jpg", exif=turned)
    assert pictures.for_browsers(tmp_path / "before.jpg", (150, 200), tmp_path / "upright.jpg") == "upright.jpg"
    with Image.open(tmp_path / "upright.jpg") as upright:
        assert upright.size == (150, 200)
        assert 0x0112 not in upright.getexif()
