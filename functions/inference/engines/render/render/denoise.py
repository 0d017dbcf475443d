"""Denoisers of path-traced pictures, guided by albedo and normals: OIDN, or an a-trous wavelet filter without it.

The filter is Dammertz et al., "Edge-Avoiding A-Trous Wavelet Transform for fast Global Illumination Filtering" (2010),
on albedo-free light, with a median clamp against fireflies.
"""

from functools import lru_cache
from typing import Any

import cv2
import numpy as np

from functions.inference.vision.arrays import Array

KERNEL = np.array([1, 4, 6, 4, 1], np.float32) / 16
LEVELS = 4


@lru_cache(maxsize=1)
def _oidn() -> Any | None:
    try:
        import pyoidn
    except (ImportError, OSError):
        return None
    return pyoidn


def available() -> str:
    return "oidn" if _oidn() else "a-trous"


def denoise(colour: Array, albedo: Array, normal: Array, quality: str = "high") -> Array:
    """Smooth h x w x 3 linear colour; albedo 0 to 1, normals unit length.

    OIDN's `quality` "fast" takes half the time of "high".
    """
    library = _oidn()
    if library is None:
        return atrous(colour, albedo, normal)
    inputs = [np.ascontiguousarray(a, np.float32) for a in (colour, np.clip(albedo, 0, 1), normal)]
    return np.asarray(
        library.denoise(inputs[0], albedo=inputs[1], normal=inputs[2], hdr=True, quality=quality), np.float32
    )


def _shifted(padded: Array, pad: int, dy: int, dx: int, shape: tuple[int, ...]) -> Array:
    return padded[pad + dy : pad + dy + shape[0], pad + dx : pad + dx + shape[1]]


def atrous(colour: Array, albedo: Array, normal: Array) -> Array:
    albedo = np.clip(albedo, 0, 1)
    divisor = np.where(albedo.mean(2, keepdims=True) > 0.01, albedo + 0.03, 1.0).astype(np.float32)
    light = (colour / divisor).astype(np.float32)
    light = np.minimum(light, cv2.medianBlur(np.ascontiguousarray(light), 5) * 3 + 0.05)
    for level in range(LEVELS):
        light = _atrous_level(light, albedo, normal, level)
    return (light * divisor).astype(np.float32)


def _atrous_level(light: Array, albedo: Array, normal: Array, level: int) -> Array:
    step, grey = 2**level, light.mean(2)
    mean = cv2.GaussianBlur(grey, (0, 0), 1.5 + level)
    noise = np.sqrt(cv2.GaussianBlur((grey - mean) ** 2, (0, 0), 2.5) + 1e-5)
    pad = 2 * step
    padded = [
        np.asarray(cv2.copyMakeBorder(a, pad, pad, pad, pad, cv2.BORDER_REFLECT_101), np.float32)
        for a in (light, albedo, normal, mean)
    ]
    total, weights = np.zeros_like(light), np.zeros((*grey.shape, 1), np.float32)
    tolerance = 4 * noise * np.maximum(mean, 0.02) + 1e-4
    for i, dy in enumerate(range(-2, 3)):
        for j, dx in enumerate(range(-2, 3)):
            near, a, n, m = (_shifted(p, pad, dy * step, dx * step, grey.shape) for p in padded)
            away = ((a - albedo) ** 2).sum(2) * 60 + ((n - normal) ** 2).sum(2) * 8 + (m - mean) ** 2 / tolerance
            weight = (KERNEL[i] * KERNEL[j] * np.exp(-away))[..., None]
            total += near * weight
            weights += weight
    return np.asarray(total / weights, np.float32)
