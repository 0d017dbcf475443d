"""The judge on our synthetic rooms: what is honest passes the gate, what is damaged does not."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from functions.inference.engines.render.read.reading import Reading
from functions.inference.qc.judge import judge, judge_pixels
from functions.inference.qc.scale import plausibility
from functions.inference.vision.images import UnreadablePhotoError, decode, encode_png
from tests.support.damage import DAMAGES
from tests.support.rooms import Truth, truths
from vitrine.contracts.inference import Layout, Piece, Point, Room
from vitrine.kernel.environment import InferenceEndpoint

Pixels = NDArray[np.uint8]
FLOOR = InferenceEndpoint.model_fields["staging_integrity_floor"].default
"""The gate's: below it, no picture is published."""


@pytest.fixture
def photo(truth: Truth) -> Pixels:
    return decode(truth.picture.read_bytes()).pixels


def furnished(photo: Pixels) -> tuple[Pixels, Pixels]:
    """A picture with a sofa-like block, its shadow and a rug in the lower middle, and its mask."""
    height, width = photo.shape[:2]
    picture, mask = photo.copy(), np.zeros((height, width), np.uint8)
    rug = np.array([[0.25, 0.97], [0.75, 0.97], [0.65, 0.78], [0.35, 0.78]]) * [width, height]
    shadow = np.zeros((height, width), np.float32)
    cv2.ellipse(shadow, (width // 2, int(0.83 * height)), (int(0.26 * width), int(0.07 * height)), 0, 0, 360, 1.0, -1)
    shade = 1 - 0.4 * cv2.GaussianBlur(shadow, (0, 0), 12)[..., None]
    picture = np.asarray(picture * shade, np.uint8)
    cv2.fillConvexPoly(picture, rug.astype(np.int32), (120, 110, 140))
    block = slice(int(0.6 * height), int(0.82 * height)), slice(int(0.3 * width), int(0.7 * width))
    picture[block] = (86, 96, 104)
    mask[(picture != photo).any(2)] = 255
    return picture, mask


def test_an_untouched_photo_keeps_full_integrity(photo: Pixels) -> None:
    assert judge_pixels(photo, photo, np.zeros(photo.shape[:2], np.uint8)).integrity == 1
    assert judge_pixels(photo, photo, None).integrity == 1


@pytest.mark.parametrize("with_mask", [True, False])
def test_furniture_and_its_shadow_pass_the_gate(photo: Pixels, with_mask: bool) -> None:
    picture, mask = furnished(photo)
    scores = judge_pixels(photo, picture, mask if with_mask else None)
    assert scores.integrity > FLOOR
    assert scores.quality > 0.5
    assert scores.parts["outside_mask_changed"] == 0


def test_a_picture_saved_as_jpeg_passes_without_a_mask(photo: Pixels) -> None:
    coded = cv2.imencode(".jpg", photo[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 85])[1]
    again = np.asarray(cv2.cvtColor(np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR)), cv2.COLOR_BGR2RGB), np.uint8)
    assert judge_pixels(photo, again, None).integrity > FLOOR


def test_grain_like_a_models_passes_without_a_mask(photo: Pixels) -> None:
    noise = np.random.default_rng(1).normal(0, 3, photo.shape)
    assert judge_pixels(photo, np.clip(photo + noise, 0, 255).astype(np.uint8), None).integrity > FLOOR


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_caught_with_and_without_a_mask_that_admits_it(truth: Truth, photo: Pixels, damage: str) -> None:
    picture = DAMAGES[damage](photo, truth)
    if picture is None:
        pytest.skip("the photo does not show enough of it")
    admitted = np.where((picture != photo).any(2), 255, 0).astype(np.uint8)
    for mask in (None, admitted):
        assert judge_pixels(photo, picture, mask).integrity < FLOOR


