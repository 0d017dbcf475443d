"""The style `art_deco`, as the engine makes it."""

from functions.inference.engines.render.furnish.styles.choices import either, one_of
from functions.inference.engines.render.furnish.styles.sofas import CHANNEL
from functions.inference.engines.render.furnish.styles.spec import RugSpec, StyleSpec

ART_DECO = StyleSpec(
    sofa=CHANNEL,
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
        one_of("armchair", "shell", "barrel"),
        one_of("coffee", "glass", "drum"),
        either({}, {"fabric": "1f3350", "accent2": "24483f"}, {"fabric": "5c2436", "accent2": "2b2a2c"}),
        one_of("rug", RugSpec("fan", "2b2f34", "c9a24e", "e5dac2"), RugSpec("fan", "d9cdb4", "24483f", "c9a24e"),
                RugSpec("key", "24282e", "c9a24e", "e5dac2")),
    ),
)  # fmt: skip
