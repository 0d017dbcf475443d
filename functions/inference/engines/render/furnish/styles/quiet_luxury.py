"""The style `quiet_luxury`, as the engine makes it."""

from dataclasses import replace

from functions.inference.engines.render.furnish.styles.choices import either, one_of
from functions.inference.engines.render.furnish.styles.sofas import CURVED, PLATFORM, TRACK
from functions.inference.engines.render.furnish.styles.spec import RugSpec, StyleSpec

QUIET_LUXURY = StyleSpec(
    sofa=replace(TRACK, arm=0.24, arm_height=0.56, leg=0.06, back=0.72, radius=0.10, leg_material="dark",
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
        one_of("sofa", replace(TRACK, arm=0.24, arm_height=0.56, leg=0.06, back=0.72, radius=0.10,
                                leg_material="dark", stand="plinth", seats=2), CURVED,
                replace(PLATFORM, arm=0.22, back=0.72)),
        one_of("armchair", "barrel", "slipper"),
        one_of("lamp", "drum", "lantern"),
        one_of("plant", "olive", "grasses"),
        either({}, {"fabric": "c8bca9", "fabric2": "e2dacd"}, {"fabric": "e9e3d9", "accent": "7d7363"}),
        one_of("rug", RugSpec("plain", "e2d9c9", "cbbfab", "b3a58e"),
                RugSpec("abstract", "e0d7c8", "c6b9a5", "a99b86"),
                RugSpec("berber", "e6ddcd", "c9bca6", "a89a82")),
    ),
)  # fmt: skip
