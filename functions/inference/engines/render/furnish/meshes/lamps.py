"""Lamps: on the floor, on tables, over tables. What is named "shade" glows."""

from collections.abc import Callable

import numpy as np

from functions.inference.engines.render.furnish.meshes.builder import Mesh
from functions.inference.engines.render.furnish.meshes.upholstery import arc
from functions.inference.engines.render.furnish.styles.spec import StyleSpec
from functions.inference.vision.arrays import Floats

FLOOR_HEIGHT = 1.62


def _shade(bottom: float, top: float, height: float, trim: bool = False) -> Mesh:
    mesh = Mesh().lathe("shade", [(bottom, 0), (top, height)], sides=48)
    if trim:
        for radius, z in ((bottom + 0.001, 0.004), (top + 0.001, height - 0.004)):
            mesh.tube("metal", _circle(radius, z), 0.003, 5, closed=True)
    return mesh.lathe("bulb", [(0, 0.10), (0.04, 0.13), (0.045, 0.17), (0, 0.2)], sides=16)


def _circle(radius: float, z: float, points: int = 40) -> Floats:
    return np.asarray(np.c_[arc(radius, 0, 360, points=points + 1)[:-1], np.full(points, z)], np.float64)


def _ball(mesh: Mesh, material: str, at: tuple[float, float, float], radius: float) -> Mesh:
    t = np.linspace(-np.pi / 2, np.pi / 2, 17)
    return mesh.lathe(material, np.c_[np.maximum(np.cos(t), 0) * radius, np.sin(t) * radius], at, 28)


def floor_lamp(style: StyleSpec) -> Mesh:
    """A standing lamp of the style's design."""
    mesh = Mesh()
    _FLOOR_LAMPS[style.lamp](mesh)
    return mesh


def _drum_lamp(mesh: Mesh) -> None:
    mesh.lathe("metal", [(0, 0), (0.15, 0), (0.15, 0.015), (0.02, 0.03), (0, 0.03)])
    mesh.rod("metal", (0, 0, 0.02), (0, 0, FLOOR_HEIGHT - 0.2), 0.011)
    mesh.put(_shade(0.23, 0.19, 0.32), (0, 0, FLOOR_HEIGHT - 0.34))


def _tripod(mesh: Mesh) -> None:
    for a in (0.3, 2.4, 4.5):
        foot = (np.cos(a) * 0.26, np.sin(a) * 0.26, 0.0)
        mesh.rod("wood", foot, (np.cos(a) * 0.02, np.sin(a) * 0.02, FLOOR_HEIGHT - 0.34), 0.012, 0.014)
    mesh.put(_shade(0.24, 0.20, 0.32), (0, 0, FLOOR_HEIGHT - 0.36))


def _arc_lamp(mesh: Mesh) -> None:
    t = np.linspace(0, 1, 30)
    reach = -0.42 * (1 - np.cos(t * np.pi / 2))
    path = np.c_[0.0 * t, reach, 0.02 + (FLOOR_HEIGHT + 0.12) * np.sin(t * np.pi / 2) ** 0.8]
    mesh.lathe("stone", [(0, 0), (0.16, 0), (0.16, 0.05), (0, 0.052)]).tube("metal", path, 0.011, 10)
    dome = [(0.17, 0), (0.16, 0.06), (0.11, 0.13), (0.03, 0.17), (0, 0.175)]
    mesh.lathe("metal", dome, (0, -0.42, FLOOR_HEIGHT - 0.06))
    mesh.lathe("shade", [(0, 0.015), (0.155, 0.012)], (0, -0.42, FLOOR_HEIGHT - 0.06))


def _pharmacy(mesh: Mesh) -> None:
    """A slim stem with a small tilted dome."""
    h = 1.38
    mesh.lathe("metal", [(0, 0), (0.13, 0), (0.13, 0.012), (0.02, 0.025), (0, 0.025)])
    mesh.rod("metal", (0, 0, 0.02), (0, 0, h), 0.009)
    mesh.rod("metal", (0, 0.06, h), (0, -0.24, h + 0.03), 0.007)
    mesh.lathe("metal", [(0.095, -0.09), (0.09, -0.04), (0.05, 0.01), (0.012, 0.03), (0, 0.031)], (0, -0.24, h), 32)
    mesh.lathe("shade", [(0, -0.075), (0.09, -0.082)], (0, -0.24, h), 32)


def _lantern(mesh: Mesh) -> None:
    """A tall paper column on a wooden foot."""
    mesh.lathe("wood", [(0, 0), (0.14, 0), (0.14, 0.03), (0, 0.03)])
    t = np.linspace(0, 1, 61)
    ribbed = 0.13 + 0.035 * np.sin(np.pi * t) + 0.004 * np.cos(t * 2 * np.pi * 20)
    mesh.lathe("paper", np.c_[ribbed, 0.05 + 1.15 * t], sides=40)
    mesh.lathe("paper", [(0.13, 1.20), (0.03, 1.20)], sides=40)


