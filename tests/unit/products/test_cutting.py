"""A few whole cut-outs of photos whose truth is known, and that no file breaks the cutter."""

import io
import json
import random
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from functions.inference.products import cut, dimensions
from functions.inference.products.cut import CutOut
from functions.inference.products.doubts import Doubt, Refusal, Refused
from infra.cli import main
from tests.unit.products.drawn import Drawn, encoded, mug, rgba


@pytest.fixture(scope="module")
def drawn() -> Drawn:
    return mug()


@pytest.fixture(scope="module")
def made(drawn: Drawn) -> CutOut:
    return cut_of(drawn.file())


def cut_of(data: bytes) -> CutOut:
    found = cut.cut(data)
    assert isinstance(found, CutOut)
    return found


def refused(data: bytes) -> Refusal:
    found = cut.cut(data)
    assert isinstance(found, Refused) and found.message
    return found.code


def test_the_cut_out_is_the_product(drawn: Drawn, made: CutOut) -> None:
    assert overlap(made, drawn) > 0.98
    assert np.abs(made.rgba[..., 3] / 255 - drawn.alpha).mean() < 0.01
    assert (made.source, made.doubts) == ("refined", ())
    assert made.confidence > 0.9


def test_one_sees_through_the_handle(drawn: Drawn, made: CutOut) -> None:
    open_there = made.rgba[..., 3][drawn.hole & (drawn.alpha < 0.01)] < 30
    assert open_there.mean() > 0.9


def test_the_baked_shadow_is_gone(drawn: Drawn, made: CutOut) -> None:
    assert made.rgba[..., 3][drawn.shadow].mean() < 5


def test_no_rim_of_the_old_ground_remains(drawn: Drawn, made: CutOut) -> None:
    """The ground is light grey: where a rim of it remained, green would be high."""
    edge = (made.rgba[..., 3] > 40) & (made.rgba[..., 3] < 215)
    assert edge.sum() > 200
    assert np.percentile(made.rgba[edge][:, 1], 75) < 80
    assert np.percentile(drawn.pixels[edge][:, 1], 75) > 100


def test_where_it_is_solid_the_photos_bytes_are_kept(drawn: Drawn, made: CutOut) -> None:
    solid = drawn.alpha == 1
    photo = np.asarray(Image.open(io.BytesIO(drawn.file())))
    inner = np.zeros_like(solid)
    inner[120:320, 160:320] = True
    assert (made.rgba[inner & solid][:, :3] == photo[inner & solid]).all()
    assert (made.rgba[inner & solid][:, 3] == 255).all()


def test_a_key_is_of_the_bytes() -> None:
    assert cut.key(b"one") == cut.key(b"one") != cut.key(b"other")


def test_a_size_that_is_another_things_is_told(made: CutOut) -> None:
    assert cut.against(made, dimensions.read("12x9x10cm")).doubts == ()
    lamp = cut.against(made, dimensions.read("30x30x160cm"))
    assert [one.code for one in lamp.doubts] == [Doubt.PROPORTIONS]
    assert lamp.confidence < made.confidence
    assert (lamp.rgba == made.rgba).all()


def test_a_files_own_alpha_is_used_as_it_is(drawn: Drawn) -> None:
    made = cut_of(encoded(rgba(drawn)))
    assert (made.rgba == rgba(drawn)).all()
    assert (made.source, made.doubts, made.confidence) == ("alpha", (), 1.0)


def test_webp_brings_its_alpha_too(drawn: Drawn) -> None:
    data = io.BytesIO()
    Image.fromarray(rgba(drawn)).save(data, "WEBP", lossless=True, exact=True)
    assert (cut_of(data.getvalue()).rgba == rgba(drawn)).all()


def test_an_alpha_that_hides_nothing_counts_as_none(drawn: Drawn) -> None:
    opaque = np.dstack([drawn.pixels, np.full(drawn.alpha.shape, 255, np.uint8)])
    assert cut_of(encoded(opaque)).source == "refined"


