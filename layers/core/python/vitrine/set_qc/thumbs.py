"""How far frames are from each other as pictures: one minus the correlation of small greys, each pair aligned first.

Perceptual hashes of 64 bits cannot tell a duplicate from a neighbour in a turn; an aligned correlation can.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from vitrine.pictures.orient import Pixels

Matrix = NDArray[np.float64]

SIDE = 96
_SHIFT = 6
"""The farthest that one of a pair is moved, in pixels of the thumbnail: 6 % of the frame's longer side."""


def greys(smalls: Sequence[Pixels]) -> NDArray[np.float32]:
    """Frames × height × width, each with mean 0 and length 1, so that brightness and contrast do not count."""
    height, width = smalls[0].shape[:2]
    scale = SIDE / max(height, width)
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    shrunk = [cv2.resize(cv2.cvtColor(one, cv2.COLOR_RGB2GRAY), size, interpolation=cv2.INTER_AREA) for one in smalls]
    stack = np.stack(shrunk).astype(np.float32)
    stack -= stack.mean(axis=(1, 2), keepdims=True)
    lengths = np.sqrt((stack**2).sum(axis=(1, 2), keepdims=True))
    return np.asarray(stack / np.maximum(lengths, 1e-6), np.float32)


def distances(first: NDArray[np.float32], second: NDArray[np.float32]) -> Matrix:
    """One minus the best correlation over all shifts up to 6 %, for each frame of `first` with each of `second`.

    By the circular correlation theorem, so a shifted frame's lost strip counts a little.
    """
    height, width = first.shape[1:]
    of_first = np.fft.rfft2(first).astype(np.complex64)
    of_second = of_first if second is first else np.fft.rfft2(second).astype(np.complex64)
    return np.stack([_row(one, of_second, (height, width)) for one in of_first])


def _row(one: NDArray[np.complex64], others: NDArray[np.complex64], shape: tuple[int, int]) -> Matrix:
    found = np.fft.irfft2(one[None] * others.conj(), s=shape)
    near = np.r_[0 : _SHIFT + 1, -_SHIFT:0]
    return np.asarray(1 - found[:, near][:, :, near].max(axis=(1, 2)), np.float64)


def mirrored(stack: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.ascontiguousarray(stack[:, :, ::-1])
