"""Styles as data: what each looks like. Colours are sRGB `rrggbb`."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from vitrine.contracts.catalogue import Style

Alternative = tuple[tuple[str, Any], ...]


def _either(*changes: Mapping[str, Any]) -> tuple[Alternative, ...]:
    """Alternatives that a home's plan picks one of, each a set of fields to replace."""
    return tuple(tuple(sorted(change.items())) for change in changes)


def _one_of(field: str, *values: Any) -> tuple[Alternative, ...]:
    return _either(*({field: value} for value in values))


@dataclass(frozen=True)
class SofaSpec:
    """Shape of the upholstered pieces, in metres."""

    arm: float
    arm_height: float
    leg: float
    back: float
    radius: float
    leg_material: str = "wood"
    rolled: bool = False
    tufted: bool = False
    two_seats: bool = False


@dataclass(frozen=True)
class RugSpec:
    pattern: Literal["abstract", "diamond", "persian", "stripes", "plain", "border", "checks"]
    ground: str
    figure: str
    accent: str


@dataclass(frozen=True)
class StyleSpec:
    """One style: palette, materials, which variant of each piece, textiles.

    `choices` are the alternatives among which a home's plan decides: see `chosen`.
    """

    sofa: SofaSpec
    fabric: str
    fabric2: str
    accent: str
    accent2: str
    light: str
    dark: str
    wood: str
    wood2: str
    metal: str
    stone: tuple[str, str]
    rug: RugSpec
    table: Literal["slab", "drum", "turned"]
    armchair: Literal["box", "wood", "shell"]
    lamp: Literal["drum", "tripod", "arc"]
    plant: Literal["fiddle", "palm", "olive"]
    pot: str
    leaf: str
    headboard: float
    headboard_panels: int
    throw: str
    dining_chair: Literal["upholstered", "wood"]
    frame: str
    canvas: bool
    metallic: bool = True
    scatter: int = 3
    choices: tuple[tuple[Alternative, ...], ...] = ()

    def with_sofa(self, **changes: float) -> "StyleSpec":
        return replace(self, sofa=replace(self.sofa, **changes), scatter=0)  # type: ignore[arg-type]


def chosen(spec: StyleSpec, plan_seed: int) -> StyleSpec:
    """The style as one home has it: one alternative of each choice."""
    rng = np.random.default_rng([plan_seed, 11])
    for alternatives in spec.choices:
        spec = replace(spec, **dict(alternatives[int(rng.integers(len(alternatives)))]))
    return replace(spec, choices=())


def variant_of(spec: StyleSpec, piece: str) -> str:
    """The design of a piece by name, as the spec's fields decide it."""
    designs = {
        "sofa": _sofa_design(spec.sofa),
        "armchair": spec.armchair,
        "coffee_table": spec.table,
        "side_table": spec.table,
        "console": spec.table,
        "dining_set": f"{spec.table}-{spec.dining_chair}",
        "floor_lamp": spec.lamp,
        "pendant": spec.lamp,
        "plant": spec.plant,
        "rug": spec.rug.pattern,
        "bed": f"{'channelled' if spec.headboard_panels > 1 else 'panel'}-headboard",
    }
    return designs.get(piece, "plain")


def _sofa_design(spec: SofaSpec) -> str:
    arms, back = "rolled" if spec.rolled else "track", "tufted" if spec.tufted else "loose"
    return f"{arms}-{back}-{'two' if spec.two_seats else 'three'}"


