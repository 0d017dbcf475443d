"""The style `classic_elegance`, as the engine makes it."""

from dataclasses import replace

from functions.inference.engines.render.furnish.styles.choices import either, one_of
from functions.inference.engines.render.furnish.styles.sofas import CHESTERFIELD, ROLLED
from functions.inference.engines.render.furnish.styles.spec import RugSpec, StyleSpec

CLASSIC_ELEGANCE = StyleSpec(
    sofa=ROLLED,
    cloth="linen", cloth2="velvet", grain="walnut", grain2="walnut",
    fabric="ddd2bd", fabric2="5e6f82", accent="7a2f36", accent2="c8a96a", light="f1e9da", dark="3a2a20",
    wood="5b3420", wood2="633a24", metal="b08d4c", stone=("efeae0", "b8a88c"),
    rug=RugSpec("persian", "7c2e2e", "2f3e5c", "d9c6a0"),
    coffee="turned", side_table="turned", dining_table="turned", dining_chair="louis", armchair="wingback",
    desk="turned", bed="tufted", headboard=1.40, throw="7a2f36", cover="efe7d6", bedding="coverlet", pillows=7,
    front="shaker", feet="turned", handle="ring", lamp="column", table_lamp="ginger", pendant="chandelier",
    plant="palm", planter="urn", pot="d9cdb8", leaf="3d6337", framing="gilt", frame="b08d4c", mirror="arch",
    art=("horizon", "botanical", "photo"), accent_pattern="ikat", scatter=4,
    choices=(
        one_of("sofa", ROLLED, CHESTERFIELD, replace(ROLLED, form="skirted", leg=0.05, stand="plinth")),
        one_of("armchair", "wingback", "box"),
        either({}, {"fabric": "b9b69f", "fabric2": "6f4a3a", "accent": "39503f"},
                {"fabric": "c9c4b8", "fabric2": "7a3b3b", "accent": "27405c", "throw": "27405c"}),
        one_of("rug", RugSpec("persian", "7c2e2e", "2f3e5c", "d9c6a0"),
                RugSpec("persian", "2f3e5c", "7c2e2e", "d9c6a0"), RugSpec("persian", "c9b68f", "4f5f4a", "7a2f36")),
    ),
)  # fmt: skip
