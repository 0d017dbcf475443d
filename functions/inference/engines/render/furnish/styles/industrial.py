"""The style `industrial`, as the engine makes it."""

from dataclasses import replace

from functions.inference.engines.render.furnish.styles.choices import either, one_of
from functions.inference.engines.render.furnish.styles.sofas import CHESTERFIELD, TRACK
from functions.inference.engines.render.furnish.styles.spec import RugSpec, StyleSpec

INDUSTRIAL = StyleSpec(
    sofa=replace(TRACK, arm=0.15, arm_height=0.60, leg=0.13, back=0.78, radius=0.04, leg_material="dark", seats=2),
    cloth="leather", cloth2="leather", grain="pine", grain2="pine",
    fabric="7a4b2e", fabric2="4a4744", accent="a5622d", accent2="3c4a50", light="d9d4ca", dark="1f1f1e",
    wood="7d5836", wood2="5b4129", metal="232323", stone=("8f8c87", "6a6762"),
    rug=RugSpec("plain", "8d8a84", "5d5b57", "3c3a37"),
    coffee="trunk", side_table="frame", dining_table="steel", dining_chair="leather", armchair="sling",
    desk="frame", bed="slatted", headboard=1.05, throw="6e6459", linens="dcd8d0", cover="8e8a84", front="flat",
    feet="metal", handle="bar", lamp="pharmacy", table_lamp="industrial", pendant="dome", plant="snake",
    planter="cylinder", pot="3a3936", leaf="4b6a3f", framing="gallery", frame="232323", mirror="square",
    art=("photo", "grid", "strokes"), ceramic="b7b1a6", metallic=False, scatter=2,
    choices=(
        one_of("sofa",
                replace(TRACK, arm=0.15, arm_height=0.60, leg=0.13, back=0.78, radius=0.04, leg_material="dark",
                        seats=2), replace(CHESTERFIELD, leg_material="dark", stand="block")),
        one_of("armchair", "sling", "box"),
        one_of("lamp", "pharmacy", "arc", "tripod"),
        one_of("plant", "snake", "monstera"),
        either({}, {"fabric": "4f4f4d", "fabric2": "7a4b2e"}, {"fabric": "5b3626", "accent": "7d7f7c"}),
        one_of("rug", RugSpec("plain", "8d8a84", "5d5b57", "3c3a37"),
                RugSpec("kilim", "a59a8a", "5b4a3d", "7f3f2a"), RugSpec("abstract", "9a968f", "55524d", "77604a")),
    ),
)  # fmt: skip
