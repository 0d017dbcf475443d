"""Small things that make a room lived in: pillows, books, vases, plants, lamps, pictures, rugs."""

import numpy as np

from functions.inference.engines.render.meshes.builder import (
    Cushioning,
    Floats,
    Mesh,
    grid_faces,
    turn_x,
    turn_z,
)
from functions.inference.engines.render.styles import StyleSpec

Rng = np.random.Generator


def pillow(material: str, width: float, height: float, thickness: float, seed: int) -> Mesh:
    """A scatter cushion, upright in the x-z plane around the origin, with pinched corners and a welt."""
    n = 16
    u = np.linspace(-1, 1, n)
    x, z = np.meshgrid(u, u, indexing="ij")
    rng = np.random.default_rng(seed)
    thick = ((1 - np.abs(x) ** 3.2) * (1 - np.abs(z) ** 3.2)) ** 0.55
    px = x * (1 - 0.10 * (1 - z**2) * np.abs(x) ** 4)
    pz = z * (1 - 0.10 * (1 - x**2) * np.abs(z) ** 4)
    dent = -0.10 * np.exp(-((x * 2.2) ** 2)) * np.clip(z, 0, 1) ** 2
    crease = 0.012 * np.sin(5 * x + rng.uniform(0, 6) + 2 * z) * np.sin(4 * z + rng.uniform(0, 6))
    mesh = Mesh()
    uv = np.stack([x * width / 2, z * height / 2], -1).reshape(-1, 2)
    for side in (-1, 1):
        surface = np.stack(
            [px * width / 2, side * thick * (thickness / 2 + crease), (pz + dent) * height / 2], -1
        ).reshape(-1, 3)
        mesh.add(material, surface, grid_faces(n, n, side > 0), uv)
    edge = np.r_[np.c_[px[:, 0], pz[:, 0] + dent[:, 0]], np.c_[px[-1, 1:], pz[-1, 1:] + dent[-1, 1:]]]
    edge = np.r_[edge, np.c_[px[-2::-1, -1], pz[-2::-1, -1] + dent[-2::-1, -1]], np.c_[px[0, -2:0:-1], pz[0, -2:0:-1]]]
    welt = np.c_[edge[:, 0] * width / 2, np.zeros(len(edge)), edge[:, 1] * height / 2]
    return mesh.tube(material, welt, 0.004, 5, closed=True)


def lean(mesh: Mesh, back_deg: float, turn_deg: float, at: tuple[float, float, float]) -> Mesh:
    """Tilt a pillow back, turn it, and put it somewhere."""
    turn = turn_z(np.radians(turn_deg)) @ turn_x(np.radians(-back_deg))
    return Mesh(part.moved(turn, np.asarray(at, float)) for part in mesh.parts)


def books(rng: Rng, count: int = 3) -> Mesh:
    """A stack of books around the origin."""
    mesh, z = Mesh(), 0.0
    for i in range(count):
        w, d, t = rng.uniform(0.20, 0.27), rng.uniform(0.15, 0.19), rng.uniform(0.02, 0.035)
        turn = turn_z(rng.uniform(-0.25, 0.25))
        cover = ["light", "accent", "dark"][i % 3]
        mesh.box(cover, (0, 0, z + t / 2), (w, d, t), 0.002, turn=turn)
        mesh.box("paper", (0.004, 0, z + t / 2), (w - 0.002, d - 0.006, t - 0.007), 0.001, turn=turn)
        z += t
    return mesh


def vase(rng: Rng, material: str, height: float, radius: float, stems: bool = True) -> Mesh:
    t = np.linspace(0, 1, 18)
    belly = radius * (0.55 + 0.75 * np.sin(np.pi * (t * 0.85 + 0.08)) ** 1.4 * (1 - 0.35 * t))
    profile = np.c_[belly, t * height]
    rim = [(profile[-1, 0] * 0.8, height - 0.01), (0, height * 0.5)]
    mesh = Mesh().lathe(material, np.r_[[(0, 0)], profile, rim])
    for _ in range(11 if stems else 0):
        _stem(mesh, rng, height)
    return mesh


def _stem(mesh: Mesh, rng: Rng, height: float) -> None:
    around, length, spread = rng.uniform(0, 2 * np.pi), rng.uniform(0.2, 0.38), rng.uniform(0.15, 0.55)
    foot = np.array([0, 0, height - 0.05])
    tip = np.array([np.cos(around) * spread * length, np.sin(around) * spread * length, height + length])
    t = np.linspace(0, 1, 6)[:, None]
    path = foot * (1 - t) + tip * t
    path[:, 2] += 0.04 * np.sin(np.pi * t[:, 0])
    mesh.tube("stem", path, 0.0022, 5)
    for k in range(8):
        at = path[-1] * (0.3 + 0.09 * k) + foot * (0.7 - 0.09 * k)
        leaf(mesh, "leaf2", at, rng.uniform(0, 2 * np.pi), rng.uniform(0.2, 1.0), rng.uniform(0.06, 0.1), 0.02)


