"""Small things that make a room lived in: pillows, books, vases, pictures, mirrors, rugs."""

import numpy as np

from functions.inference.engines.render.furnish.meshes.builder import Cushioning, Mesh, grid_faces, turn_x, turn_z
from functions.inference.engines.render.furnish.meshes.lamps import floor_lamp, pendant, table_lamp
from functions.inference.engines.render.furnish.meshes.plants import leaves, plant
from functions.inference.engines.render.furnish.styles.spec import StyleSpec
from functions.inference.vision.arrays import Floats

__all__ = [
    "books", "bowl", "candles", "floor_lamp", "knot", "lean", "mirror", "pendant", "picture", "pillow", "plant",
    "rug", "table_lamp", "throw", "tray", "vase",
]  # fmt: skip

Rng = np.random.Generator


def pillow(material: str, width: float, height: float, thickness: float, seed: int) -> Mesh:
    """A scatter cushion, upright in the x-z plane around the origin, with pinched corners and a welt."""
    n = 18
    u = np.linspace(-1, 1, n)
    x, z = np.meshgrid(u, u, indexing="ij")
    rng = np.random.default_rng(seed)
    thick = ((1 - np.abs(x) ** 3.2) * (1 - np.abs(z) ** 3.2)) ** 0.55
    px = x * (1 - 0.10 * (1 - z**2) * np.abs(x) ** 4)
    pz = z * (1 - 0.10 * (1 - x**2) * np.abs(z) ** 4)
    dent = -0.10 * np.exp(-((x * 2.2) ** 2)) * np.clip(z, 0, 1) ** 2
    crease = 0.016 * np.sin(5 * x + rng.uniform(0, 6) + 2 * z) * np.sin(4 * z + rng.uniform(0, 6))
    corner = np.abs(x * z) ** 1.5 * 0.010 * np.sin(14 * (x + z) + rng.uniform(0, 6))
    mesh = Mesh()
    uv = np.stack([x * width / 2, z * height / 2], -1).reshape(-1, 2)
    for side in (-1, 1):
        surface = np.stack(
            [px * width / 2, side * thick * (thickness / 2 + crease) + corner, (pz + dent) * height / 2], -1
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
        for side in (-1, 1):
            mesh.box(cover, (0, 0, z + t / 2 + side * (t / 2 - 0.0015)), (w, d, 0.003), 0.001, turn=turn)
        mesh.box("paper", (0.003, 0, z + t / 2), (w - 0.008, d - 0.006, t - 0.006), 0.001, turn=turn)
        spine = Mesh().box(cover, (-w / 2 + 0.002, 0, z + t / 2), (0.004, d, t), 0.001)
        mesh.parts.extend(part.moved(turn, np.zeros(3)) for part in spine.parts)
        z += t
    return mesh


def vase(rng: Rng, material: str, height: float, radius: float, stems: bool = True, reach: float = 1.0) -> Mesh:
    """A bellied vase, with twigs in it when `stems`; `reach` scales their length."""
    t = np.linspace(0, 1, 18)
    belly = radius * (0.55 + 0.75 * np.sin(np.pi * (t * 0.85 + 0.08)) ** 1.4 * (1 - 0.35 * t))
    profile = np.c_[belly, t * height]
    rim = [(profile[-1, 0] * 0.8, height - 0.01), (0, height * 0.5)]
    mesh = Mesh().lathe(material, np.r_[[(0, 0)], profile, rim])
    for _ in range(9 if stems else 0):
        _stem(mesh, rng, height, reach)
    return mesh


def _stem(mesh: Mesh, rng: Rng, height: float, reach: float) -> None:
    around, length, spread = rng.uniform(0, 2 * np.pi), reach * rng.uniform(0.2, 0.36), rng.uniform(0.15, 0.5)
    foot = np.array([0, 0, height - 0.05])
    tip = np.array([np.cos(around) * spread * length, np.sin(around) * spread * length, height + length])
    t = np.linspace(0, 1, 6)[:, None]
    path = foot * (1 - t) + tip * t
    path[:, 2] += 0.04 * np.sin(np.pi * t[:, 0])
    mesh.tube("stem", path, 0.0022, 5)
    share = (0.3 + 0.075 * np.arange(10))[:, None]
    at = path[-1] * share + foot * (1 - share)
    leaves(mesh, "leaf2", at, rng.uniform(0, 2 * np.pi, 10), rng.uniform(0.2, 1.0, 10), rng.uniform(0.05, 0.08, 10),
           np.full(10, 0.017), 0.5, 5)  # fmt: skip


def rug(width: float, depth: float) -> Mesh:
    """A rug 14 mm thick with a bound edge and a pile that is not quite even."""
    w, d, z = width / 2, depth / 2, 0.0138
    nx, ny = 24, 18
    x, y = np.meshgrid(np.linspace(-1, 1, nx), np.linspace(-1, 1, ny), indexing="ij")
    rise = z + 0.0007 * np.sin(3.1 * x + 1) * np.sin(4.3 * y) - 0.006 * (np.maximum(np.abs(x), np.abs(y)) > 0.999)
    surface = np.stack([x * w, y * d, rise], -1).reshape(-1, 3)
    uv = np.stack([x / 2 + 0.5, y / 2 + 0.5], -1).reshape(-1, 2)
    mesh = Mesh().add("rug", surface, grid_faces(nx, ny), uv)
    ring = np.array([[-w, -d, 0.0065], [w, -d, 0.0065], [w, d, 0.0065], [-w, d, 0.0065]])
    for a, b in zip(ring, np.roll(ring, -1, axis=0), strict=True):
        mesh.rod("rugedge", a, b, 0.0065, sides=8)
    return mesh


def picture(style: StyleSpec, width: float, height: float, material: str) -> Mesh:
    """A framed picture, its back on y 0, its lower edge on z 0."""
    mesh = Mesh()
    canvas = style.framing == "canvas"
    edge = {"canvas": 0.012, "thin": 0.018, "gallery": 0.030, "gilt": 0.055}[style.framing]
    _frame(mesh, width, height, edge, 0.034 if style.framing == "gilt" else 0.026)
    mesh.box("paper", (0, -0.008, height / 2), (width, 0.010, height), 0.001)
    mat = 0.0 if canvas or style.framing == "gilt" else min(0.09, 0.16 * min(width, height))
    x, y = width / 2 - mat, -0.0145
    corners = [[-x, y, mat], [x, y, mat], [x, y, height - mat], [-x, y, height - mat]]
    return mesh.quad(material, corners)


def _frame(mesh: Mesh, width: float, height: float, edge: float, depth: float) -> None:
    """Four mitred mouldings around a rectangle that stands on z 0."""
    for sx in (-1, 1):
        at = (sx * (width / 2 + edge / 2), -depth / 2, height / 2)
        mesh.box("frame", at, (edge, depth, height + 2 * edge), min(0.012, edge * 0.3))
    for z in (-edge / 2, height + edge / 2):
        mesh.box("frame", (0, -depth / 2, z), (width, depth, edge), min(0.012, edge * 0.3))
    if edge > 0.04:
        for sx in (-1, 1):
            x = sx * (width / 2 + 0.006)
            mesh.rod("frame", (x, -depth, 0), (x, -depth, height), 0.005, sides=8)
        for z in (-0.006, height + 0.006):
            mesh.rod("frame", (-width / 2, -depth, z), (width / 2, -depth, z), 0.005, sides=8)


def mirror(style: StyleSpec, width: float, height: float) -> Mesh:
    """A framed mirror of the style's shape, its back on y 0, its lower edge on z 0."""
    outline = _mirror_outline(style.mirror, width, height)
    glass = Mesh().prism("mirror", outline, 0.0, 0.012, 0.002)
    edge = 0.016 if style.mirror in ("round", "arch") else 0.024
    glass.tube("frame", np.c_[outline * (1 + edge / width), np.full(len(outline), 0.010)], edge, 8, closed=True)
    if style.mirror == "sunburst":
        _rays(glass, width)
    return Mesh(part.moved(turn_x(np.pi / 2), np.array([0, -0.004, height / 2])) for part in glass.parts)


def _mirror_outline(shape: str, width: float, height: float) -> Floats:
    angle = np.linspace(0, 2 * np.pi, 65)[:-1]
    half = np.array([width, height]) / 2
    if shape == "sunburst":
        half = half * 0.58
    if shape in ("round", "sunburst"):
        return np.asarray(np.c_[np.cos(angle), np.sin(angle)] * half, np.float64)
    top = np.c_[np.cos(angle[:33]), np.sin(angle[:33])] * half[0]
    if shape == "arch":
        foot = [[-half[0], -half[1]], [half[0], -half[1]]]
        return np.asarray(np.r_[top + np.array([0, half[1] - half[0]]), foot], np.float64)
    power = np.abs(np.c_[np.cos(angle), np.sin(angle)]) ** 0.12
    return np.asarray(np.sign(np.c_[np.cos(angle), np.sin(angle)]) * power * half, np.float64)


def _rays(mesh: Mesh, width: float) -> None:
    for k, a in enumerate(np.linspace(0, 2 * np.pi, 32, endpoint=False)):
        away, end = np.array([np.cos(a), np.sin(a), 0]), width / 2 * (1.0 if k % 2 else 0.86)
        mesh.rod("frame", away * width * 0.29 + [0, 0, 0.008], away * end + [0, 0, 0.008], 0.009, 0.003, 6)


def bowl(material: str = "ceramic", radius: float = 0.14) -> Mesh:
    """A shallow bowl."""
    wall = [(0, 0), (radius * 0.55, 0.004), (radius, 0.065), (radius * 0.96, 0.066), (radius * 0.5, 0.014), (0, 0.012)]
    return Mesh().lathe(material, wall)


def tray(width: float, depth: float) -> Mesh:
    """A wooden tray with a rim."""
    mesh = Mesh().box("wood2", (0, 0, 0.008), (width, depth, 0.012), 0.003)
    for sx in (-1, 1):
        mesh.box("wood2", (sx * width / 2, 0, 0.022), (0.014, depth + 0.014, 0.040), 0.004)
    for sy in (-1, 1):
        mesh.box("wood2", (0, sy * depth / 2, 0.022), (width, 0.014, 0.040), 0.004)
    return mesh


def candles(rng: Rng) -> Mesh:
    """Three candlesticks of different heights."""
    mesh = Mesh()
    for k, (x, y) in enumerate(((0, 0), (0.075, 0.03), (-0.06, 0.05))):
        h = 0.10 + 0.06 * k + float(rng.uniform(0, 0.03))
        stem = [(0, 0), (0.036, 0), (0.034, 0.008), (0.009, 0.02), (0.008, h - 0.02), (0.018, h), (0, h)]
        mesh.lathe("metal", stem, (x, y, 0), 20)
        mesh.rod("paper", (x, y, h), (x, y, h + 0.16), 0.010, 0.009, 12)
    return mesh


def knot(rng: Rng, material: str) -> Mesh:
    """A small sculpture: a trefoil of thick cord."""
    t = np.linspace(0, 2 * np.pi, 73)[:-1] + float(rng.uniform(0, 2))
    path = np.c_[np.sin(t) + 2 * np.sin(2 * t), -np.sin(3 * t) * 0.9, np.cos(t) - 2 * np.cos(2 * t)] * 0.030
    path[:, 2] -= path[:, 2].min() - 0.017
    return Mesh().tube(material, path, 0.017, 10, closed=True)


def throw(width: float, seed: int) -> Mesh:
    """A folded blanket lying flat around the origin."""
    soft = Cushioning(0.012, 0.005, seed)
    mesh = Mesh().box("throw", (0, 0, 0.016), (width, 0.42, 0.032), 0.015, soft)
    return mesh.box("throw", (0.02, 0.02, 0.044), (width - 0.03, 0.38, 0.028), 0.013, Cushioning(0.01, 0.005, seed + 1))