def _column(mesh: Mesh) -> None:
    """A turned column with a pleated shade."""
    stem = [(0, 0), (0.14, 0), (0.14, 0.02), (0.05, 0.05), (0.03, 0.10), (0.045, 0.16), (0.022, 0.3), (0.020, 0.9)]
    stem += [(0.038, 1.02), (0.018, 1.10), (0.012, FLOOR_HEIGHT - 0.3)]
    mesh.lathe("wood", stem, sides=28)
    mesh.put(_shade(0.25, 0.15, 0.28), (0, 0, FLOOR_HEIGHT - 0.34))


def _globes(mesh: Mesh) -> None:
    """Three glass balls on a brass stem."""
    mesh.lathe("metal", [(0, 0), (0.14, 0), (0.14, 0.014), (0.015, 0.024), (0, 0.024)])
    mesh.rod("metal", (0, 0, 0.02), (0, 0, 1.5), 0.009)
    for k, a in enumerate((0.2, 2.3, 4.4)):
        z, reach = 1.46 - 0.17 * k, 0.14
        tip = (np.cos(a) * reach, np.sin(a) * reach, z)
        mesh.rod("metal", (0, 0, z), tip, 0.006, sides=8)
        _ball(mesh, "shade", (tip[0] * 1.5, tip[1] * 1.5, z), 0.075)


_FLOOR_LAMPS: dict[str, Callable[[Mesh], None]] = {
    "drum": _drum_lamp, "tripod": _tripod, "arc": _arc_lamp, "pharmacy": _pharmacy, "lantern": _lantern,
    "column": _column, "globes": _globes,
}  # fmt: skip


def table_lamp(style: StyleSpec) -> Mesh:
    """A table lamp of the style's design, about half a metre high."""
    mesh = Mesh()
    _TABLE_LAMPS[style.table_lamp](mesh)
    return mesh


def _ceramic_lamp(mesh: Mesh, material: str = "ceramic") -> None:
    t = np.linspace(0, 1, 18)
    mesh.lathe(material, np.r_[[(0, 0)], np.c_[0.03 + 0.07 * np.sin(np.pi * (t * 0.9 + 0.03)), t * 0.26]])
    mesh.rod("metal", (0, 0, 0.25), (0, 0, 0.36), 0.008)
    mesh.put(_shade(0.155, 0.12, 0.22), (0, 0, 0.31))


def _ginger_lamp(mesh: Mesh) -> None:
    """A blue-and-white jar's shape in the accent colour."""
    jar = [
        (0, 0),
        (0.07, 0),
        (0.075, 0.015),
        (0.06, 0.05),
        (0.095, 0.15),
        (0.105, 0.21),
        (0.075, 0.27),
        (0.04, 0.29),
        (0.04, 0.31),
        (0, 0.31),
    ]
    mesh.lathe("ceramic2", jar).rod("metal", (0, 0, 0.30), (0, 0, 0.40), 0.008)
    mesh.put(_shade(0.18, 0.13, 0.23), (0, 0, 0.36))


def _mushroom(mesh: Mesh) -> None:
    """A glowing dome on a waisted foot."""
    mesh.lathe("ceramic", [(0, 0), (0.085, 0), (0.08, 0.015), (0.04, 0.07), (0.035, 0.18), (0.05, 0.22), (0, 0.22)])
    t = np.linspace(0, np.pi / 2, 12)
    mesh.lathe("shade", np.c_[0.17 * np.cos(t), 0.20 + 0.13 * np.sin(t)], sides=40)
    mesh.lathe("shade", [(0.05, 0.205), (0.17, 0.20)], sides=40)


def _stone_lamp(mesh: Mesh) -> None:
    """A block of stone with a wide shade."""
    mesh.lathe("stone", [(0, 0), (0.055, 0), (0.055, 0.24), (0, 0.24)], sides=36)
    mesh.rod("metal", (0, 0, 0.24), (0, 0, 0.36), 0.008)
    mesh.put(_shade(0.17, 0.15, 0.19), (0, 0, 0.31))


def _candlestick(mesh: Mesh) -> None:
    stem = [
        (0, 0),
        (0.065, 0),
        (0.065, 0.012),
        (0.03, 0.03),
        (0.014, 0.06),
        (0.024, 0.10),
        (0.012, 0.14),
        (0.012, 0.25),
        (0.022, 0.28),
        (0.01, 0.30),
        (0.008, 0.36),
    ]
    mesh.lathe("metal", stem, sides=28)
    mesh.put(_shade(0.15, 0.09, 0.20, True), (0, 0, 0.31))


def _sphere_lamp(mesh: Mesh) -> None:
    """A glowing ball on a metal ring."""
    mesh.lathe("metal", [(0, 0), (0.07, 0), (0.07, 0.02), (0.045, 0.04), (0, 0.04)])
    _ball(mesh, "shade", (0, 0, 0.15), 0.12)


