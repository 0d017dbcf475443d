import numpy as np
import pytest

from functions.inference.engines.render.composite import Edit, apply

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
