"""The style `coastal`, as the engine makes it."""

from dataclasses import replace

from functions.inference.engines.render.furnish.styles.choices import either, one_of
from functions.inference.engines.render.furnish.styles.sofas import FRAME, TRACK
from functions.inference.engines.render.furnish.styles.spec import RugSpec, StyleSpec

COASTAL = StyleSpec(
    sofa=replace(TRACK, form="skirted", arm=0.18, leg=0.05, radius=0.07, stand="plinth", seats=2),
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
        one_of("sofa", replace(TRACK, form="skirted", arm=0.18, leg=0.05, radius=0.07, stand="plinth", seats=2),
                replace(TRACK, arm=0.17, leg=0.08, radius=0.07), FRAME),
        one_of("armchair", "cane", "sling"),
        one_of("plant", "palm", "olive", "grasses"),
        one_of("coffee", "slab", "nesting"),
        either({}, {"accent": "6fa3a0", "accent2": "b9d3cc"}, {"fabric": "d9e0e2", "accent": "35617e"}),
        one_of("rug", RugSpec("stripes", "f1ece1", "86a9bd", "4d7c9a"),
                RugSpec("jute", "d6c4a0", "bfa97f", "a58f66"),
                RugSpec("border", "e6d9bd", "6f93a8", "f3eee2")),
    ),
)  # fmt: skip
