"""Chairs at tables, stools, poufs; and the names under which a room asks for any seat."""

from collections.abc import Callable

import numpy as np

from functions.inference.engines.render.furnish.meshes.armchairs import armchair
from functions.inference.engines.render.furnish.meshes.builder import Cushioning, Mesh, rounded_rectangle, turn_x
from functions.inference.engines.render.furnish.meshes.sofas import sofa
from functions.inference.engines.render.furnish.meshes.upholstery import arc, closed_fronts, legs, swept, turned_legs
from functions.inference.engines.render.furnish.styles.spec import StyleSpec
from functions.inference.vision.arrays import Floats

__all__ = ["armchair", "bench", "dining_chair", "legs", "office_chair", "pouf", "sofa", "stool"]

Rng = np.random.Generator
SEAT = 0.46


def dining_chair(style: StyleSpec, seed: int) -> Mesh:
    """A chair of the style's design, its front to -y."""
    return _DESIGNS[style.dining_chair](seed)


def _upholstered(seed: int) -> Mesh:
    """A padded seat and a padded upright back."""
    mesh, h, soft = Mesh(), SEAT, Cushioning(0.02, 0.001, seed)
    mesh.box("fabric2", (0, 0, h - 0.02), (0.48, 0.48, 0.10), 0.045, soft)
    mesh.box("fabric2", (0, 0.23, h + 0.24), (0.47, 0.07, 0.52), 0.033, soft, turn_x(-0.157))
    mesh.tube("fabric2", rounded_rectangle(0.47, 0.47, 0.05, h + 0.005), 0.004, 5, closed=True)
    legs(mesh, "wood", 0.46, 0.46, h - 0.05, 0.02, 0.04, 0.02)
    return mesh


def _spindle(seed: int) -> Mesh:
    """A wooden seat, spindles and a bent rail."""
    mesh, h = Mesh(), SEAT
    mesh.box("wood", (0, 0, h - 0.015), (0.46, 0.44, 0.03), 0.014)
    legs(mesh, "wood", 0.44, 0.42, h - 0.02, 0.017, 0.04, 0.03)
    for x in np.linspace(-0.17, 0.17, 6):
        mesh.rod("wood", (x, 0.19, h - 0.01), (x * 1.12, 0.28, h + 0.36), 0.008, sides=8)
    mesh.tube("wood", _bow(0.22, 0.29, h + 0.37, 0.05), 0.016, 10)
    mesh.box("fabric2", (0, 0, h + 0.012), (0.42, 0.40, 0.03), 0.014, Cushioning(0.012))
    return mesh


def _bow(half: float, y: float, z: float, bend: float) -> Floats:
    a = np.linspace(-1, 1, 13)
    return np.asarray(np.c_[half * a, y - bend * a * a, np.full(13, z)], np.float64)


def _wishbone(seed: int) -> Mesh:
    """A bent top rail that runs into the arms, a Y in the back, a woven seat."""
    mesh, h = Mesh(), 0.44
    for sx in (-1, 1):
        mesh.rod("wood", (sx * 0.24, -0.22, 0), (sx * 0.23, -0.21, h), 0.013, 0.017)
        mesh.tube("wood", np.array([[sx * 0.20, 0.24, 0], [sx * 0.20, 0.21, h], [sx * 0.24, 0.14, 0.72]]), 0.015, 9)
    rail = np.array([[-0.28, -0.08, 0.70], [-0.27, 0.10, 0.715], [-0.20, 0.22, 0.73], [0, 0.27, 0.74]])
    mesh.tube("wood", np.r_[rail, rail[-2::-1] * [-1, 1, 1]], 0.016, 10)
    mesh.rod("wood", (0, 0.21, h), (0, 0.235, 0.58), 0.011)
    for sx in (-1, 1):
        mesh.rod("wood", (0, 0.235, 0.58), (sx * 0.06, 0.262, 0.735), 0.010)
    mesh.box("cane", (0, 0, h), (0.46, 0.42, 0.035), 0.016, Cushioning(0.004))
    for y in (-0.21, 0.21):
        mesh.rod("wood", (-0.22, y, 0.24), (0.22, y, 0.24), 0.010)
    return mesh


