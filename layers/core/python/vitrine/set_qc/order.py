"""The order of a set as its pictures suggest it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vitrine.set_qc.thumbs import Matrix

_STARTS = 12


def swaps(distances: Matrix) -> list[tuple[int, float]]:
    """Where a frame and the next fit better the other way round, and by what share. The turn is closed."""
    count = len(distances)
    if count < 5:
        return []
    at = np.arange(count)
    before, after, beyond = (at - 1) % count, (at + 1) % count, (at + 2) % count
    stands = distances[before, at] + distances[after, beyond]
    turned = distances[before, after] + distances[at, beyond]
    gain = 1 - turned / np.maximum(stands, 1e-9)
    local = (gain > 0) & (gain >= gain[before]) & (gain >= gain[after])
    return [(int(one), float(gain[one])) for one in np.flatnonzero(local)]


def length(distances: Matrix, tour: Sequence[int]) -> float:
    round_ = np.array(tour)
    return float(distances[round_, np.roll(round_, -1)].sum())


def shortest(distances: Matrix) -> list[int]:
    """A short round over all frames: nearest neighbours from 12 starts and the claimed order, each made better by
    2-opt. Begins with frame 0, and goes on to the nearer of its two neighbours in the claimed order."""
    count = len(distances)
    starts = range(0, count, max(1, count // _STARTS))
    tours = [np.arange(count), *(_greedy(distances, start) for start in starts)]
    best = min((_better(distances, tour) for tour in tours), key=lambda tour: length(distances, tour.tolist()))
    turned = np.roll(best, -int(np.flatnonzero(best == 0)[0]))
    return [int(one) for one in (turned if turned[1] < turned[-1] else np.roll(turned[::-1], 1))]


def _greedy(distances: Matrix, start: int) -> NDArray[np.int64]:
    left, tour = distances.copy(), [start]
    for _ in range(len(distances) - 1):
        left[:, tour[-1]] = np.inf
        tour.append(int(left[tour[-1]].argmin()))
    return np.array(tour)


def _better(distances: Matrix, tour: NDArray[np.int64]) -> NDArray[np.int64]:
    """2-opt, always the best exchange, until none helps."""
    for _ in range(4 * len(tour)):
        after = np.roll(tour, -1)
        now = distances[tour, after]
        gain = now[:, None] + now[None] - distances[np.ix_(tour, tour)] - distances[np.ix_(after, after)]
        first, second = np.unravel_index(int(np.triu(gain, 2).argmax()), gain.shape)
        if gain[first, second] <= 1e-9 or second <= first:
            break
        tour = np.concatenate([tour[: first + 1], tour[first + 1 : second + 1][::-1], tour[second + 1 :]])
    return tour
