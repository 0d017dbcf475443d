"""What the walls of a room carry: plain stretches, windows, and openings that reach the floor and must stay free."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from functions.inference.engines.render.camera import CameraFit, Floats
from functions.inference.engines.render.colour import Bytes
from functions.inference.engines.render.room import Room

CELL_M = 0.06
PLAIN_DEVIATION = 7.0  # grey levels within 9 x 9 pixels: above it, something is on the wall
PLAIN_CHROMA, PLAIN_LIGHTNESS = 9.0, 45.0  # from the wall's median, 8-bit Lab
NARROWEST_OPENING_M = 0.5
DOOR_WIDTHS_M = (0.65, 1.15)
JAMB_WIDTH_M, CORNER_M = 0.09, 0.1
FAINT_JAMB, CLEAR_JAMB = 0.22, 0.65  # share of a door's height


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
    """A stretch of wall that people walk through or look out of down to the floor."""

    start: float
    end: float


@dataclass(frozen=True)
class WallSurvey:
    """A wall in cells of CELL_M: `plain` and `seen` by (height, position)."""

    wall: Wall
    plain: NDArray[np.bool_]
    seen: NDArray[np.bool_]
    openings: tuple[Opening, ...]

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


def _local_deviation(grey: Bytes) -> NDArray[np.float32]:
    value = grey.astype(np.float32)
    mean = cv2.blur(value, (9, 9))
    return np.sqrt(np.maximum(cv2.blur(value * value, (9, 9)) - mean * mean, 0))


def _cells(wall: Wall, height: float) -> tuple[Floats, Floats]:
    u = np.arange(wall.start + CELL_M / 2, wall.end, CELL_M)
    z = np.arange(CELL_M / 2, height, CELL_M)
    return u, z


def _runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edge = np.flatnonzero(np.diff(np.r_[0, flags.astype(np.int8), 0]))
    return [(int(a), int(b)) for a, b in edge.reshape(-1, 2)]


def _glazed(plain: NDArray[np.bool_], seen: NDArray[np.bool_], start: float) -> list[Opening]:
    """Stretches that are not plain from knee to hip height: glass doors, open doorways, passages."""
    rows = slice(int(0.2 / CELL_M), int(0.8 / CELL_M))
    visible = seen[rows].sum(0)
    share = (plain[rows] & seen[rows]).sum(0) / np.maximum(visible, 1)
    blocked = ((visible > 3) & (share < 0.55)).astype(np.uint8)[None]
    closed = cv2.morphologyEx(blocked, cv2.MORPH_CLOSE, np.ones((1, 9), np.uint8))[0] > 0
    found = [Opening(start + a * CELL_M, start + b * CELL_M) for a, b in _runs(closed)]
    return [o for o in found if o.end - o.start >= NARROWEST_OPENING_M]


def _uprights(fit: CameraFit, room: Room, wall: Wall) -> list[tuple[float, float, float]]:
    """Upright segments cast on a wall: position, lower and upper end."""
    found = []
    for x0, y0, x1, y1 in fit.segments[fit.axis == 2]:
        ends = room.camera.rays(np.array([[x0, y0], [x1, y1]]))
        facing = ends[:, :2] @ wall.inward
        reach = (wall.origin @ wall.inward) / np.where(np.abs(facing) < 1e-6, -1e-6, facing)
        z = room.camera_height + ends[:, 2] * reach
        u = float(((ends[:, :2] * reach[:, None] - wall.origin) @ wall.along).mean())
        if (reach > 0).all() and wall.start < u < wall.end:
            found.append((u, float(z.min()), float(z.max())))
    return sorted(found)


def _covered(pieces: list[tuple[float, float, float]]) -> float:
    """Share of the height of a door that segments cover."""
    heights = np.arange(0.2, 1.9, 0.05)
    return float(np.mean([any(low <= z <= high for _, low, high in pieces) for z in heights]))


def _jambs(fit: CameraFit, room: Room, wall: Wall) -> list[tuple[float, float]]:
    """Positions along a wall, off its corners, where upright segments add up, and the share of a door's height."""
    uprights = [p for p in _uprights(fit, room, wall) if min(p[0] - wall.start, wall.end - p[0]) > CORNER_M]
    found: list[tuple[float, float]] = []
    for u, _, _ in uprights:
        share = _covered([piece for piece in uprights if abs(piece[0] - u) < JAMB_WIDTH_M])
        if share > FAINT_JAMB and (not found or u - found[-1][0] > JAMB_WIDTH_M):
            found.append((u, share))
    return found


def _doors(jambs: list[tuple[float, float]]) -> list[Opening]:
    """Two jambs a door's width apart, one of them plain to see: a door may be as white as its wall."""
    low, high = DOOR_WIDTHS_M
    return [
        Opening(a, b)
        for i, (a, one) in enumerate(jambs)
        for b, other in jambs[i + 1 :]
        if low <= b - a <= high and max(one, other) > CLEAR_JAMB
    ]


def _merged(openings: list[Opening]) -> tuple[Opening, ...]:
    merged: list[Opening] = []
    for opening in sorted(openings, key=lambda o: o.start):
        if merged and opening.start <= merged[-1].end + 0.1:
            merged[-1] = Opening(merged[-1].start, max(merged[-1].end, opening.end))
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
    openings = _glazed(plain_cells, seen_cells, wall.start) + _doors(_jambs(fit, room, wall))
    return WallSurvey(wall, plain_cells, seen_cells, _merged(openings))


def survey_all(rgb: Bytes, fit: CameraFit, room: Room) -> tuple[WallSurvey, ...]:
    return tuple(survey(rgb, fit, room, wall) for wall in walls_of(room) if wall.end - wall.start > 2 * CELL_M)
