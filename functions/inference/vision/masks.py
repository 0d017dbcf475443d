"""Masks: boolean, h x w."""

import cv2
import numpy as np

from functions.inference.vision.arrays import Bools


def filled(mask: Bools) -> Bools:
    """Without holes."""
    outlines, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    whole = np.zeros(mask.shape, np.uint8)
    cv2.drawContours(whole, outlines, -1, 1, cv2.FILLED)
    return whole.astype(np.bool_)
