"""Styles as data: what each looks like. Colours are sRGB `rrggbb`."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from vitrine.contracts.catalogue import Style

Alternative = tuple[tuple[str, Any], ...]

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


def _either(*changes: Mapping[str, Any]) -> tuple[Alternative, ...]:
    """Alternatives that a home's plan picks one of, each a set of fields to replace."""
    return tuple(tuple(sorted(change.items())) for change in changes)


def _one_of(field: str, *values: Any) -> tuple[Alternative, ...]:
    return _either(*({field: value} for value in values))


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


def chosen(spec: StyleSpec, plan_seed: int) -> StyleSpec:
    """The style as one home has it: one alternative of each choice."""
    rng = np.random.default_rng([plan_seed, 11])
    for alternatives in spec.choices:
        spec = replace(spec, **dict(alternatives[int(rng.integers(len(alternatives)))]))
    return replace(spec, choices=())


def variant_of(spec: StyleSpec, piece: str) -> str:
    """The design of a piece by name, as the spec's fields decide it."""
    storage = f"{spec.front}-{spec.feet}"
    designs = {
        "sofa": _sofa_design(spec.sofa),
        "loveseat": _sofa_design(spec.sofa),
        "armchair": spec.armchair,
        "coffee_table": spec.coffee,
        "side_table": f"{spec.side_table}-{spec.table_lamp}",
        "console": storage,
        "sideboard": storage,
        "media_console": storage,
        "dresser": storage,
        "nightstand": storage,
        "bookcase": storage,
        "dining_set": f"{spec.dining_table}-{spec.dining_chair}",
        "desk": spec.desk,
        "floor_lamp": spec.lamp,
        "pendant": spec.pendant,
        "plant": spec.plant,
        "rug": spec.rug.pattern,
        "bed": f"{spec.bed}-{spec.bedding}",
        "mirror": spec.mirror,
    }
    return designs.get(piece, "plain")


def _sofa_design(spec: SofaSpec) -> str:
    return f"{spec.form}-{'tufted' if spec.tufted else 'plain'}-{spec.seats}"


_TRACK = SofaSpec("track", arm=0.17, arm_height=0.58, leg=0.10, back=0.80, radius=0.05)
_ROLLED = SofaSpec(
    "rolled", arm=0.20, arm_height=0.62, leg=0.11, back=0.86, radius=0.06, stand="turned", rolled=True
)  # fmt: skip
_CHESTERFIELD = SofaSpec(
    "chesterfield", arm=0.22, arm_height=0.74, leg=0.09, back=0.76, radius=0.06, stand="turned",
    rolled=True, tufted=True
)  # fmt: skip
_CHANNEL = SofaSpec(
    "channel", arm=0.17, arm_height=0.62, leg=0.09, back=0.84, radius=0.06, stand="plinth",
    leg_material="metal", seats=1
)  # fmt: skip
_CURVED = SofaSpec(
    "curved", arm=0.20, arm_height=0.6, leg=0.06, back=0.74, radius=0.1, stand="plinth", leg_material="dark", seats=1
)
_PLATFORM = SofaSpec("platform", arm=0.17, arm_height=0.50, leg=0.14, back=0.74, radius=0.06, stand="block", seats=2)
_FRAME = SofaSpec("frame", arm=0.07, arm_height=0.56, leg=0.2, back=0.80, radius=0.04)