def _cane(seed: int) -> Mesh:
    """A frame with a woven back, a padded seat."""
    mesh, h = Mesh(), SEAT
    legs(mesh, "wood", 0.46, 0.46, h - 0.03, 0.019, 0.035, 0.01)
    mesh.box("wood", (0, 0, h - 0.04), (0.46, 0.46, 0.04), 0.012)
    mesh.box("fabric2", (0, 0, h), (0.45, 0.45, 0.06), 0.028, Cushioning(0.012, 0.001, seed))
    tilt, at = turn_x(-0.16), np.array([0, 0.235, h + 0.23])
    back = Mesh().box("cane", (0, 0, 0.02), (0.38, 0.006, 0.38), 0.003)
    for sx in (-1, 1):
        back.box("wood", (sx * 0.20, 0, -0.02), (0.03, 0.026, 0.50), 0.01)
    for z in (-0.17, 0.22):
        back.box("wood", (0, 0, z), (0.42, 0.026, 0.035), 0.01)
    mesh.parts.extend(part.moved(tilt, at) for part in back.parts)
    return mesh


def _crossback(seed: int) -> Mesh:
    """A bentwood loop with a cross in it."""
    mesh, h = Mesh(), SEAT
    mesh.put(Mesh().prism("wood", arc(0.225, 0, 360, points=33)[:-1], h - 0.03, h, 0.012))
    mesh.prism("cane", arc(0.19, 0, 360, points=33)[:-1], h - 0.005, h + 0.006, 0.003, 0.004)
    legs(mesh, "wood", 0.42, 0.42, h - 0.02, 0.017, 0.04, 0.02)
    t = np.linspace(0, np.pi, 19)
    loop = np.c_[0.20 * np.cos(t), 0.20 + 0.06 * np.sin(t), h + 0.44 * np.sin(t) ** 0.55]
    mesh.tube("wood", loop, 0.014, 9)
    for sx in (-1, 1):
        a = np.linspace(0, 1, 9)[:, None]
        cross = np.array([sx * 0.165, 0.23, h + 0.02]) * (1 - a) + np.array([-sx * 0.145, 0.255, h + 0.34]) * a
        cross[:, 1] += 0.012 * np.sin(np.pi * a[:, 0])
        mesh.tube("wood", cross, 0.009, 8)
    mesh.tube("wood", arc(0.17, 0, 360, points=24) @ np.eye(2, 3) + [0, 0, 0.2], 0.008, 8)
    return mesh


def _tub(seed: int) -> Mesh:
    """A round padded back about the seat."""
    mesh, h = Mesh(), SEAT
    ring = arc(0.24, 0, 360, points=41)[:-1]
    mesh.prism("fabric2", ring, h - 0.10, h - 0.02, 0.035, 0.025)
    profile = np.array(
        [[0, 0.02], [0.0, 0.16], [0.004, 0.30], [0.02, 0.33], [0.045, 0.33], [0.058, 0.30], [0.055, 0.16], [0.05, 0.02]]
    )
    path = arc(0.22, -8, 188, points=34)
    facing = np.clip(np.sin(np.radians(np.linspace(-8, 188, 34))), 0, 1)
    sections = swept(path, profile, 0.62 + 0.38 * facing**1.2) + np.array([0, 0, h - 0.08])
    mesh.loft("fabric2", closed_fronts(sections))
    legs(mesh, "dark", 0.44, 0.44, h - 0.09, 0.016, 0.085, 0.05)
    return mesh


def _louis(seed: int) -> Mesh:
    """An oval padded back in a carved frame, turned legs."""
    mesh, h = Mesh(), SEAT
    turned_legs(mesh, "wood", 0.48, 0.46, h - 0.06, 0.024, 0.045)
    mesh.box("wood", (0, 0, h - 0.045), (0.47, 0.45, 0.05), 0.012)
    mesh.box("fabric2", (0, 0, h), (0.45, 0.43, 0.07), 0.034, Cushioning(0.018, 0.001, seed))
    oval = arc(1.0, 0, 360, points=41)[:-1] * [0.185, 0.235]
    back = Mesh().prism("fabric2", oval, -0.02, 0.022, 0.02, 0.012)
    back.tube("wood", np.c_[oval * [1.06, 1.05], np.zeros(40)], 0.017, 9, closed=True)
    stand_up = turn_x(np.pi / 2 - 0.14)
    mesh.parts.extend(part.moved(stand_up, np.array([0, 0.25, h + 0.31])) for part in back.parts)
    for sx in (-1, 1):
        mesh.rod("wood", (sx * 0.11, 0.215, h - 0.05), (sx * 0.12, 0.235, h + 0.14), 0.014)
    return mesh


