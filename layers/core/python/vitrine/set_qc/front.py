"""The vehicle's axis and its front: a car is its own mirror image, so frame i mirrored looks like frame c - i."""

from collections.abc import Sequence

import cv2
import numpy as np

from vitrine.pictures.orient import Pixels
from vitrine.set_qc.outline import Mask, Silhouette
from vitrine.set_qc.thumbs import Matrix

_RED = 14.0
"""CIE a* from which on a pixel is red: lamps that are off are dark."""


def ridge(mirror: Matrix) -> tuple[int, float]:
    """The sum c that frame and mirrored frame have together, and its margin: how much nearer such frames are to each
    other than those of the median sum, as a share of the latter.

    `mirror[i, j]` is the distance of frame i to frame j mirrored, of evenly spaced frames.
    """
    count = len(mirror)
    rows = np.arange(count)
    means = np.array([np.mean(mirror[rows, (total - rows) % count]) for total in range(count)])
    best = int(means.argmin())
    return best, float(1 - means[best] / max(float(np.median(means)), 1e-9))


def ends(total: int, count: int) -> tuple[int, int]:
    """The two frames that look along the axis; between two frames, the earlier one."""
    return (total // 2) % count, ((total + count) // 2) % count


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


def differing(mirror: Matrix, total: int) -> list[tuple[int, int, float]]:
    """Frames whose mirror partner is less like them than those beside would have it: (frame, partner, excess)."""
    count = len(mirror)
    rows = np.arange(count)
    partners = (total - rows) % count
    along = mirror[rows, partners]
    usual = np.median(np.stack([np.roll(along, far) for far in (-2, -1, 1, 2)]), axis=0)
    excess = (along - usual) / max(float(np.median(along)), 1e-6)
    return [(int(i), int(j), float(e)) for i, j, e in zip(rows, partners, excess, strict=True) if i < j and e > 0]


def shapes(widths: Sequence[float | None]) -> float | None:
    """The widest outline over the narrowest: 1.6 to 3 for a car."""
    known = [width for width in widths if width]
    return max(known) / min(known) if len(known) >= 8 else None
