"""What others use: a fixed threshold on the Laplacian's variance, and a 64-bit perceptual hash."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import cv2
import numpy as np

from vitrine.pictures.decoding import fit
from vitrine.pictures.orient import Pixels

LAPLACIAN = 100.0
"""The threshold of the widespread recipe."""
_BITS = 10


def laplacian(grey: Pixels) -> float:
    return float(cv2.Laplacian(fit(grey, 960), cv2.CV_64F).var())


def phash(picture: Pixels) -> np.ndarray:
    """The signs of the 64 lowest frequencies of the 32 × 32 grey, against their median."""
    grey = cv2.resize(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), (32, 32), interpolation=cv2.INTER_AREA)
    low = cv2.dct(grey.astype(np.float32))[:8, :8]
    return np.asarray(low > np.median(low))


def alike(one: Pixels, other: Pixels) -> bool:
    return int((phash(one) != phash(other)).sum()) <= _BITS


def near(pictures: Sequence[Pixels], look: Callable[[int, int], None]) -> None:
    """How many true neighbours the hash takes for copies."""
    look(sum(alike(one, other) for one, other in pairwise(pictures)), len(pictures) - 1)
