"""Tables, desks, and what stands on them."""

from collections.abc import Callable

import numpy as np

from functions.inference.engines.render.furnish.meshes.builder import Mesh, rounded_rectangle
from functions.inference.engines.render.furnish.meshes.decor import books, bowl, candles, knot, table_lamp, tray, vase
from functions.inference.engines.render.furnish.meshes.seating import dining_chair
from functions.inference.engines.render.furnish.meshes.upholstery import arc, cushion, legs, turned_legs
from functions.inference.engines.render.furnish.styles.spec import StyleSpec
from functions.inference.vision.arrays import Floats

Rng = np.random.Generator
Spot = tuple[float, float, float]


def disc(radius: float, squash: float = 1.0, points: int = 64) -> Floats:
    """The outline of a round or oval top."""
    return np.asarray(arc(radius, 0, 360, points=points + 1)[:-1] * [1, squash], np.float64)


def _plank(width: float, depth: float, radius: float) -> Floats:
    return rounded_rectangle(width, depth, radius, 0.0, 8)[:, :2]


def coffee_table(style: StyleSpec, rng: Rng) -> Mesh:
    """A low table of the style's design, with books and a vase."""
    mesh = Mesh()
    left, right = _COFFEE_TABLES[style.coffee](mesh)
    stack = books(rng)
    high = float(stack.bounds()[1][2])
    mesh.put(stack, left, float(rng.uniform(-0.3, 0.3)))
    on_books = knot(rng, "metal") if style.coffee in ("plinth", "drum") else vase(rng, "metal", 0.07, 0.04, False)
    mesh.put(on_books, (left[0] + 0.02, left[1], left[2] + high))
    if style.coffee == "ottoman":
        mesh.put(tray(0.44, 0.30), (right[0] - 0.04, right[1], right[2]))
        return mesh.put(vase(rng, "ceramic", 0.16, 0.05), (right[0], right[1], right[2] + 0.02))
    return mesh.put(vase(rng, "ceramic", 0.2, 0.06), right)


def _slab(mesh: Mesh) -> tuple[Spot, Spot]:
    """A wooden top and shelf on tapered legs."""
    w, d, h = 1.15, 0.62, 0.40
    mesh.prism("wood", _plank(w, d, 0.05), h - 0.035, h, 0.012)
    legs(mesh, "wood", w, d, h - 0.03, 0.022, 0.08, 0.03)
    mesh.box("wood", (0, 0, 0.16), (w - 0.25, d - 0.2, 0.018), 0.006)
    return (-0.22, 0.03, h), (0.28, -0.02, h)


def _drum(mesh: Mesh) -> tuple[Spot, Spot]:
    """Two stone discs on cages of metal."""
    for x, y, r, h in ((-0.22, 0.0, 0.42, 0.36), (0.40, -0.10, 0.28, 0.45)):
        mesh.put(Mesh().prism("stone", disc(r), h - 0.035, h, 0.008), (x, y, 0))
        for a in np.linspace(0, 2 * np.pi, 12, endpoint=False):
            px, py = x + np.cos(a) * (r - 0.03), y + np.sin(a) * (r - 0.03)
            mesh.rod("metal", (px, py, 0), (px, py, h - 0.03), 0.008, sides=8)
        ring = [(r - 0.04, 0), (r - 0.02, 0), (r - 0.02, 0.018), (r - 0.04, 0.018), (r - 0.04, 0)]
        mesh.lathe("metal", ring, (x, y, 0), 64)
    return (-0.24, 0.03, 0.36), (0.40, -0.10, 0.45)


def _turned(mesh: Mesh) -> tuple[Spot, Spot]:
    """A framed wooden top on turned legs."""
    w, d, h = 1.2, 0.68, 0.44
    mesh.box("wood", (0, 0, h - 0.02), (w, d, 0.04), 0.014)
    mesh.box("wood", (0, 0, h - 0.08), (w - 0.12, d - 0.12, 0.08), 0.004)
    turned_legs(mesh, "wood", w, d, h - 0.06, 0.034, 0.1)
    mesh.box("wood", (0, 0, 0.12), (w - 0.2, d - 0.2, 0.022), 0.006)
    return (-0.24, 0.03, h), (0.28, -0.02, h)


