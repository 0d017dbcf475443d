"""The style `parisian_chic`, as the engine makes it."""

from dataclasses import replace

from functions.inference.engines.render.furnish.styles.choices import either, one_of
from functions.inference.engines.render.furnish.styles.sofas import CURVED, TRACK
from functions.inference.engines.render.furnish.styles.spec import RugSpec, StyleSpec

PARISIAN_CHIC = StyleSpec(
    sofa=replace(CURVED, leg_material="wood"),
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
        one_of("sofa", replace(CURVED, leg_material="wood"),
                replace(TRACK, arm=0.15, arm_height=0.60, leg=0.14, back=0.82, tufted=True)),
        one_of("armchair", "slipper", "barrel", "cane"),
        one_of("lamp", "arc", "globes"),
        either({}, {"fabric2": "8f9aa3", "accent": "6f7f8f"}, {"fabric2": "77806a", "accent": "5f6f5c"}),
        one_of("rug", RugSpec("persian", "b9a793", "6f6a72", "e9dfcf"),
                RugSpec("plain", "e3dacb", "cabda9", "b3a48d"),
                RugSpec("abstract", "e8e0d2", "c9b3a6", "8d8a90")),
    ),
)  # fmt: skip
