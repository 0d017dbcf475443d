"""What stands out on a picture: U2-Net-p's map.

Source: Qin et al., "U2-Net: Going deeper with nested U-structure for salient object detection", 2020. The network sees
the picture squeezed to 320 x 320 pixels, divided by its brightest value and normalised as ImageNet's pictures are.
"""

import cv2
import numpy as np

from functions.inference.vision import weights
from functions.inference.vision.arrays import Array, Bytes

SIDE = 320
"""Both sides of what the network sees."""
MEAN = np.array([0.485, 0.456, 0.406], np.float32)
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)


def standing_out(pixels: Bytes, size: tuple[int, int]) -> Array:
    """How much each pixel belongs to what stands out, 0 to 1, at `size` (width and height)."""
    small = cv2.resize(pixels, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    scaled = small.astype(np.float32) / max(1, int(small.max()))
    batch = ((scaled - MEAN) / DEVIATION).transpose(2, 0, 1)[None]
    found = weights.load(weights.MASK)(np.ascontiguousarray(batch))[0, 0]
    return np.asarray(cv2.resize(found, size, interpolation=cv2.INTER_LINEAR), np.float32)
