"""Whether side views show two wheels: the cue that tells a vehicle from a shoe."""

import cv2
import numpy as np
from numpy.typing import NDArray

from vitrine.pictures.orient import Pixels
from vitrine.set_qc.outline import Silhouette

Array = NDArray[np.float64]

_SIDE = 256


def two_wheels(small: Pixels, silhouette: Silhouette) -> float:
    """0 to 1: how clearly two circles of one size stand at one height near the outline's lower edge."""
    rows, columns = np.nonzero(silhouette.mask)
    box = small[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    scale = _SIDE / box.shape[1]
    grey = cv2.resize(cv2.cvtColor(box, cv2.COLOR_RGB2GRAY), None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    found = cv2.HoughCircles(
        grey,
        cv2.HOUGH_GRADIENT_ALT,
        1.5,
        _SIDE * 0.3,
        param1=150,
        param2=0.4,
        minRadius=int(0.045 * _SIDE),
        maxRadius=int(0.14 * _SIDE),
    )
    return (
        0.0
        if found is None
        else _pair(np.asarray(found, np.float64).reshape(-1, found.shape[-1])[:, :3], grey.shape[0])
    )


def _pair(circles: Array, height: int) -> float:
    low = [circle for circle in circles if circle[1] > 0.5 * height]
    scores = [_alike(one, other) for at, one in enumerate(low) for other in low[at + 1 :]]
    return max(scores, default=0.0)


def _alike(one: Array, other: Array) -> float:
    apart, level = abs(one[0] - other[0]) / _SIDE, abs(one[1] - other[1]) / _SIDE
    if not 0.4 < apart < 0.85 or level > 0.06:
        return 0.0
    return float(max(0.0, min(one[2], other[2]) / max(one[2], other[2]) - level * 5))
