"""Brightness and colour of a frame against its neighbours', at points that both show."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vitrine.pictures.orient import Pixels
from vitrine.set_qc.features import Features, linear
from vitrine.set_qc.outline import Mask
from vitrine.set_qc.tracks import Matches

Array = NDArray[np.float64]

_LEAST_POINTS = 6
_BODY_ROWS = (0.35, 0.8)
_DARK, _CLIPPED = 0.01, 0.96


@dataclass(frozen=True)
class Change:
    """From one frame to the next: brightness in stops, and how a grey's a* and b* change."""

    stops: float
    a: float
    b: float


def change(one: Features, other: Features, matches: Matches) -> Change | None:
    """The median over shared points that are neither dark nor clipped; None where there are too few."""
    first, second = one.colours[matches.first], other.colours[matches.second]
    usable = (np.minimum(first, second).min(axis=1) > _DARK) & (np.maximum(first, second).max(axis=1) < _CLIPPED)
    if int(usable.sum()) < _LEAST_POINTS:
        return None
    red, green, blue = (float(stop) for stop in np.median(np.log2(second[usable] / first[usable]), axis=0))
    even = (red + green + blue) / 3
    tinted = np.array([[[0.2 * 2 ** (stop - even) for stop in (red, green, blue)]]], np.float32)
    _, a, b = (float(part) for part in cv2.cvtColor(_coded(tinted), cv2.COLOR_RGB2LAB)[0, 0])
    return Change(even, a, b)


def standing(before: Change | None, after: Change | None) -> Change | None:
    """How far a frame stands from both its neighbours, from the change to it and the change from it.

    On the same side of both, by the lesser of the two; 0 where these go one way. A frame beside the odd one shows only
    one of the two changes.
    """
    if before is None or after is None:
        return None
    return Change(_both(before.stops, after.stops), _both(before.a, after.a), _both(before.b, after.b))


def _both(before: float, after: float) -> float:
    return float(np.sign(before)) * min(abs(before), abs(after)) if before * after < 0 else 0.0


def paints(smalls: Sequence[Pixels]) -> Array:
    """Mean a* and b* of what is coloured in each frame, and how much of it there is: frames × 3."""
    return np.stack([_paint(small) for small in smalls])


def _paint(small: Pixels) -> Array:
    lab = cv2.cvtColor(
        cv2.resize(small, (64, 48), interpolation=cv2.INTER_AREA).astype(np.float32) / 255, cv2.COLOR_RGB2LAB
    )
    inner = lab[8:-8, 8:-8].reshape(-1, 3)
    busy = np.abs(inner[:, 0] - np.median(lab[:4].reshape(-1, 3)[:, 0])) > 8
    kept = inner[busy] if busy.sum() > 40 else inner
    return np.asarray(np.percentile(kept, 50, axis=0), np.float64)


def tone(small: Pixels, on: Mask) -> Array:
    """What the vehicle's body is painted in, whatever the exposure: red and blue over green in stops, the median over
    the band between windows and wheels."""
    inner = cv2.erode(on.astype(np.uint8), np.ones((5, 5))) > 0
    rows = np.flatnonzero(on.any(axis=1))
    top, bottom = np.quantile((rows[0], rows[-1] + 1), _BODY_ROWS).astype(int)
    light = linear(np.asarray(cv2.blur(small, (3, 3)), np.uint8))[top:bottom][inner[top:bottom]] + _DARK
    if not len(light):
        return np.full(2, np.nan)
    return np.asarray(np.median(np.log2(light[:, ::2] / light[:, 1:2]), axis=0), np.float64)


def apart(before: Array, here: Array, after: Array) -> float:
    """How far a colour is from both neighbours', beyond what these differ; 0 where one of the three is not known."""
    near = min(float(np.linalg.norm(here - before)), float(np.linalg.norm(here - after)))
    far = near - float(np.linalg.norm(before - after))
    return far if far > 0 else 0.0


def _coded(linear: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * np.maximum(linear, 1e-9) ** (1 / 2.4) - 0.055).astype(
        np.float32
    )
