"""Armchairs: the style chooses among nine designs."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from functions.inference.engines.render.furnish.meshes.builder import Cushioning, Mesh, Part, rounded_rectangle, turn_x
from functions.inference.engines.render.furnish.meshes.decor import lean, pillow
from functions.inference.engines.render.furnish.meshes.sofas import sofa
from functions.inference.engines.render.furnish.meshes.upholstery import (
    arc,
    closed_fronts,
    cushion,
    legs,
    quilted,
    quilted_panel,
    stand,
    swept,
)
from functions.inference.engines.render.furnish.styles.spec import SofaForm, StyleSpec
from functions.inference.vision.arrays import Floats

Rng = np.random.Generator


def armchair(style: StyleSpec, rng: Rng) -> Mesh:
    """A chair of the style's design, its front to -y."""
    return _DESIGNS[style.armchair](style, rng)


def _lumbar(mesh: Mesh, rng: Rng, y: float, z: float, material: str = "accent") -> Mesh:
    one = pillow(material, 0.44, 0.30, 0.13, int(rng.integers(1 << 30)))
    return mesh.put(lean(one, 20, float(rng.uniform(-5, 5)), (0, y, z)))


def _club(style: StyleSpec, rng: Rng) -> Mesh:
    """The sofa's sister for one."""
    spec = replace(style, sofa=replace(style.sofa, arm=min(style.sofa.arm, 0.15), form=_CLUB_FORMS[style.sofa.form]))
    mesh = sofa(spec, rng, 0.86, 0.86, "fabric2")
    return _lumbar(mesh, rng, 0.02, 0.60)


_CLUB_FORMS: dict[SofaForm, SofaForm] = {
    "track": "track", "rolled": "rolled", "skirted": "skirted", "chesterfield": "chesterfield", "channel": "channel",
    "curved": "track", "platform": "track", "frame": "track",
}  # fmt: skip


def _wood(style: StyleSpec, rng: Rng) -> Mesh:
    """A lounge chair: cushions in an open frame with paddle arms."""
    mesh, seed = Mesh(), int(rng.integers(1 << 30))
    for sx in (-1, 1):
        mesh.rod("wood", (sx * 0.35, -0.36, 0), (sx * 0.34, -0.33, 0.53), 0.014, 0.019)
        mesh.rod("wood", (sx * 0.35, 0.42, 0), (sx * 0.33, 0.30, 0.50), 0.014, 0.019)
        mesh.box("wood", (sx * 0.345, -0.02, 0.53), (0.058, 0.72, 0.022), 0.01, turn=turn_x(-0.05))
        mesh.rod("wood", (sx * 0.33, -0.33, 0.27), (sx * 0.33, 0.34, 0.24), 0.016)
    mesh.rod("wood", (-0.34, -0.33, 0.27), (0.34, -0.33, 0.27), 0.016)
    mesh.rod("wood", (-0.34, 0.34, 0.25), (0.34, 0.34, 0.25), 0.016)
    mesh.box("fabric2", (0, -0.02, 0.345), (0.62, 0.66, 0.14), 0.05, Cushioning(0.025, 0.002, seed), turn_x(0.087))
    mesh.box("fabric2", (0, 0.33, 0.66), (0.62, 0.14, 0.60), 0.055, Cushioning(0.03, 0.002, seed + 1), turn_x(-0.30))
    for x in np.linspace(-0.24, 0.24, 5):
        mesh.rod("wood", (x, 0.36, 0.26), (x, 0.52, 0.92), 0.009, sides=8)
    mesh.rod("wood", (-0.30, 0.52, 0.92), (0.30, 0.52, 0.92), 0.017)
    return _lumbar(mesh, rng, 0.15, 0.58)


def _tub(mesh: Mesh, quilt: bool, flare: float, low: float, high: float, thick: float) -> None:
    """A round back that sweeps about a round seat, lower at the front; quilted into channels if `quilt`."""
    path = arc(0.31, -48, 228, points=90)
    up = np.linspace(0.0, 1.0, 14)
    inner = np.c_[flare * up**1.5, 0.12 + (high - thick / 2 - 0.12) * up]
    over = arc(thick / 2, 180, 0, (flare + thick / 2, high - thick / 2), 9)[1:]
    outer = np.c_[thick + flare * up[::-1][1:] ** 1.5, 0.12 + (high - thick / 2 - 0.12) * up[::-1][1:]]
    facing = np.clip(np.sin(np.linspace(np.radians(-48), np.radians(228), 90)) * 0.5 + 0.5, 0, 1) ** 1.3
    sections = swept(path, np.r_[inner, over, outer], (low + (high - low) * facing) / high)
    sections[..., 2] = np.maximum(sections[..., 2], 0.12)
    if quilt:
        sections = quilted(sections, slice(0, 18), "channel", 0.085, 0.022)
    mesh.loft("fabric2", closed_fronts(sections))


