"""Triangle meshes by material, built from a few primitives.

Local metres: a piece stands on z 0, its front looks along -y, its width lies along x.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from functions.inference.vision.arrays import Floats

Faces = NDArray[np.int64]


@dataclass(frozen=True)
class Part:
    """A surface of one material; `normals` are per vertex, `uv` in metres or 0 to 1 as the material's texture asks."""

    material: str
    vertices: Floats
    faces: Faces
    uv: Floats
    normals: Floats

    def moved(self, turn: Floats, offset: Floats) -> "Part":
        return Part(self.material, self.vertices @ turn.T + offset, self.faces, self.uv, self.normals @ turn.T)

    def of(self, material: str) -> "Part":
        return Part(material, self.vertices, self.faces, self.uv, self.normals)


def turn_x(angle: float) -> Floats:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[1, 0, 0], [0, c, -s], [0, s, c]])


def turn_y(angle: float) -> Floats:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])


def turn_z(angle: float) -> Floats:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])


def vertex_normals(vertices: Floats, faces: Faces) -> Floats:
    """Area-weighted."""
    corner = vertices[faces]
    face = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    total = np.stack(
        [np.bincount(faces.ravel(), np.repeat(face[:, k], 3), minlength=len(vertices)) for k in range(3)], 1
    )
    return np.asarray(total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-12), np.float64)


def box_uv(vertices: Floats, normals: Floats) -> Floats:
    """Metres along the two axes that the surface faces least."""
    facing = np.abs(normals).argmax(1)[:, None]
    x, y, z = vertices[:, [0]], vertices[:, [1]], vertices[:, [2]]
    return np.where(facing == 0, np.c_[y, z], np.where(facing == 1, np.c_[x, z], np.c_[x, y]))


@lru_cache(maxsize=256)
def grid_faces(rows: int, columns: int, flip: bool = False) -> Faces:
    """Triangles over a grid of points, two per cell; read-only."""
    p = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)).ravel()
    faces = np.concatenate(
        [np.stack([p, p + columns, p + 1], 1), np.stack([p + 1, p + columns, p + columns + 1], 1)]
    ).astype(np.int64)
    if flip:
        faces = np.ascontiguousarray(faces[:, ::-1])
    faces.flags.writeable = False
    return faces


@dataclass(frozen=True)
class Cushioning:
    """How a box departs from straight: `bulge` and `wrinkle` in metres, `seed` of the wrinkles."""

    bulge: float = 0.0
    wrinkle: float = 0.0
    seed: int = 0

    @property
    def soft(self) -> bool:
        return self.bulge > 0 or self.wrinkle > 0


HARD = Cushioning()


