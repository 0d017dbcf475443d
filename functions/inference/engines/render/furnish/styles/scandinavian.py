"""The style `scandinavian`, as the engine makes it."""

from dataclasses import replace

from functions.inference.engines.render.furnish.styles.choices import either, one_of
from functions.inference.engines.render.furnish.styles.sofas import FRAME, TRACK
from functions.inference.engines.render.furnish.styles.spec import RugSpec, StyleSpec

SCANDINAVIAN = StyleSpec(
    sofa=replace(TRACK, arm=0.13, arm_height=0.56, leg=0.17, radius=0.045),
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
        one_of("sofa", replace(TRACK, arm=0.13, arm_height=0.56, leg=0.17, radius=0.045),
                replace(TRACK, arm=0.12, arm_height=0.54, leg=0.15, radius=0.06, seats=2), FRAME),
        one_of("armchair", "wood", "barrel"),
        one_of("lamp", "tripod", "pharmacy"),
        one_of("plant", "fiddle", "monstera", "olive"),
        one_of("coffee", "nesting", "slab"),
        either({}, {"fabric": "d9d4c9", "accent": "7d8f9c", "accent2": "c4b59a"},
                {"fabric": "8b979b", "accent": "d8b45f", "accent2": "e3ddd0", "cover": "f1eee6"}),
        one_of("rug", RugSpec("trellis", "ebe5d8", "8b857a", "8b857a"),
                RugSpec("berber", "ece6da", "a79f90", "7c7669"), RugSpec("stripes", "eeeae0", "b9beb9", "8a918e")),
    ),
)  # fmt: skip
