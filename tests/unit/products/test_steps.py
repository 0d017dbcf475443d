"""The steps of a cut-out, each alone on arrays whose answer is known."""

import cv2
import numpy as np
import pytest

from functions.inference.products import chroma, confidence, finishing, ground, matting, own_alpha, region
from functions.inference.products.doubts import REASONS, WORDS, Doubt, Refusal
from functions.inference.products.looking import as_shares
from functions.inference.products.spreading import spread
from functions.inference.vision.arrays import Array

RNG = np.random.default_rng(5)


def disc(radius: float, size: int = 80) -> Array:
    y, x = np.mgrid[0:size, 0:size] - size / 2 + 0.5
    return np.asarray(np.clip(radius + 0.5 - np.hypot(x, y), 0, 1), np.float32)


def over(alpha: Array, product: tuple[float, ...], below: Array) -> Array:
    return np.asarray(np.array(product) * alpha[..., None] + below * (1 - alpha[..., None]), np.float32)


def paper(light: float = 0.85, size: int = 80) -> Array:
    return np.full((size, size, 3), light, np.float32)


def test_matting_finds_the_share_of_each_pixel_by_its_colour() -> None:
    alpha = np.asarray(cv2.GaussianBlur(disc(22), (0, 0), 1.5), np.float32)
    colours = over(alpha, (0.7, 0.1, 0.1), paper())
    unknown = (alpha > 0.02) & (alpha < 0.98)
    start = np.where(unknown, 0.5, np.round(alpha)).astype(np.float32)
    found = matting.solve(colours, start, unknown, np.full(alpha.shape, matting.PRIOR, np.float32))
    assert np.abs(found - alpha)[unknown].mean() < 0.03
    assert (found[~unknown] == start[~unknown]).all()


def test_matting_with_nothing_unknown_changes_nothing() -> None:
    start = disc(20)
    none = np.zeros(start.shape, np.bool_)
    assert matting.solve(paper(), start, none, start) is start


def test_spread_keeps_what_is_known_and_fills_the_rest() -> None:
    values = np.zeros((40, 60, 3), np.float32)
    values[:, :30], values[:, 30:] = 0.2, 0.8
    known = np.zeros((40, 60), np.float32)
    known[:, :10] = known[:, 50:] = 1
    found = spread(values, known)
    assert (found[known > 0] == values[known > 0]).all()
    assert 0.2 < found[20, 30, 0] < 0.8
    assert np.isfinite(spread(values, np.zeros_like(known))).all()


def test_a_plain_ground_is_found_with_its_horizon_and_its_noise() -> None:
    y, x = np.mgrid[0:120, 0:160] / 160
    true = np.where(y < 0.5, 0.9 - 0.2 * x, 0.75 - 0.1 * x)[..., None].repeat(3, 2).astype(np.float32)
    outside = np.ones((120, 160), np.bool_)
    outside[30:90, 50:110] = False
    found = ground.fit(true + RNG.normal(0, 0.01, true.shape).astype(np.float32), outside)
    assert found is not None and found.is_plain
    assert found.noise.max() == pytest.approx(0.01, rel=0.3)
    assert np.abs(found.at(120, 160) - true)[~outside].mean() < 0.015


def test_a_busy_ground_is_not_plain_and_none_is_none() -> None:
    busy = RNG.uniform(0, 1, (60, 60, 3)).astype(np.float32)
    found = ground.fit(busy, np.ones((60, 60), np.bool_))
    assert found is not None and not found.is_plain
    assert ground.fit(busy, np.zeros((60, 60), np.bool_)) is None


def region_of(colours: Array, first: Array, second: Array) -> region.Region:
    like = region.likeness(colours, paper(size=len(colours)), np.full(3, 0.006, np.float32))
    return region.find(like, (first, second))


def test_a_soft_shadow_is_ground_even_where_the_net_is_unsure() -> None:
    product, shade = disc(50, 240), np.asarray(cv2.GaussianBlur(np.roll(disc(50, 240), 30, 0), (0, 0), 9), np.float32)
    colours = over(product, (0.6, 0.1, 0.1), paper(size=240) * (1 - 0.4 * shade[..., None]))
    net = np.maximum(product, 0.45 * (shade > 0.3)).astype(np.float32)
    found = region_of(colours, net, net)
    assert confidence.iou(found.product, product > 0.5) > 0.93


