"""The styles that stagecraft offers, as data: what customers read of them, and what a diffusion engine is told.

How a style looks (colours, furniture, materials) is in `functions/inference/engines/render/furnish/styles`, which also
says how one is added.

A style that is no longer offered stays here, inactive, with the style that replaces it: its id goes on working.
"""

from collections.abc import Sequence
from typing import Literal

from vitrine.contracts.catalogue import RoomType, Style
from vitrine.kernel.record import Record
from vitrine.staging import names

PriceRange = Literal["luxury", "premium", "standard"]


class StyleEntry(Record):
    """`engine_style` is what the render engine furnishes with; `prompt_template` has one field, `{room}`."""

    id: str
    engine_style: Style
    name: str
    description: str
    best_for: tuple[str, ...]
    price_range: PriceRange
    prompt_template: str
    sort_order: int
    active: bool = True
    replaced_by: str | None = None


CATALOGUE = (
    StyleEntry(
        id="modern_luxury",
        engine_style=Style.MODERN_LUXURY,
        name="Modern Luxury",
        description="Clean lines, premium materials, sophisticated neutrals",
        best_for=("contemporary_homes", "urban_properties", "high_end_condos"),
        price_range="luxury",
        prompt_template="{room} furnished in modern luxury: low clean-lined upholstery in bouclé and wool, honed stone "
        "and smoked oak, brushed brass details, warm neutrals, soft indirect light, editorial interior photograph",
        sort_order=10,
    ),
    StyleEntry(
        id="classic_elegance",
        engine_style=Style.CLASSIC_ELEGANCE,
        name="Classic Elegance",
        description="Timeless pieces, rich textures, traditional luxury",
        best_for=("traditional_homes", "historic_properties", "luxury_estates"),
        price_range="luxury",
        prompt_template="{room} furnished in classic elegance: rolled arms and turned legs, walnut and mahogany, "
        "damask and velvet, a patterned wool rug, cream, navy and gold, pleated lampshades, interior photograph",
        sort_order=20,
    ),
    StyleEntry(
        id="quiet_luxury",
        engine_style=Style.QUIET_LUXURY,
        name="Quiet Luxury",
        description="Understated shapes, natural fibres, nothing that asks for attention",
        best_for=("new_builds", "penthouses", "minimalist_homes"),
        price_range="luxury",
        prompt_template="{room} furnished in quiet luxury: generous plain upholstery in linen and cashmere, pale oak, "
        "travertine, tone on tone in oatmeal, stone and taupe, very few objects, soft daylight, interior photograph",
        sort_order=30,
    ),
    StyleEntry(
        id="art_deco",
        engine_style=Style.ART_DECO,
        name="Art Deco",
        description="Bold geometry, polished metal, jewel-coloured velvet",
        best_for=("period_apartments", "city_residences", "boutique_hotels"),
        price_range="luxury",
        prompt_template="{room} furnished in art deco: curved channelled velvet seating in emerald and sapphire, "
        "lacquer and burr walnut, fluted brass, sunburst and fan motifs, black marble accents, interior photograph",
        sort_order=40,
    ),
    StyleEntry(
        id="parisian_chic",
        engine_style=Style.PARISIAN_CHIC,
        name="Parisian Chic",
        description="Antique and modern side by side, light walls, effortless elegance",
        best_for=("period_apartments", "city_apartments", "pieds_a_terre"),
        price_range="premium",
        prompt_template="{room} furnished in parisian chic: a modern sofa beside a carved antique chair, a "
        "marble-topped table, herringbone oak, ivory and powder with black accents, unframed art, interior photograph",
        sort_order=50,
    ),
    StyleEntry(
        id="hamptons",
        engine_style=Style.HAMPTONS,
        name="Hamptons",
        description="Relaxed coastal luxury in white, sand and blue",
        best_for=("waterfront_properties", "beach_houses", "family_homes"),
        price_range="premium",
        prompt_template="{room} furnished in hamptons style: deep slip-covered seating in white linen, weathered oak "
        "and rattan, blue and white stripes, a jute rug, glass lamps, bright airy light, interior photograph",
        sort_order=60,
    ),
    StyleEntry(
        id="hollywood_regency",
        engine_style=Style.HOLLYWOOD_REGENCY,
        name="Hollywood Regency",
        description="High contrast, high gloss and a touch of glamour",
        best_for=("show_homes", "luxury_estates", "city_residences"),
        price_range="luxury",
        prompt_template="{room} furnished in hollywood regency: tufted velvet in jewel tones, black and white lacquer, "
        "mirrored and gilt surfaces, greek key trim, sculptural lamps, glamorous light, interior photograph",
        sort_order=70,
    ),
    StyleEntry(
        id="alpine_lodge",
        engine_style=Style.ALPINE_LODGE,
        name="Alpine Lodge",
        description="Timber, stone and wool: warmth for homes in the mountains",
        best_for=("mountain_homes", "ski_chalets", "country_properties"),
        price_range="premium",
        prompt_template="{room} furnished as an alpine lodge: deep leather and wool seating, solid reclaimed timber, "
        "sheepskin and loden throws, slate and iron, rust, moss and cream, warm evening light, interior photograph",
        sort_order=80,
    ),
)


def offered(catalogue: Sequence[StyleEntry] = CATALOGUE) -> list[StyleEntry]:
    """The styles that are listed, in their order."""
    return sorted((style for style in catalogue if style.active), key=lambda style: style.sort_order)


def find(style_id: str, catalogue: Sequence[StyleEntry] = CATALOGUE) -> StyleEntry | None:
    """The style that is meant by an id or an alias, or the one that replaced it; None for what never was one here."""
    known = {style.id: style for style in catalogue}
    style = next((style for style in catalogue if names.spelling(style.id) == names.spelling(style_id)), None)
    style = style or _offering(names.style_of(style_id), catalogue)
    while style is not None and not style.active:
        style = known.get(style.replaced_by or "")
    return style


def aliases(style: StyleEntry) -> tuple[str, ...]:
    """The other words that mean this style."""
    return next(named.aliases for named in names.STYLES if named.id is style.engine_style)


def _offering(meant: Style | None, catalogue: Sequence[StyleEntry]) -> StyleEntry | None:
    return next((style for style in catalogue if style.engine_style is meant and style.active), None)


OFFERED = f"Offered: {', '.join(style.id for style in offered())}."
ADVICE = f"There is no such style. {OFFERED}"


def prompt(style: StyleEntry, room_type: RoomType | None) -> str:
    """What a diffusion engine is asked for."""
    return style.prompt_template.format(room="a room" if room_type is None else f"a {room_type.replace('_', ' ')}")
