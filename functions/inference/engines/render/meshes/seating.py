"""Sofas and chairs."""

import numpy as np

from functions.inference.engines.render.meshes.builder import Cushioning, Mesh, rounded_rectangle, turn_x
from functions.inference.engines.render.meshes.decor import lean, pillow
from functions.inference.engines.render.styles import SofaSpec, StyleSpec

Rng = np.random.Generator


def legs(
    mesh: Mesh,
    material: str,
    width: float,
    depth: float,
    height: float,
    radius: float = 0.018,
    inset: float = 0.06,
    splay: float = 0.0,
) -> None:
    """Four tapered legs under a rectangle."""
    for sx in (-1, 1):
        for sy in (-1, 1):
            x, y = sx * (width / 2 - inset), sy * (depth / 2 - inset)
            mesh.rod(material, (x + sx * splay, y + sy * splay, 0), (x, y, height), radius * 0.62, radius)


def _cushion(
    mesh: Mesh,
    fabric: str,
    centre: tuple[float, float, float],
    size: tuple[float, float, float],
    seed: int,
    tilt_deg: float = 0.0,
) -> None:
    """An upholstered cushion with piping around its top and bottom edge."""
    turn = turn_x(np.radians(tilt_deg))
    upright = size[2] > size[1]
    bulge, radius = (0.045, 0.07) if upright else (0.03, 0.05)
    mesh.box(fabric, centre, size, radius, Cushioning(bulge, 0.0028, seed), turn)
    if upright:
        return
    for side in (-1, 1):
        cord = rounded_rectangle(size[0] - 0.012, size[1] - 0.012, 0.055, side * (size[2] / 2 - 0.017))
        mesh.tube(fabric, cord @ turn.T + np.asarray(centre), 0.0045, 6, closed=True)


def _sofa_frame(mesh: Mesh, spec: SofaSpec, width: float, depth: float, fabric: str) -> None:
    leg, arm = spec.leg, spec.arm
    mesh.box(fabric, (0, 0, leg + 0.10), (width - 0.02, depth - 0.04, 0.20), 0.03)
    for sx in (-1, 1):
        x = sx * (width / 2 - arm / 2)
        top = spec.arm_height
        mesh.box(fabric, (x, 0, leg + (top - leg) / 2), (arm, depth, top - leg), spec.radius, Cushioning(0.012, 0.001))
        if spec.rolled:
            mesh.rod(
                fabric,
                (x + sx * 0.01, -depth / 2, top - 0.02),
                (x + sx * 0.01, depth / 2 - 0.04, top - 0.02),
                arm * 0.62,
                sides=28,
            )
    back = spec.back - 0.06
    mesh.box(
        fabric,
        (0, depth / 2 - 0.10, leg + (back - leg) / 2),
        (width - 2 * arm + 0.02, 0.20, back - leg),
        spec.radius,
        Cushioning(0.01, 0.001),
    )
    if leg > 0.03:
        legs(mesh, spec.leg_material, width, depth, leg, 0.022, 0.09, 0.015)


def _tufts(mesh: Mesh, fabric: str, x: float, width: float, y: float, z: float) -> None:
    for tx in (-0.25, 0.25):
        for tz in (-0.08, 0.08):
            mesh.lathe(fabric, [(0.0, 0.0), (0.014, 0.004), (0.0, 0.012)], (x + tx * width, y, z + tz), 10)


def sofa(style: StyleSpec, rng: Rng, width: float = 2.2, depth: float = 0.94, fabric: str = "fabric") -> Mesh:
    spec, mesh, seed = style.sofa, Mesh(), int(rng.integers(1 << 30))
    seats = 1 if width < 1.2 else 2 if width < 2.0 or style.sofa.two_seats else 3
    _sofa_frame(mesh, spec, width, depth, fabric)
    inner = (width - 2 * spec.arm) / seats
    for i in range(seats):
        x = -width / 2 + spec.arm + inner * (i + 0.5)
        _cushion(mesh, fabric, (x, -0.09, spec.leg + 0.285), (inner - 0.006, depth - 0.20, 0.17), seed + i)
        _cushion(mesh, fabric, (x, depth / 2 - 0.27, spec.leg + 0.57), (inner - 0.015, 0.19, 0.43), seed + 10 + i, -11)
        if spec.tufted:
            _tufts(mesh, fabric, x, inner, depth / 2 - 0.385, spec.leg + 0.57)
    if seats > 1:
        _scatter(mesh, style, rng, width, depth)
    return mesh


