"""The style `hamptons`, as the engine makes it."""

from dataclasses import replace

from functions.inference.engines.render.furnish.styles.choices import either, one_of
from functions.inference.engines.render.furnish.styles.sofas import ROLLED
from functions.inference.engines.render.furnish.styles.spec import RugSpec, StyleSpec

HAMPTONS = StyleSpec(
    sofa=replace(ROLLED, leg=0.10, stand="turned", back=0.86),
    cloth="linen", cloth2="cotton", grain2="painted",
    fabric="f3efe6", fabric2="3b5876", accent="2f4a6b", accent2="a9bccb", light="faf7f0", dark="2a2f36",
    wood="b08a5f", wood2="f4f1ea", metal="c0b48e", stone=("f4f2ec", "bfc4c6"),
    rug=RugSpec("border", "e0d3b6", "3b5876", "f4f0e6"),
    coffee="ottoman", side_table="garden", dining_table="trestle", dining_chair="crossback", armchair="wingback",
    desk="turned", bed="wing", headboard=1.30, throw="6f8aa5", cover="f5f3ee", bedding="coverlet", pillows=7,
    front="shaker", feet="turned", handle="knob", lamp="column", table_lamp="ginger", pendant="drum",
    plant="palm", planter="basket", pot="eee7d9", leaf="4b7a46", framing="gallery", frame="f4f1ea", mirror="round",
    art=("horizon", "botanical"), accent_pattern="stripe", scatter=4, shade="faf6ec",
    choices=(
        one_of("sofa", replace(ROLLED, leg=0.10, stand="turned", back=0.86),
                replace(ROLLED, form="skirted", leg=0.05, stand="plinth")),
        one_of("armchair", "wingback", "box", "slipper"),
        one_of("plant", "palm", "fiddle"),
        either({}, {"fabric": "e3dccd", "accent": "40607f"}, {"fabric2": "c9b998", "accent": "5b86a0"}),
        one_of("rug", RugSpec("border", "e0d3b6", "3b5876", "f4f0e6"),
                RugSpec("stripes", "f1ebdd", "8fa5b8", "3b5876"),
                RugSpec("trellis", "f0ebde", "7f97ad", "3b5876")),
    ),
)  # fmt: skip
