"""The style `farmhouse`, as the engine makes it."""

from dataclasses import replace

from functions.inference.engines.render.furnish.styles.choices import either, one_of
from functions.inference.engines.render.furnish.styles.sofas import ROLLED
from functions.inference.engines.render.furnish.styles.spec import RugSpec, StyleSpec

FARMHOUSE = StyleSpec(
    sofa=replace(ROLLED, form="skirted", leg=0.05, stand="plinth", arm=0.20, back=0.84),
    cloth="linen", cloth2="cotton", grain="pine", grain2="painted",
    fabric="e6dfd1", fabric2="b9ad97", accent="7f8c74", accent2="a9b3ba", light="f5f0e6", dark="3b352e",
    wood="a9825a", wood2="e4ddcf", metal="2d2c2a", stone=("ece8df", "c4bbac"),
    rug=RugSpec("checks", "eee7d8", "a8a294", "6f6a5f"),
    coffee="turned", side_table="turned", dining_table="trestle", dining_chair="crossback", armchair="box",
    desk="turned", bed="panel", headboard=1.15, throw="a59a86", cover="e9e4d8", bedding="coverlet", pillows=7,
    front="shaker", feet="turned", handle="knob", lamp="column", table_lamp="rattan", pendant="basket",
    plant="olive", planter="basket", pot="cdbfa6", leaf="6f7f5a", framing="gallery", frame="a9825a",
    mirror="arch", art=("botanical", "horizon", "line"), accent_pattern="check", metallic=False, scatter=4,
    choices=(
        one_of("sofa", replace(ROLLED, form="skirted", leg=0.05, stand="plinth", arm=0.20, back=0.84),
                replace(ROLLED, leg=0.10, stand="block")),
        one_of("armchair", "box", "wingback", "wood"),
        one_of("coffee", "turned", "trunk"),
        either({}, {"accent": "8a5a48", "accent2": "cdbfa3", "throw": "8a6a58"},
                {"fabric": "d3cbbb", "accent": "5f7486", "accent2": "e8e0cf"}),
        one_of("rug", RugSpec("checks", "eee7d8", "a8a294", "6f6a5f"),
                RugSpec("jute", "cbb68e", "b39b70", "98825a"),
                RugSpec("stripes", "efe9db", "9da7a2", "6f6a5f")),
    ),
)  # fmt: skip
