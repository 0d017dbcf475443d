"""A wheel: tyre with grooves, rim with spokes, brake disc and caliper. Its axle is y, its outer face looks along +y."""

import numpy as np

from functions.inference.engines.render.furnish.meshes.builder import Mesh, turn_x, turn_z
from functions.inference.engines.render.vehicles.spec import Wheels
from functions.inference.vision.arrays import Floats

GROOVES = (-0.055, -0.018, 0.018, 0.055)
GROOVE_M, GROOVE_DEPTH_M = 0.005, 0.007


def wheel(wheels: Wheels, dark: bool, front: bool) -> Mesh:
    """Standing with its middle in the origin. `front` wheels have the caliper behind the axle, rear ones before it."""
    local = Mesh()
    rim = wheels.radius * 0.735
    _tyre(local, wheels, rim)
    _rim(local, rim, wheels.width / 2)
    _brake(local, rim, front)
    _spokes(local, wheels, rim, "rim_dark" if dark else "rim")
    turned = Mesh()
    for part in local.parts:
        turned.parts.append(part.moved(turn_x(-np.pi / 2), np.zeros(3)))
    return turned


def _tyre(mesh: Mesh, wheels: Wheels, rim: float) -> None:
    outer, half = wheels.radius, wheels.width / 2
    tread = [(outer - 0.014, -half * 0.88), (outer - 0.003, -half * 0.74)]
    for at in GROOVES:
        edge, floor = outer - (0.002 if abs(at) > 0.03 else 0.0), outer - GROOVE_DEPTH_M
        tread += [(edge, at - GROOVE_M), (floor, at - GROOVE_M), (floor, at + GROOVE_M), (edge, at + GROOVE_M)]
    tread += [(outer - 0.003, half * 0.74), (outer - 0.014, half * 0.88)]
    side = [(rim, -half * 0.86), (rim + 0.012, -half * 0.97), ((rim + outer) / 2, -half), (outer - 0.04, -half * 0.97)]
    other = [(r, -z) for r, z in reversed(side)]
    mesh.lathe("tyre", [*side, *tread, *other], sides=72)
    ring = (rim + outer) / 2 + 0.004
    mesh.lathe("tyre", [(ring - 0.004, half), (ring, half + 0.002), (ring + 0.004, half)], sides=72)


def _rim(mesh: Mesh, rim: float, half: float) -> None:
    mesh.lathe("rim_dark", [(rim, -half * 0.86), (rim - 0.02, -half * 0.7), (rim - 0.028, half * 0.5)], sides=64)
    lip = [(rim - 0.028, half * 0.5), (rim - 0.020, half * 0.86), (rim - 0.008, half * 0.95), (rim + 0.006, half * 0.9)]
    mesh.lathe("rim", lip, sides=64)


def _brake(mesh: Mesh, rim: float, front: bool) -> None:
    mesh.lathe("disc", [(0.07, 0.012), (rim * 0.70, 0.012), (rim * 0.70, -0.012)], sides=48)
    side = -1 if front else 1
    mesh.box("caliper", (side * rim * 0.60, 0.01, 0.012), (0.07, 0.15, 0.07), 0.015)
    mesh.lathe("under", [(0.0, -0.06), (rim - 0.03, -0.06)], sides=32)


def _spokes(mesh: Mesh, wheels: Wheels, rim: float, material: str) -> None:
    half, count = wheels.width / 2, wheels.spokes
    wide = 0.62 if count > 6 else 1.0
    for k in range(count):
        for lean in (-0.5, 0.5) if count <= 6 else (0.0,):
            mesh.put(_spoke(material, rim, half, lean * 0.30, wide), turn=2 * np.pi * k / count + np.pi / 2)
    mesh.lathe(
        material, [(0.072, half * 0.40), (0.070, half * 0.62), (0.050, half * 0.70), (0.0, half * 0.70)], sides=32
    )
    mesh.lathe("gloss_black", [(0.032, half * 0.70), (0.030, half * 0.76), (0.0, half * 0.77)], sides=24)
    for k in range(5):
        at = turn_z(2 * np.pi * (k + 0.5) / 5) @ np.array([0.052, 0, 0])
        mesh.rod("chrome", (at[0], at[1], half * 0.6), (at[0], at[1], half * 0.72), 0.008, sides=8)


def _spoke(material: str, rim: float, half: float, lean: float, wide: float) -> Mesh:
    """Along +x, from hub to lip; `lean` turns its outer end around the axle."""
    stations = ((0.045, 0.052, 0.62, 0.030), (0.10, 0.046, 0.70, 0.026), (rim * 0.7, 0.036, 0.76, 0.022),
                (rim - 0.016, 0.044, 0.80, 0.024))  # fmt: skip
    sections = [_section(r, w * wide, z * half, t, lean * (r / rim) ** 0.8) for r, w, z, t in stations]
    return Mesh().loft(material, np.stack(sections))


def _section(radius: float, width: float, top: float, thick: float, angle: float) -> Floats:
    bevel = thick * 0.35
    ring = np.array(
        [(-width / 2, -thick), (width / 2, -thick), (width / 2, -bevel), (width / 2 - bevel, 0),
         (-width / 2 + bevel, 0), (-width / 2, -bevel)]
    )  # fmt: skip
    points = np.c_[np.full(len(ring), radius), ring[:, 0], ring[:, 1] + top]
    return np.asarray(points @ turn_z(angle).T, np.float64)