def _scatter(mesh: Mesh, style: StyleSpec, rng: Rng, width: float, depth: float) -> None:
    """Scatter cushions in the corners of a sofa."""
    edge, z = width / 2 - style.sofa.arm, style.sofa.leg + 0.58
    places = [(-1, 0.24, 0.0, "accent", 0.47, 0.45), (1, 0.24, 0.0, "accent2", 0.47, 0.45)]
    places += [(-1, 0.58, 0.09, "light", 0.42, 0.36), (1, 0.56, 0.09, "light", 0.40, 0.30)]
    for k, (side, offset, forward, material, w, h) in enumerate(places[: style.scatter]):
        turn = float(rng.uniform(-12, 12)) - 12 * side
        cushion = pillow(material, w, h, 0.17, int(rng.integers(1 << 30)))
        at = (side * (edge - offset), depth / 2 - 0.46 - forward, z - (0.45 - h) / 2)
        mesh.put(lean(cushion, 20 + 4 * k, turn, at))


def armchair(style: StyleSpec, rng: Rng) -> Mesh:
    makers = {"box": _club_chair, "wood": _wooden_lounge, "shell": _shell_chair}
    return makers[style.armchair](style, rng)


def _club_chair(style: StyleSpec, rng: Rng) -> Mesh:
    mesh = sofa(style.with_sofa(arm=0.12, arm_height=0.57, leg=0.15), rng, 0.82, 0.84, "fabric2")
    cushion = pillow("accent", 0.42, 0.32, 0.14, int(rng.integers(1 << 30)))
    return mesh.put(lean(cushion, 22, float(rng.uniform(-8, 8)), (0, -0.03, 0.69)))


def _wooden_lounge(style: StyleSpec, rng: Rng) -> Mesh:
    mesh, seed = Mesh(), int(rng.integers(1 << 30))
    for sx in (-1, 1):
        mesh.rod("wood", (sx * 0.36, -0.36, 0), (sx * 0.34, -0.30, 0.56), 0.017, 0.022)
        mesh.rod("wood", (sx * 0.36, 0.40, 0), (sx * 0.34, 0.30, 0.52), 0.017, 0.022)
        mesh.box("wood", (sx * 0.345, -0.01, 0.57), (0.055, 0.72, 0.028), 0.012)
        mesh.rod("wood", (sx * 0.33, -0.33, 0.27), (sx * 0.33, 0.34, 0.24), 0.016)
    mesh.rod("wood", (-0.34, -0.33, 0.27), (0.34, -0.33, 0.27), 0.016)
    mesh.rod("wood", (-0.34, 0.34, 0.25), (0.34, 0.34, 0.25), 0.016)
    mesh.box("fabric2", (0, -0.02, 0.345), (0.62, 0.66, 0.14), 0.05, Cushioning(0.025, 0.002, seed), turn_x(0.087))
    mesh.box("fabric2", (0, 0.33, 0.66), (0.62, 0.14, 0.60), 0.055, Cushioning(0.03, 0.002, seed + 1), turn_x(-0.30))
    for x in np.linspace(-0.24, 0.24, 5):
        mesh.rod("wood", (x, 0.36, 0.26), (x, 0.52, 0.92), 0.009, sides=8)
    mesh.rod("wood", (-0.30, 0.52, 0.92), (0.30, 0.52, 0.92), 0.017)
    return mesh.put(lean(pillow("accent", 0.42, 0.36, 0.14, seed + 5), 22, 0, (0, 0.17, 0.60)))