def test_a_photo_in_a_transparent_frame_is_told(drawn: Drawn) -> None:
    frame = np.zeros((*drawn.alpha.shape, 4), np.uint8)
    frame[20:-20, 20:-20] = np.dstack([drawn.pixels, np.full(drawn.alpha.shape, 255, np.uint8)])[20:-20, 20:-20]
    assert Doubt.GROUND_IN_ALPHA in [one.code for one in cut_of(encoded(frame)).doubts]


@pytest.mark.parametrize("darkest", [0.97, 0.8])
def test_white_on_white_is_right_or_has_a_doubt(darkest: float) -> None:
    white = mug((246, 246, 246), (248, 248, 248), darkest)
    found = cut.cut(white.file())
    assert isinstance(found, Refused) or found.doubts or overlap(found, white) > 0.9


def overlap(made: CutOut, drawn: Drawn) -> float:
    found, truth = made.rgba[..., 3] > 127, drawn.alpha > 0.5
    return float((found & truth).sum() / (found | truth).sum())


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", Refusal.UNREADABLE),
        (b"no picture", Refusal.UNREADABLE),
        (encoded(np.zeros((30, 30, 3), np.uint8)), Refusal.TOO_SMALL),
        (encoded(np.zeros((90, 90, 4), np.uint8)), Refusal.TRANSPARENT),
        (encoded(np.full((200, 300, 3), 240, np.uint8), "JPEG"), Refusal.NO_PRODUCT),
    ],
)
def test_what_holds_no_product_is_refused(data: bytes, code: Refusal) -> None:
    assert refused(data) == code


def test_two_products_are_told() -> None:
    one = mug().pixels
    assert Doubt.SEVERAL in [doubt.code for doubt in cut_of(encoded(np.hstack([one, one]), "JPEG")).doubts]


def test_other_kinds_of_pixels_are_read(drawn: Drawn) -> None:
    deep = io.BytesIO()
    Image.fromarray(drawn.pixels.mean(2).astype(np.uint16) * 257).save(deep, "PNG")
    for data in (encoded(drawn.pixels, "JPEG", "CMYK"), deep.getvalue()):
        made = cut_of(data)
        assert made.doubts or overlap(made, drawn) > 0.9


def test_no_file_breaks_it(drawn: Drawn) -> None:
    """Damaged files and absurd shapes: a cut-out or a refusal with words."""
    chance = random.Random(11)
    whole = drawn.file()
    shapes = [(64, 1200), (65, 64)]
    files = [encoded(np.random.default_rng(3).integers(0, 256, (*shape, 3), np.uint8)) for shape in shapes]
    for _ in range(6):
        broken = bytearray(whole)
        for _ in range(chance.choice((1, 5, 60))):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        files.append(bytes(broken[: chance.randrange(20, len(broken))] if chance.random() < 0.5 else broken))
    for data in files:
        found = cut.cut(data)
        assert found.message if isinstance(found, Refused) else 0 <= found.confidence <= 1


def test_the_command_writes_picture_and_report(drawn: Drawn, made: CutOut, tmp_path: Path) -> None:
    photo, out = tmp_path / "mug.jpg", tmp_path / "out"
    photo.write_bytes(drawn.file())
    assert main(["cutout", str(photo), "--size", "12x9x10cm", "--out", str(out)]) == 0
    report = json.loads((out / "report.json").read_text())
    assert report["viewpoint"].keys() == {"shape", "score", "tilt", "azimuth", "field_of_view"}
    assert report["refused"] is None and report["doubts"] == [] and report["confidence"] > 0.9
    with Image.open(out / "cutout.png") as picture:
        assert picture.mode == "RGBA"
        assert (np.asarray(picture) == made.rgba).all(), "the same bytes give the same pixels"


def test_a_refused_photo_has_a_report_and_no_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    photo, out = tmp_path / "nothing.png", tmp_path / "out"
    photo.write_bytes(encoded(np.full((100, 100, 3), 200, np.uint8)))
    assert main(["cutout", str(photo), "--out", str(out)]) == 2
    assert json.loads((out / "report.json").read_text())["refused"]["code"] == "no_product"
    assert not (out / "cutout.png").exists()
    assert "No product stands out" in capsys.readouterr().err
