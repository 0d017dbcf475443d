"""What can be asked of staging: room types, styles and qualities, under the names that clients use."""

from enum import StrEnum


class RoomType(StrEnum):
    LIVING_ROOM = "living_room"
    BEDROOM = "bedroom"
    DINING_ROOM = "dining_room"
    OFFICE = "office"
    NURSERY = "nursery"
    ENTRY_HALL = "entry_hall"
    KITCHEN = "kitchen"
    BATHROOM = "bathroom"


class Style(StrEnum):
    """Every style has a definition in the render engine; a test holds the two together."""

    MODERN_LUXURY = "modern_luxury"
    SCANDINAVIAN = "scandinavian"
    CLASSIC_ELEGANCE = "classic_elegance"
    INDUSTRIAL = "industrial"
    MID_CENTURY = "mid_century"
    FARMHOUSE = "farmhouse"
    COASTAL = "coastal"
    JAPANDI = "japandi"
    ART_DECO = "art_deco"
    PARISIAN_CHIC = "parisian_chic"
    HAMPTONS = "hamptons"
    QUIET_LUXURY = "quiet_luxury"
    HOLLYWOOD_REGENCY = "hollywood_regency"
    ALPINE_LODGE = "alpine_lodge"


LUXURY_STYLES = (
    Style.MODERN_LUXURY,
    Style.CLASSIC_ELEGANCE,
    Style.ART_DECO,
    Style.PARISIAN_CHIC,
    Style.HAMPTONS,
    Style.QUIET_LUXURY,
    Style.HOLLYWOOD_REGENCY,
    Style.ALPINE_LODGE,
)
"""What the stagecraft surface offers."""


class Quality(StrEnum):
    PREVIEW = "preview"
    STANDARD = "standard"
    PREMIUM = "premium"