def leaf(
    mesh: Mesh,
    material: str,
    at: Floats,
    azimuth: float,
    elevation: float,
    length: float,
    width: float,
    droop: float = 0.5,
) -> None:
    n = 7
    t = np.linspace(0, 1, n)
    half = width * np.sin(np.pi * np.clip(t * 0.93 + 0.05, 0, 1)) ** 0.8
    away = np.array([np.cos(azimuth), np.sin(azimuth)])
    angle = elevation - droop * t * 1.2
    middle_angle = (angle[1:] + angle[:-1]) / 2
    out = np.r_[0, np.cumsum(np.cos(middle_angle))] / (n - 1) * length
    rise = np.r_[0, np.cumsum(np.sin(middle_angle))] / (n - 1) * length
    spine = np.c_[away[0] * out, away[1] * out, rise] + at
    side = np.array([-away[1], away[0], 0]) * half[:, None]
    up = np.c_[-away[0] * np.sin(angle), -away[1] * np.sin(angle), np.cos(angle)] * (half * 0.3)[:, None]
    surface = np.stack([spine - side + up, spine, spine + side + up], 1).reshape(-1, 3)
    uv = np.stack(np.meshgrid(t, [0, 0.5, 1], indexing="ij"), -1).reshape(-1, 2)
    mesh.add(material, surface, grid_faces(n, 3), uv)


def plant(style: StyleSpec, rng: Rng, height: float = 1.5) -> Mesh:
    """A potted plant: a fiddle-leaf fig, a palm or an olive tree, as the style says."""
    rim = 0.34
    mesh = Mesh().lathe(
        "pot",
        [(0, 0), (0.13, 0), (0.145, 0.01), (0.175, rim - 0.01), (0.172, rim), (0.155, rim), (0.15, rim - 0.04)],
    )
    mesh.lathe("soil", [(0.152, rim - 0.035), (0, rim - 0.025)])
    {"fiddle": _fiddle, "palm": _palm, "olive": _olive}[style.plant](mesh, rng, rim - 0.03, height)
    return mesh


def _fiddle(mesh: Mesh, rng: Rng, soil: float, height: float) -> None:
    for k in range(3):
        start = rng.uniform(0, 2 * np.pi)
        away = np.array([np.cos(start), np.sin(start)])
        foot = np.r_[away * 0.03, soil]
        top = np.r_[away * 0.10, height * (0.72 + 0.12 * k)]
        mesh.rod("stem", foot, top, 0.013, 0.007, 8)
        for j in range(13):
            at = foot + (top - foot) * (0.30 + 0.70 * j / 12)
            lift = rng.uniform(0.35, 0.95) + 0.25 * (j > 10)
            leaf(mesh, "leaf", at, j * 2.4 + start, lift, rng.uniform(0.2, 0.29), rng.uniform(0.06, 0.085), 0.55)


def _palm(mesh: Mesh, rng: Rng, soil: float, height: float) -> None:
    for j in range(12):
        azimuth, rise = j * 2.4 + rng.uniform(-0.2, 0.2), rng.uniform(1.0, 1.42)
        away = np.array([np.cos(azimuth), np.sin(azimuth)])
        length, n = rng.uniform(0.7, 0.95) * height * 0.7, 15
        angle = rise - 1.25 * (np.arange(n) / n) ** 1.7
        steps = np.c_[np.cos(angle)[:, None] * away, np.sin(angle)] * length / n
        path = np.r_[[[0, 0, soil]], np.array([0, 0, soil]) + steps.cumsum(0)]
        mesh.tube("leaf", path, 0.004, 5)
        for k in range(5, n):
            size = 0.24 * np.sin(np.pi * (k - 2) / n) + 0.06
            for side in (-1, 1):
                turn, lift = azimuth + side * rng.uniform(0.75, 1.0), angle[k] * 0.35 + rng.uniform(-0.1, 0.25)
                leaf(mesh, "leaf", path[k], turn, lift, size, 0.015, 0.75)


def _olive(mesh: Mesh, rng: Rng, soil: float, height: float) -> None:
    trunk = np.array([[0, 0, soil], [0.02, 0.01, height * 0.35], [-0.01, 0.02, height * 0.62]])
    mesh.tube("stem", trunk, 0.014, 8)
    for _ in range(16):
        azimuth, length = rng.uniform(0, 2 * np.pi), rng.uniform(0.22, 0.45)
        foot = trunk[1] + (trunk[2] - trunk[1]) * rng.uniform(0.2, 1)
        away = np.array([np.cos(azimuth) * 0.62, np.sin(azimuth) * 0.62, rng.uniform(0.3, 1.0)])
        tip = foot + away * length
        mesh.rod("stem", foot, tip, 0.005, 0.002, 5)
        for k in range(12):
            at = foot + (tip - foot) * (0.3 + 0.7 * k / 11)
            leaf(mesh, "leaf2", at, rng.uniform(0, 2 * np.pi), rng.uniform(-0.2, 1.0), rng.uniform(0.05, 0.08), 0.011)