def _glass(mesh: Mesh) -> tuple[Spot, Spot]:
    """Smoked glass on two shelves of a metal frame."""
    w, d, h = 1.15, 0.62, 0.42
    for z in (h - 0.012, 0.14):
        mesh.box("metal", (0, -d / 2, z), (w, 0.022, 0.022), 0.003).box(
            "metal", (0, d / 2, z), (w, 0.022, 0.022), 0.003
        )
        for sx in (-1, 1):
            mesh.box("metal", (sx * (w / 2 - 0.011), 0, z), (0.022, d, 0.022), 0.003)
        mesh.box("glass", (0, 0, z + 0.004), (w - 0.03, d - 0.01, 0.01), 0.002)
    for sx in (-1, 1):
        for sy in (-1, 1):
            mesh.box("metal", (sx * (w / 2 - 0.011), sy * d / 2, h / 2), (0.022, 0.022, h), 0.003)
    return (-0.24, 0.03, h - 0.003), (0.28, -0.02, h - 0.003)


def _plinth(mesh: Mesh) -> tuple[Spot, Spot]:
    """Two blocks of stone, one low and long, one round."""
    mesh.put(Mesh().prism("stone", _plank(0.86, 0.70, 0.10), 0.0, 0.31, 0.016), (-0.16, 0.02, 0))
    mesh.put(Mesh().prism("stone", disc(0.22), 0.0, 0.41, 0.014), (0.46, -0.12, 0))
    return (-0.26, 0.06, 0.31), (0.46, -0.12, 0.41)


def _nesting(mesh: Mesh) -> tuple[Spot, Spot]:
    """Two round wooden tables, the smaller reaching under the larger."""
    for x, y, r, h in ((-0.16, 0.0, 0.42, 0.42), (0.38, -0.12, 0.27, 0.34)):
        mesh.put(Mesh().prism("wood", disc(r), h - 0.028, h, 0.01), (x, y, 0))
        for a in np.radians([90, 210, 330]):
            foot = (x + np.cos(a) * r * 0.86, y + np.sin(a) * r * 0.86, 0)
            mesh.rod("wood", foot, (x + np.cos(a) * r * 0.62, y + np.sin(a) * r * 0.62, h - 0.02), 0.012, 0.019)
    return (-0.22, 0.03, 0.42), (0.42, -0.12, 0.34)


def _ottoman(mesh: Mesh) -> tuple[Spot, Spot]:
    """An upholstered bench that serves as a table."""
    w, d = 1.10, 0.66
    mesh.box("fabric2", (0, 0, 0.22), (w - 0.03, d - 0.03, 0.18), 0.02)
    cushion(mesh, "fabric2", (0, 0, 0.35), (w, d, 0.12), 11)
    turned_legs(mesh, "wood", w, d, 0.14, 0.034, 0.08)
    return (-0.26, 0.03, 0.425), (0.26, 0.0, 0.425)


def _trunk(mesh: Mesh) -> tuple[Spot, Spot]:
    """Thick boards on a black steel frame."""
    w, d, h = 1.15, 0.64, 0.40
    for k in range(3):
        mesh.box("wood", (0, (k - 1) * d / 3, h - 0.03), (w, d / 3 - 0.003, 0.06), 0.006)
    for sx in (-1, 1):
        x = sx * (w / 2 - 0.10)
        for sy in (-1, 1):
            mesh.box("metal", (x, sy * (d / 2 - 0.05), (h - 0.06) / 2), (0.05, 0.012, h - 0.06), 0.002)
        mesh.box("metal", (x, 0, 0.006), (0.05, d - 0.1, 0.012), 0.002)
    return (-0.24, 0.03, h), (0.28, -0.02, h)


_COFFEE_TABLES: dict[str, Callable[[Mesh], tuple[Spot, Spot]]] = {
    "slab": _slab, "drum": _drum, "turned": _turned, "glass": _glass, "plinth": _plinth, "nesting": _nesting,
    "ottoman": _ottoman, "trunk": _trunk,
}  # fmt: skip


