import numpy as np
import pytest

from functions.inference.engines.render.compose import composite
from functions.inference.engines.render.compose.composite import Edit, apply
from functions.inference.vision.colour import bytes_to_linear

Rng = np.random.Generator


def random_photo(rng: Rng, height: int = 300, width: int = 400) -> np.ndarray:
    return rng.integers(0, 256, (height, width, 3), dtype=np.uint8)


def an_edit(rng: Rng, size: tuple[int, int] = (400, 300), crop: tuple[int, int, int, int] = (40, 60, 240, 260)) -> Edit:
    height, width = crop[3] - crop[1], crop[2] - crop[0]
    paint = rng.random((height, width, 3), dtype=np.float32)
    cover = np.zeros((height, width), np.float32)
    cover[80:120, 50:150] = 1
    cover[76:80, 50:150] = 0.5
    shade = np.ones((height, width, 3), np.float32)
    shade[120:160, 40:160] = 0.6
    return Edit(crop, size, paint, cover, shade)


@pytest.mark.parametrize("factor", [1, 2, 3.37])
def test_bytes_outside_the_mask_are_the_photos(factor: float) -> None:
    rng = np.random.default_rng(4)
    photo = random_photo(rng, round(300 * factor), round(400 * factor))
    picture, mask = apply(photo, an_edit(rng))
    assert np.array_equal(picture[mask == 0], photo[mask == 0])
    assert set(np.unique(mask)) == {0, 255}
    assert 0.02 < (mask > 0).mean() < 0.2


def test_the_photo_itself_is_left_alone() -> None:
    rng = np.random.default_rng(4)
    photo = random_photo(rng)
    before = photo.copy()
    apply(photo, an_edit(rng))
    assert np.array_equal(photo, before)


def test_a_shadow_darkens_and_keeps_the_floors_pattern() -> None:
    rng = np.random.default_rng(4)
    photo = random_photo(rng)
    picture, _ = apply(photo, an_edit(rng))
    shadow = np.s_[190:210, 100:180]
    assert (picture[shadow] <= photo[shadow]).all()
    assert np.corrcoef(picture[shadow].ravel(), photo[shadow].ravel())[0, 1] > 0.99


def test_a_crop_that_reaches_over_the_edge_is_cut_off() -> None:
    rng = np.random.default_rng(4)
    photo = random_photo(rng, 298, 399)
    picture, mask = apply(photo, an_edit(rng, (399, 298), (200, 100, 400, 300)))
    assert picture.shape == photo.shape
    assert np.array_equal(picture[mask == 0], photo[mask == 0])


def test_an_edit_of_nothing_changes_nothing() -> None:
    rng = np.random.default_rng(4)
    photo, edit = random_photo(rng), an_edit(rng)
    empty = Edit(edit.crop, edit.size, edit.paint, np.zeros_like(edit.cover), np.ones_like(edit.shade))
    picture, mask = apply(photo, empty)
    assert not mask.any()
    assert np.array_equal(picture, photo)


def test_an_outline_is_as_sharp_in_a_larger_photo_and_a_twig_stays_faint() -> None:
    rng = np.random.default_rng(4)
    photo, edit = random_photo(rng, 900, 1200), an_edit(rng)
    cover = edit.cover.copy()
    cover[20, 20:180] = 0.4  # thinner than a pixel
    edit = Edit(edit.crop, edit.size, np.ones_like(edit.paint), cover, np.ones_like(edit.shade))
    black = np.zeros_like(photo)
    picture, _ = apply(black, edit)
    across = picture[480, 240:330, 0].astype(float) / 255
    assert ((across > 0.1) & (across < 0.9)).sum() <= 3  # of three pixels that an unsharpened pixel would blur
    twig = picture[239:244, 420].astype(float).max() / 255
    assert 0.4 < twig < 0.8


def test_shade_takes_less_from_a_patch_of_sun_than_from_the_floor_around_it() -> None:
    ratio = np.full((80, 80, 3), 0.7, np.float32)
    linear, floor = np.full((80, 80, 3), 0.2, np.float32), np.ones((80, 80), np.float32)
    linear[20:50, 20:50] = 0.8
    shaded = composite._sunlit(ratio, linear, floor)
    assert shaded[70, 70, 0] == pytest.approx(0.7, abs=0.01)
    assert 0.85 < shaded[35, 35, 0] < 1.0
    assert composite._sunlit(ratio * 0.2, linear, floor)[35, 35, 0] == pytest.approx(0.14, abs=0.01)


def test_paint_gets_the_photos_grain_at_the_photos_size_and_less_of_it_in_the_dark() -> None:
    rng = np.random.default_rng(4)
    photo, edit = random_photo(rng, 900, 1200), an_edit(rng)
    paint = np.full_like(edit.paint, 0.4)
    paint[:, 100:] = 0.02
    picture, _ = apply(photo, Edit(edit.crop, edit.size, paint, edit.cover, np.ones_like(edit.shade), 0.01))
    linear = bytes_to_linear(picture)[440:520, :, 1]
    light, dark = linear[:, 3 * 95 : 3 * 135], linear[:, 3 * 145 : 3 * 185]
    assert light.std() == pytest.approx(0.01, rel=0.2)
    assert 0 < dark.std() < 0.4 * light.std()
    assert abs(np.corrcoef(light[:, :-2].ravel(), light[:, 2:].ravel())[0, 1]) < 0.2


def test_faint_shade_is_smooth_and_deep_shadow_keeps_its_edge() -> None:
    rng = np.random.default_rng(4)
    ratio = np.full((240, 320, 3), 0.95, np.float32) + rng.normal(0, 0.03, (240, 320, 1)).astype(np.float32)
    ratio[:, 200:] = 0.5
    calm = composite._calmed(ratio, np.ones((240, 320), np.float32))
    assert calm[40:200, 40:160].std() < 0.3 * ratio[40:200, 40:160].std()
    assert calm[40:200, 210:].mean() == pytest.approx(0.5, abs=0.01)
    assert calm[120, 205, 0] - calm[120, 194, 0] < -0.3