def test_a_hole_in_a_thin_ring_opens_where_one_look_sees_through() -> None:
    ring, whole = disc(30) - disc(24), disc(30)
    found = region_of(over(ring, (0.6, 0.1, 0.1), paper()), whole, ring)
    assert not found.product[40, 40] and found.product[40, 13]


def test_a_deep_hole_opens_where_both_looks_see_through() -> None:
    thick = disc(35) - disc(6)
    colours = over(thick, (0.6, 0.1, 0.1), paper())
    assert not region_of(colours, thick, thick).product[40, 40]
    assert region_of(colours, thick, disc(35)).product[40, 40]


def test_white_print_on_a_product_stays_before_white_paper() -> None:
    print_, whole = disc(10), disc(35)
    colours = over(whole - print_, (0.6, 0.1, 0.1), paper())
    found = region_of(colours, whole * 0.8, (whole - print_ * 0.7).astype(np.float32))
    assert found.product[40, 40] and found.doubtful[40, 40]


def test_colours_of_the_outline_lose_the_grounds() -> None:
    share = np.array([0.3, 0.6, 1.0], np.float32)
    product, below = np.tile(np.array([0.6, 0.1, 0.1], np.float32), (3, 1)), np.ones((3, 3), np.float32)
    seen = product * share[:, None] + below * (1 - share[:, None])
    assert np.abs(finishing.unmixed(seen, share, product * 0.95, below) - product).max() < 0.04
    assert (finishing.unmixed(seen, share, product, below)[2] == seen[2]).all()


def test_alpha_follows_edges_that_only_the_large_photo_has() -> None:
    large = (cv2.resize(over(disc(20), (0.1, 0.1, 0.1), paper()), (320, 320)) * 255).astype(np.uint8)
    small = as_shares(np.asarray(cv2.resize(large, (80, 80), interpolation=cv2.INTER_AREA), np.uint8))
    alpha = np.clip((0.85 - small[..., 0]) / 0.75, 0, 1).astype(np.float32)
    rgba = finishing.finish(large, (0, 0, 320, 320), finishing.estimate(small, alpha))
    truth = np.clip((0.85 - large[..., 0] / 255) / 0.75, 0, 1)
    assert np.abs(rgba[..., 3] / 255 - truth).mean() < 0.01


def test_colour_smeared_by_jpeg_goes_back_to_lights_edge() -> None:
    sharp = np.full((40, 40, 3), 0.9, np.float32)
    sharp[:, :20] = (0.6, 0.05, 0.05)
    apart = cv2.cvtColor(sharp, cv2.COLOR_RGB2YCrCb)
    apart[..., 1:] = cv2.blur(apart[..., 1:], (3, 3))
    smeared = np.asarray(np.clip(cv2.cvtColor(apart, cv2.COLOR_YCrCb2RGB), 0, 1), np.float32)
    assert np.abs(chroma.sharpened(smeared) - sharp).mean() < 0.9 * np.abs(smeared - sharp).mean()


def test_more_doubts_are_less_confidence_and_all_have_words() -> None:
    good = confidence.Measures(0.98, 0.99, 0.96, 0.0, 0.0, 0.0, 0.0, 0.0, 0.2, True, 500)
    assert confidence.doubts(good) == [] and confidence.confidence(good, []) > 0.95
    bad = confidence.Measures(0.5, 0.6, 0.4, 0.6, 0.1, 0.1, 0.2, 0.5, 0.2, False, 50)
    assert len(confidence.doubts(bad)) >= 9
    assert confidence.confidence(bad, confidence.doubts(bad)) < 0.1
    assert WORDS.keys() == confidence.PENALTIES.keys() == set(Doubt) and REASONS.keys() == set(Refusal)


def test_an_outline_of_the_grounds_colour_is_weak() -> None:
    assert confidence.weak_share(over(disc(25), (0.83, 0.83, 0.83), paper()), disc(25)) > 0.9
    assert confidence.weak_share(over(disc(25), (0.3, 0.3, 0.3), paper()), disc(25)) < 0.05


def test_a_picture_that_is_half_transparent_is_told() -> None:
    pixels = np.full((100, 100, 3), 120, np.uint8)
    alpha = np.where(disc(30, 100) > 0, 120, 0).astype(np.uint8)
    assert own_alpha.is_cut_out(alpha) and not own_alpha.is_invisible(alpha)
    assert own_alpha.doubts(pixels, alpha) == [Doubt.SEE_THROUGH]
