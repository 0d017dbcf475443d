"""The style `alpine_lodge`, as the engine makes it."""

from dataclasses import replace

from functions.inference.engines.render.furnish.styles.choices import either, one_of
from functions.inference.engines.render.furnish.styles.sofas import CHESTERFIELD, TRACK
from functions.inference.engines.render.furnish.styles.spec import RugSpec, StyleSpec

ALPINE_LODGE = StyleSpec(
    sofa=replace(TRACK, arm=0.22, arm_height=0.62, leg=0.09, back=0.84, radius=0.09, stand="block", seats=2),
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
        one_of("sofa", replace(TRACK, arm=0.22, arm_height=0.62, leg=0.09, back=0.84, radius=0.09, stand="block",
                                seats=2), replace(CHESTERFIELD, stand="block")),
        one_of("armchair", "wingback", "sling"),
        one_of("lamp", "tripod", "column"),
        either({}, {"cloth": "wool", "fabric": "857d70", "accent": "b0562c", "throw": "6f3a2a"},
                {"fabric": "513524", "accent": "3f5a4a", "throw": "3f5a4a"}),
        one_of("rug", RugSpec("berber", "e4dccb", "b8ab95", "8f2f2a"),
                RugSpec("kilim", "c9b590", "7b2f28", "2f3b42"),
                RugSpec("kilim", "b9a88c", "3f4a45", "8f4a2a")),
    ),
)  # fmt: skip
