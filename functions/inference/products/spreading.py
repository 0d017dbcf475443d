"""Colours carried from where they are known to where they are not, over any distance: pull and push over a pyramid.

Source: Gortler et al., "The lumigraph", SIGGRAPH 1996, section 3.4.2.
"""

import cv2
import numpy as np

from functions.inference.vision.arrays import Array

_SMALLEST = 4


def spread(values: Array, known: Array) -> Array:
    """`values` (h x w x 3) where `known` (h x w, 0 to 1) is 1, and smoothly filled from around where it is less."""
    if min(known.shape) <= _SMALLEST:
        return _mean(values, known)
    size = (known.shape[1] + 1) // 2, (known.shape[0] + 1) // 2
    weight = cv2.resize(known, size, interpolation=cv2.INTER_AREA)
    sums = cv2.resize(values * known[..., None], size, interpolation=cv2.INTER_AREA)
    coarse = spread((sums / np.maximum(weight, 1e-6)[..., None]).astype(np.float32), np.minimum(weight * 2, 1))
    filled = cv2.resize(coarse, known.shape[::-1], interpolation=cv2.INTER_LINEAR)
    share = known[..., None]
    return np.asarray(values * share + filled * (1 - share), np.float32)


def _mean(values: Array, known: Array) -> Array:
    total = float(known.sum())
    mean = (values * known[..., None]).sum((0, 1)) / total if total > 0 else values.mean((0, 1))
    share = known[..., None]
    return np.asarray(values * share + mean * (1 - share), np.float32)
