"""What the materials of a car and its surroundings look like, and their BSDFs in as few instances as possible."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import mitsuba as mi
import numpy as np

from functions.inference.engines.render.render import swatches
from functions.inference.vision.arrays import Array
from functions.inference.vision.colour import hex_colour, to_linear

COATED, PLAIN, GLASS, LAMP_GLASS = "coated", "plain", "glass", "lamp_glass"


@dataclass(frozen=True)
class Look:
    """`colour` is a linear bitmap; `finish` names the BSDF; `glow` is the linear light of a lit lamp as it is seen."""

    colour: Array
    roughness: float = 0.5
    metallic: float = 0.0
    finish: str = PLAIN
    glow: float = 0.0

    @property
    def plain(self) -> bool:
        """Of one colour, so that it needs no texture coordinates."""
        return self.colour.shape[:2] == (2, 2)


@dataclass(frozen=True)
class Paint:
    """`metallic` is the share of flakes, 0 for a solid colour."""

    colour: str
    metallic: float = 0.3
    roughness: float = 0.11


PAINTS: Mapping[str, Paint] = {
    "red": Paint("72060c", 0.2), "blue": Paint("0b2c5e"), "silver": Paint("a4a8ac", 0.5, 0.22),
    "graphite": Paint("2e3237", 0.35), "white": Paint("e6e6e3", 0.0), "green": Paint("12301f", 0.25),
}  # fmt: skip


def flat(colour: str) -> Array:
    return np.ascontiguousarray(np.broadcast_to(to_linear(hex_colour(colour)), (2, 2, 3)))


def painted(paint: Paint) -> Look:
    return Look(flat(paint.colour), paint.roughness, paint.metallic, COATED)


def car_looks(paint: Paint) -> dict[str, Look]:
    return {
        "paint": painted(paint),
        "gloss_black": Look(flat("08090a"), 0.15, 0.0, COATED),
        "plastic": Look(flat("1b1c1d"), 0.55),
        "chrome": Look(flat("d8dadb"), 0.09, 1.0),
        "trim": Look(flat("a4a6a8"), 0.3, 0.9),
        "grille": Look(flat("0c0d0e"), 0.4),
        "seam": Look(flat("030303"), 0.9),
        "lining": Look(flat("8d8a85"), 0.85),
        "seat": Look(flat("8a7b69"), 0.7),
        "seat_edge": Look(flat("a8998a"), 0.8),
        "dash": Look(flat("3a3836"), 0.6),
        "under": Look(flat("0a0a0a"), 0.9),
        "tyre": Look(flat("161617"), 0.75),
        "rim": Look(flat("b4b7ba"), 0.22, 0.85, COATED),
        "rim_dark": Look(flat("2a2c2e"), 0.3, 0.5),
        "disc": Look(flat("4c4e50"), 0.35, 0.8),
        "caliper": Look(flat("2b2d30"), 0.4, 0.3),
        "lamp_inside": Look(flat("4a4d50"), 0.25, 0.8),
        "reflector": Look(flat("e8eaec"), 0.05, 1.0),
        "day_light": Look(flat("eef2f5"), 0.2, 0.0, COATED, 0.35),
        "tail_lamp": Look(flat("86090c"), 0.1, 0.0, COATED, 0.0),
        "brake_light": Look(flat("d2161a"), 0.1, 0.0, COATED, 0.15),
        "amber": Look(flat("c8690a"), 0.2, 0.0, COATED),
        "mirror_glass": Look(flat("8d9296"), 0.02, 1.0),
        "grille_bar": Look(flat("3c3f42"), 0.2, 0.6, COATED),
        "rail": Look(flat("9a9da0"), 0.25, 0.9),
        "glass": Look(flat("000000"), finish=GLASS),
        "lamp_glass": Look(flat("000000"), finish=LAMP_GLASS),
    }


def _principled(looks: list[Look], coat: float, specular: float) -> Any:
    return swatches.bsdf(
        {
            "type": "principled",
            "base_color": swatches.colours([look.colour for look in looks]),
            "roughness": swatches.numbers([look.roughness for look in looks]),
            "metallic": swatches.numbers([look.metallic for look in looks]),
            "specular": specular,
            "clearcoat": coat,
            "clearcoat_gloss": 0.97,
        }
    )


def _thin(tint: float, shine: float) -> Any:
    """A pane; `shine` is the share of reflections that a photographer's polarising filter leaves."""
    sides = {"specular_transmittance": tint, "specular_reflectance": shine}
    return mi.load_dict({"type": "thindielectric", "int_ior": 1.5, **sides})


def bsdfs(looks: list[Look]) -> dict[str, Any]:
    """One BSDF for each finish; swatch n is look n."""
    return {
        COATED: _principled(looks, COAT, 0.5),
        PLAIN: _principled(looks, 0.0, 0.45),
        GLASS: _thin(0.62, 0.22),
        LAMP_GLASS: _thin(0.95, 0.6),
    }


COAT = 1.0
