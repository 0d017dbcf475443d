"""What became of a photo's lines in a picture of it: the edges of windows, doors, skirting, corners and boards.

Each line is followed in short places. Where the picture still has the line's contrast, the place is kept. Where it is
gone, either something stands before it, which changes what lies on both sides or draws an edge of its own, or the line
was lost: erased, or moved.
"""

from dataclasses import dataclass, fields

import cv2
import numpy as np
from numpy.typing import NDArray

from functions.inference.vision import segments
from functions.inference.vision.arrays import Array, Bools, Bytes, Floats

STEP = 10.0  # pixels along a line, of a picture whose longer side is about a thousand
REACH = 9  # pixels across a line that are looked at, to either side
ALONG = np.array([-4.0, -2.0, 0.0, 2.0, 4.0])
SHORTEST_SHARE, MOST_LINES = 0.02, 900  # of the longer side
FAINTEST = 2.0  # contrast in Lab units: below it, a line is as good as noise
NEAR, FAR = 1, 6  # pixels: a line this near has stayed, one this far has moved
KEPT = 0.5  # share of the contrast
SAME_LINE = 0.35  # of the contrast: how unlike it a moved line may be
SAME_SIDE = 5.0  # Lab units: more, and something else lies there
RUN = 3
FEWEST_FOR_SCALE = 30
STEADY = 1.0  # places' worth of evidence that nothing is off, for what the lines do not show
THIN_WEIGHT = 0.15
OWN_EDGE = 1.3  # times the contrast that was there: an edge of something new


@dataclass(frozen=True)
class LineSamples:
    """Of n places on a photo's lines: where they are, what became of them, and how the colour beside them changed.

    Lines between two colours weigh 1, thin ones (joints, panels), which a rug of the floor's colour hides, less.
    `tint` is the change of Lab (n x 3) of the side that changed less, `off` how many pixels the line lies beside where
    it was, along `normal` (n x 2). A place that is neither kept nor lost is covered.
    """

    at: Floats
    weight: Floats
    kept: Bools
    moved: Bools
    erased: Bools
    tint: Floats
    off: Floats
    normal: Floats

    def of(self, which: Bools) -> "LineSamples":
        return LineSamples(**{field.name: getattr(self, field.name)[which] for field in fields(self)})

    @property
    def lost(self) -> Bools:
        return self.moved | self.erased


def _lab(pixels: Bytes) -> Array:
    return np.asarray(cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32)


def _lines(grey: Bytes) -> segments.Segments:
    """Fainter and shorter segments than the camera needs: a white door in a white wall counts too."""
    equalised = cv2.createCLAHE(4.0, (8, 8)).apply(grey)
    detector = cv2.createLineSegmentDetector(cv2.LSD_REFINE_STD)
    found: Array | None = detector.detect(equalised)[0]  # type: ignore[assignment]
    if found is None:
        return np.zeros((0, 4))
    lines = np.asarray(found, np.float64).reshape(-1, 4)
    length = segments.lengths(lines)
    longest_first = np.argsort(-length, kind="stable")[:MOST_LINES]
    return np.asarray(lines[longest_first[length[longest_first] > SHORTEST_SHARE * max(grey.shape)]], np.float64)


def _places(grey: Bytes) -> tuple[Floats, Floats, NDArray[np.intp]]:
    """Middles (n x 2) and directions (n x 2) of the places on a photo's lines, and which line each is on."""
    found = _lines(grey)
    length = segments.lengths(found)
    counts = np.maximum((length / STEP).astype(int), 1)
    which = np.repeat(np.arange(len(found)), counts)
    first = np.repeat(np.cumsum(counts) - counts, counts)
    share = (np.arange(len(which)) - first + 0.5) / counts[which]
    start, end = found[which, :2], found[which, 2:]
    direction = (end - start) / np.maximum(length[which, None], 1e-6)
    middle = start + (end - start) * share[:, None]
    margin = np.array(grey.shape[::-1]) - REACH - 1
    inside = ((middle > REACH) & (middle < margin)).all(1)
    return middle[inside], direction[inside], which[inside]


