"""What the walls of a room carry: plain stretches, windows, and openings that reach the floor and must stay free."""

from dataclasses import dataclass, replace
from typing import Literal

import cv2
import numpy as np

from functions.inference.engines.render.read.camera import CameraFit
from functions.inference.engines.render.read.room import Room
from functions.inference.vision.arrays import Array, Bools, Bytes, Floats

CELL_M = 0.06
PLAIN_DEVIATION = 7.0  # grey levels within 9 x 9 pixels: above it, something is on the wall
PLAIN_CHROMA, PLAIN_LIGHTNESS = 9.0, 45.0  # from the wall's median, 8-bit Lab
NARROWEST_OPENING_M = 0.5
DOOR_WIDTHS_M = (0.65, 1.15)
JAMB_WIDTH_M, CORNER_M = 0.09, 0.1
FAINT_JAMB, CLEAR_JAMB = 0.22, 0.65  # share of a door's height
LINTEL_M = (1.9, 2.25)
LOW_M, LOW_JAMB = 0.8, 0.3
SMALLEST_WINDOW_M, LOWEST_WINDOW_M, HIGHEST_SILL_M = 0.4, 0.18, 1.9
FILLED_WINDOW = 0.55  # share of a window's rectangle that is no plain wall
BRIGHT_PANE = 22.0  # 8-bit lightness over the wall's median


@dataclass(frozen=True)
class Wall:
    """A wall seen from above: points `origin + u * along` for u from `start` to `end`; `inward` points to the room."""

    name: str
    origin: Floats
    along: Floats
    inward: Floats
    start: float
    end: float

    @property
    def turn(self) -> float:
        """The turn that makes a piece's front look into the room."""
        return float(np.arctan2(self.inward[0], -self.inward[1]))

    def point(self, u: float, out: float = 0.0) -> Floats:
        return self.origin + self.along * u + self.inward * out


def walls_of(room: Room) -> tuple[Wall, ...]:
    near = 0.6
    return (
        Wall("back", np.array([0, room.back]), np.array([1.0, 0]), np.array([0, -1.0]), room.left, room.right),
        Wall("left", np.array([room.left, 0]), np.array([0, 1.0]), np.array([1.0, 0]), near, room.back),
        Wall("right", np.array([room.right, 0]), np.array([0, -1.0]), np.array([-1.0, 0]), -room.back, -near),
    )


@dataclass(frozen=True)
class Opening:
    """A stretch of wall that people walk through or look out of down to the floor.

    `kind` is door (two jambs), glazed (bright) or passage; `confidence` 0 to 1.
    """

    start: float
    end: float
    kind: Literal["door", "passage", "glazed"] = "door"
    confidence: float = 0.5


@dataclass(frozen=True)
class WindowOnWall:
    """A rectangle of wall, in metres along it and over the floor, that is no wall and lets light in.

    `lightness` is how much brighter it is than the wall, in 8-bit Lab; `confidence` 0 to 1.
    """

    start: float
    end: float
    low: float
    high: float
    lightness: float
    confidence: float


@dataclass(frozen=True)
class WallSurvey:
    """A wall in cells of CELL_M: `plain` and `seen` by (height, position)."""

    wall: Wall
    plain: Bools
    seen: Bools
    openings: tuple[Opening, ...]
    windows: tuple[WindowOnWall, ...] = ()

    def clear(self, start: float, end: float, low: float, high: float) -> float:
        """Share of the visible cells in a rectangle of wall that are plain; 1 when none is visible."""
        columns = slice(max(0, int((start - self.wall.start) / CELL_M)), max(0, int((end - self.wall.start) / CELL_M)))
        rows = slice(int(low / CELL_M), int(high / CELL_M))
        seen = self.seen[rows, columns]
        return float(self.plain[rows, columns][seen].mean()) if seen.sum() > 8 else 1.0

    def seen_share(self, start: float, end: float, low: float, high: float) -> float:
        columns = slice(max(0, int((start - self.wall.start) / CELL_M)), max(0, int((end - self.wall.start) / CELL_M)))
        cells = self.seen[int(low / CELL_M) : int(high / CELL_M), columns]
        return float(cells.mean()) if cells.size else 0.0


def _local_deviation(grey: Bytes) -> Array:
    value = grey.astype(np.float32)
    mean = cv2.blur(value, (9, 9))
    return np.sqrt(np.maximum(cv2.blur(value * value, (9, 9)) - mean * mean, 0))


def _cells(wall: Wall, height: float) -> tuple[Floats, Floats]:
    u = np.arange(wall.start + CELL_M / 2, wall.end, CELL_M)
    z = np.arange(CELL_M / 2, height, CELL_M)
    return u, z


