"""The style `japandi`, as the engine makes it."""

from dataclasses import replace

from functions.inference.engines.render.furnish.styles.choices import either, one_of
from functions.inference.engines.render.furnish.styles.sofas import FRAME, PLATFORM
from functions.inference.engines.render.furnish.styles.spec import RugSpec, StyleSpec

JAPANDI = StyleSpec(
    sofa=PLATFORM,
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
        one_of("sofa", PLATFORM, replace(FRAME, arm_height=0.52, back=0.74)),
        one_of("armchair", "cane", "wood"),
        one_of("coffee", "slab", "plinth"),
        one_of("plant", "olive", "grasses"),
        either({}, {"fabric": "b9b0a0", "accent": "4f5a52"}, {"fabric": "ddd5c6", "accent2": "8a6a4a"}),
        one_of("rug", RugSpec("plain", "dcd3c2", "c2b7a2", "9c8f79"),
                RugSpec("border", "dcd3c2", "8d8370", "5f584b"),
                RugSpec("jute", "cfc0a0", "b8a582", "9c8a68")),
    ),
)  # fmt: skip