STYLES: dict[Style, StyleSpec] = {
    Style.MODERN_LUXURY: StyleSpec(
        sofa=SofaSpec(arm=0.20, arm_height=0.58, leg=0.06, back=0.78, radius=0.07, leg_material="metal"),
        fabric="d9d2c6",
        fabric2="8c8377",
        accent="b08d57",
        accent2="3f4a52",
        light="efeae2",
        dark="26241f",
        wood="5a4334",
        wood2="4b3a2f",
        metal="c9a463",
        stone=("e9e6e1", "8e8880"),
        rug=RugSpec("abstract", "d3ccc0", "a1988c", "786e63"),
        table="drum",
        armchair="shell",
        lamp="drum",
        plant="fiddle",
        pot="2e2c29",
        leaf="40603a",
        headboard=1.35,
        headboard_panels=7,
        throw="8f7b63",
        dining_chair="upholstered",
        frame="c9a463",
        canvas=True,
        choices=(
            _one_of("armchair", "shell", "box"),
            _one_of("lamp", "drum", "arc"),
            _either({}, {"fabric": "c9c4bb", "accent": "7d6b57"}, {"fabric": "e4ddd0", "accent2": "5a4a3c"}),
            _one_of(
                "rug",
                RugSpec("abstract", "d3ccc0", "a1988c", "786e63"),
                RugSpec("border", "ddd6ca", "9b9184", "b08d57"),
            ),
        ),
    ),
    Style.SCANDINAVIAN: StyleSpec(
        sofa=SofaSpec(arm=0.13, arm_height=0.56, leg=0.17, back=0.80, radius=0.05),
        fabric="b3b7b5",
        fabric2="d8d0c0",
        accent="c99a6b",
        accent2="7e9189",
        light="f2efe8",
        dark="33332f",
        wood="c79e6b",
        wood2="d8b98c",
        metal="2b2b2b",
        stone=("e4e0d8", "b0aaa0"),
        rug=RugSpec("diamond", "ebe5d8", "8b857a", "8b857a"),
        table="slab",
        armchair="wood",
        lamp="tripod",
        plant="fiddle",
        pot="e8e2d6",
        leaf="4e7340",
        headboard=0.95,
        headboard_panels=1,
        throw="a9b3a6",
        dining_chair="wood",
        frame="c79e6b",
        canvas=False,
        metallic=False,
        scatter=4,
        choices=(
            _one_of("armchair", "wood", "shell"),
            _one_of("plant", "fiddle", "olive"),
            _either({}, {"fabric": "d6cfc2", "accent": "8aa0a0"}, {"fabric": "9fa8a5", "accent2": "c9b48f"}),
            _one_of(
                "rug",
                RugSpec("diamond", "ebe5d8", "8b857a", "8b857a"),
                RugSpec("stripes", "ece6da", "b7b1a4", "8f9a94"),
            ),
        ),
    ),
    Style.CLASSIC_ELEGANCE: StyleSpec(
        sofa=SofaSpec(arm=0.19, arm_height=0.60, leg=0.10, back=0.90, radius=0.07, rolled=True, tufted=True),
        fabric="ddd2bd",
        fabric2="5e6f82",
        accent="7a2f36",
        accent2="c8a96a",
        light="f1e9da",
        dark="3a2a20",
        wood="5b3420",
        wood2="633a24",
        metal="b08d4c",
        stone=("efeae0", "b8a88c"),
        rug=RugSpec("persian", "7c2e2e", "2f3e5c", "d9c6a0"),
        table="turned",
        armchair="box",
        lamp="drum",
        plant="palm",
        pot="d9cdb8",
        leaf="3d6337",
        headboard=1.40,
        headboard_panels=5,
        throw="7a2f36",
        dining_chair="upholstered",
        frame="b08d4c",
        canvas=False,
        scatter=4,
        choices=(
            _one_of("lamp", "drum", "arc"),
            _one_of("plant", "palm", "fiddle"),
            _either(
                {},
                {"fabric2": "7a2f36", "accent": "5e6f82"},
                {"fabric": "cfc3ae", "accent": "4b5a45", "throw": "4b5a45"},
            ),
            _one_of(
                "rug",
                RugSpec("persian", "7c2e2e", "2f3e5c", "d9c6a0"),
                RugSpec("persian", "2f3e5c", "7c2e2e", "d9c6a0"),
            ),
        ),
    ),
    Style.INDUSTRIAL: StyleSpec(
        sofa=SofaSpec(arm=0.15, arm_height=0.60, leg=0.13, back=0.78, radius=0.04, leg_material="dark", two_seats=True),
        fabric="6b4a36",
        fabric2="55585a",
        accent="a5622d",
        accent2="3c4a50",
        light="d9d4ca",
        dark="1f1f1e",
        wood="7d5836",
        wood2="5b4129",
        metal="232323",
        stone=("8f8c87", "6a6762"),
        rug=RugSpec("plain", "8d8a84", "5d5b57", "3c3a37"),
        table="slab",
        armchair="box",
        lamp="arc",
        plant="olive",
        pot="3a3936",
        leaf="4b6a3f",
        headboard=1.05,
        headboard_panels=1,
        throw="6e6459",
        dining_chair="upholstered",
        frame="232323",
        canvas=False,
        metallic=False,
        scatter=2,
        choices=(
            _one_of("lamp", "arc", "tripod"),
            _either({}, {"fabric": "55585a", "fabric2": "6b4a36"}, {"fabric": "8a5a3a", "throw": "4a4a48"}),
            _one_of(
                "rug", RugSpec("plain", "8d8a84", "5d5b57", "3c3a37"), RugSpec("border", "9a968e", "5d5b57", "3c3a37")
            ),
        ),
    ),
    Style.MID_CENTURY: StyleSpec(
        sofa=SofaSpec(arm=0.11, arm_height=0.55, leg=0.20, back=0.80, radius=0.04, tufted=True),
        fabric="4f6a66",
        fabric2="c58a3f",
        accent="c8762e",
        accent2="2f4a4f",
        light="efe6d6",
        dark="2e2620",
        wood="8a5530",
        wood2="7a4a2a",
        metal="b58a3e",
        stone=("e6e0d4", "b3a690"),
        rug=RugSpec("border", "d8c7a6", "b3652d", "2f4a4f"),
        table="slab",
        armchair="wood",
        lamp="tripod",
        plant="fiddle",
        pot="e3ddcf",
        leaf="43683c",
        headboard=0.95,
        headboard_panels=1,
        throw="c08a45",
        dining_chair="wood",
        frame="8a5530",
        canvas=False,
        choices=(
            _one_of("armchair", "wood", "shell"),
            _either({}, {"fabric": "c58a3f", "fabric2": "4f6a66"}, {"fabric": "6f7a5a", "accent": "b5532e"}),
            _one_of(
                "rug",
                RugSpec("border", "d8c7a6", "b3652d", "2f4a4f"),
                RugSpec("abstract", "d8c7a6", "b3652d", "2f4a4f"),
            ),
        ),
    ),
    Style.FARMHOUSE: StyleSpec(
        sofa=SofaSpec(arm=0.18, arm_height=0.60, leg=0.08, back=0.84, radius=0.07, rolled=True),
        fabric="e6dfd1",
        fabric2="b9ad97",
        accent="7f8c74",
        accent2="a9b3ba",
        light="f5f0e6",
        dark="3b352e",
        wood="a9825a",
        wood2="e4ddcf",
        metal="2d2c2a",
        stone=("ece8df", "c4bbac"),
        rug=RugSpec("checks", "eee7d8", "a8a294", "6f6a5f"),
        table="turned",
        armchair="box",
        lamp="drum",
        plant="olive",
        pot="cdbfa6",
        leaf="6f7f5a",
        headboard=1.10,
        headboard_panels=1,
        throw="a59a86",
        dining_chair="wood",
        frame="a9825a",
        canvas=False,
        metallic=False,
        scatter=4,
        choices=(
            _one_of("armchair", "box", "wood"),
            _either({}, {"fabric": "d5cbb8", "accent": "8a9aa5"}, {"fabric2": "8f9a86", "accent": "b59a6a"}),
            _one_of(
                "rug", RugSpec("checks", "eee7d8", "a8a294", "6f6a5f"), RugSpec("stripes", "eee7d8", "a9b3ba", "8a9aa5")
            ),
        ),
    ),
    Style.COASTAL: StyleSpec(
        sofa=SofaSpec(arm=0.17, arm_height=0.58, leg=0.07, back=0.80, radius=0.07),
        fabric="f0ece3",
        fabric2="c9b99b",
        accent="4d7c9a",
        accent2="9dbccb",
        light="f8f5ee",
        dark="2f3e48",
        wood="d2b48c",
        wood2="f0ece4",
        metal="b9b3a6",
        stone=("f2efe8", "c9cfd2"),
        rug=RugSpec("stripes", "f1ece1", "86a9bd", "4d7c9a"),
        table="slab",
        armchair="shell",
        lamp="drum",
        plant="palm",
        pot="e9e2d3",
        leaf="548049",
        headboard=1.15,
        headboard_panels=5,
        throw="7fa3b8",
        dining_chair="upholstered",
        frame="d2b48c",
        canvas=False,
        metallic=False,
        scatter=4,
        choices=(
            _one_of("armchair", "shell", "wood"),
            _one_of("plant", "palm", "olive"),
            _either({}, {"accent": "6fa3a0", "accent2": "b9d3cc"}, {"fabric": "d9e0e2", "accent": "35617e"}),
            _one_of(
                "rug", RugSpec("stripes", "f1ece1", "86a9bd", "4d7c9a"), RugSpec("plain", "e9e1cf", "cdbf9f", "b5a582")
            ),
        ),
    ),
    Style.JAPANDI: StyleSpec(
        sofa=SofaSpec(arm=0.12, arm_height=0.50, leg=0.09, back=0.72, radius=0.05, two_seats=True),
        fabric="cfc6b6",
        fabric2="a89c88",
        accent="8b6f52",
        accent2="5f6a5b",
        light="efe9dd",
        dark="262320",
        wood="b58b5e",
        wood2="8d6844",
        metal="2a2826",
        stone=("d9d3c8", "a9a194"),
        rug=RugSpec("plain", "dcd3c2", "c2b7a2", "9c8f79"),
        table="slab",
        armchair="wood",
        lamp="tripod",
        plant="olive",
        pot="57534c",
        leaf="5f7a4f",
        headboard=0.80,
        headboard_panels=1,
        throw="8f8570",
        dining_chair="wood",
        frame="262320",
        canvas=False,
        metallic=False,
        scatter=2,
        choices=(
            _one_of("armchair", "wood", "box"),
            _either({}, {"fabric": "b9b0a0", "accent": "4f5a52"}, {"fabric": "ddd5c6", "accent2": "8a6a4a"}),
            _one_of(
                "rug", RugSpec("plain", "dcd3c2", "c2b7a2", "9c8f79"), RugSpec("border", "dcd3c2", "8d8370", "5f584b")
            ),
        ),
    ),
    Style.ART_DECO: StyleSpec(
        sofa=SofaSpec(arm=0.22, arm_height=0.62, leg=0.06, back=0.76, radius=0.09, leg_material="metal"),
        fabric="24483f",
        fabric2="d8c9ad",
        accent="c9a24e",
        accent2="1f2a38",
        light="f0e8d8",
        dark="171614",
        wood="3d2618",
        wood2="2a1b13",
        metal="c9a24e",
        stone=("1f1e1d", "b59a5a"),
        rug=RugSpec("border", "2b2a2c", "c9a24e", "e5dac2"),
        table="drum",
        armchair="shell",
        lamp="drum",
        plant="palm",
        pot="1f1e1d",
        leaf="2f5a38",
        headboard=1.45,
        headboard_panels=9,
        throw="c9a24e",
        dining_chair="upholstered",
        frame="c9a24e",
        canvas=True,
        choices=(
            _one_of("lamp", "drum", "arc"),
            _either({}, {"fabric": "1f3350", "accent2": "24483f"}, {"fabric": "5c2436", "accent2": "2b2a2c"}),
            _one_of(
                "rug",
                RugSpec("border", "2b2a2c", "c9a24e", "e5dac2"),
                RugSpec("abstract", "d9cdb4", "24483f", "c9a24e"),
            ),
        ),
    ),
    Style.PARISIAN_CHIC: StyleSpec(
        sofa=SofaSpec(arm=0.15, arm_height=0.60, leg=0.14, back=0.84, radius=0.06, tufted=True),
        fabric="e8e1d5",
        fabric2="b8a79d",
        accent="c08d84",
        accent2="3d4450",
        light="f7f2e9",
        dark="22201e",
        wood="9a6e45",
        wood2="e9e2d6",
        metal="b8965a",
        stone=("f1eeea", "9a938c"),
        rug=RugSpec("persian", "b9a793", "6f6a72", "e9dfcf"),
        table="drum",
        armchair="shell",
        lamp="arc",
        plant="fiddle",
        pot="e4dccd",
        leaf="456a40",
        headboard=1.30,
        headboard_panels=5,
        throw="c4b3a4",
        dining_chair="upholstered",
        frame="b8965a",
        canvas=False,
        scatter=4,
        choices=(
            _one_of("armchair", "shell", "box"),
            _one_of("lamp", "arc", "drum"),
            _either({}, {"fabric2": "8f9aa3", "accent": "6f7f8f"}, {"fabric": "cfc6bb", "accent": "5f6f5c"}),
            _one_of(
                "rug", RugSpec("persian", "b9a793", "6f6a72", "e9dfcf"), RugSpec("plain", "e3dacb", "cabda9", "b3a48d")
            ),
        ),
    ),
    Style.HAMPTONS: StyleSpec(
        sofa=SofaSpec(arm=0.20, arm_height=0.62, leg=0.06, back=0.84, radius=0.08, rolled=True),
        fabric="f3efe6",
        fabric2="3b5876",
        accent="2f4a6b",
        accent2="a9bccb",
        light="faf7f0",
        dark="2a2f36",
        wood="b08a5f",
        wood2="f4f1ea",
        metal="c0b48e",
        stone=("f4f2ec", "bfc4c6"),
        rug=RugSpec("stripes", "f1ebdd", "8fa5b8", "3b5876"),
        table="turned",
        armchair="box",
        lamp="drum",
        plant="palm",
        pot="eee7d9",
        leaf="4b7a46",
        headboard=1.30,
        headboard_panels=5,
        throw="6f8aa5",
        dining_chair="upholstered",
        frame="f4f1ea",
        canvas=False,
        scatter=4,
        choices=(
            _one_of("armchair", "box", "wood"),
            _one_of("plant", "palm", "olive"),
            _either({}, {"fabric": "e3dccd", "fabric2": "f3efe6"}, {"fabric2": "c9b998", "accent": "5b86a0"}),
            _one_of(
                "rug", RugSpec("stripes", "f1ebdd", "8fa5b8", "3b5876"), RugSpec("plain", "dccfb2", "c2b28e", "a99a77")
            ),
        ),
    ),
    Style.QUIET_LUXURY: StyleSpec(
        sofa=SofaSpec(arm=0.24, arm_height=0.56, leg=0.06, back=0.70, radius=0.09, leg_material="dark", two_seats=True),
        fabric="ddd5c8",
        fabric2="b5a791",
        accent="9c8468",
        accent2="6f6557",
        light="f1ece2",
        dark="2b2723",
        wood="6b4f38",
        wood2="8b6f52",
        metal="8f7f66",
        stone=("d9cfbf", "a3937d"),
        rug=RugSpec("plain", "e2d9c9", "cbbfab", "b3a58e"),
        table="drum",
        armchair="shell",
        lamp="drum",
        plant="olive",
        pot="b8a68c",
        leaf="667a56",
        headboard=1.15,
        headboard_panels=3,
        throw="b09a7d",
        dining_chair="upholstered",
        frame="6b4f38",
        canvas=True,
        metallic=False,
        scatter=3,
        choices=(
            _one_of("table", "drum", "slab"),
            _one_of("armchair", "shell", "box"),
            _either({}, {"fabric": "c8bca9", "fabric2": "e2dacd"}, {"fabric": "e9e3d9", "accent": "7d7363"}),
            _one_of(
                "rug", RugSpec("plain", "e2d9c9", "cbbfab", "b3a58e"), RugSpec("abstract", "e0d7c8", "c6b9a5", "a99b86")
            ),
        ),
    ),
    Style.HOLLYWOOD_REGENCY: StyleSpec(
        sofa=SofaSpec(
            arm=0.18, arm_height=0.64, leg=0.10, back=0.88, radius=0.07, leg_material="metal", rolled=True, tufted=True
        ),
        fabric="f2ece2",
        fabric2="1f6a64",
        accent="c23b6b",
        accent2="1c1c1e",
        light="fbf8f2",
        dark="141414",
        wood="1b1a19",
        wood2="f1ede6",
        metal="d4af55",
        stone=("f5f3f0", "6f6c6a"),
        rug=RugSpec("diamond", "f3efe6", "1c1c1e", "1c1c1e"),
        table="drum",
        armchair="shell",
        lamp="drum",
        plant="palm",
        pot="f1ede6",
        leaf="2f6a3c",
        headboard=1.50,
        headboard_panels=7,
        throw="1f6a64",
        dining_chair="upholstered",
        frame="d4af55",
        canvas=False,
        scatter=4,
        choices=(
            _one_of("lamp", "drum", "arc"),
            _either(
                {},
                {"fabric2": "2b4f8c", "accent": "d8a632", "throw": "2b4f8c"},
                {"fabric": "e9c9c4", "fabric2": "1c1c1e", "accent": "1f6a64"},
            ),
            _one_of(
                "rug", RugSpec("diamond", "f3efe6", "1c1c1e", "1c1c1e"), RugSpec("border", "f3efe6", "1f6a64", "d4af55")
            ),
        ),
    ),
    Style.ALPINE_LODGE: StyleSpec(
        sofa=SofaSpec(arm=0.20, arm_height=0.60, leg=0.08, back=0.84, radius=0.07, two_seats=True),
        fabric="7d6a57",
        fabric2="d9cfbf",
        accent="8c3b2c",
        accent2="4a5545",
        light="f0e9dc",
        dark="29231d",
        wood="8b5e38",
        wood2="6f4a2c",
        metal="3a332b",
        stone=("8f8a82", "5f5a54"),
        rug=RugSpec("diamond", "e6ddcc", "6f5f4f", "8c3b2c"),
        table="slab",
        armchair="wood",
        lamp="tripod",
        plant="olive",
        pot="5b4a3a",
        leaf="4a6640",
        headboard=1.20,
        headboard_panels=1,
        throw="8c3b2c",
        dining_chair="wood",
        frame="6f4a2c",
        canvas=False,
        metallic=False,
        scatter=4,
        choices=(
            _one_of("armchair", "wood", "box"),
            _either({}, {"fabric": "a39482", "throw": "4a5545"}, {"fabric": "5c4636", "accent": "b5894e"}),
            _one_of(
                "rug", RugSpec("diamond", "e6ddcc", "6f5f4f", "8c3b2c"), RugSpec("checks", "d9cfbf", "8c3b2c", "4a3f35")
            ),
        ),
    ),
}
