"""Styles as data: what each looks like. Colours are sRGB `rrggbb`."""

from dataclasses import dataclass, replace
from typing import Literal

from vitrine.contracts.catalogue import Style


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
    """One style: palette, materials, which variant of each piece, textiles."""

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

    def with_sofa(self, **changes: float) -> "StyleSpec":
        return replace(self, sofa=replace(self.sofa, **changes), scatter=0)  # type: ignore[arg-type]


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
    ),
}
