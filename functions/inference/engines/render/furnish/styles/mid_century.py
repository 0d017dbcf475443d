"""The style `mid_century`, as the engine makes it."""

from dataclasses import replace

from functions.inference.engines.render.furnish.styles.choices import either, one_of
from functions.inference.engines.render.furnish.styles.sofas import FRAME, TRACK
from functions.inference.engines.render.furnish.styles.spec import RugSpec, StyleSpec

MID_CENTURY = StyleSpec(
    sofa=replace(TRACK, arm=0.11, arm_height=0.55, leg=0.20, radius=0.04, tufted=True),
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
        one_of("sofa", replace(TRACK, arm=0.11, arm_height=0.55, leg=0.20, radius=0.04, tufted=True), FRAME),
        one_of("armchair", "wood", "shell"),
        one_of("lamp", "tripod", "globes"),
        one_of("plant", "snake", "monstera", "fiddle"),
        one_of("front", "flat", "cane"),
        either({}, {"fabric": "8f5a34", "accent": "d0a13c", "accent2": "54684f"},
                {"fabric": "b9a88a", "fabric2": "5c6b3c", "accent": "b5512f"}),
        one_of("rug", RugSpec("border", "d8c7a6", "b3652d", "2f4a4f"),
                RugSpec("trellis", "e6dac0", "6d5a40", "c8762e"),
                RugSpec("lines", "dccbaa", "c8762e", "2f4a4f")),
    ),
)  # fmt: skip