@pytest.mark.parametrize("room", ["room-00", "room-03", "room-05"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_beside_furniture_is_caught_too(room: str, damage: str) -> None:
    truth = next(t for t in truths() if t.name == room)
    photo = decode(truth.picture.read_bytes()).pixels
    staged, _ = furnished(photo)
    picture = DAMAGES[damage](photo, truth)
    if picture is None:
        pytest.skip("the photo does not show enough of it")
    picture = np.where((staged != photo).any(2)[..., None], staged, picture)
    assert judge_pixels(photo, picture, None).integrity < FLOOR


def test_one_changed_pixel_outside_the_mask_ends_integrity(photo: Pixels) -> None:
    picture, mask = furnished(photo)
    picture[2, 3, 1] ^= 1
    scores = judge_pixels(photo, picture, mask)
    assert scores.integrity == 0
    assert scores.parts["outside_mask_changed"] == 1


def test_one_repainted_wall_is_no_honest_staging(truth: Truth, photo: Pixels) -> None:
    picture = photo.copy()
    picture[: len(photo) // 2] = np.clip(picture[: len(photo) // 2] * [1.0, 0.85, 0.8], 0, 255).astype(np.uint8)
    assert judge_pixels(photo, picture, None).integrity < FLOOR


def test_a_picture_of_another_size_scores_nothing(photo: Pixels) -> None:
    scores = judge_pixels(photo, photo[:-10], None)
    assert scores.integrity == scores.quality == 0


def test_encoded_pictures_are_judged_like_their_pixels(truth: Truth, photo: Pixels) -> None:
    picture, mask = furnished(photo)
    scores = judge(truth.picture.read_bytes(), encode_png(picture), encode_png(mask))
    assert scores == judge_pixels(photo, picture, mask)


def test_what_is_no_picture_cannot_be_judged(truth: Truth) -> None:
    with pytest.raises(UnreadablePhotoError):
        judge(truth.picture.read_bytes(), b"nothing", None)


def test_scores_stay_between_zero_and_one_on_noise(reading: Reading) -> None:
    noise = np.random.default_rng(1).integers(0, 256, reading.small.shape, dtype=np.uint8)
    scores = judge_pixels(reading.small, noise, None)
    assert 0 <= scores.integrity < 0.3
    assert 0 <= scores.quality <= 1


def test_a_photo_without_a_single_line_is_judged_by_its_colours() -> None:
    grey = np.full((480, 640, 3), 180, np.uint8)
    assert judge_pixels(grey, grey, None).integrity == 1
    assert judge_pixels(grey, grey // 2, None).integrity < FLOOR


def laid_out(width: float, depth: float, height: float, name: str = "sofa") -> Layout:
    corners = [(0, 3), (width, 3), (width, 3 + depth), (0, 3 + depth)]
    footprint = [Point(x=x, y=y) for x, y in corners]
    piece = Piece(name=name, variant="a", centre=footprint[0], footprint=footprint, height_m=height, turn_deg=0)
    room = Room(
        width_m=4, depth_m=5, height_m=2.6, camera_height_m=1.4, pitch_deg=0, roll_deg=0, horizontal_fov_deg=70,
        confidence={},
    )  # fmt: skip
    return Layout(room=room, pieces=[piece])


def test_a_sofa_of_a_sofas_size_is_plausible_and_a_dolls_or_giants_is_not() -> None:
    assert plausibility(laid_out(2.2, 0.9, 0.8)) == 1
    assert plausibility(laid_out(0.7, 0.3, 0.3)) == 0
    assert plausibility(laid_out(6.6, 2.7, 2.4)) == 0


def test_furniture_taller_than_the_room_or_filling_it_is_not_plausible() -> None:
    assert plausibility(laid_out(1.0, 0.4, 2.9, "bookcase")) == 0
    assert plausibility(laid_out(4.0, 4.0, 0.5, "platform")) < 0.9


def test_an_implausible_scale_costs_quality_and_shows_among_the_parts(photo: Pixels) -> None:
    picture, mask = furnished(photo)
    sound = judge_pixels(photo, picture, mask, laid_out(2.2, 0.9, 0.8))
    giant = judge_pixels(photo, picture, mask, laid_out(6.6, 2.7, 2.4))
    assert giant.quality < sound.quality
    assert (giant.parts["scale"], sound.parts["scale"]) == (0, 1)
