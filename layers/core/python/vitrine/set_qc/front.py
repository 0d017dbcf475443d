"""The vehicle's axis and its front: a car is its own mirror image, so frame i mirrored looks like frame c - i."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vitrine.pictures.orient import Pixels
from vitrine.set_qc.outline import Mask, Silhouette
from vitrine.set_qc.thumbs import Matrix

Indices = NDArray[np.int64]

_NEAR_DEG = 20.0
_RED = 14.0
"""CIE a* from which on a pixel is red: lamps that are off are dark."""


@dataclass(frozen=True)
class Round:
    """Where frames stand on the turn: `places[i]` of `around` even ones. Lost frames leave places empty, and a place is
    taken once; without that, one frame lost on one side turns the axis by half a step."""

    places: tuple[int, ...]
    around: int

    def partners(self, total: int) -> tuple[Indices, Indices]:
        """Which frames have one at the place that mirrors theirs, and which that is."""
        at = np.full(self.around, -1)
        at[list(self.places)] = np.arange(len(self.places))
        found = at[(total - np.array(self.places)) % self.around]
        return np.flatnonzero(found >= 0), found[found >= 0]

    def nearest(self, place: float) -> int:
        """The frame nearest to a place; between two, the earlier one."""
        return int(self.away(place).argmin())

    def away(self, place: float) -> Matrix:
        """How far each frame is from a place, in places."""
        far = np.abs(np.array(self.places, np.float64) - place) % self.around
        return np.asarray(np.minimum(far, self.around - far), np.float64)


def ridge(mirror: Matrix, turn: Round) -> tuple[int, float]:
    """The sum c that a frame's place and its mirror partner's have together, and its margin: how much nearer such
    frames are to each other than those of the median sum, as a share of the latter.

    `mirror[i, j]` is the distance of frame i to frame j mirrored.
    """
    means = np.array([_mean(mirror, *turn.partners(total)) for total in range(turn.around)])
    best = int(np.nanargmin(means))
    return best, float(1 - means[best] / max(float(np.nanmedian(means)), 1e-9))


def _mean(mirror: Matrix, one: Indices, other: Indices) -> float:
    """NaN where so many places are empty that chance would decide."""
    return float(mirror[one, other].mean()) if 2 * len(one) >= len(mirror) else float("nan")


def ends(total: int, turn: Round) -> tuple[int, int]:
    """The two frames that look along the axis."""
    return turn.nearest(total / 2 % turn.around), turn.nearest((total + turn.around) / 2 % turn.around)


def near(total: float, turn: Round) -> tuple[list[int], list[int]]:
    """The frames within 20 degrees of either end, at least the nearest: one of them shows both corners."""
    return _near(total / 2, turn), _near((total + turn.around) / 2, turn)


def _near(place: float, turn: Round) -> list[int]:
    away = turn.away(place % turn.around)
    return [int(one) for one in np.flatnonzero(away <= max(float(away.min()), _NEAR_DEG / 360 * turn.around))]


def red_lamps(small: Pixels, silhouette: Silhouette) -> float:
    """How much more red there is at the left and right of the vehicle than in its middle, as a share of its pixels.

    Tail lamps sit at the corners; red paint is everywhere.
    """
    lab = cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    red = (lab[..., 1] > _RED) & (lab[..., 1] > 1.2 * np.abs(lab[..., 2] - 8)) & (lab[..., 0] > 8)
    rows, columns = np.nonzero(silhouette.mask)
    return _corners((red & silhouette.mask)[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1])


def _corners(red: Mask) -> float:
    third = max(1, red.shape[1] // 3)
    sides = min(float(red[:, :third].mean()), float(red[:, -third:].mean()))
    return sides - float(red[:, third:-third].mean())


def differing(mirror: Matrix, turn: Round) -> list[tuple[int, int, float]]:
    """Frames whose mirror partner is less like them than those beside would have it: (frame, partner, excess)."""
    one, other = turn.partners(ridge(mirror, turn)[0])
    along = mirror[one, other]
    usual = np.median(np.stack([np.roll(along, far) for far in (-2, -1, 1, 2)]), axis=0)
    excess = (along - usual) / max(float(np.median(along)), 1e-6)
    return [(int(i), int(j), float(e)) for i, j, e in zip(one, other, excess, strict=True) if i < j and e > 0]


def shapes(widths: Sequence[float | None]) -> float | None:
    """The widest outline over the narrowest: 1.6 to 3 for a car."""
    known = [width for width in widths if width]
    return max(known) / min(known) if len(known) >= 8 else None
