"""Colour edges put back onto the edges of light.

JPEG, WebP and HEIC store colour at half the resolution of light, so a red product's colour reaches a pixel or two over
its ground. Locally colour is taken as a linear function of light (He, Sun, Tang, "Guided image filtering", 2010), which
moves its edges to where light has them.
"""

import cv2
import numpy as np

from functions.inference.vision.arrays import Array

RADIUS = 2
SMOOTHNESS, LEADING = 2e-4, 2e-3
"""Variances of light (0 to 1): the guided filter's, and one at which light leads colour half. Where light has no edge,
colour keeps its own."""


def sharpened(colours: Array) -> Array:
    """RGB (h x w x 3, 0 to 1) with the same light."""
    apart = np.asarray(cv2.cvtColor(colours, cv2.COLOR_RGB2YCrCb), np.float32)
    light = apart[..., 0]
    middle, spread = _mean(light), _mean(light * light)
    spread -= middle * middle
    led = _mean(spread / (spread + LEADING))
    for channel in (1, 2):
        colour = _mean(apart[..., channel])
        slope = (_mean(light * apart[..., channel]) - middle * colour) / (spread + SMOOTHNESS)
        moved = _mean(slope) * light + _mean(colour - slope * middle)
        apart[..., channel] += led * (moved - apart[..., channel])
    return np.clip(cv2.cvtColor(apart, cv2.COLOR_YCrCb2RGB), 0, 1).astype(np.float32)


def _mean(of: Array) -> Array:
    return np.asarray(cv2.blur(of, (2 * RADIUS + 1, 2 * RADIUS + 1)), np.float32)