def side_table(style: StyleSpec) -> Mesh:
    """A small table with a lamp."""
    mesh, h = Mesh(), 0.52
    _SIDE_TABLES[style.side_table](mesh, h)
    return mesh.put(table_lamp(style), (0, 0, h))


def _pedestal_side(mesh: Mesh, h: float, top: str = "wood", base: str = "wood") -> None:
    mesh.prism(top, disc(0.225), h - 0.025, h, 0.008)
    mesh.rod(base, (0, 0, 0.02), (0, 0, h - 0.02), 0.018)
    mesh.lathe(base, [(0, 0), (0.15, 0), (0.15, 0.012), (0.02, 0.03), (0, 0.03)], sides=36)


def _stone_side(mesh: Mesh, h: float) -> None:
    _pedestal_side(mesh, h, "stone", "metal")


def _block_side(mesh: Mesh, h: float) -> None:
    mesh.prism("stone", disc(0.19), 0.0, h, 0.014)


def _garden_side(mesh: Mesh, h: float) -> None:
    """A ceramic garden stool."""
    t = np.linspace(0, 1, 15)
    belly = 0.15 + 0.045 * np.sin(np.pi * t)
    mesh.lathe("ceramic2", np.r_[[(0, 0)], np.c_[belly, t * h], [(0, h)]], sides=40)
    for z in (0.07, h - 0.07):
        mesh.tube("ceramic2", disc(0.172, points=36) @ np.eye(2, 3) + [0, 0, z], 0.006, 6, closed=True)


def _turned_side(mesh: Mesh, h: float) -> None:
    mesh.prism("wood", disc(0.24), h - 0.03, h, 0.012)
    stem = np.array([(0.03, 0.06), (0.05, 0.10), (0.025, 0.16), (0.045, 0.30), (0.028, 0.42), (0.05, h - 0.03)])
    mesh.lathe("wood", stem, sides=24)
    for a in np.radians([90, 210, 330]):
        mesh.rod("wood", (0, 0, 0.10), (np.cos(a) * 0.20, np.sin(a) * 0.20, 0.012), 0.022, 0.014)


def _stump_side(mesh: Mesh, h: float) -> None:
    """A section of trunk."""
    angle = np.linspace(0, 2 * np.pi, 49)[:-1]
    ring = disc(0.20, points=48) * (1 + 0.05 * np.sin(3 * angle + 1) + 0.03 * np.sin(7 * angle))[:, None]
    mesh.prism("wood", ring, 0.0, h, 0.012)


def _frame_side(mesh: Mesh, h: float) -> None:
    mesh.box("wood", (0, 0, h - 0.015), (0.44, 0.44, 0.03), 0.005)
    for sx in (-1, 1):
        for sy in (-1, 1):
            mesh.box("metal", (sx * 0.20, sy * 0.20, (h - 0.03) / 2), (0.018, 0.018, h - 0.03), 0.002)
    mesh.box("wood", (0, 0, 0.14), (0.40, 0.40, 0.02), 0.004)


_SIDE_TABLES: dict[str, Callable[[Mesh, float], None]] = {
    "pedestal": _pedestal_side, "stone": _stone_side, "block": _block_side, "garden": _garden_side,
    "turned": _turned_side, "stump": _stump_side, "frame": _frame_side,
}  # fmt: skip


