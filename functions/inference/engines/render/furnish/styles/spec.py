"""What a style consists of. Colours are sRGB `rrggbb`, lengths metres."""

from dataclasses import dataclass
from typing import Any, Literal

Alternative = tuple[tuple[str, Any], ...]
"""Fields of a `StyleSpec` and their values instead."""

SofaForm = Literal["track", "rolled", "skirted", "chesterfield", "channel", "curved", "platform", "frame"]
Cloth = Literal["cotton", "linen", "velvet", "boucle", "leather", "wool"]
Grain = Literal["oak", "walnut", "ebony", "pine", "painted"]
RugPattern = Literal[
    "abstract", "trellis", "persian", "stripes", "plain", "border", "checks", "fan", "jute", "kilim", "key", "lines",
    "berber",
]  # fmt: skip
Art = Literal[
    "line", "fields", "horizon", "botanical", "strokes", "arches", "grid", "photo", "dunes", "deco", "mountains",
]  # fmt: skip


@dataclass(frozen=True)
class SofaSpec:
    """Shape of the upholstered pieces, in metres; `seats` is the cushions of a full-sized sofa."""

    form: SofaForm
    arm: float
    arm_height: float
    leg: float
    back: float
    radius: float
    stand: Literal["taper", "turned", "block", "plinth"] = "taper"
    leg_material: str = "wood"
    rolled: bool = False
    tufted: bool = False
    seats: int = 3


@dataclass(frozen=True)
class RugSpec:
    pattern: RugPattern
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
    coffee: Literal["slab", "drum", "turned", "glass", "plinth", "nesting", "ottoman", "trunk"]
    side_table: Literal["pedestal", "stone", "block", "garden", "turned", "stump", "frame"]
    dining_table: Literal["legs", "turned", "trestle", "pedestal", "blades", "steel"]
    dining_chair: Literal["upholstered", "wood", "wishbone", "cane", "crossback", "tub", "louis", "leather"]
    armchair: Literal["box", "wood", "barrel", "shell", "wingback", "cane", "slipper", "sling"]
    desk: Literal["frame", "legs", "turned", "slab"]
    bed: Literal["panel", "slatted", "platform", "wing", "channel", "tufted", "canopy", "log"]
    headboard: float
    throw: str
    front: Literal["flat", "shaker", "fluted", "cane", "inlay"]
    feet: Literal["taper", "turned", "metal", "plinth"]
    handle: Literal["bar", "knob", "ring", "none"]
    lamp: Literal["drum", "tripod", "arc", "pharmacy", "lantern", "column", "globes"]
    table_lamp: Literal["ceramic", "ginger", "mushroom", "stone", "candlestick", "sphere", "industrial", "rattan"]
    pendant: Literal["dome", "drum", "globe", "basket", "paper", "chandelier", "linear"]
    plant: Literal["fiddle", "palm", "olive", "monstera", "snake", "grasses"]
    planter: Literal["taper", "cylinder", "basket", "urn"]
    pot: str
    leaf: str
    framing: Literal["thin", "gallery", "gilt", "canvas"]
    frame: str
    mirror: Literal["round", "arch", "sunburst", "square"]
    art: tuple[Art, ...]
    cloth: Cloth = "linen"
    cloth2: Cloth = "linen"
    accent_pattern: Literal["plain", "stripe", "check", "ikat", "dots"] = "plain"
    grain: Grain = "oak"
    grain2: Grain = "oak"
    linens: str = "f1eee8"
    cover: str = "f3f1ec"
    bedding: Literal["duvet", "coverlet", "plain"] = "duvet"
    pillows: int = 5
    headboard_panels: int = 7
    fan: float = 0.0
    ceramic: str = "ece7dd"
    shade: str = "f5eedf"
    cane: str = "c9a878"
    metallic: bool = True
    stone_tops: bool = False
    scatter: int = 3
    choices: tuple[tuple[Alternative, ...], ...] = ()
