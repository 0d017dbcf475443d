from collections.abc import Callable
from dataclasses import replace
from typing import Any, get_args, get_type_hints

import numpy as np
import pytest

from functions.inference.engines.render.furnish.homeplan import HomePlan
from functions.inference.engines.render.furnish.meshes import beds, decor, seating, storage, tables
from functions.inference.engines.render.furnish.meshes.builder import Mesh, Part
from functions.inference.engines.render.furnish.meshes.upholstery import horseshoe, rounded_profile, swept
from functions.inference.engines.render.furnish.styles import STYLES
from functions.inference.engines.render.furnish.styles.choices import chosen
from functions.inference.engines.render.furnish.styles.spec import SofaSpec, StyleSpec
from vitrine.contracts.catalogue import Style

Rng = np.random.Generator
Maker = Callable[[StyleSpec, Rng], Mesh]
MAKERS: dict[str, Maker] = {
    "sofa": seating.sofa,
    "armchair": seating.armchair,
    "stool": lambda style, _: seating.stool(style),
    "bench": seating.bench,
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
# Which piece each field of a style decides about.
DESIGN_OF = {
    "armchair": "armchair", "coffee": "coffee_table", "side_table": "side_table", "dining_table": "dining_set",
    "dining_chair": "dining_set", "desk": "desk", "bed": "bed", "front": "sideboard", "feet": "sideboard",
    "handle": "sideboard", "lamp": "floor_lamp", "table_lamp": "side_table", "plant": "plant", "planter": "plant",
}  # fmt: skip
HUNG: dict[str, Maker] = {
    "pendant": lambda style, _: decor.pendant(style, 0.8),
    "mirror": lambda style, _: decor.mirror(style, 0.8, 0.9),
    "framing": lambda style, _: decor.picture(style, 0.62, 0.82, "art-0"),
}


def designs(field: str) -> tuple[Any, ...]:
    return get_args(get_type_hints(StyleSpec)[field])


def with_design(spec: StyleSpec, field: str, design: str) -> StyleSpec:
    changes: dict[str, Any] = {field: design}
    return replace(spec, **changes)


def made(name: str, style: StyleSpec, seed: int = 3) -> Mesh:
    return MAKERS[name](style, np.random.default_rng(seed))


def shape_of(mesh: Mesh) -> tuple[float | str, ...]:
    points = np.concatenate([part.vertices for part in mesh.parts])
    extent = np.r_[points.min(0), points.max(0), points.mean(0), points.std(0)]
    return (*(round(float(v), 4) for v in extent), mesh.triangles, *sorted({part.material for part in mesh.parts}))


def assert_sound(mesh: Mesh) -> None:
    for part in mesh.parts:
        assert np.isfinite(part.vertices).all()
        assert np.isfinite(part.normals).all()
        assert np.isfinite(part.uv).all()
        assert 0 <= part.faces.min() <= part.faces.max() < len(part.vertices)
        assert len(part.uv) == len(part.normals) == len(part.vertices)


def outwards(part: Part) -> float:
    """Share of a part's area that faces away from its middle, for shapes that see all of themselves from there."""
    corner = part.vertices[part.faces]
    normal = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    away = ((corner.mean(1) - part.vertices.mean(0)) * normal).sum(1) >= -1e-12
    area = np.linalg.norm(normal, axis=1)
    return float(area[away].sum() / area.sum())


@pytest.mark.parametrize("style", Style)
@pytest.mark.parametrize("plan", [0, 1])
def test_every_piece_stands_on_the_floor_in_every_style(style: Style, plan: int) -> None:
    spec = chosen(STYLES[style], plan)
    for name in MAKERS:
        mesh = made(name, spec)
        low, high = mesh.bounds()
        assert -0.005 <= low[2] < 0.02, name  # the cut ends of splayed legs tilt
        assert 0 < high[2] < 2.4, name
        assert mesh.triangles < 70_000, name
        assert_sound(mesh)


@pytest.mark.parametrize(("field", "piece"), DESIGN_OF.items())
def test_every_design_that_a_style_can_name_is_a_piece_of_its_own(field: str, piece: str) -> None:
    spec = STYLES[Style.CLASSIC_ELEGANCE]
    shapes = {design: shape_of(made(piece, with_design(spec, field, design))) for design in designs(field)}
    assert len(set(shapes.values())) == len(shapes)


@pytest.mark.parametrize("field", HUNG)
def test_every_design_that_hangs_is_a_piece_of_its_own(field: str) -> None:
    spec = STYLES[Style.CLASSIC_ELEGANCE]
    meshes = [HUNG[field](with_design(spec, field, design), np.random.default_rng(1)) for design in designs(field)]
    assert len({shape_of(mesh) for mesh in meshes}) == len(meshes)
    for mesh in meshes:
        assert_sound(mesh)


@pytest.mark.parametrize("form", get_args(get_type_hints(SofaSpec)["form"]))
def test_every_form_of_sofa_seats_people_and_keeps_its_size(form: Any) -> None:
    spec = STYLES[Style.CLASSIC_ELEGANCE]
    mesh = made("sofa", replace(spec, scatter=0, sofa=replace(spec.sofa, form=form)))
    low, high = mesh.bounds()
    assert high[0] - low[0] == pytest.approx(2.2, abs=0.14)
    assert high[1] - low[1] == pytest.approx(0.94, abs=0.14)
    assert high[1] < 0.5  # its back may touch the wall, not enter it
    middle = np.concatenate([part.vertices for part in mesh.parts])
    seat = middle[(np.abs(middle[:, 0]) < 0.5) & (np.abs(middle[:, 1] + 0.1) < 0.12)]
    assert 0.36 < seat[:, 2].max() < 0.52


@pytest.mark.parametrize("plant", designs("plant"))
@pytest.mark.parametrize("height", [0.9, 1.5])
def test_a_plant_keeps_to_its_corner(plant: Any, height: float) -> None:
    mesh = decor.plant(replace(STYLES[Style.COASTAL], plant=plant), np.random.default_rng(2), height)
    low, high = mesh.bounds()
    assert (high - low)[:2].max() <= 0.81
    assert high[2] < height * 1.25


@pytest.mark.parametrize("style", Style)
def test_one_home_has_one_set_of_designs_and_another_home_another(style: Style) -> None:
    plans = [HomePlan.of(style, seed).style for seed in range(12)]
    assert len(set(plans)) >= 5
    assert HomePlan.of(style, 4).style == plans[4]


def test_no_two_styles_furnish_a_living_room_alike() -> None:
    names = ("sofa", "armchair", "coffee_table", "floor_lamp", "side_table")
    rooms = {style: tuple(shape_of(made(name, spec)) for name in names) for style, spec in STYLES.items()}
    for style, pieces in rooms.items():
        for other, theirs in rooms.items():
            shared = sum(a == b for a, b in zip(pieces, theirs, strict=True))
            assert style == other or shared <= 3, (style, other)


def test_the_same_seed_makes_the_same_piece_and_another_seed_another() -> None:
    spec = STYLES[Style.SCANDINAVIAN]
    for name in ("sofa", "bed", "plant", "coffee_table"):
        one, same, other = (made(name, spec, seed) for seed in (1, 1, 2))
        assert all(np.array_equal(a.vertices, b.vertices) for a, b in zip(one.parts, same.parts, strict=True))
        assert not all(
            a.vertices.shape == b.vertices.shape and np.array_equal(a.vertices, b.vertices)
            for a, b in zip(one.parts, other.parts, strict=False)
        )


def test_a_box_faces_outwards_on_all_sides() -> None:
    (part,) = Mesh().box("wood", (0, 0, 0), (1, 1, 1), 0.1).parts
    assert outwards(part) == 1.0


@pytest.mark.parametrize("turn", [1, -1])
def test_a_loft_faces_outwards_whichever_way_its_rings_run(turn: int) -> None:
    ring = rounded_profile(-0.2, 0.2, 0.0, 0.3, 0.05)[::turn]
    sections = np.stack([np.c_[ring[:, 0], np.full(len(ring), y), ring[:, 1]] for y in np.linspace(0, 1, 8)])
    for part in Mesh().loft("fabric", sections).parts:
        flat = np.ptp(part.vertices[:, 1]) < 1e-9
        assert flat or outwards(part) > 0.99


def test_a_sweep_stays_outside_the_path_that_it_follows() -> None:
    path = horseshoe(1.0, -0.4, 0.4, 0.2)
    sections = swept(path, rounded_profile(0.05, 0.15, 0.0, 0.5, 0.02))
    beyond = np.maximum(np.abs(sections[..., 0]) - 1.0, sections[..., 1] - 0.4)
    assert beyond.max() == pytest.approx(0.15, abs=0.01)


def test_a_plate_and_a_lathe_enclose_a_volume() -> None:
    square = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]])
    for part in Mesh().prism("wood", square, 0.2, 0.5, 0.01).parts:
        a, b, c = (part.vertices[part.faces[:, k]] for k in range(3))
        assert float((a * np.cross(b, c)).sum()) / 6 == pytest.approx(0.3, rel=0.05)
    for part in Mesh().lathe("wood", [(0, 0), (0.5, 0), (0.5, 1.0), (0, 1.0)], sides=64).parts:
        a, b, c = (part.vertices[part.faces[:, k]] for k in range(3))
        assert float((a * np.cross(b, c)).sum()) / 6 == pytest.approx(np.pi / 4, rel=0.01)


def test_the_grain_of_a_board_runs_along_it() -> None:
    (post,) = Mesh().box("wood", (0, 0, 0), (0.05, 0.06, 1.0), 0.004).parts
    upright = np.abs(post.normals[:, 2]) < 0.5
    assert np.ptp(post.uv[upright, 0]) > 0.9 > 0.1 > np.ptp(post.uv[upright, 1])