def _industrial_lamp(mesh: Mesh) -> None:
    mesh.lathe("metal", [(0, 0), (0.08, 0), (0.08, 0.02), (0, 0.022)])
    mesh.rod("metal", (0, 0, 0.02), (0.0, 0.05, 0.28), 0.008).rod("metal", (0, 0.05, 0.28), (0, -0.08, 0.42), 0.008)
    mesh.lathe("metal", [(0.085, 0.34), (0.07, 0.39), (0.02, 0.43), (0, 0.432)], (0, -0.08, 0), 32)
    mesh.lathe("shade", [(0, 0.35), (0.08, 0.345)], (0, -0.08, 0), 32)


def _rattan_lamp(mesh: Mesh) -> None:
    t = np.linspace(0, 1, 14)
    mesh.lathe("cane", np.r_[[(0, 0)], np.c_[0.05 + 0.05 * np.sin(np.pi * t), t * 0.25]])
    mesh.rod("metal", (0, 0, 0.25), (0, 0, 0.36), 0.008)
    mesh.put(_shade(0.17, 0.12, 0.21), (0, 0, 0.31))


_TABLE_LAMPS: dict[str, Callable[[Mesh], None]] = {
    "ceramic": _ceramic_lamp, "ginger": _ginger_lamp, "mushroom": _mushroom, "stone": _stone_lamp,
    "candlestick": _candlestick, "sphere": _sphere_lamp, "industrial": _industrial_lamp, "rattan": _rattan_lamp,
}  # fmt: skip


def pendant(style: StyleSpec, drop: float) -> Mesh:
    """A lamp over a table, hanging `drop` below the origin."""
    mesh = Mesh().rod("dark", (0, 0, -drop), (0, 0, 0), 0.006, sides=8)
    _PENDANTS[style.pendant](mesh, -drop)
    return mesh


def _dome(mesh: Mesh, z: float) -> None:
    outer = [(0.27, z - 0.20), (0.26, z - 0.14), (0.19, z - 0.05), (0.05, z), (0, z + 0.005)]
    mesh.lathe("metal", outer, sides=48).lathe("shade", [(0, z - 0.175), (0.25, z - 0.18)], sides=40)


def _drum_pendant(mesh: Mesh, z: float) -> None:
    mesh.lathe("shade", [(0.27, z - 0.22), (0.27, z)], sides=48)
    mesh.lathe("shade", [(0.27, z - 0.215), (0, z - 0.215)], sides=48)
    for at in (z - 0.216, z - 0.004):
        mesh.tube("metal", _circle(0.272, at), 0.004, 6, closed=True)


def _globe(mesh: Mesh, z: float) -> None:
    mesh.lathe("metal", [(0, z - 0.03), (0.04, z - 0.03), (0.03, z), (0, z)], sides=24)
    _ball(mesh, "shade", (0, 0, z - 0.19), 0.17)


def _basket(mesh: Mesh, z: float) -> None:
    t = np.linspace(0, 1, 16)
    mesh.lathe("cane", np.c_[0.28 * np.sin(0.25 + t * 1.45) ** 0.8, z - t * 0.30], sides=40)
    _ball(mesh, "shade", (0, 0, z - 0.18), 0.06)


def _paper(mesh: Mesh, z: float) -> None:
    t = np.linspace(0.06, np.pi - 0.06, 61)
    ribbed = 0.25 * np.sin(t) + 0.003 * np.cos(t * 36)
    mesh.lathe("paper", np.c_[ribbed, z - 0.19 + 0.19 * -np.cos(t)], sides=40)


def _chandelier(mesh: Mesh, z: float) -> None:
    """A ring of candles under small shades."""
    mesh.tube("metal", _circle(0.30, z - 0.22, 48), 0.008, 8, closed=True)
    mesh.rod("metal", (0, 0, z - 0.26), (0, 0, z), 0.012)
    _ball(mesh, "metal", (0, 0, z - 0.27), 0.028)
    for a in np.linspace(0, 2 * np.pi, 6, endpoint=False):
        x, y = 0.30 * np.cos(a), 0.30 * np.sin(a)
        mesh.rod("metal", (0, 0, z - 0.06), (x, y, z - 0.22), 0.005, sides=8)
        mesh.rod("paper", (x, y, z - 0.22), (x, y, z - 0.14), 0.010, sides=10)
        mesh.lathe("shade", [(0.055, z - 0.15), (0.035, z - 0.08)], (x, y, 0), 20)


def _linear(mesh: Mesh, z: float) -> None:
    """Five balls along a bar."""
    mesh.box("metal", (0, 0, z - 0.02), (0.9, 0.03, 0.02), 0.004)
    for x in np.linspace(-0.4, 0.4, 5):
        mesh.rod("metal", (x, 0, z - 0.07), (x, 0, z - 0.02), 0.006, sides=8)
        _ball(mesh, "shade", (x, 0, z - 0.13), 0.065)


_PENDANTS: dict[str, Callable[[Mesh, float], None]] = {
    "dome": _dome, "drum": _drum_pendant, "globe": _globe, "basket": _basket, "paper": _paper,
    "chandelier": _chandelier, "linear": _linear,
}  # fmt: skip
