"""Surfaces of a solid that is given by a field: meshed, cut along curves, moved."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from functions.inference.engines.render.furnish.meshes.builder import Faces
from functions.inference.vision.arrays import Bools, Floats

Field = Callable[[Floats], Floats]
"""About the distance from points (n x 3) to a surface: negative inside."""
Place = Callable[[Floats], Floats]
"""A signed distance for points of a surface: negative where something is."""
COARSE = 4
FINE_M, BESIDE_M = 0.008, 0.005
GRADIENT_M = 5e-4
FAR = 1e3


def vec(x: float, y: float, z: float) -> Floats:
    return np.array([x, y, z], np.float64)


def gradient(field: Field, points: Floats) -> Floats:
    """By differences along the corners of a tetrahedron, which takes four values a point."""
    corners = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1.0]])
    values = np.stack([field(points + corner * GRADIENT_M) for corner in corners], 1)
    return np.asarray(values @ corners / (4 * GRADIENT_M), np.float64)


@dataclass(frozen=True)
class Shell:
    """A triangle mesh with a normal per point."""

    points: Floats
    normals: Floats
    faces: Faces

    def where(self, faces: Bools) -> "Shell":
        used, inverse = np.unique(self.faces[faces], return_inverse=True)
        return Shell(self.points[used], self.normals[used], inverse.reshape(-1, 3))

    def tidy(self) -> "Shell":
        """Without points that no face has."""
        return self.where(np.ones(len(self.faces), bool))

    def moved_in(self, by: float) -> "Shell":
        return Shell(self.points - self.normals * by, self.normals, self.faces)

    def finer(self, place: Place, times: int) -> tuple["Shell", Floats]:
        """The same surface with small triangles along the outline of a place, and the place's values at its points.

        Each time, triangles that the outline crosses become four, but for those with sides below FINE_M.
        """
        shell, values = self, place(self.points)
        for _ in range(times):
            corners = values[shell.faces]
            crossed = np.flatnonzero((corners.min(1) < BESIDE_M) & (corners.max(1) > -BESIDE_M))
            sides = shell.points[shell.faces[crossed]]
            long = np.linalg.norm(sides - sides[:, [1, 2, 0]], axis=2).max(1) > FINE_M
            chosen, known = np.zeros(len(shell.faces), bool), len(shell.points)
            chosen[crossed[long]] = True
            shell = shell._quartered(chosen)
            values = np.concatenate([values, place(shell.points[known:])])
        return shell, values

    def _quartered(self, chosen: Bools) -> "Shell":
        """Chosen triangles in four each; new points lie on the old edges, so that no gap opens to the others."""
        a, b, c = self.faces[chosen].T
        sides = np.sort(np.concatenate([np.stack(pair, 1) for pair in ((a, b), (b, c), (c, a))]), 1)
        pairs, number = np.unique(sides, axis=0, return_inverse=True)
        ab, bc, ca = (number.reshape(3, -1) + len(self.points)).astype(self.faces.dtype)
        four = np.concatenate([np.stack(face, 1) for face in ((a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca))])
        points, normals = (values[pairs].mean(1) for values in (self.points, self.normals))
        normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
        faces = np.concatenate([self.faces[~chosen], four])
        return Shell(np.concatenate([self.points, points]), np.concatenate([self.normals, normals]), faces)

    def cut(self, values: Floats) -> tuple["Shell", "Shell"]:
        """What lies below zero, and the rest; `values` are those of a smooth function at the points."""
        below = values[self.faces] < 0
        count = below.sum(1)
        halves = [self.where(count == 3), self.where(count == 0)]
        for lone_below, number in ((True, 1), (False, 2)):
            lone, others = self._split(values, below, count == number, lone_below)
            first, second = (lone, others) if lone_below else (others, lone)
            halves = [joined([halves[0], first]), joined([halves[1], second])]
        return halves[0], halves[1]

    def _split(self, values: Floats, below: Bools, chosen: Bools, lone_below: bool) -> tuple["Shell", "Shell"]:
        """Triangles with one corner on a side of its own: the corner's part, and the others'."""
        faces, lone = self.faces[chosen], (below[chosen] == lone_below).argmax(1)
        a, b, c = (np.take_along_axis(faces, ((lone + k) % 3)[:, None], 1)[:, 0] for k in range(3))
        ab, ac = self._between(values, a, b), self._between(values, a, c)
        corners = [self._at(a), ab, ac, self._at(b), self._at(c)]
        points, normals = (np.concatenate([corner[k] for corner in corners]) for k in range(2))
        i = np.arange(len(faces))
        pa, pab, pac, pb, pc = (i + k * len(faces) for k in range(5))
        alone = np.stack([pa, pab, pac], 1)
        rest = np.concatenate([np.stack([pab, pb, pc], 1), np.stack([pab, pc, pac], 1)])
        return Shell(points, normals, alone).tidy(), Shell(points, normals, rest).tidy()

    def _at(self, index: Faces) -> tuple[Floats, Floats]:
        return self.points[index], self.normals[index]

    def _between(self, values: Floats, a: Faces, b: Faces) -> tuple[Floats, Floats]:
        share = (values[a] / (values[a] - values[b]))[:, None]
        normal = self.normals[a] * (1 - share) + self.normals[b] * share
        normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
        return self.points[a] * (1 - share) + self.points[b] * share, normal


def joined(shells: list[Shell]) -> Shell:
    offsets = np.cumsum([0] + [len(shell.points) for shell in shells[:-1]])
    return Shell(
        np.concatenate([shell.points for shell in shells]),
        np.concatenate([shell.normals for shell in shells]),
        np.concatenate([shell.faces + offset for shell, offset in zip(shells, offsets, strict=True)]),
    )


def surface(field: Field, low: Floats, high: Floats, step: float) -> Shell:
    """The zero surface of a field within a box, by surface nets (Gibson 1998), then moved onto the surface itself."""
    shape = np.ceil((high - low) / (step * COARSE)).astype(int)
    values = _sampled(field, low, shape, step)
    points, faces = _nets(values)
    points = low + points * step
    for _ in range(2):
        slope = gradient(field, points)
        for _ in range(2):  # the second step finds the slope hardly changed
            points = points - (field(points) / np.maximum((slope**2).sum(1), 0.05))[:, None] * slope
    slope = gradient(field, points)
    normals = slope / np.maximum(np.linalg.norm(slope, axis=1, keepdims=True), 1e-9)
    return Shell(points, normals, faces)


def _sampled(field: Field, low: Floats, blocks: Faces, step: float) -> Floats:
    """The field on a fine grid, exact near the surface; elsewhere only its sign is right."""
    axes = [low[k] + (np.arange(blocks[k]) + 0.5) * step * COARSE for k in range(3)]
    middle = field(np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 3)).reshape(tuple(blocks))
    fine = middle
    for axis in range(3):
        fine = np.repeat(fine, COARSE, axis)
    near = np.abs(fine) < 2.2 * COARSE * step
    index = np.argwhere(near)
    out = np.where(fine < 0, -FAR, FAR)
    out[near] = field(low + index * step)
    return out


def _nets(values: Floats) -> tuple[Floats, Faces]:
    """Points in cells of the grid, and triangles between them."""
    shape = values.shape
    strides = np.array([shape[1] * shape[2], shape[2], 1])
    flat = values.ravel()
    total, count = np.zeros((flat.size, 3)), np.zeros(flat.size)
    quads = []
    for axis in range(3):
        at, share, rising = _crossings(values, flat, axis, strides)
        across = [k for k in range(3) if k != axis]
        cells = [at - i * strides[across[0]] - j * strides[across[1]] for i, j in ((0, 0), (1, 0), (1, 1), (0, 1))]
        place = np.stack(np.unravel_index(at, shape), 1).astype(float)
        place[:, axis] += share
        for cell in cells:
            np.add.at(total, cell, place)
            np.add.at(count, cell, 1)
        four = np.stack(cells, 1)
        flip = rising if axis != 1 else ~rising
        quads.append(np.where(flip[:, None], four, four[:, ::-1]))
    used = np.flatnonzero(count)
    number = np.zeros(flat.size, np.int64)
    number[used] = np.arange(len(used))
    four = number[np.concatenate(quads)]
    return total[used] / count[used, None], np.concatenate([four[:, [0, 1, 2]], four[:, [0, 2, 3]]])


def _crossings(values: Floats, flat: Floats, axis: int, strides: Faces) -> tuple[Faces, Floats, Bools]:
    """Grid edges along an axis that the surface crosses: their first node, where, and whether the field rises."""
    inner = [slice(1, -1)] * 3
    ahead = list(inner)
    ahead[axis] = slice(2, None)
    change = (values[tuple(inner)] < 0) != (values[tuple(ahead)] < 0)
    at = ((np.argwhere(change) + 1) * strides).sum(1)
    a, b = flat[at], flat[at + strides[axis]]
    return at, a / (a - b), a < 0


def foot(field: Field, start: Floats, direction: Floats, reach: float, steps: int = 40) -> Floats:
    """Where rays from outside (n x 3, each along one `direction`) first enter a solid, within `reach` metres.

    A ray that misses ends at its nearest approach.
    """
    travelled = np.zeros(len(start))
    best, closest = np.zeros(len(start)), np.full(len(start), np.inf)
    for _ in range(steps):
        value = field(start + travelled[:, None] * direction)
        nearer = np.abs(value) < closest
        best, closest = np.where(nearer, travelled, best), np.where(nearer, np.abs(value), closest)
        travelled = np.clip(travelled + value * 0.7, 0, reach)
    return np.asarray(start + best[:, None] * direction, np.float64)
