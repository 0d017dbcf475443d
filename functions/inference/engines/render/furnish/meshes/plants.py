"""Potted plants: six kinds, their leaves inside the mesh's bounds."""

from collections.abc import Callable

import numpy as np

from functions.inference.engines.render.furnish.meshes.builder import Mesh, grid_faces
from functions.inference.engines.render.furnish.styles.spec import StyleSpec
from functions.inference.vision.arrays import Floats

Rng = np.random.Generator
RIM = 0.34
WIDEST = 0.8  # more would keep a plant out of most corners


def leaves(
    mesh: Mesh,
    material: str,
    at: Floats,
    azimuth: Floats,
    elevation: Floats,
    length: Floats,
    width: Floats,
    droop: float = 0.5,
    points: int = 7,
) -> None:
    """Many leaves at once: `at` is n x 3, the rest one number per leaf (radians, metres); `droop` bends them down."""
    n, t = len(at), np.linspace(0, 1, points)
    half = np.broadcast_to(width, n)[:, None] * np.sin(np.pi * np.clip(t * 0.93 + 0.05, 0, 1)) ** 0.8
    away = np.stack([np.cos(azimuth), np.sin(azimuth)], -1)
    angle = np.broadcast_to(elevation, n)[:, None] - droop * t * 1.2
    middle = (angle[:, 1:] + angle[:, :-1]) / 2
    step = np.broadcast_to(length, n)[:, None] / (points - 1)
    out = np.c_[np.zeros(n), np.cumsum(np.cos(middle) * step, 1)]
    rise = np.c_[np.zeros(n), np.cumsum(np.sin(middle) * step, 1)]
    spine = np.stack([away[:, :1] * out, away[:, 1:] * out, rise], -1) + at[:, None]
    side = np.stack([-away[:, 1:] * half, away[:, :1] * half, np.zeros_like(half)], -1)
    up = np.stack([-away[:, :1] * np.sin(angle), -away[:, 1:] * np.sin(angle), np.cos(angle)], -1)
    up = up * (half * 0.3)[..., None]
    surface = np.stack([spine - side + up, spine, spine + side + up], 2).reshape(-1, 3)
    one = grid_faces(points, 3)
    faces = (one[None] + (np.arange(n) * points * 3)[:, None, None]).reshape(-1, 3)
    uv = np.tile(np.stack(np.meshgrid(t, [0, 0.5, 1], indexing="ij"), -1).reshape(-1, 2), (n, 1))
    mesh.add(material, surface, faces, uv)


def plant(style: StyleSpec, rng: Rng, height: float = 1.5) -> Mesh:
    """A potted plant of the style's kind, no wider than WIDEST."""
    mesh, green = Mesh(), Mesh()
    _POTS[style.planter](mesh)
    mesh.lathe("soil", [(0.152, RIM - 0.035), (0, RIM - 0.025)])
    _KINDS[style.plant](green, rng, RIM - 0.03, height)
    low, high = green.bounds()
    narrow = np.diag([*np.minimum(1.0, WIDEST / (high - low)[:2]), 1.0])
    mesh.parts.extend(part.moved(narrow, np.zeros(3)) for part in green.parts)
    return mesh


def _taper_pot(mesh: Mesh) -> None:
    wall = [(0, 0), (0.13, 0), (0.145, 0.01), (0.175, RIM - 0.01), (0.172, RIM), (0.155, RIM), (0.15, RIM - 0.04)]
    mesh.lathe("pot", wall)


def _cylinder_pot(mesh: Mesh) -> None:
    wall = [(0, 0), (0.17, 0), (0.176, 0.008), (0.176, RIM - 0.005), (0.17, RIM), (0.155, RIM), (0.15, RIM - 0.04)]
    mesh.lathe("pot", wall)


def _basket_pot(mesh: Mesh) -> None:
    t = np.linspace(0, 1, 14)
    belly = np.c_[0.14 + 0.055 * np.sin(np.pi * (t * 0.8 + 0.1)), t * RIM]
    mesh.lathe("cane", np.r_[[(0, 0)], belly, [(0.15, RIM - 0.04)]])
    for k in range(6):
        r = float(np.interp(k / 5, t, belly[:, 0])) + 0.004
        ring = np.linspace(0, 2 * np.pi, 33)[:-1]
        mesh.tube(
            "cane", np.c_[r * np.cos(ring), r * np.sin(ring), np.full(32, 0.01 + k * (RIM - 0.02) / 5)], 0.009, 6, True
        )


def _urn_pot(mesh: Mesh) -> None:
    wall = [(0, 0), (0.12, 0), (0.12, 0.025), (0.06, 0.05), (0.055, 0.09), (0.12, 0.15), (0.165, 0.23), (0.15, 0.30)]
    wall += [(0.185, RIM - 0.01), (0.182, RIM), (0.155, RIM), (0.15, RIM - 0.04)]
    mesh.lathe("pot", wall)


_POTS: dict[str, Callable[[Mesh], None]] = {
    "taper": _taper_pot, "cylinder": _cylinder_pot, "basket": _basket_pot, "urn": _urn_pot,
}  # fmt: skip


def _fiddle(mesh: Mesh, rng: Rng, soil: float, height: float) -> None:
    for k in range(3):
        start = float(rng.uniform(0, 2 * np.pi))
        away = np.array([np.cos(start), np.sin(start)])
        foot, top = np.r_[away * 0.03, soil], np.r_[away * 0.10, height * (0.72 + 0.12 * k)]
        mesh.rod("stem", foot, top, 0.013, 0.007, 8)
        j = np.arange(15)
        at = foot + (top - foot) * (0.28 + 0.72 * j / 14)[:, None]
        lift = rng.uniform(0.25, 0.95, 15) + 0.3 * (j > 12)
        turn, size = (j * 2.4 + start).astype(np.float64), rng.uniform(0.2, 0.30, 15)
        leaves(mesh, "leaf", at, turn, lift, size, rng.uniform(0.065, 0.09, 15), 0.55)


