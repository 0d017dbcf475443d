"""By how much each frame of a turn stands off its place, from two kinds of measurements at once.

Points say how far a frame is from where its two neighbours put it: of one that is off by x, that shows as x at the
frame and as -x/2 at either neighbour. Outlines say how far it is off the smooth course of the turn, with no trace at
the neighbours. All frames are solved for together, and most of them are believed to stand where they should.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_ROUNDS = 24
_TAIL = 5.0
"""Degrees of freedom of Student's distribution for the measurements' errors: single ones are wild."""
_LOOSE = 8.0


@dataclass(frozen=True)
class Measured:
    """One number of each frame, and its deviation; NaN where it could not be measured."""

    value: Array
    deviation: Array

    def with_usual(self) -> "Measured":
        """The set's own spread added: a deviation from one frame's points alone knows nothing of perspective."""
        return Measured(self.value, np.hypot(self.deviation, spread_of(self.value)))


def spread_of(values: Array) -> float:
    """The deviation of values around 0, by their median; 0 where none is known."""
    known = values[~np.isnan(values)]
    return 1.4826 * float(np.median(np.abs(known))) if len(known) else 0.0


def offsets(points: Measured, outlines: Measured, usual: float) -> Array:
    """Each frame's departure. `usual` is the deviation of frames that stand where they should.

    The least of all errors, by weights that are set anew in each round: errors as Student's, departures as Cauchy's
    distribution has them, whose width shrinks to `usual` so that the first rounds see all frames alike.
    """
    count = len(points.value)
    among = np.eye(count) - 0.5 * (np.roll(np.eye(count), 1, axis=1) + np.roll(np.eye(count), -1, axis=1))
    found: Array = np.zeros(count)
    for turn in range(_ROUNDS):
        width = usual * max(1.0, _LOOSE * (1 - 2 * turn / _ROUNDS))
        of_points, of_outlines = _weights(points, among @ found), _weights(outlines, found)
        matrix = (among.T * of_points) @ among + np.diag(of_outlines + 2 / (width**2 + found**2))
        goal = among.T @ (of_points * np.nan_to_num(points.value)) + of_outlines * np.nan_to_num(outlines.value)
        found = np.asarray(np.linalg.solve(matrix, goal), np.float64)
    return found


def _weights(measured: Measured, expected: Array) -> Array:
    left = (measured.value - expected) / measured.deviation
    return np.nan_to_num((_TAIL + 1) / (_TAIL + left**2) / measured.deviation**2)
