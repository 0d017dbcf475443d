"""What each material name of the meshes looks like in a style, as plain data for the scene builder.

Every material has the same structure (a base-colour bitmap and five numbers, with or without a bump map), so that the
renderer's compiled kernels are the same for every scene and come from its cache.
"""

import zlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from functions.inference.engines.render import textures
from functions.inference.engines.render.colour import Array, hex_colour, to_linear
from functions.inference.engines.render.styles import StyleSpec


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


def _rng(name: str, seed: int) -> np.random.Generator:
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def _plain(colour: str, roughness: float = 0.5, specular: float = 0.4, metallic: float = 0.001) -> Material:
    patch = np.broadcast_to(to_linear(hex_colour(colour)), (2, 2, 3))
    return Material(np.ascontiguousarray(patch), None, 1.0, roughness, specular, 0.01, metallic)


@lru_cache(maxsize=64)
def _fabric(name: str, colour: str, contrast: float, threads: int, seed: int) -> Material:
    picture, bump = textures.fabric(hex_colour(colour), _rng(name, seed), contrast, threads)
    return Material(to_linear(picture), bump, 3.0, 0.9, 0.25, 0.5)


@lru_cache(maxsize=32)
def _wood(name: str, colour: str, seed: int) -> Material:
    return Material(to_linear(textures.wood(hex_colour(colour), _rng(name, seed))), None, 1.3, 0.38, 0.45)


@lru_cache(maxsize=16)
def _rug(style: StyleSpec, seed: int) -> Material:
    picture, bump = textures.rug(style.rug, _rng("rug", seed))
    return Material(to_linear(picture), bump, 1.0, 0.95, 0.1, 0.4)


def _stone(style: StyleSpec, seed: int) -> Material:
    ground, vein = (hex_colour(c) for c in style.stone)
    return Material(to_linear(textures.marble(ground, vein, _rng("stone", seed))), None, 1.0, 0.2, 0.5)


def _art(style: StyleSpec, name: str, seed: int) -> Material:
    palette = [hex_colour(c) for c in (style.light, style.accent, style.accent2, style.fabric2, style.fabric)]
    return Material(to_linear(textures.art(palette, _rng(name, seed))), None, 1.0, 0.8, 0.1)


_FABRICS = {
    "fabric": ("fabric", 0.085, 52), "fabric2": ("fabric2", 0.085, 52), "accent": ("accent", 0.08, 70),
    "accent2": ("accent2", 0.08, 52), "light": ("light", 0.05, 60), "linen2": ("light", 0.035, 90),
    "throw": ("throw", 0.16, 26),
}  # fmt: skip


def _plains(style: StyleSpec) -> dict[str, Material]:
    metal = _plain(style.metal, 0.28, 0.6, 0.9) if style.metallic else _plain(style.metal, 0.4, 0.5)
    return {
        "metal": metal,
        "dark": _plain(style.dark, 0.5),
        "ceramic": _plain("ece7dd", 0.3, 0.5),
        "ceramic2": _plain(style.accent2, 0.35, 0.5),
        "paper": _plain("f4f1ea", 0.9, 0.1),
        "pot": _plain(style.pot, 0.6, 0.3),
        "soil": _plain("33281f", 0.95, 0.1),
        "stem": _plain("5a4a33", 0.8, 0.2),
        "leaf": _plain(style.leaf, 0.42, 0.5),
        "leaf2": _plain("8fa07c", 0.6, 0.3),
        "shade": _plain("f5eedf", 0.9, 0.1),
        "bulb": _plain("fff3dc"),
        "frame": _plain(style.frame, 0.4, 0.5),
        "screen": _plain("1a1d22", 0.12, 0.6),
        "mirror": _plain("eef0f0", 0.03, 0.5, 0.98),
        "rugedge": _plain(style.rug.ground, 0.95, 0.1),
    }


def material(style: StyleSpec, name: str, seed: int) -> Material:
    """The look of material `name`; `art…` names are paintings of their own. Raises KeyError for an unknown name."""
    if name in _FABRICS:
        field, contrast, threads = _FABRICS[name]
        return _fabric(name, getattr(style, field), contrast, threads, seed)
    if name in ("linen", "duvet"):
        return _fabric(name, "f1eee8" if name == "linen" else "f3f1ec", 0.03, 90, seed)
    if name in ("wood", "wood2"):
        return _wood(name, getattr(style, name), seed)
    if name == "rug":
        return _rug(style, seed)
    if name == "stone":
        return _stone(style, seed)
    return _art(style, name, seed) if name.startswith("art") else _plains(style)[name]
