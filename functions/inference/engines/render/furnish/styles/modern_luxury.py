"""The style `modern_luxury`, as the engine makes it."""

from dataclasses import replace

from functions.inference.engines.render.furnish.styles.choices import either, one_of
from functions.inference.engines.render.furnish.styles.sofas import CHANNEL, CURVED, TRACK
from functions.inference.engines.render.furnish.styles.spec import RugSpec, StyleSpec

MODERN_LUXURY = StyleSpec(
    sofa=replace(TRACK, arm=0.21, leg=0.07, back=0.76, radius=0.07, leg_material="metal", stand="plinth", seats=2),
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
        one_of("sofa", replace(TRACK, arm=0.21, leg=0.07, back=0.76, radius=0.07, leg_material="metal",
                                stand="plinth", seats=2), CURVED, replace(CHANNEL, leg_material="dark")),
        one_of("armchair", "barrel", "shell"),
        one_of("coffee", "drum", "glass"),
        one_of("lamp", "globes", "arc", "drum"),
        one_of("plant", "fiddle", "olive"),
        either({}, {"fabric": "b9b2a8", "accent2": "5b4636"},
                {"fabric": "6f7275", "fabric2": "cfc8bb", "accent": "c2a679"}),
        either({"bed": "channel"}, {"bed": "wing", "headboard": 1.25}),
        one_of("rug", RugSpec("abstract", "d3ccc0", "a1988c", "786e63"),
                RugSpec("lines", "cfc9be", "8f877b", "b9a98c")),
    ),
)  # fmt: skip