STYLES: dict[Style, StyleSpec] = {
    Style.MODERN_LUXURY: StyleSpec(
        sofa=replace(_TRACK, arm=0.21, leg=0.07, back=0.76, radius=0.07, leg_material="metal", stand="plinth", seats=2),
        cloth="velvet", cloth2="boucle", grain="walnut", grain2="walnut",
        fabric="cfc8bd", fabric2="8c8377", accent="b08d57", accent2="3f4a52", light="efeae2", dark="26241f",
        wood="5a4334", wood2="4b3a2f", metal="c9a463", stone=("e9e6e1", "8e8880"),
        rug=RugSpec("abstract", "d3ccc0", "a1988c", "786e63"),
        coffee="drum", side_table="stone", dining_table="blades", dining_chair="tub", armchair="barrel", desk="slab",
        bed="channel", headboard=1.35, throw="8f7b63", cover="e9e4db", front="fluted", feet="plinth", handle="none",
        lamp="globes", table_lamp="stone", pendant="linear", plant="fiddle", planter="cylinder", pot="2e2c29",
        leaf="40603a", framing="canvas", frame="c9a463", mirror="round", art=("strokes", "fields", "arches"),
        stone_tops=True,
        choices=(
            _one_of("sofa", replace(_TRACK, arm=0.21, leg=0.07, back=0.76, radius=0.07, leg_material="metal",
                                    stand="plinth", seats=2), _CURVED, replace(_CHANNEL, leg_material="dark")),
            _one_of("armchair", "barrel", "shell"),
            _one_of("coffee", "drum", "glass"),
            _one_of("lamp", "globes", "arc", "drum"),
            _one_of("plant", "fiddle", "olive"),
            _either({}, {"fabric": "b9b2a8", "accent2": "5b4636"},
                    {"fabric": "6f7275", "fabric2": "cfc8bb", "accent": "c2a679"}),
            _either({"bed": "channel"}, {"bed": "wing", "headboard": 1.25}),
            _one_of("rug", RugSpec("abstract", "d3ccc0", "a1988c", "786e63"),
                    RugSpec("lines", "cfc9be", "8f877b", "b9a98c")),
        ),
    ),
    Style.SCANDINAVIAN: StyleSpec(
        sofa=replace(_TRACK, arm=0.13, arm_height=0.56, leg=0.17, radius=0.045),
        cloth="wool", cloth2="wool",
        fabric="b3b7b5", fabric2="d8d0c0", accent="c99a6b", accent2="7e9189", light="f2efe8", dark="33332f",
        wood="c79e6b", wood2="d8b98c", metal="2b2b2b", stone=("e4e0d8", "b0aaa0"),
        rug=RugSpec("trellis", "ebe5d8", "8b857a", "8b857a"),
        coffee="nesting", side_table="pedestal", dining_table="legs", dining_chair="wishbone", armchair="wood",
        desk="legs", bed="slatted", headboard=0.95, throw="a9b3a6", cover="e6e9e6", front="flat", feet="taper",
        handle="knob", lamp="tripod", table_lamp="mushroom", pendant="paper", plant="fiddle", planter="taper",
        pot="e8e2d6", leaf="4e7340", framing="thin", frame="c79e6b", mirror="round",
        art=("line", "botanical", "arches"), accent_pattern="stripe", metallic=False, scatter=4,
        choices=(
            _one_of("sofa", replace(_TRACK, arm=0.13, arm_height=0.56, leg=0.17, radius=0.045),
                    replace(_TRACK, arm=0.12, arm_height=0.54, leg=0.15, radius=0.06, seats=2), _FRAME),
            _one_of("armchair", "wood", "barrel"),
            _one_of("lamp", "tripod", "pharmacy"),
            _one_of("plant", "fiddle", "monstera", "olive"),
            _one_of("coffee", "nesting", "slab"),
            _either({}, {"fabric": "d9d4c9", "accent": "7d8f9c", "accent2": "c4b59a"},
                    {"fabric": "8b979b", "accent": "d8b45f", "accent2": "e3ddd0", "cover": "f1eee6"}),
            _one_of("rug", RugSpec("trellis", "ebe5d8", "8b857a", "8b857a"),
                    RugSpec("berber", "ece6da", "a79f90", "7c7669"), RugSpec("stripes", "eeeae0", "b9beb9", "8a918e")),
        ),
    ),
    Style.CLASSIC_ELEGANCE: StyleSpec(
        sofa=_ROLLED,
        cloth="linen", cloth2="velvet", grain="walnut", grain2="walnut",
        fabric="ddd2bd", fabric2="5e6f82", accent="7a2f36", accent2="c8a96a", light="f1e9da", dark="3a2a20",
        wood="5b3420", wood2="633a24", metal="b08d4c", stone=("efeae0", "b8a88c"),
        rug=RugSpec("persian", "7c2e2e", "2f3e5c", "d9c6a0"),
        coffee="turned", side_table="turned", dining_table="turned", dining_chair="louis", armchair="wingback",
        desk="turned", bed="tufted", headboard=1.40, throw="7a2f36", cover="efe7d6", bedding="coverlet", pillows=7,
        front="shaker", feet="turned", handle="ring", lamp="column", table_lamp="ginger", pendant="chandelier",
        plant="palm", planter="urn", pot="d9cdb8", leaf="3d6337", framing="gilt", frame="b08d4c", mirror="arch",
        art=("horizon", "botanical", "photo"), accent_pattern="ikat", scatter=4,
        choices=(
            _one_of("sofa", _ROLLED, _CHESTERFIELD, replace(_ROLLED, form="skirted", leg=0.05, stand="plinth")),
            _one_of("armchair", "wingback", "box"),
            _either({}, {"fabric": "b9b69f", "fabric2": "6f4a3a", "accent": "39503f"},
                    {"fabric": "c9c4b8", "fabric2": "7a3b3b", "accent": "27405c", "throw": "27405c"}),
            _one_of("rug", RugSpec("persian", "7c2e2e", "2f3e5c", "d9c6a0"),
                    RugSpec("persian", "2f3e5c", "7c2e2e", "d9c6a0"), RugSpec("persian", "c9b68f", "4f5f4a", "7a2f36")),
        ),
    ),
    Style.INDUSTRIAL: StyleSpec(
        sofa=replace(_TRACK, arm=0.15, arm_height=0.60, leg=0.13, back=0.78, radius=0.04, leg_material="dark", seats=2),
        cloth="leather", cloth2="leather", grain="pine", grain2="pine",
        fabric="7a4b2e", fabric2="4a4744", accent="a5622d", accent2="3c4a50", light="d9d4ca", dark="1f1f1e",
        wood="7d5836", wood2="5b4129", metal="232323", stone=("8f8c87", "6a6762"),
        rug=RugSpec("plain", "8d8a84", "5d5b57", "3c3a37"),
        coffee="trunk", side_table="frame", dining_table="steel", dining_chair="leather", armchair="sling",
        desk="frame", bed="slatted", headboard=1.05, throw="6e6459", linens="dcd8d0", cover="8e8a84", front="flat",
        feet="metal", handle="bar", lamp="pharmacy", table_lamp="industrial", pendant="dome", plant="snake",
        planter="cylinder", pot="3a3936", leaf="4b6a3f", framing="gallery", frame="232323", mirror="square",
        art=("photo", "grid", "strokes"), ceramic="b7b1a6", metallic=False, scatter=2,
        choices=(
            _one_of("sofa",
                    replace(_TRACK, arm=0.15, arm_height=0.60, leg=0.13, back=0.78, radius=0.04, leg_material="dark",
                            seats=2), replace(_CHESTERFIELD, leg_material="dark", stand="block")),
            _one_of("armchair", "sling", "box"),
            _one_of("lamp", "pharmacy", "arc", "tripod"),
            _one_of("plant", "snake", "monstera"),
            _either({}, {"fabric": "4f4f4d", "fabric2": "7a4b2e"}, {"fabric": "5b3626", "accent": "7d7f7c"}),
            _one_of("rug", RugSpec("plain", "8d8a84", "5d5b57", "3c3a37"),
                    RugSpec("kilim", "a59a8a", "5b4a3d", "7f3f2a"), RugSpec("abstract", "9a968f", "55524d", "77604a")),
        ),
    ),
    Style.MID_CENTURY: StyleSpec(
        sofa=replace(_TRACK, arm=0.11, arm_height=0.55, leg=0.20, radius=0.04, tufted=True),
        cloth="wool", cloth2="wool", grain="walnut", grain2="walnut",
        fabric="4f6a66", fabric2="c58a3f", accent="c8762e", accent2="2f4a4f", light="efe6d6", dark="2e2620",
        wood="8a5530", wood2="7a4a2a", metal="b58a3e", stone=("e6e0d4", "b3a690"),
        rug=RugSpec("border", "d8c7a6", "b3652d", "2f4a4f"),
        coffee="slab", side_table="pedestal", dining_table="legs", dining_chair="wood", armchair="wood", desk="legs",
        bed="panel", headboard=0.95, throw="c08a45", cover="efe9dc", front="flat", feet="taper", handle="knob",
        lamp="tripod", table_lamp="ceramic", pendant="globe", plant="snake", planter="taper", pot="e3ddcf",
        leaf="43683c", framing="thin", frame="8a5530", mirror="sunburst", art=("grid", "fields", "arches"),
        accent_pattern="dots",
        choices=(
            _one_of("sofa", replace(_TRACK, arm=0.11, arm_height=0.55, leg=0.20, radius=0.04, tufted=True), _FRAME),
            _one_of("armchair", "wood", "shell"),
            _one_of("lamp", "tripod", "globes"),
            _one_of("plant", "snake", "monstera", "fiddle"),
            _one_of("front", "flat", "cane"),
            _either({}, {"fabric": "8f5a34", "accent": "d0a13c", "accent2": "54684f"},
                    {"fabric": "b9a88a", "fabric2": "5c6b3c", "accent": "b5512f"}),
            _one_of("rug", RugSpec("border", "d8c7a6", "b3652d", "2f4a4f"),
                    RugSpec("trellis", "e6dac0", "6d5a40", "c8762e"),
                    RugSpec("lines", "dccbaa", "c8762e", "2f4a4f")),
        ),
    ),
    Style.FARMHOUSE: StyleSpec(
        sofa=replace(_ROLLED, form="skirted", leg=0.05, stand="plinth", arm=0.20, back=0.84),
        cloth="linen", cloth2="cotton", grain="pine", grain2="painted",
        fabric="e6dfd1", fabric2="b9ad97", accent="7f8c74", accent2="a9b3ba", light="f5f0e6", dark="3b352e",
        wood="a9825a", wood2="e4ddcf", metal="2d2c2a", stone=("ece8df", "c4bbac"),
        rug=RugSpec("checks", "eee7d8", "a8a294", "6f6a5f"),
        coffee="turned", side_table="turned", dining_table="trestle", dining_chair="crossback", armchair="box",
        desk="turned", bed="panel", headboard=1.15, throw="a59a86", cover="e9e4d8", bedding="coverlet", pillows=7,
        front="shaker", feet="turned", handle="knob", lamp="column", table_lamp="rattan", pendant="basket",
        plant="olive", planter="basket", pot="cdbfa6", leaf="6f7f5a", framing="gallery", frame="a9825a",
        mirror="arch", art=("botanical", "horizon", "line"), accent_pattern="check", metallic=False, scatter=4,
        choices=(
            _one_of("sofa", replace(_ROLLED, form="skirted", leg=0.05, stand="plinth", arm=0.20, back=0.84),
                    replace(_ROLLED, leg=0.10, stand="block")),
            _one_of("armchair", "box", "wingback", "wood"),
            _one_of("coffee", "turned", "trunk"),
            _either({}, {"accent": "8a5a48", "accent2": "cdbfa3", "throw": "8a6a58"},
                    {"fabric": "d3cbbb", "accent": "5f7486", "accent2": "e8e0cf"}),
            _one_of("rug", RugSpec("checks", "eee7d8", "a8a294", "6f6a5f"),
                    RugSpec("jute", "cbb68e", "b39b70", "98825a"),
                    RugSpec("stripes", "efe9db", "9da7a2", "6f6a5f")),
        ),
    ),
    Style.COASTAL: StyleSpec(
        sofa=replace(_TRACK, form="skirted", arm=0.18, leg=0.05, radius=0.07, stand="plinth", seats=2),
        cloth="linen", cloth2="linen", grain2="painted",
        fabric="f0ece3", fabric2="c9b99b", accent="4d7c9a", accent2="9dbccb", light="f8f5ee", dark="2f3e48",
        wood="d2b48c", wood2="f0ece4", metal="b9b3a6", stone=("f2efe8", "c9cfd2"),
        rug=RugSpec("jute", "d6c4a0", "bfa97f", "a58f66"),
        coffee="slab", side_table="stump", dining_table="legs", dining_chair="cane", armchair="cane", desk="legs",
        bed="slatted", headboard=1.10, throw="7fa3b8", cover="f2f2ee", front="cane", feet="taper", handle="none",
        lamp="tripod", table_lamp="rattan", pendant="basket", plant="palm", planter="basket", pot="e9e2d3",
        leaf="548049", framing="thin", frame="d2b48c", mirror="round", art=("horizon", "photo", "strokes"),
        accent_pattern="stripe", metallic=False, scatter=4,
        choices=(
            _one_of("sofa", replace(_TRACK, form="skirted", arm=0.18, leg=0.05, radius=0.07, stand="plinth", seats=2),
                    replace(_TRACK, arm=0.17, leg=0.08, radius=0.07), _FRAME),
            _one_of("armchair", "cane", "sling"),
            _one_of("plant", "palm", "olive", "grasses"),
            _one_of("coffee", "slab", "nesting"),
            _either({}, {"accent": "6fa3a0", "accent2": "b9d3cc"}, {"fabric": "d9e0e2", "accent": "35617e"}),
            _one_of("rug", RugSpec("stripes", "f1ece1", "86a9bd", "4d7c9a"),
                    RugSpec("jute", "d6c4a0", "bfa97f", "a58f66"),
                    RugSpec("border", "e6d9bd", "6f93a8", "f3eee2")),
        ),
    ),
    Style.JAPANDI: StyleSpec(
        sofa=_PLATFORM,
        cloth="linen", cloth2="linen", grain2="walnut",
        fabric="cfc6b6", fabric2="a89c88", accent="8b6f52", accent2="5f6a5b", light="efe9dd", dark="262320",
        wood="b58b5e", wood2="8d6844", metal="2a2826", stone=("d9d3c8", "a9a194"),
        rug=RugSpec("plain", "dcd3c2", "c2b7a2", "9c8f79"),
        coffee="slab", side_table="stump", dining_table="legs", dining_chair="wishbone", armchair="cane", desk="slab",
        bed="platform", headboard=0.80, throw="8f8570", linens="e6dfd1", cover="cdc4b2", front="fluted", feet="plinth",
        handle="none", lamp="lantern", table_lamp="mushroom", pendant="paper", plant="olive", planter="cylinder",
        pot="57534c", leaf="5f7a4f", framing="thin", frame="262320", mirror="round", art=("arches", "dunes", "line"),
        ceramic="cfc5b4", metallic=False, scatter=2,
        choices=(
            _one_of("sofa", _PLATFORM, replace(_FRAME, arm_height=0.52, back=0.74)),
            _one_of("armchair", "cane", "wood"),
            _one_of("coffee", "slab", "plinth"),
            _one_of("plant", "olive", "grasses"),
            _either({}, {"fabric": "b9b0a0", "accent": "4f5a52"}, {"fabric": "ddd5c6", "accent2": "8a6a4a"}),
            _one_of("rug", RugSpec("plain", "dcd3c2", "c2b7a2", "9c8f79"),
                    RugSpec("border", "dcd3c2", "8d8370", "5f584b"),
                    RugSpec("jute", "cfc0a0", "b8a582", "9c8a68")),
        ),
    ),
    Style.ART_DECO: StyleSpec(
        sofa=_CHANNEL,
        cloth="velvet", cloth2="velvet", grain="ebony", grain2="ebony",
        fabric="24483f", fabric2="c7a98a", accent="c9a24e", accent2="1f2a38", light="f0e8d8", dark="171614",
        wood="3d2618", wood2="2a1b13", metal="c9a24e", stone=("1f1e1d", "b59a5a"),
        rug=RugSpec("fan", "2b2f34", "c9a24e", "e5dac2"),
        coffee="glass", side_table="stone", dining_table="pedestal", dining_chair="tub", armchair="shell", desk="slab",
        bed="channel", headboard=1.45, headboard_panels=9, fan=0.42, throw="c9a24e", cover="e9e0cd", front="inlay",
        feet="plinth", handle="ring", lamp="globes", table_lamp="sphere", pendant="globe", plant="palm",
        planter="cylinder", pot="1f1e1d", leaf="2f5a38", framing="gallery", frame="c9a24e", mirror="sunburst",
        art=("deco", "deco", "arches", "grid"), stone_tops=True,
        choices=(
            _one_of("armchair", "shell", "barrel"),
            _one_of("coffee", "glass", "drum"),
            _either({}, {"fabric": "1f3350", "accent2": "24483f"}, {"fabric": "5c2436", "accent2": "2b2a2c"}),
            _one_of("rug", RugSpec("fan", "2b2f34", "c9a24e", "e5dac2"), RugSpec("fan", "d9cdb4", "24483f", "c9a24e"),
                    RugSpec("key", "24282e", "c9a24e", "e5dac2")),
        ),
    ),
    Style.PARISIAN_CHIC: StyleSpec(
        sofa=replace(_CURVED, leg_material="wood"),
        cloth="boucle", cloth2="velvet", grain2="painted",
        fabric="eee9df", fabric2="b8a79d", accent="c08d84", accent2="3d4450", light="f7f2e9", dark="22201e",
        wood="9a6e45", wood2="e9e2d6", metal="b8965a", stone=("f1eeea", "8f8780"),
        rug=RugSpec("persian", "b9a793", "6f6a72", "e9dfcf"),
        coffee="plinth", side_table="stone", dining_table="pedestal", dining_chair="louis", armchair="slipper",
        desk="turned", bed="wing", headboard=1.20, throw="c4b3a4", cover="f4f0e8", pillows=6, front="shaker",
        feet="turned", handle="knob", lamp="arc", table_lamp="mushroom", pendant="chandelier", plant="olive",
        planter="urn", pot="e4dccd", leaf="5f7a50", framing="gilt", frame="b8965a", mirror="arch",
        art=("line", "strokes", "photo"), stone_tops=True, scatter=3,
        choices=(
            _one_of("sofa", replace(_CURVED, leg_material="wood"),
                    replace(_TRACK, arm=0.15, arm_height=0.60, leg=0.14, back=0.82, tufted=True)),
            _one_of("armchair", "slipper", "barrel", "cane"),
            _one_of("lamp", "arc", "globes"),
            _either({}, {"fabric2": "8f9aa3", "accent": "6f7f8f"}, {"fabric2": "77806a", "accent": "5f6f5c"}),
            _one_of("rug", RugSpec("persian", "b9a793", "6f6a72", "e9dfcf"),
                    RugSpec("plain", "e3dacb", "cabda9", "b3a48d"),
                    RugSpec("abstract", "e8e0d2", "c9b3a6", "8d8a90")),
        ),
    ),
    Style.HAMPTONS: StyleSpec(
        sofa=replace(_ROLLED, leg=0.10, stand="turned", back=0.86),
        cloth="linen", cloth2="cotton", grain2="painted",
        fabric="f3efe6", fabric2="3b5876", accent="2f4a6b", accent2="a9bccb", light="faf7f0", dark="2a2f36",
        wood="b08a5f", wood2="f4f1ea", metal="c0b48e", stone=("f4f2ec", "bfc4c6"),
        rug=RugSpec("border", "e0d3b6", "3b5876", "f4f0e6"),
        coffee="ottoman", side_table="garden", dining_table="trestle", dining_chair="crossback", armchair="wingback",
        desk="turned", bed="wing", headboard=1.30, throw="6f8aa5", cover="f5f3ee", bedding="coverlet", pillows=7,
        front="shaker", feet="turned", handle="knob", lamp="column", table_lamp="ginger", pendant="drum",
        plant="palm", planter="basket", pot="eee7d9", leaf="4b7a46", framing="gallery", frame="f4f1ea", mirror="round",
        art=("horizon", "botanical"), accent_pattern="stripe", scatter=4, shade="faf6ec",
        choices=(
            _one_of("sofa", replace(_ROLLED, leg=0.10, stand="turned", back=0.86),
                    replace(_ROLLED, form="skirted", leg=0.05, stand="plinth")),
            _one_of("armchair", "wingback", "box", "slipper"),
            _one_of("plant", "palm", "fiddle"),
            _either({}, {"fabric": "e3dccd", "accent": "40607f"}, {"fabric2": "c9b998", "accent": "5b86a0"}),
            _one_of("rug", RugSpec("border", "e0d3b6", "3b5876", "f4f0e6"),
                    RugSpec("stripes", "f1ebdd", "8fa5b8", "3b5876"),
                    RugSpec("trellis", "f0ebde", "7f97ad", "3b5876")),
        ),
    ),
    Style.QUIET_LUXURY: StyleSpec(
        sofa=replace(_TRACK, arm=0.24, arm_height=0.56, leg=0.06, back=0.72, radius=0.10, leg_material="dark",
                     stand="plinth", seats=2),
        cloth="boucle", cloth2="wool", grain="walnut", grain2="walnut",
        fabric="ddd5c8", fabric2="b5a791", accent="9c8468", accent2="6f6557", light="f1ece2", dark="2b2723",
        wood="6b4f38", wood2="7d6248", metal="8f7f66", stone=("d9cfbf", "b3a48d"),
        rug=RugSpec("plain", "e2d9c9", "cbbfab", "b3a58e"),
        coffee="plinth", side_table="block", dining_table="pedestal", dining_chair="upholstered", armchair="barrel",
        desk="slab", bed="wing", headboard=1.10, throw="b09a7d", linens="ece5d8", cover="ddd4c4", front="fluted",
        feet="plinth", handle="none", lamp="drum", table_lamp="stone", pendant="drum", plant="olive",
        planter="cylinder", pot="b8a68c", leaf="667a56", framing="canvas", frame="6b4f38", mirror="arch",
        art=("fields", "dunes", "strokes"), ceramic="ddd2c0", metallic=False, scatter=3,
        choices=(
            _one_of("sofa", replace(_TRACK, arm=0.24, arm_height=0.56, leg=0.06, back=0.72, radius=0.10,
                                    leg_material="dark", stand="plinth", seats=2), _CURVED,
                    replace(_PLATFORM, arm=0.22, back=0.72)),
            _one_of("armchair", "barrel", "slipper"),
            _one_of("lamp", "drum", "lantern"),
            _one_of("plant", "olive", "grasses"),
            _either({}, {"fabric": "c8bca9", "fabric2": "e2dacd"}, {"fabric": "e9e3d9", "accent": "7d7363"}),
            _one_of("rug", RugSpec("plain", "e2d9c9", "cbbfab", "b3a58e"),
                    RugSpec("abstract", "e0d7c8", "c6b9a5", "a99b86"),
                    RugSpec("berber", "e6ddcd", "c9bca6", "a89a82")),
        ),
    ),
    Style.HOLLYWOOD_REGENCY: StyleSpec(
        sofa=replace(_CHESTERFIELD, arm=0.20, back=0.80, arm_height=0.76, leg=0.12,
                     stand="taper", leg_material="metal"),
        cloth="velvet", cloth2="velvet", grain="ebony", grain2="painted",
        fabric="f2ece2", fabric2="1f6a64", accent="c23b6b", accent2="1c1c1e", light="fbf8f2", dark="141414",
        wood="1b1a19", wood2="f1ede6", metal="d2ab55", stone=("f4f2ee", "8f8f94"),
        rug=RugSpec("key", "f0ece4", "1d1d1f", "d2ab55"),
        coffee="glass", side_table="garden", dining_table="blades", dining_chair="louis", armchair="slipper",
        desk="slab", bed="tufted", headboard=1.55, throw="1f6a64", cover="f6f3ed", pillows=7, front="inlay",
        feet="metal", handle="ring", lamp="globes", table_lamp="candlestick", pendant="chandelier", plant="palm",
        planter="urn", pot="f4f2ee", leaf="2f6a3c", framing="gilt", frame="d2ab55", mirror="sunburst",
        art=("strokes", "grid", "deco"), accent_pattern="ikat", stone_tops=True, scatter=4, shade="f9f3e6",
        choices=(
            _one_of("sofa",
                    replace(_CHESTERFIELD, arm=0.20, back=0.80, arm_height=0.76, leg=0.12, stand="taper",
                            leg_material="metal"), _CHANNEL),
            _one_of("armchair", "slipper", "shell"),
            _either({}, {"fabric": "c98d9a", "fabric2": "22303c", "accent": "2f7a6b"},
                    {"fabric": "2d5f73", "fabric2": "e8dcc6", "accent": "d08a3c", "throw": "2d5f73"}),
            _one_of("rug", RugSpec("key", "f0ece4", "1d1d1f", "d2ab55"),
                    RugSpec("trellis", "f2eee6", "2a2a2c", "d2ab55"),
                    RugSpec("key", "e9e2d4", "1f6a64", "d2ab55")),
        ),
    ),
    Style.ALPINE_LODGE: StyleSpec(
        sofa=replace(_TRACK, arm=0.22, arm_height=0.62, leg=0.09, back=0.84, radius=0.09, stand="block", seats=2),
        cloth="leather", cloth2="wool", grain="pine", grain2="pine",
        fabric="6e4a31", fabric2="8a8378", accent="8f2f2a", accent2="d9cfbf", light="ece4d5", dark="2a2520",
        wood="8f6238", wood2="7b5430", metal="3a332c", stone=("8d867d", "5f5a53"),
        rug=RugSpec("berber", "e4dccb", "b8ab95", "8f2f2a"),
        coffee="trunk", side_table="stump", dining_table="trestle", dining_chair="leather", armchair="wingback",
        desk="turned", bed="log", headboard=1.10, throw="8f2f2a", linens="e9e2d4", cover="cfc3ad", front="shaker",
        feet="plinth", handle="ring", lamp="tripod", table_lamp="rattan", pendant="chandelier", plant="grasses",
        planter="basket", pot="6b625a", leaf="4d6b45", framing="gallery", frame="6b4a2c", mirror="square",
        art=("mountains", "photo"), accent_pattern="check", metallic=False, scatter=3, ceramic="d8cbb5",
        choices=(
            _one_of("sofa", replace(_TRACK, arm=0.22, arm_height=0.62, leg=0.09, back=0.84, radius=0.09, stand="block",
                                    seats=2), replace(_CHESTERFIELD, stand="block")),
            _one_of("armchair", "wingback", "sling"),
            _one_of("lamp", "tripod", "column"),
            _either({}, {"cloth": "wool", "fabric": "857d70", "accent": "b0562c", "throw": "6f3a2a"},
                    {"fabric": "513524", "accent": "3f5a4a", "throw": "3f5a4a"}),
            _one_of("rug", RugSpec("berber", "e4dccb", "b8ab95", "8f2f2a"),
                    RugSpec("kilim", "c9b590", "7b2f28", "2f3b42"),
                    RugSpec("kilim", "b9a88c", "3f4a45", "8f4a2a")),
        ),
    ),
}  # fmt: skip