def _shell_chair(style: StyleSpec, rng: Rng) -> Mesh:
    """A barrel chair: a rounded back that sweeps around the seat."""
    mesh, seed = Mesh(), int(rng.integers(1 << 30))
    angle = np.linspace(-0.15 * np.pi, 1.15 * np.pi, 22)
    for k in range(len(angle) - 1):
        a = (angle[k] + angle[k + 1]) / 2
        rise = 0.30 + 0.16 * np.clip(np.sin(a), 0, 1)
        turn = np.array([[-np.sin(a), np.cos(a), 0], [np.cos(a), np.sin(a), 0], [0, 0, 1.0]]).T
        centre = (0.36 * np.cos(a), 0.36 * np.sin(a), 0.22 + rise / 2)
        mesh.box("fabric2", centre, (0.085, 0.11, rise + 0.12), 0.04, Cushioning(0.012, 0.0, seed), turn)
    mesh.lathe("fabric2", [(0, 0.14), (0.34, 0.14), (0.37, 0.17), (0.37, 0.30), (0, 0.30)], sides=40)
    mesh.lathe("fabric2", [(0.0, 0.30), (0.31, 0.30), (0.335, 0.35), (0.32, 0.41), (0.24, 0.44), (0, 0.45)], sides=40)
    legs(mesh, style.sofa.leg_material, 0.6, 0.6, 0.15, 0.018, 0.08, 0.02)
    return mesh.put(lean(pillow("accent", 0.40, 0.30, 0.13, seed + 5), 20, 0, (0, 0.16, 0.58)))


def dining_chair(style: StyleSpec, seed: int) -> Mesh:
    mesh, h = Mesh(), 0.46
    if style.dining_chair == "upholstered":
        mesh.box("fabric2", (0, 0, h - 0.02), (0.48, 0.48, 0.10), 0.045, Cushioning(0.02, 0.001, seed))
        mesh.box(
            "fabric2", (0, 0.23, h + 0.24), (0.47, 0.07, 0.52), 0.033, Cushioning(0.02, 0.001, seed), turn_x(-0.157)
        )
        cord = rounded_rectangle(0.47, 0.47, 0.05, h + 0.005)
        mesh.tube("fabric2", cord, 0.004, 5, closed=True)
        legs(mesh, "wood", 0.46, 0.46, h - 0.05, 0.02, 0.04, 0.02)
        return mesh
    mesh.box("wood", (0, 0, h - 0.015), (0.46, 0.44, 0.03), 0.014)
    legs(mesh, "wood", 0.44, 0.42, h - 0.02, 0.017, 0.04, 0.03)
    for x in np.linspace(-0.17, 0.17, 6):
        mesh.rod("wood", (x, 0.19, h - 0.01), (x * 1.12, 0.28, h + 0.36), 0.008, sides=8)
    a = np.linspace(-1, 1, 13)
    mesh.tube("wood", np.c_[0.22 * a, 0.29 - 0.05 * a * a, np.full(13, h + 0.37)], 0.016, 10)
    mesh.box("fabric2", (0, 0, h + 0.012), (0.42, 0.40, 0.03), 0.014, Cushioning(0.012))
    return mesh


def office_chair() -> Mesh:
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
    mesh = Mesh()
    legs(mesh, "wood" if style.table != "drum" else "metal", 0.34, 0.34, height - 0.03, 0.015, 0.05, 0.04)
    ring = rounded_rectangle(0.33, 0.33, 0.05, height * 0.32)
    mesh.tube("metal", ring, 0.007, 8, closed=True)
    return mesh.box("fabric2", (0, 0, height), (0.38, 0.38, 0.07), 0.03, Cushioning(0.015))


def pouf(rng: Rng) -> Mesh:
    profile = [(0, 0), (0.20, 0.0), (0.255, 0.05), (0.265, 0.18), (0.245, 0.31), (0.18, 0.37), (0, 0.385)]
    mesh = Mesh().lathe("throw", profile, sides=36)
    seam = rounded_rectangle(0.37, 0.37, 0.18, 0.37, 9)
    return mesh.tube("throw", seam, 0.005, 5, closed=True)
