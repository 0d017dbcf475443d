from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from functions.inference.engines.render.furnish import art, rugs, textures
from functions.inference.engines.render.furnish.materials import material
from functions.inference.engines.render.furnish.styles import STYLES
from functions.inference.engines.render.furnish.styles.choices import chosen
from functions.inference.engines.render.furnish.styles.spec import RugSpec, StyleSpec
from functions.inference.vision.colour import hex_colour
from tests.unit.engine.test_meshes import HUNG, MAKERS, made
from vitrine.contracts.catalogue import Style

CLOTHS = sorted(textures._CLOTHS)
WOODS = sorted(textures._WOODS)


def seam(image: NDArray[np.float32]) -> float:
    """How much larger the step across the border is than steps inside, in the median over both axes."""
    steps = [(np.abs(image[0] - image[-1]), np.abs(np.diff(image, axis=0)))]
    steps += [(np.abs(image[:, 0] - image[:, -1]), np.abs(np.diff(image, axis=1)))]
    return max(float(np.mean(edge) / max(float(np.mean(inner)), 1e-9)) for edge, inner in steps)


def palette(spec: StyleSpec) -> NDArray[np.float32]:
    names = (spec.fabric, spec.fabric2, spec.accent, spec.accent2, spec.wood, spec.wood2, spec.metal, spec.rug.ground)
    return np.concatenate([hex_colour(name) for name in names])


@pytest.mark.parametrize("style", Style)
def test_every_material_of_every_piece_is_known_in_every_style(style: Style) -> None:
    spec = chosen(STYLES[style], 2)
    rng = np.random.default_rng(1)
    meshes = [*(made(name, spec) for name in MAKERS), *(make(spec, rng) for make in HUNG.values())]
    for name in sorted({part.material for mesh in meshes for part in mesh.parts}):
        look = material(spec, name, 1)
        assert np.isfinite(look.colour).all()
        assert 0 <= look.colour.min() <= look.colour.max() <= 1
        assert look.bump is None or np.isfinite(look.bump).all()


@pytest.mark.parametrize("cloth", CLOTHS)
def test_a_cloth_tiles_and_keeps_its_colours_brightness(cloth: str) -> None:
    gain, bump = textures.cloth(cloth)
    assert seam(gain) < 2.0
    assert seam(bump[..., 0]) < 2.0
    assert 0.55 < gain.mean() < 1.1


@pytest.mark.parametrize("kind", WOODS)
def test_a_wood_tiles_and_its_grain_runs_along_the_first_axis(kind: str) -> None:
    gain = textures.wood(kind, 0)
    assert seam(gain) < 2.5
    assert np.abs(np.diff(gain, axis=1)).mean() < np.abs(np.diff(gain, axis=0)).mean()
    assert not np.array_equal(gain, textures.wood(kind, 1))


@pytest.mark.parametrize("pattern", sorted(rugs._PATTERNS))
def test_a_rugs_pattern_is_drawn_by_its_seed(pattern: str) -> None:
    spec = RugSpec(pattern, "d8c7a6", "7c2e2e", "2f3e5c")  # type: ignore[arg-type]
    one, again, other = (rugs.rug(spec, np.random.default_rng(seed))[0] for seed in (1, 1, 5))
    assert np.array_equal(one, again)
    assert one.std() > 0.005
    assert pattern in ("border",) or np.abs(one - other).mean() > 0.002


@pytest.mark.parametrize("kind", sorted(art._PAINTERS))
def test_pictures_of_a_kind_differ_by_seed_and_stay_in_the_palette(kind: str) -> None:
    colours = [hex_colour(c) for c in ("efeae2", "b08d57", "3f4a52", "8c8377", "d9d2c6", "26241f")]
    one, again, other = (art.paint(kind, colours, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert np.abs(one - other).mean() > 0.01
    assert one.std() > 0.02
    reach = np.stack(colours)
    assert (one.reshape(-1, 3).mean(0) > reach.min(0) - 0.05).all()
    assert (one.reshape(-1, 3).mean(0) < reach.max(0) + 0.05).all()


def test_a_pair_of_pictures_is_of_one_kind_but_not_the_same_picture() -> None:
    spec = STYLES[Style.SCANDINAVIAN]
    left, right = material(spec, "art-living_room-0", 1), material(spec, "art-living_room-1", 1)
    assert not np.array_equal(left.colour, right.colour)


def test_no_two_styles_share_a_palette() -> None:
    for one, other in combinations(STYLES, 2):
        apart = np.abs(palette(STYLES[one]) - palette(STYLES[other])).mean()
        assert apart > 0.05, (one, other)


def test_a_material_comes_from_its_cache_the_second_time() -> None:
    spec = STYLES[Style.COASTAL]
    for name in ("fabric", "wood", "rug", "stone", "art-living_room-0"):
        assert material(spec, name, 3) is material(spec, name, 3)


def test_an_unknown_material_is_an_error() -> None:
    with pytest.raises(KeyError):
        material(STYLES[Style.COASTAL], "unobtainium", 0)
