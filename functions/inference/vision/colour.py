"""sRGB transfer functions (IEC 61966-2-1) and small colour helpers; colours are RGB, 0 to 1."""

import cv2
import numpy as np
from numpy.typing import NDArray

from functions.inference.vision.arrays import Array, Bytes

LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)


def to_linear(srgb: NDArray[np.floating]) -> Array:
    value = np.asarray(srgb, np.float32)
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4).astype(np.float32)


def to_srgb(linear: NDArray[np.floating]) -> Array:
    value = np.maximum(np.asarray(linear, np.float32), 0)
    return np.where(value <= 0.0031308, value * 12.92, 1.055 * value ** (1 / 2.4) - 0.055).astype(np.float32)


_LINEAR_OF_BYTE = to_linear(np.arange(256, dtype=np.float32) / 255)


def bytes_to_linear(pixels: Bytes) -> Array:
    return np.asarray(cv2.LUT(pixels, _LINEAR_OF_BYTE), np.float32)


def linear_to_bytes(linear: NDArray[np.floating]) -> Bytes:
    return np.clip(np.rint(to_srgb(linear) * 255), 0, 255).astype(np.uint8)


def hex_colour(code: str) -> Array:
    """sRGB of `rrggbb`."""
    return np.array([int(code[i : i + 2], 16) / 255 for i in (0, 2, 4)], np.float32)


def luminance(linear: Array) -> Array:
    return (linear @ LUMINANCE).astype(np.float32)
