"""Triangle meshes by material, built from a few primitives.

Local metres: a piece stands on z 0, its front looks along -y, its width lies along x.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
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


def grid_faces(rows: int, columns: int, flip: bool = False) -> Faces:
    i, j = np.mgrid[0 : rows - 1, 0 : columns - 1]
    p = (i * columns + j).ravel()
    faces = np.r_[np.c_[p, p + columns, p + 1], np.c_[p + 1, p + columns, p + columns + 1]]
    return np.asarray(faces[:, ::-1] if flip else faces, np.int64)


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
        centre: Sequence[float],
        size: Sequence[float],
        radius: float = 0.004,
        soft: Cushioning = HARD,
        turn: Floats | None = None,
    ) -> "Mesh":
        """A box with rounded edges, upholstered when `soft` says so."""
        half = np.asarray(size, float) / 2
        radius = min(radius, float(half.min()) * 0.98)
        axes = [_box_axis(half[k], radius, soft.soft) for k in range(3)]
        for k in range(3):
            for sign in (-1, 1):
                vertices, normals, uv, faces = _box_side(axes, half, radius, k, sign)
                if soft.soft:
                    vertices = _cushioned(vertices, normals, half, soft)
                if turn is not None:
                    vertices, normals = vertices @ turn.T, normals @ turn.T
                self.add(material, vertices + np.asarray(centre), faces, uv, None if soft.soft else normals)
        return self

    def lathe(self, material: str, profile: ArrayLike, at: Sequence[float] = (0, 0, 0), sides: int = 40) -> "Mesh":
        """A profile of (radius, height) pairs, from bottom to top, turned around z."""
        outline = np.asarray(profile, float)
        around = np.linspace(0, 2 * np.pi, sides + 1)
        radius, height = outline[:, :1], np.repeat(outline[:, 1:2], sides + 1, 1)
        vertices = np.stack([radius * np.cos(around), radius * np.sin(around), height], -1).reshape(-1, 3)
        return self.add(material, vertices + np.asarray(at), grid_faces(len(outline), sides + 1, True))

    def rod(
        self,
        material: str,
        start: Sequence[float],
        end: Sequence[float],
        radius: float,
        end_radius: float | None = None,
        sides: int = 16,
    ) -> "Mesh":
        """A capped, tapered cylinder."""
        a, b = np.asarray(start, float), np.asarray(end, float)
        ring = _ring(b - a, sides)
        last = radius if end_radius is None else end_radius
        self.add(material, np.r_[a + ring * radius, b + ring * last], grid_faces(2, sides + 1, True))
        spokes = np.arange(1, sides + 1)
        fan = np.c_[np.zeros(sides, np.int64), spokes, spokes + 1]
        self.add(material, np.r_[[a], a + ring * radius], fan[:, ::-1])
        return self.add(material, np.r_[[b], b + ring * last], fan)

    def tube(self, material: str, path: Floats, radius: float, sides: int = 6, closed: bool = False) -> "Mesh":
        """A round cord along a path of points: piping, cables, handles."""
        points = np.r_[path, path[:1]] if closed else path
        rings = [p + _ring(d, sides) * radius for p, d in zip(points, np.gradient(points, axis=0), strict=True)]
        return self.add(material, np.concatenate(rings), grid_faces(len(points), sides + 1, True))

    def quad(self, material: str, corners: ArrayLike) -> "Mesh":
        """A flat rectangle, its texture 0 to 1 from the first corner."""
        uv = np.array([[0, 0], [1, 0], [1, 1], [0, 1.0]])
        return self.add(material, corners, [[0, 1, 2], [0, 2, 3]], uv)


def _ring(direction: Floats, sides: int) -> Floats:
    d = direction / max(float(np.linalg.norm(direction)), 1e-9)
    helper = np.array([0, 0, 1.0]) if abs(d[2]) < 0.9 else np.array([1.0, 0, 0])
    u = np.cross(d, helper)
    u /= np.linalg.norm(u)
    around = np.linspace(0, 2 * np.pi, sides + 1)[:, None]
    return np.asarray(np.cos(around) * u + np.sin(around) * np.cross(d, u), np.float64)


def _box_axis(half: float, radius: float, soft: bool) -> Floats:
    inner = min(22, max(3, int(2 * half / 0.045))) if soft else 1
    bend = np.tan(np.linspace(0, np.pi / 2, 5) - np.pi / 4) * 0.5 + 0.5
    flat = np.linspace(-half + radius, half - radius, inner + 1)
    return np.unique(np.r_[-half + radius * bend, flat, half - radius * bend[::-1]].round(6))


def _box_side(
    axes: list[Floats], half: Floats, radius: float, k: int, sign: int
) -> tuple[Floats, Floats, Floats, Faces]:
    across = [i for i in range(3) if i != k]
    g0, g1 = np.meshgrid(axes[across[0]], axes[across[1]], indexing="ij")
    surface: Floats = np.zeros((*g0.shape, 3))
    surface[..., across[0]], surface[..., across[1]], surface[..., k] = g0, g1, sign * half[k]
    surface = surface.reshape(-1, 3)
    core = np.clip(surface, -(half - radius), half - radius)
    away = surface - core
    normals = away / np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-9)
    vertices = core + normals * radius
    faces = grid_faces(len(axes[across[0]]), len(axes[across[1]]), not ((sign > 0) ^ (k == 1)))
    return vertices, normals, vertices[:, across], faces


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