def dining_set(style: StyleSpec, rng: Rng, width: float, chairs: int) -> Mesh:
    """A table with its chairs, plates and a vase."""
    d, h = 0.92, 0.75
    mesh = Mesh()
    _DINING_TABLES[style.dining_table](mesh, width, d, h)
    for i in range(chairs // 2):
        _places(mesh, style, rng, (i - (chairs // 2 - 1) / 2) * 0.6, d, h)
    mesh.put(vase(rng, "ceramic2", 0.22, 0.08, reach=0.65), (0, 0, h))
    if width > 1.3:
        mesh.put(candles(rng), (-0.36, 0.02, h))
    return mesh.put(bowl(), (0.22 * width, 0.02, h))


def _four_legs(mesh: Mesh, w: float, d: float, h: float) -> None:
    mesh.prism("wood", _plank(w, d, 0.06), h - 0.035, h, 0.012)
    legs(mesh, "wood", w, d, h - 0.035, 0.032, 0.09, 0.02)
    mesh.box("wood", (0, 0, h - 0.07), (w - 0.25, d - 0.2, 0.07), 0.004)


def _turned_table(mesh: Mesh, w: float, d: float, h: float) -> None:
    mesh.box("wood", (0, 0, h - 0.02), (w, d, 0.04), 0.014)
    mesh.box("wood", (0, 0, h - 0.09), (w - 0.2, d - 0.2, 0.10), 0.004)
    turned_legs(mesh, "wood", w, d, h - 0.05, 0.05, 0.11)


def _trestle(mesh: Mesh, w: float, d: float, h: float) -> None:
    for k in range(4):
        mesh.box("wood", (0, (k - 1.5) * d / 4, h - 0.025), (w, d / 4 - 0.003, 0.05), 0.006)
    for sx in (-1, 1):
        x = sx * (w / 2 - 0.26)
        mesh.box("wood", (x, 0, h - 0.08), (0.09, d - 0.14, 0.06), 0.008)
        mesh.box("wood", (x, 0, 0.03), (0.10, d - 0.2, 0.06), 0.012)
        mesh.box("wood", (x, 0, h / 2 - 0.02), (0.08, 0.16, h - 0.14), 0.008)
    mesh.box("wood", (0, 0, 0.26), (w - 0.5, 0.04, 0.09), 0.008)


def _pedestal(mesh: Mesh, w: float, d: float, h: float) -> None:
    """An oval top of stone on a fluted drum."""
    mesh.prism("stone", disc(w / 2, d / w, 72), h - 0.03, h, 0.012)
    angle = np.linspace(0, 2 * np.pi, 145)[:-1]
    flutes = disc(min(0.27, 0.19 * w), 0.85, 144) * (1 - 0.035 * np.abs(np.sin(angle * 20)))[:, None]
    mesh.prism("wood", flutes, 0.03, h - 0.03, 0.004)
    mesh.prism("wood", disc(min(0.33, 0.24 * w), 0.85), 0.0, 0.035, 0.01)


def _blades(mesh: Mesh, w: float, d: float, h: float) -> None:
    """A stone top on two metal blades."""
    mesh.box("stone", (0, 0, h - 0.015), (w, d, 0.03), 0.01)
    for sx in (-1, 1):
        mesh.box("metal", (sx * w * 0.30, 0, (h - 0.03) / 2), (0.05, 0.40, h - 0.03), 0.01)


def _steel(mesh: Mesh, w: float, d: float, h: float) -> None:
    """Boards on frames of black steel."""
    for k in range(4):
        mesh.box("wood", (0, (k - 1.5) * d / 4, h - 0.025), (w, d / 4 - 0.003, 0.05), 0.005)
    for sx in (-1, 1):
        x = sx * (w / 2 - 0.16)
        for sy in (-1, 1):
            mesh.box("metal", (x, sy * (d / 2 - 0.09), (h - 0.05) / 2), (0.06, 0.03, h - 0.05), 0.003)
        for z in (0.015, h - 0.065):
            mesh.box("metal", (x, 0, z), (0.06, d - 0.18, 0.03), 0.003)


_DINING_TABLES: dict[str, Callable[[Mesh, float, float, float], None]] = {
    "legs": _four_legs, "turned": _turned_table, "trestle": _trestle, "pedestal": _pedestal, "blades": _blades,
    "steel": _steel,
}  # fmt: skip


def _places(mesh: Mesh, style: StyleSpec, rng: Rng, x: float, depth: float, height: float) -> None:
    for side, facing in ((-1, np.pi), (1, 0.0)):
        y = side * (depth / 2 + 0.16) + rng.uniform(-0.03, 0.03)
        mesh.put(dining_chair(style, int(rng.integers(1 << 30))), (x, y, 0), facing + rng.uniform(-0.06, 0.06))
        plate = [(0, 0.002), (0.12, 0.004), (0.135, 0.014), (0.12, 0.012), (0, 0.008)]
        mesh.lathe("ceramic", plate, (x, side * depth * 0.28, height), 32)
        mesh.box("light", (x - 0.19, side * depth * 0.28, height + 0.004), (0.07, 0.20, 0.008), 0.003)


def desk(style: StyleSpec, rng: Rng, width: float = 1.4) -> Mesh:
    """A desk with a screen, keyboard, lamp and books; its user sits on the front side."""
    h, d = 0.74, 0.66
    mesh = Mesh().box("wood", (0, 0, h - 0.015), (width, d, 0.03), 0.008)
    _DESKS[style.desk](mesh, width, d, h)
    mesh.box("dark", (0, 0.16, h + 0.30), (0.62, 0.025, 0.36), 0.008)
    z = h + 0.14
    mesh.quad("screen", [[-0.295, 0.146, z], [0.295, 0.146, z], [0.295, 0.146, z + 0.325], [-0.295, 0.146, z + 0.325]])
    mesh.rod("metal", (0, 0.18, h), (0, 0.18, h + 0.2), 0.015).box("metal", (0, 0.18, h + 0.005), (0.22, 0.16, 0.01))
    mesh.box("light", (0, -0.12, h + 0.008), (0.42, 0.13, 0.014), 0.005)
    mesh.put(books(rng), (-width * 0.33, 0.05, h)).put(table_lamp(style), (width * 0.38, 0.16, h))
    return mesh.put(vase(rng, "ceramic", 0.14, 0.05), (-width * 0.42, 0.2, h))


def _frame_desk(mesh: Mesh, w: float, d: float, h: float) -> None:
    for sx in (-1, 1):
        x = sx * (w / 2 - 0.05)
        for sy in (-1, 1):
            mesh.box("metal", (x, sy * (d / 2 - 0.06), (h - 0.03) / 2), (0.03, 0.03, h - 0.03))
        mesh.box("metal", (x, 0, 0.02), (0.03, d - 0.12, 0.03))
    mesh.box("wood2", (w * 0.30, 0.02, h - 0.115), (0.42, d - 0.1, 0.15), 0.006)


def _leg_desk(mesh: Mesh, w: float, d: float, h: float) -> None:
    """Tapered legs and a row of drawers."""
    legs(mesh, "wood", w, d, h - 0.03, 0.026, 0.08, 0.02)
    mesh.box("wood2", (0, 0.02, h - 0.085), (w - 0.16, d - 0.1, 0.11), 0.006)
    _drawers(mesh, w, d, h)


def _turned_desk(mesh: Mesh, w: float, d: float, h: float) -> None:
    turned_legs(mesh, "wood", w, d, h - 0.03, 0.034, 0.07)
    mesh.box("wood2", (0, 0, h - 0.095), (w - 0.10, d - 0.08, 0.13), 0.006)
    _drawers(mesh, w, d, h)


def _drawers(mesh: Mesh, w: float, d: float, h: float) -> None:
    for k in (-1, 0, 1):
        x = k * (w - 0.2) / 3
        mesh.box("wood2", (x, -d / 2 + 0.04, h - 0.09), ((w - 0.24) / 3, 0.02, 0.085), 0.004)
        mesh.lathe("metal", [(0, 0), (0.006, 0.004), (0.014, 0.012), (0, 0.02)], (x, -d / 2 + 0.015, h - 0.098), 12)


def _slab_desk(mesh: Mesh, w: float, d: float, h: float) -> None:
    """Panels for legs, one of them a pedestal of drawers."""
    mesh.box("wood", (-w / 2 + 0.02, 0, (h - 0.03) / 2), (0.04, d - 0.04, h - 0.03), 0.005)
    mesh.box("wood2", (w / 2 - 0.20, 0, (h - 0.03) / 2), (0.40, d - 0.04, h - 0.03), 0.006)
    for k in range(3):
        mesh.box("wood2", (w / 2 - 0.20, -d / 2 + 0.012, 0.09 + 0.22 * k + 0.04), (0.38, 0.016, 0.205), 0.004)
        mesh.box("metal", (w / 2 - 0.20, -d / 2 - 0.004, 0.09 + 0.22 * k + 0.1), (0.12, 0.014, 0.012), 0.003)


_DESKS: dict[str, Callable[[Mesh, float, float, float], None]] = {
    "frame": _frame_desk, "legs": _leg_desk, "turned": _turned_desk, "slab": _slab_desk,
}  # fmt: skip