def _runs(flags: Bools) -> list[tuple[int, int]]:
    edge = np.flatnonzero(np.diff(np.r_[0, flags.astype(np.int8), 0]))
    return [(int(a), int(b)) for a, b in edge.reshape(-1, 2)]


def _reaching_down(plain: Bools, seen: Bools, lighter: Array, start: float) -> list[Opening]:
    """Stretches that are not plain from knee to hip height: glass doors, open doorways, passages."""
    rows = slice(int(0.2 / CELL_M), int(0.8 / CELL_M))
    visible = seen[rows].sum(0)
    share = (plain[rows] & seen[rows]).sum(0) / np.maximum(visible, 1)
    blocked = ((visible > 3) & (share < 0.55)).astype(np.uint8)[None]
    closed = cv2.morphologyEx(blocked, cv2.MORPH_CLOSE, np.ones((1, 9), np.uint8))[0] > 0
    found = []
    for a, b in _runs(closed):
        cells = seen[rows, a:b]
        bright = float((lighter[rows, a:b][cells] > BRIGHT_PANE).mean()) if cells.any() else 0.0
        kind: Literal["glazed", "passage"] = "glazed" if bright > 0.4 else "passage"
        found.append(Opening(start + a * CELL_M, start + b * CELL_M, kind, float(np.mean(1 - share[a:b]))))
    return [o for o in found if o.end - o.start >= NARROWEST_OPENING_M]


def _windows(plain: Bools, seen: Bools, lighter: Array, start: float) -> tuple[WindowOnWall, ...]:
    """Rectangles of panes: bright over the wall around them, or a view, crossed by frames and mullions."""
    odd = (~plain & seen).astype(np.uint8)
    closed = np.asarray(cv2.morphologyEx(odd, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)), np.uint8)
    opened = np.asarray(cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), np.uint8)
    count, label, stats, _ = cv2.connectedComponentsWithStats(opened, connectivity=4)
    found = []
    for i in range(1, count):
        u, z, width, height, area = (int(v) for v in stats[i])
        inside = (label == i) & seen
        window = WindowOnWall(
            start=start + u * CELL_M,
            end=start + (u + width) * CELL_M,
            low=z * CELL_M,
            high=(z + height) * CELL_M,
            lightness=float(np.percentile(lighter[inside], 75)) if inside.any() else 0.0,
            confidence=_window_confidence(lighter[inside], area / (width * height)),
        )
        if _is_window(window, area / (width * height)):
            found.append(window)
    return tuple(found)


def _window_confidence(lighter: Array, filled: float) -> float:
    bright = float((lighter > BRIGHT_PANE).mean()) if lighter.size else 0.0
    return float(np.clip(0.15 + 0.65 * bright + 0.2 * filled, 0, 1))


def _is_window(window: WindowOnWall, filled: float) -> bool:
    large = min(window.end - window.start, window.high - window.low) >= SMALLEST_WINDOW_M
    placed = LOWEST_WINDOW_M <= window.low <= HIGHEST_SILL_M and window.high > 1.2
    return large and placed and filled >= FILLED_WINDOW and window.lightness > BRIGHT_PANE


def _cast(room: Room, wall: Wall, pixels: Floats) -> tuple[Floats, Floats]:
    """Positions along a wall and heights of pixels cast on it; not finite where the ray does not meet it."""
    rays = room.camera.rays(pixels)
    facing = rays[:, :2] @ wall.inward
    reach = (wall.origin @ wall.inward) / np.where(np.abs(facing) < 1e-6, -1e-6, facing)
    u = (rays[:, :2] * reach[:, None] - wall.origin) @ wall.along
    return np.where(reach > 0, u, np.nan), room.camera_height + rays[:, 2] * reach


def _uprights(fit: CameraFit, room: Room, wall: Wall) -> list[tuple[float, float, float]]:
    """Upright segments cast on a wall: position, lower and upper end."""
    found = []
    for x0, y0, x1, y1 in fit.segments[fit.axis == 2]:
        along, z = _cast(room, wall, np.array([[x0, y0], [x1, y1]]))
        u = float(along.mean())
        if wall.start < u < wall.end:  # false where it is not a number
            found.append((u, float(z.min()), float(z.max())))
    return sorted(found)


def _covered(pieces: list[tuple[float, float, float]], top: float = 1.9) -> float:
    """Share of the height from the skirting to `top`, of a door as a rule, that segments cover."""
    heights = np.arange(0.2, top, 0.05)
    return float(np.mean([any(low <= z <= high for _, low, high in pieces) for z in heights]))


@dataclass(frozen=True)
class _Jamb:
    """Where upright segments add up: the share of a door's height, and of the part below a window's sill."""

    at: float
    share: float
    low: float


