from collections.abc import Callable

import numpy as np
import pytest

from functions.inference.engines.render.materials import material
from functions.inference.engines.render.meshes import beds, decor, seating, storage, tables
from functions.inference.engines.render.meshes.builder import Mesh
from functions.inference.engines.render.styles import STYLES, StyleSpec
from vitrine.contracts.catalogue import Style

Rng = np.random.Generator
MAKERS: dict[str, Callable[[StyleSpec, Rng], Mesh]] = {
    "sofa": seating.sofa,
    "armchair": seating.armchair,
    "stool": lambda style, _: seating.stool(style),
    "pouf": lambda _, rng: seating.pouf(rng),
    "office_chair": lambda _, __: seating.office_chair(),
    "coffee_table": tables.coffee_table,
    "side_table": lambda style, _: tables.side_table(style),
    "dining_set": lambda style, rng: tables.dining_set(style, rng, 1.8, 6),
    "desk": tables.desk,
    "sideboard": storage.sideboard,
    "console": storage.console,
    "nightstand": lambda style, _: storage.nightstand(style),
    "dresser": storage.dresser,
    "bookcase": storage.bookcase,
    "bed": beds.bed,
    "cot": beds.cot,
    "plant": decor.plant,
    "floor_lamp": lambda style, _: decor.floor_lamp(style),
    "rug": lambda _, __: decor.rug(2.4, 1.7),
}


@pytest.mark.parametrize("style", Style)
def test_every_style_has_a_definition(style: Style) -> None:
    assert style in STYLES


@pytest.mark.parametrize("style", Style)
@pytest.mark.parametrize("name", MAKERS)
def test_every_piece_stands_on_the_floor_in_every_style(name: str, style: Style) -> None:
    mesh = MAKERS[name](STYLES[style], np.random.default_rng(3))
    low, high = mesh.bounds()
    assert -0.005 <= low[2] < 0.02  # the cut ends of splayed legs tilt
    assert 0 < high[2] < 2.4
    assert mesh.triangles < 90_000
    for part in mesh.parts:
        assert np.isfinite(part.vertices).all()
        assert np.isfinite(part.normals).all()
        assert part.faces.max() < len(part.vertices)
        assert len(part.uv) == len(part.vertices)


@pytest.mark.parametrize("style", Style)
def test_every_material_of_every_piece_is_known_in_every_style(style: Style) -> None:
    spec = STYLES[style]
    names = {part.material for make in MAKERS.values() for part in make(spec, np.random.default_rng(1)).parts}
    for name in sorted(names):
        look = material(spec, name, 1)
        assert np.isfinite(look.colour).all()
        assert 0 <= look.colour.min() <= look.colour.max() <= 1


def test_the_same_seed_makes_the_same_sofa_and_another_seed_another() -> None:
    spec = STYLES[Style.SCANDINAVIAN]
    one, same, other = (seating.sofa(spec, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert all(np.array_equal(a.vertices, b.vertices) for a, b in zip(one.parts, same.parts, strict=True))
    assert not all(np.array_equal(a.vertices, b.vertices) for a, b in zip(one.parts, other.parts, strict=True))


def test_a_box_faces_outwards_on_all_sides() -> None:
    for part in Mesh().box("wood", (0, 0, 0), (1, 1, 1), 0.1).parts:
        corner = part.vertices[part.faces]
        normal = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
        outwards = (normal * corner.mean(1)).sum(1)
        assert (outwards > -1e-9).all()
