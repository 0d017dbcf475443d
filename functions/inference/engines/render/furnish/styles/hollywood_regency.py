"""The style `hollywood_regency`, as the engine makes it."""

from dataclasses import replace

from functions.inference.engines.render.furnish.styles.choices import either, one_of
from functions.inference.engines.render.furnish.styles.sofas import CHANNEL, CHESTERFIELD
from functions.inference.engines.render.furnish.styles.spec import RugSpec, StyleSpec

HOLLYWOOD_REGENCY = StyleSpec(
    sofa=replace(CHESTERFIELD, arm=0.20, back=0.80, arm_height=0.76, leg=0.12,
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
        one_of("sofa",
                replace(CHESTERFIELD, arm=0.20, back=0.80, arm_height=0.76, leg=0.12, stand="taper",
                        leg_material="metal"), CHANNEL),
        one_of("armchair", "slipper", "shell"),
        either({}, {"fabric": "c98d9a", "fabric2": "22303c", "accent": "2f7a6b"},
                {"fabric": "2d5f73", "fabric2": "e8dcc6", "accent": "d08a3c", "throw": "2d5f73"}),
        one_of("rug", RugSpec("key", "f0ece4", "1d1d1f", "d2ab55"),
                RugSpec("trellis", "f2eee6", "2a2a2c", "d2ab55"),
                RugSpec("key", "e9e2d4", "1f6a64", "d2ab55")),
    ),
)  # fmt: skip