def _jambs(fit: CameraFit, room: Room, wall: Wall) -> list[_Jamb]:
    """Positions along a wall, off its corners, that could be the side of a door."""
    uprights = [p for p in _uprights(fit, room, wall) if min(p[0] - wall.start, wall.end - p[0]) > CORNER_M]
    found: list[_Jamb] = []
    for u, _, _ in uprights:
        pieces = [piece for piece in uprights if abs(piece[0] - u) < JAMB_WIDTH_M]
        share = _covered(pieces)
        if share > FAINT_JAMB and (not found or u - found[-1].at > JAMB_WIDTH_M):
            found.append(_Jamb(u, share, _covered(pieces, LOW_M)))
    return found


def _lintel(fit: CameraFit, room: Room, wall: Wall, a: float, b: float) -> float:
    """Share of the way from one jamb to the other that level segments cover at a door's height."""
    level = fit.segments[fit.axis == (0 if wall.name == "back" else 1)]
    steps = np.linspace(a, b, 24)
    covered = np.zeros(len(steps), np.bool_)
    for x0, y0, x1, y1 in level:
        u, z = _cast(room, wall, np.array([[x0, y0], [x1, y1]]))
        if np.isfinite(u).all() and LINTEL_M[0] < z.mean() < LINTEL_M[1]:
            covered |= (steps > u.min() - 0.03) & (steps < u.max() + 0.03)
    return float(covered.mean())


def _doors(fit: CameraFit, room: Room, wall: Wall, jambs: list[_Jamb]) -> list[Opening]:
    """Two jambs a door's width apart: one of them plain to see, or both faint, near the floor too, under a lintel.

    A door may be as white as its wall.
    """
    low, high = DOOR_WIDTHS_M
    found = []
    for i, one in enumerate(jambs):
        for other in jambs[i + 1 :]:
            if not low <= other.at - one.at <= high:
                continue
            lintel = _lintel(fit, room, wall, one.at, other.at)
            framed = lintel > 0.5 and min(one.low, other.low) > LOW_JAMB
            if max(one.share, other.share) > CLEAR_JAMB or framed:
                sure = float(np.clip(0.25 * (one.share + other.share) + 0.5 * lintel, 0, 1))
                found.append(Opening(one.at, other.at, "door", sure))
    return found


def _merged(openings: list[Opening]) -> tuple[Opening, ...]:
    """Openings that touch, as one: of the surer one's kind."""
    merged: list[Opening] = []
    for opening in sorted(openings, key=lambda o: o.start):
        if merged and opening.start <= merged[-1].end + 0.1:
            last = merged[-1]
            surer = max(last, opening, key=lambda o: o.confidence)
            merged[-1] = replace(surer, start=last.start, end=max(last.end, opening.end))
        else:
            merged.append(opening)
    return tuple(merged)


def survey(rgb: Bytes, fit: CameraFit, room: Room, wall: Wall) -> WallSurvey:
    """Read one wall from the photo that the camera was fitted to."""
    u, z = _cells(wall, min(room.height, 2.7))
    grid_u, grid_z = np.meshgrid(u, z)
    points = np.c_[wall.origin + grid_u.reshape(-1, 1) * wall.along, grid_z.ravel()]
    seen = room.visible(points)
    pixels, _ = room.project(points)
    x, y = np.clip(pixels, 0, [rgb.shape[1] - 1, rgb.shape[0] - 1]).astype(int).T
    lab = cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB)[y, x].astype(np.float32)
    rough = _local_deviation(np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.uint8))[y, x]
    typical = np.median(lab[seen], 0) if seen.sum() > 20 else np.array([200, 128, 128], np.float32)
    off = np.abs(lab - typical)
    plain = (rough < PLAIN_DEVIATION) & (off[:, 1:].max(1) < PLAIN_CHROMA) & (off[:, 0] < PLAIN_LIGHTNESS)
    plain_cells, seen_cells = plain.reshape(grid_u.shape), seen.reshape(grid_u.shape)
    lighter = (lab[:, 0] - typical[0]).reshape(grid_u.shape)
    openings = _reaching_down(plain_cells, seen_cells, lighter, wall.start)
    openings += _doors(fit, room, wall, _jambs(fit, room, wall))
    windows = _windows(plain_cells, seen_cells, lighter, wall.start)
    return WallSurvey(wall, plain_cells, seen_cells, _merged(openings), windows)


def survey_all(rgb: Bytes, fit: CameraFit, room: Room) -> tuple[WallSurvey, ...]:
    return tuple(survey(rgb, fit, room, wall) for wall in walls_of(room) if wall.end - wall.start > 2 * CELL_M)
