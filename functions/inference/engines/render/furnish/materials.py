"""What each material name of the meshes looks like in a style, as plain data for the scene builder.

Every material has the same structure (a base-colour bitmap and five numbers, with or without a bump map), so that the
renderer's compiled kernels are the same for every scene and come from its cache.
"""

import zlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from functions.inference.engines.render.furnish import art, rugs, textures
from functions.inference.engines.render.furnish.styles.spec import StyleSpec
from functions.inference.vision.arrays import Array
from functions.inference.vision.colour import bytes_to_linear, hex_colour, to_linear

BOARDS = 3  # different pieces of each wood and stone


@dataclass(frozen=True)
class Material:
    """`colour` is a linear bitmap; `uv_scale` repeats per unit of the mesh's texture coordinates."""

    colour: Array
    bump: Array | None = None
    uv_scale: float = 1.0
    roughness: float = 0.5
    specular: float = 0.4
    sheen: float = 0.01
    metallic: float = 0.001


@dataclass(frozen=True)
class _Finish:
    roughness: float
    specular: float
    sheen: float


_CLOTH_FINISH = {
    "linen": _Finish(0.92, 0.2, 0.4), "cotton": _Finish(0.9, 0.2, 0.3), "wool": _Finish(0.95, 0.15, 0.6),
    "velvet": _Finish(0.75, 0.3, 1.0), "boucle": _Finish(0.97, 0.1, 0.5), "leather": _Finish(0.42, 0.45, 0.05),
    "knit": _Finish(0.97, 0.1, 0.6), "quilt": _Finish(0.92, 0.2, 0.3), "cane": _Finish(0.6, 0.35, 0.05),
}  # fmt: skip
_WOOD_FINISH = {
    "oak": (0.45, 0.4), "walnut": (0.36, 0.45), "ebony": (0.16, 0.55), "pine": (0.55, 0.35), "painted": (0.42, 0.4),
}  # fmt: skip


def _rng(name: str, seed: int) -> np.random.Generator:
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def _linear(colour: str) -> Array:
    return to_linear(hex_colour(colour))


def _plain(colour: str, roughness: float = 0.5, specular: float = 0.4, metallic: float = 0.001) -> Material:
    patch = np.broadcast_to(_linear(colour), (2, 2, 3))
    return Material(np.ascontiguousarray(patch), None, 1.0, roughness, specular, 0.01, metallic)


def _tinted(colour: Array, gain: Array) -> Array:
    return np.asarray(np.clip(colour * gain[..., None], 0, 1), np.float32)


@lru_cache(maxsize=16)
def _cloth(colour: str, kind: str) -> Material:
    gain, bump = textures.cloth(kind)
    finish = _CLOTH_FINISH[kind]
    return Material(_tinted(_linear(colour), gain), bump, 3.0, finish.roughness, finish.specular, finish.sheen)


@lru_cache(maxsize=8)
def _print(colour: str, second: str, kind: str, pattern: str) -> Material:
    """A cloth with a printed pattern."""
    base = _cloth(colour, kind)
    gain, _ = textures.cloth(kind)
    picture = textures.mix(base.colour, _tinted(_linear(second), gain), textures.printed(pattern) * 0.8)
    return Material(picture, base.bump, 3.0, base.roughness, base.specular, base.sheen)


@lru_cache(maxsize=8)
def _wood(colour: str, kind: str, board: int) -> Material:
    roughness, specular = _WOOD_FINISH[kind]
    return Material(_tinted(_linear(colour), textures.wood(kind, board)), None, 1.3, roughness, specular)


@lru_cache(maxsize=4)
def _stone(ground: str, vein: str, block: int) -> Material:
    share = textures.veins(block)
    base = np.ones((*share.shape, 3), np.float32) * _linear(ground)
    return Material(textures.mix(base, _linear(vein), share), None, 1.0, 0.22, 0.5)


@lru_cache(maxsize=4)
def _rug(style: StyleSpec, seed: int) -> Material:
    picture, bump = rugs.rug(style.rug, _rng("rug", seed))
    return Material(picture, bump, 1.0, 0.95, 0.1, 0.4)


@lru_cache(maxsize=4)
def _art(style: StyleSpec, name: str, seed: int) -> Material:
    """A picture; those that differ in their last letter only are of one kind, so that a pair belongs together."""
    names = (style.light, style.accent, style.accent2, style.fabric2, style.fabric, style.dark)
    kind = style.art[int(_rng(name[:-1], seed).integers(len(style.art)))]
    drawn = art.paint(kind, [hex_colour(c) for c in names], _rng(name, seed))
    upright = np.ascontiguousarray(drawn[::-1])  # texture coordinates start at the lower edge
    return Material(bytes_to_linear((upright * 255).astype(np.uint8)), None, 1.0, 0.8, 0.1)


def _cloths(style: StyleSpec, name: str) -> Material | None:
    if name == "accent2" and style.accent_pattern != "plain":
        return _print(style.accent2, style.light, "linen", style.accent_pattern)
    kinds = {
        "fabric": (style.fabric, style.cloth), "fabric2": (style.fabric2, style.cloth2),
        "accent": (style.accent, "velvet" if style.cloth in ("velvet", "leather") else "linen"),
        "accent2": (style.accent2, "linen"), "light": (style.light, "linen"), "linen": (style.linens, "cotton"),
        "linen2": (style.light, "cotton"), "duvet": (style.cover, "cotton"), "coverlet": (style.cover, "quilt"),
        "throw": (style.throw, "knit"), "cane": (style.cane, "cane"),
    }  # fmt: skip
    return _cloth(*kinds[name]) if name in kinds else None


def _plains(style: StyleSpec) -> dict[str, Material]:
    metal = _plain(style.metal, 0.28, 0.6, 0.9) if style.metallic else _plain(style.metal, 0.4, 0.5)
    gilt = style.metallic and style.frame == style.metal
    return {
        "metal": metal,
        "dark": _plain(style.dark, 0.5),
        "glass": _plain("1d2422", 0.06, 0.7),
        "ceramic": _plain(style.ceramic, 0.3, 0.5),
        "ceramic2": _plain(style.accent2, 0.28, 0.5),
        "paper": _plain("f4f1ea", 0.9, 0.1),
        "pot": _plain(style.pot, 0.6, 0.3),
        "soil": _plain("33281f", 0.95, 0.1),
        "stem": _plain("5a4a33", 0.8, 0.2),
        "leaf": _plain(style.leaf, 0.42, 0.5),
        "leaf2": _plain("cbb894" if style.plant == "grasses" else "8fa07c", 0.7, 0.2),
        "shade": _plain(style.shade, 0.9, 0.1),
        "bulb": _plain("fff3dc"),
        "frame": _plain(style.frame, 0.38, 0.5, 0.7 if gilt else 0.001),
        "screen": _plain("1a1d22", 0.12, 0.6),
        "mirror": _plain("e4e8ea", 0.04, 0.5, 0.65),  # the scene behind the camera is dark
        "rugedge": _plain(style.rug.ground, 0.95, 0.1),
    }


def material(style: StyleSpec, name: str, seed: int) -> Material:
    """The look of material `name`; `art…` names are paintings of their own. Raises KeyError for an unknown name."""
    if name.startswith("art"):
        return _art(style, name, seed)
    if name in ("wood", "wood2"):
        second = name == "wood2"
        return _wood(style.wood2 if second else style.wood, style.grain2 if second else style.grain, seed % BOARDS)
    if name == "rug":
        return _rug(style, seed)
    if name == "stone":
        return _stone(*style.stone, seed % BOARDS)
    return _cloths(style, name) or _plains(style)[name]
