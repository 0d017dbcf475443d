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
    ),
}