def _leather(seed: int) -> Mesh:
    """A thin padded shell on a metal sled base."""
    mesh, h = Mesh(), SEAT
    mesh.box("fabric2", (0, -0.01, h - 0.01), (0.46, 0.46, 0.05), 0.024, Cushioning(0.008, 0.0015, seed))
    mesh.box("fabric2", (0, 0.25, h + 0.22), (0.45, 0.045, 0.40), 0.021, Cushioning(0.01, 0.0015, seed), turn_x(-0.2))
    for sx in (-1, 1):
        x = sx * 0.22
        path = np.array(
            [
                [x, 0.28, h + 0.3],
                [x, 0.205, h - 0.03],
                [x, -0.20, h - 0.03],
                [x, -0.22, 0.012],
                [x, 0.22, 0.012],
                [x, 0.19, h - 0.05],
            ]
        )
        mesh.tube("metal", _bent(path), 0.010, 8)
    return mesh


def _bent(path: Floats) -> Floats:
    """A polyline with more points, its corners a little round."""
    t = np.linspace(0, len(path) - 1, 8 * len(path))
    dense = np.stack([np.interp(t, np.arange(len(path)), path[:, k]) for k in range(3)], 1)
    padded = np.pad(dense, ((2, 2), (0, 0)), mode="edge")
    return np.asarray((padded[:-4] + padded[1:-3] + padded[2:-2] + padded[3:-1] + padded[4:]) / 5, np.float64)


_DESIGNS: dict[str, Callable[[int], Mesh]] = {
    "upholstered": _upholstered, "wood": _spindle, "wishbone": _wishbone, "cane": _cane, "crossback": _crossback,
    "tub": _tub, "louis": _louis, "leather": _leather,
}  # fmt: skip


def office_chair() -> Mesh:
    """A swivel chair on five castors."""
    mesh, h = Mesh(), 0.48
    for a in np.linspace(0, 2 * np.pi, 5, endpoint=False):
        end = (np.cos(a) * 0.30, np.sin(a) * 0.30, 0.07)
        mesh.rod("metal", (0, 0, 0.10), end, 0.016, 0.012)
        mesh.lathe("dark", [(0, 0), (0.025, 0.005), (0.028, 0.03), (0.02, 0.055), (0, 0.06)], (end[0], end[1], 0), 12)
    mesh.rod("metal", (0, 0, 0.09), (0, 0, h - 0.06), 0.022)
    mesh.box("fabric2", (0, 0, h), (0.52, 0.50, 0.10), 0.045, Cushioning(0.025))
    mesh.box("fabric2", (0, 0.27, h + 0.38), (0.48, 0.08, 0.60), 0.038, Cushioning(0.03), turn_x(-0.14))
    for sx in (-1, 1):
        mesh.box("dark", (sx * 0.29, 0, h + 0.20), (0.05, 0.26, 0.025), 0.01)
        mesh.rod("metal", (sx * 0.29, 0.05, h + 0.19), (sx * 0.24, 0.08, h - 0.03), 0.012)
    return mesh


def stool(style: StyleSpec, height: float = 0.66) -> Mesh:
    """A padded stool on four legs with a foot ring."""
    mesh = Mesh()
    legs(mesh, "metal" if style.coffee in ("drum", "glass") else "wood", 0.34, 0.34, height - 0.03, 0.015, 0.05, 0.04)
    ring = rounded_rectangle(0.33, 0.33, 0.05, height * 0.32)
    mesh.tube("metal", ring, 0.007, 8, closed=True)
    return mesh.box("fabric2", (0, 0, height), (0.38, 0.38, 0.07), 0.03, Cushioning(0.015))


def bench(style: StyleSpec, rng: Rng, width: float = 1.2) -> Mesh:
    """A padded bench without a back, 0.4 m deep."""
    mesh, soft = Mesh(), Cushioning(0.015, 0.002, int(rng.integers(1 << 30)))
    mesh.box("wood", (0, 0, 0.37), (width, 0.40, 0.05), 0.008)
    mesh.box("fabric2", (0, 0, 0.43), (width, 0.40, 0.09), 0.04, soft)
    (turned_legs if style.feet == "turned" else legs)(mesh, "wood", width, 0.40, 0.36, 0.024)
    return mesh


def pouf(rng: Rng) -> Mesh:
    """A round floor cushion with a seamed top."""
    profile = [
        (0, 0),
        (0.20, 0.0),
        (0.24, 0.02),
        (0.262, 0.07),
        (0.268, 0.18),
        (0.255, 0.29),
        (0.22, 0.345),
        (0.16, 0.37),
        (0.08, 0.382),
        (0, 0.385),
    ]
    mesh = Mesh().lathe("throw", profile, sides=36)
    for z, r in ((0.335, 0.232), (0.03, 0.245)):
        mesh.tube("throw", arc(r, 0, 360, points=37)[:-1] @ np.eye(2, 3) + [0, 0, z], 0.005, 5, closed=True)
    return mesh
