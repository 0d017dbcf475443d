"""A stated size: how it is read, and which cut-outs can be the product it is of."""

import pytest

from functions.inference.products import dimensions
from functions.inference.products.dimensions import NotASizeError, Size
from functions.inference.products.doubts import Doubt


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("200x90x85cm", Size(2.0, 0.9, 0.85)),
        ("2 x 0.9 x 0.85 m", Size(2.0, 0.9, 0.85)),
        ("2000 × 900 × 850 mm", Size(2.0, 0.9, 0.85)),
        ("1,2x0,8x0,75m", Size(1.2, 0.8, 0.75)),
        ('10x20x30"', Size(0.254, 0.508, 0.762)),
        ("60cmx90cm", Size(0.6, None, 0.9)),
        ("2m x 90cm x 85cm", Size(2.0, 0.9, 0.85)),
    ],
)
def test_sizes_are_read(text: str, size: Size) -> None:
    found = dimensions.read(text)
    assert (found.width, found.height) == pytest.approx((size.width, size.height))
    assert found.depth == (size.depth if size.depth is None else pytest.approx(size.depth))


NO_SIZES = ["", "200", "200x90x85", "axbxc cm", "0x90x85cm", "2x9x8x4cm", "-2x3x4m", "1e3x2x3m"]


@pytest.mark.parametrize("text", NO_SIZES)
def test_what_is_no_size_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(NotASizeError):
        dimensions.read(text)


def codes(size: str, width: float, height: float) -> list[Doubt]:
    return [one.code for one in dimensions.check(dimensions.read(size), width, height)]


@pytest.mark.parametrize(
    ("size", "width", "height"),
    [("200x90x85cm", 900, 420), ("45x50x90cm", 300, 520), ("30x30x160cm", 100, 500), ("160x230x1cm", 300, 430)],
)
def test_a_cut_out_that_can_be_the_product_raises_no_doubt(size: str, width: float, height: float) -> None:
    assert codes(size, width, height) == []


@pytest.mark.parametrize(("width", "height"), [(300, 900), (900, 150)])
def test_a_sofa_is_neither_a_tower_nor_a_plank(width: float, height: float) -> None:
    assert codes("200x90x85cm", width, height) == [Doubt.PROPORTIONS]


def test_a_lamp_that_lost_its_base_is_told() -> None:
    assert codes("40x40x160cm", 200, 260) == [Doubt.PROPORTIONS]


@pytest.mark.parametrize("size", ["200x90x85m", "2x1x1mm"])
def test_a_size_in_a_wrong_unit_is_told(size: str) -> None:
    assert Doubt.DIMENSIONS in codes(size, 900, 420)


def test_another_order_of_the_sides_is_named() -> None:
    found = dimensions.check(dimensions.read("85x90x200cm"), 900, 420)
    assert "It would fit 200 x 85 x 90 cm" in found[0].message
