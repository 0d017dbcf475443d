"""The vehicle's axis and its front: a car is its own mirror image, so frame i mirrored looks like frame c - i."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vitrine.pictures.orient import Pixels
from vitrine.set_qc.features import Floats
from vitrine.set_qc.outline import Mask, common
from vitrine.set_qc.thumbs import Matrix

Indices = NDArray[np.int64]

_NEAR_DEG = 20.0
_LEAST_POINTS = 12
_MARGIN = 0.15
"""Of the axis, below which nothing is a mirror's."""
_LAMP_ROWS = (0.3, 0.75)
"""Between the vehicle's top and bottom: lamps sit below its windows and above its bumpers."""
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


def red_lamps(small: Pixels, on: Mask) -> float:
    """The share of red where tail lamps are, at whichever corner has less of it: of grey cars only the rear has any,
    and of red ones the front has less, for head lamps are not red."""
    lab = cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    red = (lab[..., 1] > _RED) & (lab[..., 1] > 1.2 * np.abs(lab[..., 2] - 8)) & (lab[..., 0] > 8)
    rows, columns = np.nonzero(on)
    top, bottom = np.quantile((rows.min(), rows.max() + 1), _LAMP_ROWS).astype(int)
    here = slice(top, bottom), slice(columns.min(), columns.max() + 1)
    return _corners((red & on)[here], on[here])


def _corners(red: Mask, on: Mask) -> float:
    across = max(1, red.shape[1] // 4)
    sides = (slice(0, across), slice(-across, None))
    return min(float(red[:, side].sum()) / max(1, int(on[:, side].sum())) for side in sides)


def among(small: Pixels, points: Floats) -> Mask | None:
    """Where points stand, as a box without the outermost of them: a vehicle by its own points, where no outline tells
    it from its surroundings. None where there are too few."""
    if len(points) < _LEAST_POINTS:
        return None
    longer, middle = max(small.shape), np.array(small.shape[1::-1]) / 2
    (left, top), (right, bottom) = np.percentile(points * longer + middle, (5, 95), axis=0).astype(int)
    box = np.zeros(small.shape[:2], np.bool_)
    box[max(0, top) : bottom + 1, max(0, left) : right + 1] = True
    return box


def unmatched(outlines: Sequence[Mask | None], mirror: Matrix, turn: Round) -> list[float]:
    """By how much less than usual each frame's outline (`outline.centred`) has in common with that of the frame that
    mirrors it; 0 where either is not known, or no axis is."""
    found = np.full(len(outlines), np.nan)
    total, margin = ridge(mirror, turn)
    for one, other in zip(*turn.partners(total), strict=True):
        here, there = outlines[one], outlines[other]
        if margin >= _MARGIN and here is not None and there is not None:
            found[one] = common(here, there[:, ::-1])
    known = found[~np.isnan(found)]
    usual = float(np.median(known)) if 2 * len(known) >= len(found) else 0.0
    return [max(0.0, float(one)) for one in np.nan_to_num(usual - found)]


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