def _round_seat(mesh: Mesh, top: float, radius: float = 0.325) -> None:
    ring = arc(radius, 0, 360, points=49)[:-1] * [1.0, 1.06]
    mesh.put(Mesh().prism("fabric2", ring * 0.97, 0.12, 0.29, 0.02), (0, -0.03, 0))
    mesh.put(Mesh().prism("fabric2", ring, 0.29, top - 0.03, 0.05, 0.03), (0, -0.05, 0))


def _barrel(style: StyleSpec, rng: Rng) -> Mesh:
    """A tub chair on a plinth."""
    mesh = Mesh()
    _tub(mesh, False, 0.02, 0.60, 0.74, 0.11)
    _round_seat(mesh, 0.44)
    mesh.lathe(style.sofa.leg_material, [(0, 0), (0.27, 0), (0.27, 0.12), (0, 0.12)], (0, -0.02, 0), 40)
    return _lumbar(mesh, rng, 0.12, 0.58)


def _shell(style: StyleSpec, rng: Rng) -> Mesh:
    """A scallop: fanned channels that rise to the back."""
    mesh = Mesh()
    _tub(mesh, True, 0.07, 0.50, 0.84, 0.075)
    _round_seat(mesh, 0.43)
    legs(mesh, style.sofa.leg_material, 0.56, 0.56, 0.13, 0.018, 0.06, 0.02)
    return mesh


def _wing_sections(side: int) -> Floats:
    """Plan sections of an arm that becomes a wing, from the seat rail up."""
    rows = [  # height, front, back, half thickness, distance of its middle from the chair's
        (0.20, -0.36, 0.30, 0.050, 0.335), (0.50, -0.36, 0.32, 0.050, 0.340), (0.56, -0.37, 0.33, 0.062, 0.350),
        (0.61, -0.36, 0.33, 0.060, 0.350), (0.64, -0.27, 0.34, 0.045, 0.340), (0.72, -0.02, 0.36, 0.040, 0.330),
        (0.86, 0.00, 0.38, 0.040, 0.330), (1.00, 0.03, 0.40, 0.040, 0.325), (1.08, 0.10, 0.41, 0.036, 0.315),
        (1.12, 0.22, 0.41, 0.024, 0.300),
    ]  # fmt: skip
    sections = []
    for z, front, back, thick, x in rows:
        ring = rounded_rectangle(2 * thick, back - front, thick * 0.95, z, 5)
        sections.append(ring + np.array([side * x, (front + back) / 2, 0]))
    return np.stack(sections)


def _wingback(style: StyleSpec, rng: Rng) -> Mesh:
    mesh, seed = Mesh(), int(rng.integers(1 << 30))
    for side in (-1, 1):
        sections = _wing_sections(side)
        mesh.loft("fabric2", sections, 0.001, seed)
        edge = sections[1:, 7]
        mesh.tube("fabric2", edge - np.array([0, 0.004, 0]), 0.005, 6)
    mesh.box("fabric2", (0, -0.02, 0.26), (0.64, 0.68, 0.16), 0.02)
    cushion(mesh, "fabric2", (0, -0.05, 0.405), (0.585, 0.62, 0.13), seed)
    back = (0, 0.31, 0.75)
    if style.sofa.tufted:
        quilted_panel(mesh, "fabric2", back, (0.60, 0.12, 0.74), "diamond", 0.13, 0.022, turn_x(-0.11))
    else:
        mesh.box("fabric2", back, (0.60, 0.14, 0.74), 0.06, Cushioning(0.03, 0.002, seed), turn_x(-0.11))
    stand(mesh, "turned" if style.sofa.stand == "turned" else "taper", "wood", 0.70, 0.72, 0.19, 0.02)
    return _lumbar(mesh, rng, 0.12, 0.62)