def _profiles(lab: Array, middle: Floats, direction: Floats) -> Floats:
    """n x (2 REACH + 1) x 3: Lab across each place, averaged along its line."""
    normal = np.stack([-direction[:, 1], direction[:, 0]], 1)
    across = np.arange(-REACH, REACH + 1.0)
    points = (
        middle[:, None, None]
        + across[None, :, None, None] * normal[:, None, None]
        + ALONG[None, None, :, None] * direction[:, None, None]
    )
    flat = points.reshape(len(middle), -1, 2).astype(np.float32)
    rows = [
        cv2.remap(lab, part[..., 0], part[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        for part in np.array_split(flat, max(1, len(flat) // 8000))  # remap takes at most 32767 rows
    ]
    sampled = np.concatenate(rows).reshape(len(middle), len(across), len(ALONG), 3)
    return np.asarray(sampled.mean(2), np.float64)


def _contrasts(profiles: Floats) -> Floats:
    """n x (2 FAR + 1) x 3: what changes across a line that lies -FAR to FAR pixels off."""
    total = np.cumsum(np.pad(profiles, ((0, 0), (1, 0), (0, 0))), 1)
    middle = np.arange(REACH - FAR, REACH + FAR + 1)
    beyond = total[:, middle + 4] - total[:, middle + 1]
    before = total[:, middle] - total[:, middle - 3]
    return np.asarray((beyond - before) / 3, np.float64)


def _sides(profiles: Floats) -> Floats:
    """n x 2 x 3: the colour of either side."""
    return np.stack([profiles[:, : REACH - 2].mean(1), profiles[:, REACH + 3 :].mean(1)], 1)


def _in_runs(flags: Bools, which: NDArray[np.intp], offset: NDArray[np.intp]) -> Bools:
    """The flags that lie in runs of RUN along one line, at offsets that differ by a pixel at most: the outline of
    furniture crosses a line now and then."""
    alike = (which[1:] == which[:-1]) & (np.abs(np.diff(offset)) <= 1)
    joined = np.r_[False, alike] & np.r_[False, flags[:-1]] & flags
    number = np.cumsum(flags & ~joined)
    length = np.bincount(number[flags], minlength=int(number.max(initial=0)) + 1)
    return np.asarray(flags & (length[number] >= RUN))


def _peak(likeness: Floats) -> Floats:
    """Where along its second axis each row is largest, between the samples too (by a parabola)."""
    best = np.clip(likeness.argmax(1), 1, likeness.shape[1] - 2)
    a, b, c = (np.take_along_axis(likeness, (best + k)[:, None], 1)[:, 0] for k in (-1, 0, 1))
    bend = a - 2 * b + c
    return np.asarray(best + np.clip(0.5 * (a - c) / np.where(np.abs(bend) > 1e-6, bend, np.inf), -1, 1), np.float64)


def displacement(samples: LineSamples, shape: tuple[int, ...]) -> float:
    """Pixels by which the whole picture's corners are off: the shift and scaling that the kept lines agree on.

    Least squares, thrice, each time without what lies more than twice the typical error off.
    """
    use = (samples.kept | samples.moved) & (samples.weight == 1)
    if use.sum() < FEWEST_FOR_SCALE:
        return 0.0
    reach = float(np.hypot(shape[0], shape[1])) / 2
    place = (samples.at[use] - np.array(shape[1::-1]) / 2) / reach
    normal, off = samples.normal[use], samples.off[use]
    model = np.c_[normal, (normal * place).sum(1)]
    fit, good = np.zeros(3), np.ones(len(off), np.bool_)
    for _ in range(3):
        normal_matrix = model[good].T @ model[good] + STEADY * np.eye(3)
        fit = np.linalg.solve(normal_matrix, model[good].T @ off[good])
        error = np.abs(model @ fit - off)
        good = error <= max(0.3, 2 * float(np.median(error)))
    return float(np.hypot(*fit[:2]) + abs(fit[2]))


def compare(photo: Bytes, picture: Bytes) -> LineSamples:
    """What became of a photo's lines in a picture of the same size (about a thousand pixels on the longer side)."""
    middle, direction, which = _places(np.asarray(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY), np.uint8))
    if not len(middle):
        none = np.zeros(0, np.bool_)
        return LineSamples(middle, np.zeros(0), none, none, none, np.zeros((0, 3)), np.zeros(0), middle)
    before, after = (_profiles(_lab(pixels), middle, direction) for pixels in (photo, picture))
    across, sides = _across(before, after), _sides(before)
    change = _sides(after) - sides
    by_side = np.linalg.norm(change, axis=2)
    moved, lost = _gone(across, by_side.min(1) < SAME_SIDE, which)
    tint = np.take_along_axis(change, by_side.argmin(1)[:, None, None], 1)[:, 0]
    thin = np.linalg.norm(sides[:, 1] - sides[:, 0], axis=1) < FAINTEST
    weight = np.where(thin, THIN_WEIGHT, 1.0)
    off = _peak(across.likeness) - _peak(across.own_likeness)
    normal = np.stack([-direction[:, 1], direction[:, 0]], 1)
    every = LineSamples(middle, weight, across.kept, lost & moved, lost & ~moved, tint, off, normal)
    return every.of(across.clear)


@dataclass(frozen=True)
class _Across:
    """Contrasts across n places, by how many pixels (-FAR to FAR) off the line.

    `strength` is the line's own contrast in the photo; `found` what the picture has (n x 2 FAR + 1 x 3), `likeness` how
    much of the line's contrast that is, `own_likeness` the same in the photo, `unlike` how much differs from it.
    """

    strength: Floats
    found: Floats
    likeness: Floats
    own_likeness: Floats
    unlike: Floats

    @property
    def clear(self) -> Bools:
        return np.asarray(self.strength >= FAINTEST)

    @property
    def kept(self) -> Bools:
        return np.asarray(self.likeness[:, FAR - NEAR : FAR + NEAR + 1].max(1) >= KEPT)


def _across(before: Floats, after: Floats) -> _Across:
    was, found = _contrasts(before), _contrasts(after)
    contrast = was[:, FAR]
    strength = np.linalg.norm(contrast, axis=1)
    divisor = np.maximum(strength, 1e-6)[:, None]
    likeness, own = ((profile * contrast[:, None]).sum(2) / divisor**2 for profile in (found, was))
    unlike = np.linalg.norm(found - contrast[:, None], axis=2) / divisor
    return _Across(strength, found, likeness, own, unlike)


def _gone(across: _Across, same_side: Bools, which: NDArray[np.intp]) -> tuple[Bools, Bools]:
    """Which lines stand elsewhere now, and which are lost: gone, though a side of them is as it was."""
    bare = ~across.kept & same_side
    own_edge = np.linalg.norm(across.found, axis=2).max(1) > OWN_EDGE * across.strength
    moved = bare & (across.unlike.min(1) < SAME_LINE)
    # Where a rug's weave happens to look like the line, neighbours find it at different offsets.
    offset = np.where(moved, across.unlike.argmin(1), 0)
    return moved, _in_runs(across.clear & bare & (moved | ~own_edge), which, offset)
