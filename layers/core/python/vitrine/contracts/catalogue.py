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


class Quality(StrEnum):
    PREVIEW = "preview"
    STANDARD = "standard"
    PREMIUM = "premium"