def _cane(style: StyleSpec, rng: Rng) -> Mesh:
    """A wooden frame with woven sides and back."""
    mesh, seed = Mesh(), int(rng.integers(1 << 30))
    for sx in (-1, 1):
        x = sx * 0.33
        mesh.rod("wood", (x, -0.34, 0), (x, -0.34, 0.60), 0.015, 0.020)
        mesh.rod("wood", (x, 0.36, 0), (x, 0.28, 0.60), 0.015, 0.020)
        mesh.box("wood", (x, -0.03, 0.605), (0.05, 0.68, 0.026), 0.012)
        mesh.box("wood", (x, -0.03, 0.30), (0.028, 0.62, 0.04), 0.008)
        mesh.box("cane", (x, -0.03, 0.455), (0.008, 0.60, 0.27), 0.003)
    tilt = turn_x(-0.20)
    for z in (-0.25, 0.25):
        mesh.parts.extend(_tilted("wood", (0, 0, z), (0.62, 0.03, 0.045), tilt))
    for sx in (-1, 1):
        mesh.parts.extend(_tilted("wood", (sx * 0.295, 0, 0), (0.035, 0.03, 0.54), tilt))
    mesh.parts.extend(_tilted("cane", (0, 0, 0), (0.56, 0.008, 0.47), tilt))
    mesh.box("wood", (0, -0.03, 0.29), (0.64, 0.62, 0.035), 0.008)
    cushion(mesh, "fabric2", (0, -0.05, 0.375), (0.60, 0.62, 0.13), seed)
    return _lumbar(mesh, rng, 0.15, 0.57)


def _tilted(material: str, at: Sequence[float], size: Sequence[float], tilt: Floats) -> list[Part]:
    part = Mesh().box(material, at, size, 0.006)
    return [p.moved(tilt, np.array([0, 0.33, 0.63])) for p in part.parts]


def _slipper(style: StyleSpec, rng: Rng) -> Mesh:
    """Low, without arms, its back buttoned."""
    mesh, seed = Mesh(), int(rng.integers(1 << 30))
    mesh.box("fabric2", (0, -0.02, 0.25), (0.66, 0.72, 0.18), 0.03)
    cushion(mesh, "fabric2", (0, -0.06, 0.40), (0.65, 0.66, 0.13), seed)
    quilted_panel(mesh, "fabric2", (0, 0.32, 0.62), (0.66, 0.16, 0.58), "diamond", 0.14, 0.028, turn_x(-0.16))
    stand(
        mesh, style.sofa.stand if style.sofa.stand != "plinth" else "taper", style.sofa.leg_material, 0.66, 0.70, 0.17
    )
    return _lumbar(mesh, rng, 0.10, 0.60)


def _sling(style: StyleSpec, rng: Rng) -> Mesh:
    """A sheet of leather hung in a frame of rods."""
    mesh = Mesh()
    frame = "metal" if style.sofa.leg_material == "metal" else "wood"
    for sx in (-1, 1):
        x = sx * 0.33
        mesh.rod(frame, (x, -0.40, 0.006), (x, -0.30, 0.56), 0.014, 0.016)
        mesh.rod(frame, (x, 0.40, 0.006), (x, 0.10, 0.56), 0.014, 0.016)
        mesh.rod(frame, (x, -0.34, 0.40), (x, 0.28, 0.27), 0.014)
        mesh.rod(frame, (x, 0.17, 0.30), (x, 0.43, 0.86), 0.014)
        mesh.box(frame if frame == "wood" else "fabric2", (x, -0.10, 0.57), (0.06, 0.46, 0.022), 0.01)
    for y, z in ((-0.34, 0.40), (0.28, 0.27), (0.43, 0.86)):
        mesh.rod(frame, (-0.33, y, z), (0.33, y, z), 0.013)
    path = np.array(
        [[-0.36, 0.41], [-0.15, 0.345], [0.05, 0.30], [0.17, 0.30], [0.25, 0.38], [0.34, 0.60], [0.43, 0.87]]
    )
    mesh.loft("fabric2", _sheet(path, 0.29, 0.022))
    return _lumbar(mesh, rng, 0.16, 0.52)


def _sheet(path: Floats, half: float, thick: float) -> Floats:
    """Sections of a padded sheet along a path (y, z), sagging in the middle."""
    t = np.linspace(0, len(path) - 1, 26)
    y, z = (np.interp(t, np.arange(len(path)), path[:, k]) for k in range(2))
    smooth = np.convolve(np.pad(z, 2, mode="edge"), np.ones(5) / 5, "valid")
    ring = rounded_rectangle(2 * half, thick, thick * 0.45, 0.0, 3)
    sag = 0.02 * (1 - (ring[:, 0] / half) ** 2)
    return np.stack(
        [np.c_[ring[:, 0], np.full(len(ring), a), b + ring[:, 1] - sag] for a, b in zip(y, smooth, strict=True)]
    )


_DESIGNS: dict[str, Callable[[StyleSpec, Rng], Mesh]] = {
    "box": _club, "wood": _wood, "barrel": _barrel, "shell": _shell, "wingback": _wingback, "cane": _cane,
    "slipper": _slipper, "sling": _sling,
}  # fmt: skip
