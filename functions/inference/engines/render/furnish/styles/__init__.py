"""The styles as the engine makes them: one module for each, with its colours, materials and designs.

Customers read another list, `layers/core/python/vitrine/staging/styles.py`: the names, descriptions and order of what
stagecraft offers. Both name their styles by `vitrine.contracts.catalogue.Style`, and tests/unit/test_styles.py compares
them.

To add a style: its name in `Style`, a module here and its line in `STYLES`; if stagecraft offers it, its name in
`LUXURY_STYLES`, its entry in the customers' list, and its preview picture (`vitrine previews`).
"""

from collections.abc import Mapping

from functions.inference.engines.render.furnish.styles.alpine_lodge import ALPINE_LODGE
from functions.inference.engines.render.furnish.styles.art_deco import ART_DECO
from functions.inference.engines.render.furnish.styles.classic_elegance import CLASSIC_ELEGANCE
from functions.inference.engines.render.furnish.styles.coastal import COASTAL
from functions.inference.engines.render.furnish.styles.farmhouse import FARMHOUSE
from functions.inference.engines.render.furnish.styles.hamptons import HAMPTONS
from functions.inference.engines.render.furnish.styles.hollywood_regency import HOLLYWOOD_REGENCY
from functions.inference.engines.render.furnish.styles.industrial import INDUSTRIAL
from functions.inference.engines.render.furnish.styles.japandi import JAPANDI
from functions.inference.engines.render.furnish.styles.mid_century import MID_CENTURY
from functions.inference.engines.render.furnish.styles.modern_luxury import MODERN_LUXURY
from functions.inference.engines.render.furnish.styles.parisian_chic import PARISIAN_CHIC
from functions.inference.engines.render.furnish.styles.quiet_luxury import QUIET_LUXURY
from functions.inference.engines.render.furnish.styles.scandinavian import SCANDINAVIAN
from functions.inference.engines.render.furnish.styles.spec import StyleSpec
from vitrine.contracts.catalogue import Style

STYLES: Mapping[Style, StyleSpec] = {
    Style.MODERN_LUXURY: MODERN_LUXURY,
    Style.SCANDINAVIAN: SCANDINAVIAN,
    Style.CLASSIC_ELEGANCE: CLASSIC_ELEGANCE,
    Style.INDUSTRIAL: INDUSTRIAL,
    Style.MID_CENTURY: MID_CENTURY,
    Style.FARMHOUSE: FARMHOUSE,
    Style.COASTAL: COASTAL,
    Style.JAPANDI: JAPANDI,
    Style.ART_DECO: ART_DECO,
    Style.PARISIAN_CHIC: PARISIAN_CHIC,
    Style.HAMPTONS: HAMPTONS,
    Style.QUIET_LUXURY: QUIET_LUXURY,
    Style.HOLLYWOOD_REGENCY: HOLLYWOOD_REGENCY,
    Style.ALPINE_LODGE: ALPINE_LODGE,
}