def _palm(mesh: Mesh, rng: Rng, soil: float, height: float) -> None:
    n = 18
    for j in range(13):
        azimuth, rise = j * 2.4 + float(rng.uniform(-0.2, 0.2)), float(rng.uniform(1.0, 1.42))
        length = float(rng.uniform(0.7, 0.95)) * height * 0.7
        angle = rise - 1.25 * (np.arange(n) / n) ** 1.7
        away = np.array([np.cos(azimuth), np.sin(azimuth)])
        steps = np.c_[np.cos(angle)[:, None] * away, np.sin(angle)] * length / n
        path = np.r_[[[0, 0, soil]], np.array([0, 0, soil]) + steps.cumsum(0)]
        mesh.tube("leaf", path, 0.004, 5)
        k = np.repeat(np.arange(4, n), 2)
        side = np.tile([-1.0, 1.0], n - 4)
        turn = azimuth + side * rng.uniform(0.75, 1.0, len(k))
        lift = angle[k] * 0.35 + rng.uniform(-0.1, 0.25, len(k))
        size = 0.26 * np.sin(np.pi * (k - 2) / n) + 0.06
        leaves(mesh, "leaf", path[k], turn, lift, size, np.full(len(k), 0.013), 0.75, 5)


def _olive(mesh: Mesh, rng: Rng, soil: float, height: float) -> None:
    trunk = np.array([[0, 0, soil], [0.02, 0.01, height * 0.35], [-0.01, 0.02, height * 0.62]])
    mesh.tube("stem", trunk, 0.014, 8)
    for _ in range(24):
        azimuth, length = rng.uniform(0, 2 * np.pi), rng.uniform(0.22, 0.45)
        foot = trunk[1] + (trunk[2] - trunk[1]) * rng.uniform(0.3, 1)
        away = np.array([np.cos(azimuth) * 0.62, np.sin(azimuth) * 0.62, rng.uniform(0.2, 1.0)])
        mesh.rod("stem", foot, foot + away * length, 0.005, 0.002, 5)
        at = foot + away * length * np.linspace(0.2, 1, 26)[:, None]
        many = len(at)
        leaves(mesh, "leaf", at, rng.uniform(0, 2 * np.pi, many), rng.uniform(-0.2, 1.0, many),
               rng.uniform(0.05, 0.085, many), np.full(many, 0.011), 0.5, 4)  # fmt: skip


def _monstera(mesh: Mesh, rng: Rng, soil: float, height: float) -> None:
    """Broad leaves on arching stalks."""
    scale = height / 1.5
    for j in range(17):
        azimuth, reach = j * 2.4 + float(rng.uniform(-0.3, 0.3)), float(rng.uniform(0.12, 0.40)) * scale
        top = soil + (height - soil) * float(rng.uniform(0.32, 0.82))
        t = np.linspace(0, 1, 8)
        path = np.c_[np.cos(azimuth) * reach * t**1.4, np.sin(azimuth) * reach * t**1.4, soil + (top - soil) * t]
        mesh.tube("stem", path, 0.006, 6)
        size = float(rng.uniform(0.26, 0.36)) * scale
        lift = float(rng.uniform(-0.1, 0.35))
        leaves(
            mesh,
            "leaf",
            path[-1:],
            np.array([azimuth]),
            np.array([lift]),
            np.array([size]),
            np.array([size * 0.42]),
            0.9,
            9,
        )


def _snake(mesh: Mesh, rng: Rng, soil: float, height: float) -> None:
    """Upright blades."""
    many = 22
    around, radius = rng.uniform(0, 2 * np.pi, many), 0.09 * np.sqrt(rng.uniform(0.1, 1, many))
    at = np.c_[np.cos(around) * radius, np.sin(around) * radius, np.full(many, soil)]
    length = (height - soil) * rng.uniform(0.4, 0.85, many)
    leaves(mesh, "leaf", at, around, rng.uniform(1.32, 1.54, many), length, rng.uniform(0.026, 0.038, many), 0.05, 8)


def _grasses(mesh: Mesh, rng: Rng, soil: float, height: float) -> None:
    """Dried plumes that nod outwards."""
    for _ in range(17):
        azimuth, reach = rng.uniform(0, 2 * np.pi), rng.uniform(0.06, 0.30)
        top = soil + (height - soil) * rng.uniform(0.6, 0.92)
        t = np.linspace(0, 1, 12)
        path = np.c_[np.cos(azimuth) * reach * t**1.8, np.sin(azimuth) * reach * t**1.8, soil + (top - soil) * t]
        mesh.tube("leaf2", path, 0.0025, 5)
        many = 36
        share = rng.uniform(0.62, 1.0, many)
        at = np.stack([np.interp(share, t, path[:, k]) for k in range(3)], 1)
        leaves(mesh, "leaf2", at, rng.uniform(0, 2 * np.pi, many), rng.uniform(0.5, 1.3, many),
               rng.uniform(0.05, 0.10, many), np.full(many, 0.008), 0.9, 4)  # fmt: skip


_KINDS: dict[str, Callable[[Mesh, Rng, float, float], None]] = {
    "fiddle": _fiddle, "palm": _palm, "olive": _olive, "monstera": _monstera, "snake": _snake, "grasses": _grasses,
}  # fmt: skip
