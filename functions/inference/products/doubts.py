"""What may be wrong with a cut-out, and why a photo is refused: codes for programs, words for merchants."""

from dataclasses import dataclass
from enum import StrEnum


class Doubt(StrEnum):
    LOOKS_DISAGREE = "looks_disagree"
    EDGE_DISAGREES = "edge_disagrees"
    NET_UNSURE = "unsure"
    LOW_CONTRAST = "low_contrast"
    PART_MISSING = "part_missing"
    SEVERAL = "several_products"
    HOLE = "hole_unsure"
    FRAME = "cut_off_by_frame"
    SMALL = "small"
    BUSY = "busy_ground"
    PROPORTIONS = "proportions"
    DIMENSIONS = "dimensions_implausible"
    SEE_THROUGH = "see_through"
    GROUND_IN_ALPHA = "ground_in_alpha"


class Refusal(StrEnum):
    UNREADABLE = "unreadable"
    TOO_SMALL = "too_small"
    TRANSPARENT = "all_transparent"
    NO_PRODUCT = "no_product"
    SCENE = "scene"
    WHITE_ON_WHITE = "white_on_white"
    UNSURE = "not_sure_enough"


BETTER = "Send a transparent PNG, or photograph the product before a plain ground of another colour."
WORDS: dict[Doubt, str] = {
    Doubt.LOOKS_DISAGREE: "Two looks at the photo did not find the same product. " + BETTER,
    Doubt.EDGE_DISAGREES: "The outline could not be made exact. " + BETTER,
    Doubt.NET_UNSURE: "It is not clear what belongs to the product. " + BETTER,
    Doubt.LOW_CONTRAST: "The product has nearly the ground's colour. Send a transparent PNG or a photo before a "
    "darker or lighter ground.",
    Doubt.PART_MISSING: "Something beside the product may belong to it. Check that all of it is there.",
    Doubt.SEVERAL: "There is more than one thing in the photo. Send one photo for each product.",
    Doubt.HOLE: "It is not clear whether one looks through the product at some place. Send a transparent PNG, or a "
    "photo before a ground of a colour that the product does not have.",
    Doubt.FRAME: "The product reaches the photo's edge and seems cut off. Send a photo that shows all of it.",
    Doubt.SMALL: "The product has few pixels. Send a larger photo.",
    Doubt.BUSY: "The ground is not plain. Check the outline, or send a photo before a plain ground.",
    Doubt.PROPORTIONS: "The product's shape does not fit its dimensions. Check their order and unit, or the cut-out.",
    Doubt.DIMENSIONS: "The dimensions are hardly those of a product. Check their unit.",
    Doubt.SEE_THROUGH: "Much of the product is half transparent, so what stands behind it will show.",
    Doubt.GROUND_IN_ALPHA: "The transparent picture seems to hold a plain ground around the product. Remove it.",
}
REASONS: dict[Refusal, str] = {
    Refusal.UNREADABLE: "The file cannot be read as a picture. Send a JPEG, PNG, WebP or HEIC photo.",
    Refusal.TOO_SMALL: "The picture is too small. Send one with at least 64 pixels on its shorter side.",
    Refusal.TRANSPARENT: "The picture is transparent everywhere. Export it again with the product visible.",
    Refusal.NO_PRODUCT: "No product stands out in the photo. Send a photo of one product before a plain ground.",
    Refusal.SCENE: "The photo shows a scene rather than one product. Send a photo of the product alone before a plain "
    "ground.",
    Refusal.WHITE_ON_WHITE: "The product has the ground's colour (white on white). Send a transparent PNG or a darker "
    "ground.",
    Refusal.UNSURE: "The product could not be told from its ground. " + BETTER,
}


@dataclass(frozen=True)
class Doubtful:
    code: Doubt
    message: str


@dataclass(frozen=True)
class Refused:
    code: Refusal
    message: str


def doubt(code: Doubt) -> Doubtful:
    return Doubtful(code, WORDS[code])


def refuse(code: Refusal, message: str = "") -> Refused:
    return Refused(code, message or REASONS[code])