def floor_lamp(style: StyleSpec) -> Mesh:
    h, mesh = 1.62, Mesh()
    if style.lamp == "tripod":
        for a in (0.3, 2.4, 4.5):
            foot = (np.cos(a) * 0.26, np.sin(a) * 0.26, 0.0)
            mesh.rod("wood", foot, (np.cos(a) * 0.02, np.sin(a) * 0.02, h - 0.34), 0.012, 0.014)
    elif style.lamp == "arc":
        t = np.linspace(0, 1, 24)
        path = np.c_[0.0 * t, -0.42 * (1 - np.cos(t * np.pi / 2)), 0.02 + (h + 0.12) * np.sin(t * np.pi / 2) ** 0.8]
        mesh.lathe("metal", [(0, 0), (0.16, 0), (0.16, 0.02), (0, 0.022)]).tube("metal", path, 0.011, 10)
        return mesh.put(_shade(0.19, 0.16, 0.20), (0, -0.42, h - 0.08))
    else:
        mesh.lathe("metal", [(0, 0), (0.15, 0), (0.15, 0.015), (0.02, 0.03), (0, 0.03)])
        mesh.rod("metal", (0, 0, 0.02), (0, 0, h - 0.2), 0.011)
    return mesh.put(_shade(0.24, 0.20, 0.34), (0, 0, h - 0.36))


def _shade(bottom: float, top: float, height: float) -> Mesh:
    mesh = Mesh().lathe("shade", [(bottom, 0), (top, height)], sides=48)
    return mesh.lathe("bulb", [(0, 0.10), (0.04, 0.13), (0.045, 0.17), (0, 0.2)], sides=16)


def table_lamp(style: StyleSpec) -> Mesh:
    t = np.linspace(0, 1, 14)
    base = np.c_[0.03 + 0.07 * np.sin(np.pi * (t * 0.9 + 0.03)), t * 0.26]
    mesh = Mesh().lathe("metal" if style.lamp == "arc" else "ceramic", np.r_[[(0, 0)], base])
    mesh.rod("metal", (0, 0, 0.25), (0, 0, 0.36), 0.008)
    return mesh.put(_shade(0.155, 0.12, 0.22), (0, 0, 0.31))


def pendant(style: StyleSpec, drop: float) -> Mesh:
    """A lamp over a table, hanging `drop` below the origin."""
    mesh = Mesh().rod("dark", (0, 0, -drop), (0, 0, 0), 0.004, sides=8)
    material = "metal" if style.lamp == "arc" else "shade"
    mesh.lathe(
        material, [(0.30, -drop - 0.20), (0.22, -drop - 0.05), (0.05, -drop + 0.01), (0, -drop + 0.012)], sides=48
    )
    return mesh.lathe("bulb", [(0, -drop - 0.17), (0.05, -drop - 0.12), (0, -drop - 0.07)], sides=16)


def rug(width: float, depth: float) -> Mesh:
    w, d, z = width / 2, depth / 2, 0.0125
    mesh = Mesh().quad("rug", [[-w, -d, z], [w, -d, z], [w, d, z], [-w, d, z]])
    return mesh.box("rugedge", (0, 0, 0.006), (width, depth, 0.012), 0.004)


def picture(style: StyleSpec, width: float, height: float, material: str) -> Mesh:
    """A framed picture, its back on y 0, its lower edge on z 0."""
    mesh = Mesh().box("frame", (0, -0.012, height / 2), (width + 0.05, 0.024, height + 0.05), 0.003)
    mat = 0.0 if style.canvas else 0.09
    if mat:
        mesh.box("paper", (0, -0.0245, height / 2), (width, 0.004, height), 0.001)
    x, y = width / 2 - mat, -0.028
    corners = [[-x, y, mat], [x, y, mat], [x, y, height - mat], [-x, y, height - mat]]
    return mesh.quad(material, corners)


def bowl(material: str = "ceramic", radius: float = 0.14) -> Mesh:
    return Mesh().lathe(
        material,
        [(0, 0), (radius * 0.55, 0.004), (radius, 0.065), (radius * 0.96, 0.066), (radius * 0.5, 0.014), (0, 0.012)],
    )


def throw(width: float, seed: int) -> Mesh:
    """A folded blanket lying flat around the origin."""
    soft = Cushioning(0.012, 0.005, seed)
    mesh = Mesh().box("throw", (0, 0, 0.016), (width, 0.42, 0.032), 0.015, soft)
    return mesh.box("throw", (0.02, 0.02, 0.044), (width - 0.03, 0.38, 0.028), 0.013, Cushioning(0.01, 0.005, seed + 1))
