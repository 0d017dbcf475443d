"""Tables, desks, and what stands on them."""

import numpy as np

from functions.inference.engines.render.meshes.builder import Mesh
from functions.inference.engines.render.meshes.decor import books, bowl, table_lamp, vase
from functions.inference.engines.render.meshes.seating import dining_chair, legs
from functions.inference.engines.render.styles import StyleSpec

Rng = np.random.Generator


def coffee_table(style: StyleSpec, rng: Rng) -> Mesh:
    mesh = {"slab": _slab_table, "drum": _drum_tables, "turned": _turned_table}[style.table]()
    top = {"slab": 0.40, "drum": 0.36, "turned": 0.44}[style.table]
    stack = books(rng)
    mesh.put(stack, (-0.22, 0.03, top), rng.uniform(-0.3, 0.3))
    mesh.put(vase(rng, "metal", 0.07, 0.04, False), (-0.20, 0.03, top + float(stack.bounds()[1][2])))
    at = (-0.04, -0.2, top) if style.table == "drum" else (0.24, -0.02, top)
    return mesh.put(vase(rng, "ceramic", 0.2, 0.06), at)


def _slab_table() -> Mesh:
    w, d, h = 1.15, 0.62, 0.40
    mesh = Mesh().box("wood", (0, 0, h - 0.02), (w, d, 0.035), 0.012)
    legs(mesh, "wood", w, d, h - 0.03, 0.022, 0.08, 0.03)
    return mesh.box("wood", (0, 0, 0.16), (w - 0.25, d - 0.2, 0.018), 0.006)


def _drum_tables() -> Mesh:
    mesh = Mesh()
    for x, y, r, h in ((-0.22, 0.0, 0.42, 0.36), (0.40, -0.10, 0.28, 0.45)):
        rim = [(0, h - 0.035), (r - 0.006, h - 0.035), (r, h - 0.03), (r, h - 0.006), (r - 0.006, h), (0, h)]
        mesh.lathe("stone", rim, (x, y, 0), 64)
        for a in np.linspace(0, 2 * np.pi, 12, endpoint=False):
            px, py = x + np.cos(a) * (r - 0.03), y + np.sin(a) * (r - 0.03)
            mesh.rod("metal", (px, py, 0), (px, py, h - 0.03), 0.008, sides=8)
        ring = [(r - 0.04, 0), (r - 0.02, 0), (r - 0.02, 0.018), (r - 0.04, 0.018), (r - 0.04, 0)]
        mesh.lathe("metal", ring, (x, y, 0), 64)
    return mesh


_TURNED_LEG = [
    (0, 0),
    (0.02, 0),
    (0.03, 0.03),
    (0.018, 0.06),
    (0.034, 0.16),
    (0.026, 0.24),
    (0.036, 0.30),
    (0.03, 0.38),
]


def _turned_table() -> Mesh:
    w, d, h = 1.2, 0.68, 0.44
    mesh = Mesh().box("wood", (0, 0, h - 0.02), (w, d, 0.04), 0.014)
    mesh.box("wood", (0, 0, h - 0.08), (w - 0.12, d - 0.12, 0.08), 0.004)
    for sx in (-1, 1):
        for sy in (-1, 1):
            mesh.lathe("wood", _TURNED_LEG, (sx * (w / 2 - 0.1), sy * (d / 2 - 0.1), 0), 18)
    return mesh


def side_table(style: StyleSpec) -> Mesh:
    h = 0.52
    top, base = ("stone", "metal") if style.table == "drum" else ("wood", "wood")
    mesh = Mesh().lathe(top, [(0, h - 0.025), (0.22, h - 0.025), (0.225, h - 0.01), (0.22, h), (0, h)], sides=48)
    mesh.rod(base, (0, 0, 0.02), (0, 0, h - 0.02), 0.018)
    mesh.lathe(base, [(0, 0), (0.15, 0), (0.15, 0.012), (0.02, 0.03), (0, 0.03)], sides=36)
    return mesh.put(table_lamp(style), (0, 0, h))


def dining_set(style: StyleSpec, rng: Rng, width: float, chairs: int) -> Mesh:
    """A table with its chairs, plates and a vase."""
    d, h = 0.92, 0.75
    mesh = Mesh()
    if style.table == "drum":
        mesh.box("stone", (0, 0, h - 0.015), (width, d, 0.03), 0.01)
        for sx in (-1, 1):
            mesh.box("metal", (sx * width * 0.28, 0, (h - 0.03) / 2), (0.10, 0.5, h - 0.03), 0.02)
    else:
        mesh.box("wood", (0, 0, h - 0.02), (width, d, 0.04), 0.012)
        legs(mesh, "wood", width, d, h - 0.04, 0.032, 0.09, 0.02)
        mesh.box("wood", (0, 0, h - 0.07), (width - 0.25, d - 0.2, 0.07), 0.004)
    for i in range(chairs // 2):
        _places(mesh, style, rng, (i - (chairs // 2 - 1) / 2) * 0.6, d, h)
    mesh.put(vase(rng, "ceramic2", 0.26, 0.08), (0, 0, h))
    return mesh.put(bowl(), (0.4, 0.02, h))


def _places(mesh: Mesh, style: StyleSpec, rng: Rng, x: float, depth: float, height: float) -> None:
    for side, facing in ((-1, np.pi), (1, 0.0)):
        y = side * (depth / 2 + 0.16) + rng.uniform(-0.03, 0.03)
        mesh.put(dining_chair(style, int(rng.integers(1 << 30))), (x, y, 0), facing + rng.uniform(-0.06, 0.06))
        mesh.lathe(
            "ceramic",
            [(0, 0.002), (0.12, 0.004), (0.135, 0.014), (0.12, 0.012), (0, 0.008)],
            (x, side * depth * 0.28, height),
        )


def desk(style: StyleSpec, rng: Rng, width: float = 1.4) -> Mesh:
    """A desk with a screen, keyboard, lamp and books; its user sits on the front side."""
    h, d = 0.74, 0.66
    mesh = Mesh().box("wood", (0, 0, h - 0.015), (width, d, 0.03), 0.008)
    for sx in (-1, 1):
        x = sx * (width / 2 - 0.05)
        for sy in (-1, 1):
            mesh.box("metal", (x, sy * (d / 2 - 0.06), (h - 0.03) / 2), (0.03, 0.03, h - 0.03))
        mesh.box("metal", (x, 0, 0.02), (0.03, d - 0.12, 0.03))
    mesh.box("wood2", (width * 0.30, 0.02, h - 0.115), (0.42, d - 0.1, 0.15), 0.006)
    mesh.box("dark", (0, 0.16, h + 0.30), (0.62, 0.025, 0.36), 0.008)
    z = h + 0.14
    mesh.quad("screen", [[-0.295, 0.146, z], [0.295, 0.146, z], [0.295, 0.146, z + 0.325], [-0.295, 0.146, z + 0.325]])
    mesh.rod("metal", (0, 0.18, h), (0, 0.18, h + 0.2), 0.015).box("metal", (0, 0.18, h + 0.005), (0.22, 0.16, 0.01))
    mesh.box("light", (0, -0.12, h + 0.008), (0.42, 0.13, 0.014), 0.005)
    mesh.put(books(rng), (-width * 0.33, 0.05, h)).put(table_lamp(style), (width * 0.38, 0.16, h))
    return mesh.put(vase(rng, "ceramic", 0.14, 0.05), (-width * 0.42, 0.2, h))