class Mesh:
    """Parts under construction; the primitives add to it and return it."""

    def __init__(self, parts: Iterable[Part] = ()) -> None:
        self.parts = list(parts)

    @property
    def triangles(self) -> int:
        return sum(len(part.faces) for part in self.parts)

    def bounds(self) -> tuple[Floats, Floats]:
        """Lowest and highest corner."""
        low = np.min([part.vertices.min(0) for part in self.parts], axis=0)
        high = np.max([part.vertices.max(0) for part in self.parts], axis=0)
        return low, high

    def add(
        self,
        material: str,
        vertices: ArrayLike,
        faces: ArrayLike,
        uv: Floats | None = None,
        normals: Floats | None = None,
    ) -> "Mesh":
        v, f = np.asarray(vertices, float), np.asarray(faces, np.int64)
        n = vertex_normals(v, f) if normals is None else normals
        self.parts.append(Part(material, v, f, box_uv(v, n) if uv is None else uv, n))
        return self

    def put(self, other: "Mesh", at: Sequence[float] = (0, 0, 0), turn: float = 0.0) -> "Mesh":
        rotation, offset = turn_z(turn), np.asarray(at, float)
        self.parts.extend(part.moved(rotation, offset) for part in other.parts)
        return self

    def recoloured(self, material: str, new: str) -> "Mesh":
        return Mesh(part.of(new) if part.material == material else part for part in self.parts)

    def box(
        self,
        material: str,
        centre: Sequence[float] | Floats,
        size: Sequence[float],
        radius: float = 0.004,
        soft: Cushioning = HARD,
        turn: Floats | None = None,
    ) -> "Mesh":
        """A box with rounded edges, upholstered when `soft` says so; the texture's first axis runs along its length."""
        half = np.asarray(size, float) / 2
        radius = min(radius, float(half.min()) * 0.98)
        axes = [_box_axis(half[k], radius, soft.soft) for k in range(3)]
        sides = [_box_side(axes, half, radius, k, sign) for k in range(3) for sign in (-1, 1)]
        vertices, normals, uv, faces = _joined(sides)
        if soft.soft:
            vertices = _cushioned(vertices, normals, half, soft)
            normals = vertex_normals(vertices, faces)
        if turn is not None:
            vertices, normals = vertices @ turn.T, normals @ turn.T
        return self.add(material, vertices + np.asarray(centre), faces, uv, normals)

    def lathe(self, material: str, profile: ArrayLike, at: Sequence[float] = (0, 0, 0), sides: int = 40) -> "Mesh":
        """A profile of (radius, height) pairs, from bottom to top, turned around z; sharp corners stay sharp."""
        outline = np.asarray(profile, float)
        around = np.linspace(0, 2 * np.pi, sides + 1)
        pieces = [_turned(run, around) for run in _smooth_runs(outline)]
        vertices, normals, uv, faces = _joined(pieces)
        return self.add(material, vertices + np.asarray(at), faces, uv, normals)

    def rod(
        self,
        material: str,
        start: Sequence[float] | Floats,
        end: Sequence[float] | Floats,
        radius: float,
        end_radius: float | None = None,
        sides: int = 16,
    ) -> "Mesh":
        """A capped, tapered cylinder; the texture's first axis runs along it."""
        a, b = np.asarray(start, float), np.asarray(end, float)
        ring = _ring(b - a, sides)
        last = radius if end_radius is None else end_radius
        mantle = np.r_[a + ring * radius, b + ring * last]
        around = np.linspace(0, 2 * np.pi * radius, sides + 1)
        uv = np.c_[np.repeat([0.0, float(np.linalg.norm(b - a))], sides + 1), np.tile(around, 2)]
        spokes = np.arange(1, sides + 1)
        fan = np.c_[np.zeros(sides, np.int64), spokes, spokes + 1]
        axis = (b - a) / max(float(np.linalg.norm(b - a)), 1e-9)
        caps = [
            (np.r_[[end_], end_ + ring * r], np.tile(sign * axis, (sides + 2, 1)), np.r_[[[0, 0]], ring[:, :2] * r], f)
            for end_, r, sign, f in ((a, radius, -1, fan[:, ::-1]), (b, last, 1, fan))
        ]
        vertices, normals, flat, faces = _joined([(mantle, np.tile(ring, (2, 1)), uv, _mantle(2, sides)), *caps])
        return self.add(material, vertices, faces, flat, normals)

    def loft(self, material: str, sections: Floats, soft: float = 0.0, seed: int = 0) -> "Mesh":
        """A closed skin over cross-sections (n x m x 3, each a ring of m points), its ends capped.

        `soft` is the depth of random wrinkles in metres.
        """
        n, m = sections.shape[:2]
        rings = np.concatenate([sections, sections[:, :1]], 1)
        points = rings.reshape(-1, 3)
        faces = grid_faces(n, m + 1)
        along = np.r_[0, np.cumsum(np.linalg.norm(np.diff(sections.mean(1), axis=0), axis=1))]
        around = np.r_[0, np.cumsum(np.linalg.norm(np.diff(rings[n // 2], axis=0), axis=1))]
        uv = np.stack(np.meshgrid(along, around, indexing="ij"), -1).reshape(-1, 2)
        if _volume(points, faces) < 0:
            faces = faces[:, ::-1]
        normals = _seamless(vertex_normals(points, faces), n, m + 1)
        if soft:
            points = points + normals * (soft * wrinkles(points, seed))[:, None]
            normals = _seamless(vertex_normals(points, faces), n, m + 1)
        self.add(material, points, faces, uv, normals)
        for ring in (sections[0], sections[-1]):
            self._cap(material, ring, points.mean(0))
        return self

    def _cap(self, material: str, ring: Floats, inside: Floats) -> None:
        """A fan over a ring of points, facing away from `inside`."""
        middle, m = ring.mean(0), len(ring)
        spokes = np.arange(m)
        faces = np.c_[np.full(m, m), spokes, (spokes + 1) % m]
        points = np.r_[ring, [middle]]
        normal = vertex_normals(points, faces)[m]
        if normal @ (middle - inside) < 0:
            faces, normal = faces[:, ::-1], -normal
        self.add(material, points, faces, None, np.tile(normal, (m + 1, 1)))

    def prism(
        self, material: str, outline: Floats, bottom: float, top: float, radius: float = 0.006, bulge: float = 0.0
    ) -> "Mesh":
        """A level plate: an outline (n x 2, anticlockwise, around the origin) raised from `bottom` to `top`.

        Its edges are rounded; `bulge` lifts the middle of its top like a cushion's.
        """
        radius = min(radius, (top - bottom) / 2)
        turn = np.linspace(0, np.pi / 2, 5)
        inset, rise = radius * (1 - np.sin(turn)), radius * (1 - np.cos(turn))
        levels = np.r_[np.c_[inset, bottom + rise], np.c_[inset[::-1], top - rise[::-1]]]
        shrink = np.linspace(1, 0, 7)[1:]
        size = float(np.linalg.norm(outline, axis=1).mean())
        sections = [_inset(outline, size, a, z) for a, z in levels]
        crown = [_inset(outline * k, size, radius * k, top + bulge * (1 - k**2)) for k in shrink]
        base = _inset(outline * 1e-3, size, 0, bottom)
        rings = np.stack([base, *sections, *crown])
        return self._skin(material, rings)

    def _skin(self, material: str, rings: Floats) -> "Mesh":
        """A skin over the rings of `prism`, bottom and top textured from above, the rim up and around."""
        n, m = rings.shape[:2]
        closed = np.concatenate([rings, rings[:, :1]], 1)
        flip = _volume(closed.reshape(-1, 3), grid_faces(n, m + 1)) < 0
        normals = _seamless(vertex_normals(closed.reshape(-1, 3), grid_faces(n, m + 1, flip)), n, m + 1)
        around = np.r_[0, np.cumsum(np.linalg.norm(np.diff(closed[n // 3], axis=0), axis=1))]
        strips = []
        for rows, level in ((slice(0, 4), True), (slice(3, 9), False), (slice(8, n), True)):
            points = closed[rows].reshape(-1, 3)
            uv = points[:, :2] if level else np.c_[points[:, 2], np.tile(around, len(closed[rows]))]
            facing = normals.reshape(n, m + 1, 3)[rows].reshape(-1, 3)
            strips.append((points, facing, uv, grid_faces(len(closed[rows]), m + 1, flip)))
        vertices, facing, uv, faces = _joined(strips)
        return self.add(material, vertices, faces, uv, facing)

    def tube(self, material: str, path: Floats, radius: float, sides: int = 6, closed: bool = False) -> "Mesh":
        """A round cord along a path of points: piping, cables, handles."""
        points = np.r_[path, path[:1]] if closed else path
        normals = _rings(np.gradient(points, axis=0), sides)
        along = np.r_[0, np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))]
        uv = np.c_[np.repeat(along, sides + 1), np.tile(np.linspace(0, 2 * np.pi * radius, sides + 1), len(points))]
        vertices = (points[:, None] + normals * radius).reshape(-1, 3)
        return self.add(material, vertices, _mantle(len(points), sides), uv, normals.reshape(-1, 3))

    def quad(self, material: str, corners: ArrayLike) -> "Mesh":
        """A flat rectangle, its texture 0 to 1 from the first corner."""
        uv = np.array([[0, 0], [1, 0], [1, 1], [0, 1.0]])
        return self.add(material, corners, [[0, 1, 2], [0, 2, 3]], uv)


Piece = tuple[Floats, Floats, Floats, Faces]  # vertices, normals, texture coordinates, faces


def _joined(pieces: Sequence[Piece]) -> Piece:
    offsets = np.cumsum([0] + [len(p[0]) for p in pieces[:-1]])
    vertices, normals, uv = (np.concatenate([p[k] for p in pieces]) for k in range(3))
    return vertices, normals, uv, np.concatenate([p[3] + o for p, o in zip(pieces, offsets, strict=True)])


def _mantle(rows: int, sides: int) -> Faces:
    return grid_faces(rows, sides + 1, True)


def _rings(directions: Floats, sides: int) -> Floats:
    """Unit circles (n x sides + 1 x 3) square to directions (n x 3)."""
    d = directions / np.maximum(np.linalg.norm(directions, axis=1, keepdims=True), 1e-9)
    helper = np.where(np.abs(d[:, [2]]) < 0.9, [[0, 0, 1.0]], [[1.0, 0, 0]])
    u = np.cross(d, helper)
    u /= np.linalg.norm(u, axis=1, keepdims=True)
    around = np.linspace(0, 2 * np.pi, sides + 1)[:, None]
    return np.asarray(np.cos(around) * u[:, None] + np.sin(around) * np.cross(d, u)[:, None], np.float64)


def _ring(direction: Floats, sides: int) -> Floats:
    return np.asarray(_rings(direction[None], sides)[0], np.float64)


CREASE = np.cos(np.radians(40))  # corners of a profile sharper than this stay sharp


def _smooth_runs(outline: Floats) -> list[Floats]:
    """A profile cut at its sharp corners."""
    steps = np.diff(outline, axis=0)
    steps = steps / np.maximum(np.linalg.norm(steps, axis=1, keepdims=True), 1e-9)
    sharp = np.flatnonzero((steps[1:] * steps[:-1]).sum(1) < CREASE) + 1
    ends = [0, *sharp.tolist(), len(outline) - 1]
    return [outline[a : b + 1] for a, b in pairwise(ends)]


def _turned(run: Floats, around: Floats) -> Piece:
    """A smooth run of a profile turned around z."""
    radius, rows = run[:, :1], len(run)
    unit = np.stack([np.cos(around), np.sin(around), np.zeros_like(around)], -1)
    vertices = (radius[..., None] * unit + np.r_[0, 0, 1] * run[:, 1, None, None]).reshape(-1, 3)
    slope = np.gradient(run, axis=0) if rows > 2 else np.repeat(np.diff(run, axis=0), 2, 0)
    slope = slope / np.maximum(np.linalg.norm(slope, axis=1, keepdims=True), 1e-9)
    normals = (slope[:, 1, None, None] * unit - np.r_[0, 0, 1] * slope[:, 0, None, None]).reshape(-1, 3)
    flat = abs(run[-1, 1] - run[0, 1]) < abs(run[-1, 0] - run[0, 0])
    along = np.repeat(np.r_[0, np.cumsum(np.linalg.norm(np.diff(run, axis=0), axis=1))], len(around))
    uv = vertices[:, :2] if flat else np.c_[along, np.tile(around * float(radius.mean()), rows)]
    return vertices, normals, uv, grid_faces(rows, len(around), True)


def _seamless(normals: Floats, rows: int, columns: int) -> Floats:
    """Normals of a grid whose last column repeats its first."""
    grid = normals.reshape(rows, columns, 3)
    both = grid[:, 0] + grid[:, -1]
    both /= np.maximum(np.linalg.norm(both, axis=1, keepdims=True), 1e-9)
    grid[:, 0] = grid[:, -1] = both
    return np.asarray(grid.reshape(-1, 3), np.float64)


def _volume(vertices: Floats, faces: Faces) -> float:
    """Six times the signed volume, measured from the middle."""
    a, b, c = (vertices[faces[:, k]] - vertices.mean(0) for k in range(3))
    return float((a * np.cross(b, c)).sum())


def _inset(outline: Floats, size: float, by: float, z: float) -> Floats:
    return np.asarray(np.c_[outline * max(0.0, 1 - by / size), np.full(len(outline), z)], np.float64)


_FINE_BEND, _COARSE_BEND = (np.tan(np.linspace(0, np.pi / 2, n) - np.pi / 4) * 0.5 + 0.5 for n in (5, 3))


def _box_axis(half: float, radius: float, soft: bool) -> Floats:
    inner = min(18, max(3, int(2 * half / 0.06))) if soft else 1
    bend = _FINE_BEND if soft or radius > 0.02 else _COARSE_BEND
    flat = np.linspace(-half + radius, half - radius, inner + 1)
    return np.unique(np.r_[-half + radius * bend, flat, half - radius * bend[::-1]].round(6))


def _box_side(
    axes: list[Floats], half: Floats, radius: float, k: int, sign: int
) -> tuple[Floats, Floats, Floats, Faces]:
    across = [i for i in range(3) if i != k]
    first, second = axes[across[0]], axes[across[1]]
    grid: Floats = np.empty((len(first), len(second), 3))
    grid[..., across[0]], grid[..., across[1]], grid[..., k] = first[:, None], second, sign * half[k]
    surface = grid.reshape(-1, 3)
    core = np.clip(surface, -(half - radius), half - radius)
    away = surface - core
    normals = away / np.maximum(np.sqrt((away * away).sum(1, keepdims=True)), 1e-9)
    vertices = core + normals * radius
    faces = grid_faces(len(axes[across[0]]), len(axes[across[1]]), not ((sign > 0) ^ (k == 1)))
    grain = across if half[across[0]] >= half[across[1]] else across[::-1]
    return vertices, normals, vertices[:, grain], faces


def _cushioned(vertices: Floats, normals: Floats, half: Floats, soft: Cushioning) -> Floats:
    q = vertices / half
    flat = 1 - np.clip(np.abs(q), 0, 1) ** 2.5
    swell = np.sign(q) * np.abs(q) ** 3 * np.array([0.5, 0.6, 1.0]) * soft.bulge
    vertices = vertices + swell * flat[:, [1, 0, 0]] * flat[:, [2, 2, 1]]
    return vertices + normals * (soft.wrinkle * wrinkles(vertices, soft.seed))[:, None]


def wrinkles(points: Floats, seed: int) -> Floats:
    """Low-frequency noise of about unit size over points in space."""
    rng = np.random.default_rng(seed)
    total = np.zeros(len(points))
    for _ in range(7):
        wave = rng.normal(0, 1, 3) * rng.uniform(8, 26)
        total += np.sin(points @ wave + rng.uniform(0, 6)) * 4 / (4 + np.linalg.norm(wave) / 6)
    return total / 3


def rounded_rectangle(width: float, depth: float, radius: float, z: float, corner: int = 5) -> Floats:
    """Points around a level rectangle with rounded corners, centred."""
    quarter = np.linspace(0, np.pi / 2, corner)
    out = []
    for k, (sx, sy) in enumerate(((1, 1), (-1, 1), (-1, -1), (1, -1))):
        angle = quarter + k * np.pi / 2
        centre = np.array([sx * (width / 2 - radius), sy * (depth / 2 - radius)])
        arc = centre + radius * np.c_[np.cos(angle), np.sin(angle)]
        out.append(np.c_[arc, np.full(corner, z)])
    return np.concatenate(out)
