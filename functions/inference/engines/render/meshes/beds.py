"""Beds, cots, and their linen."""

import numpy as np

from functions.inference.engines.render.meshes.builder import Cushioning, Floats, Mesh, grid_faces
from functions.inference.engines.render.meshes.decor import lean, pillow
from functions.inference.engines.render.meshes.seating import legs
from functions.inference.engines.render.styles import StyleSpec

Rng = np.random.Generator
LENGTH = 2.05
TOP = 0.525


def bed(style: StyleSpec, rng: Rng, width: float = 1.6) -> Mesh:
    """A made bed: frame, headboard, mattress, duvet with a turned-back edge, pillows and a throw."""
    mesh, seed = Mesh(), int(rng.integers(1 << 30))
    _frame(mesh, style, width)
    mesh.box("linen", (0, 0, 0.37), (width, LENGTH, 0.24), 0.06, Cushioning(0.01))
    _duvet(mesh, rng, width)
    soft = Cushioning(0.014, 0.0045, seed)
    mesh.box("linen", (0, -LENGTH / 2 + 1.29, 0.552), (width + 0.07, 0.34, 0.05), 0.024, soft)
    for side in (-1, 1):
        large = pillow("linen", width * 0.43, 0.46, 0.20, seed + side)
        small = pillow("linen2", width * 0.38, 0.40, 0.18, seed + 3 + side)
        mesh.put(lean(large, 28, 2.0 * side, (side * width * 0.24, LENGTH / 2 - 0.22, 0.72)))
        mesh.put(lean(small, 36, -3.0 * side, (side * width * 0.235, LENGTH / 2 - 0.38, 0.68)))
    mesh.put(lean(pillow("accent", 0.5, 0.30, 0.15, seed + 8), 40, 4, (0.02, LENGTH / 2 - 0.53, 0.66)))
    _throw(mesh, rng, width)
    return mesh


def _frame(mesh: Mesh, style: StyleSpec, width: float) -> None:
    body = "fabric" if style.headboard_panels > 1 else "wood"
    mesh.box(body, (0, 0, 0.155), (width + 0.06, LENGTH + 0.04, 0.23), 0.03)
    legs(mesh, "wood", width, LENGTH, 0.06, 0.03, 0.12)
    height, panels = style.headboard, style.headboard_panels
    if panels == 1:
        mesh.box("wood", (0, LENGTH / 2 + 0.04, height / 2), (width + 0.1, 0.05, height - 0.1), 0.015)
        return
    step = (width + 0.12) / panels
    for i in range(panels):
        x = -width / 2 - 0.06 + step * (i + 0.5)
        mesh.box(
            "fabric",
            (x, LENGTH / 2 + 0.06, height / 2 + 0.03),
            (step - 0.004, 0.10, height - 0.06),
            0.035,
            Cushioning(0.02),
        )


def _cloth_profile(along: Floats, edge: float, radius: float) -> tuple[Floats, Floats]:
    """A cloth lying flat to `edge`, then bending over `radius` and hanging: (outwards, downwards) by arc length."""
    arc = radius * np.pi / 2
    bend = np.clip((along - (edge - radius)) / arc, 0, 1) * np.pi / 2
    out = np.where(along < edge - radius, along, edge - radius + radius * np.sin(bend))
    hang = np.clip(along - (edge - radius) - arc, 0, None)
    return out, radius * (1 - np.cos(bend)) + hang


def _folds(x: Floats, y: Floats, rng: Rng) -> Floats:
    """Soft wrinkles of a cloth in metres: a sum of crossing, domain-warped ridges."""
    total = np.zeros_like(x)
    warp = 0.10 * np.sin(3.1 * y + rng.uniform(0, 6)) + 0.07 * np.sin(4.3 * x + rng.uniform(0, 6))
    for _ in range(14):
        angle, wave = rng.uniform(-1.1, 1.3), rng.uniform(5, 19)
        phase = (np.cos(angle) * (x + warp) + np.sin(angle) * (y - warp)) * wave + rng.uniform(0, 6)
        patch = 0.5 + 0.5 * np.sin(1.7 * x + rng.uniform(0, 6)) * np.sin(1.9 * y + rng.uniform(0, 6))
        total += (1 - np.abs(np.sin(phase))) ** 2 * patch * 5 / (wave + 3)
    return np.asarray((total - total.mean()) * 0.016, np.float64)


def _duvet(mesh: Mesh, rng: Rng, width: float) -> None:
    """The duvet: lying on the mattress from the pillows to the foot, hanging over three sides."""
    nx, ny, drop, radius = 76, 72, 0.27, 0.07
    half, reach = width / 2 + 0.035, 1.42
    across = np.linspace(-1, 1, nx)[:, None] * (half + drop)
    along = np.linspace(0, 1, ny)[None] * (reach + drop)
    x = np.broadcast_to(across, (nx, ny))
    to_foot = np.broadcast_to(reach + drop - along, (nx, ny))
    side_out, side_down = _cloth_profile(np.abs(x), half, radius)
    foot_out, foot_down = _cloth_profile(to_foot, reach, radius)
    down = np.maximum(side_down, foot_down)
    fold = _folds(x, to_foot, rng)
    hanging = np.clip(down / drop, 0, 1)
    swing = hanging * 0.022 * (1 + np.sin(to_foot * 9 + 1.3 + np.sin(to_foot * 4)))
    swing_foot = np.clip(foot_down / drop, 0, 1) * 0.02 * (1 + np.sin(x * 8 + 0.4))
    puff = 0.04 * (1 - np.clip(np.abs(x) / half, 0, 1) ** 4) * (1 - np.clip(to_foot / reach, 0, 1) ** 6)
    surface = np.stack(
        [
            np.sign(x) * (side_out + swing * (side_down > 0)),
            -LENGTH / 2 - 0.03 + reach - foot_out - swing_foot,
            TOP + 0.02 - down + fold * (1 - 0.6 * hanging) + puff,
        ],
        -1,
    ).reshape(-1, 3)
    surface[:, 2] = np.maximum(surface[:, 2], 0.13)
    uv = np.stack([x, np.broadcast_to(along, (nx, ny))], -1).reshape(-1, 2)
    mesh.add("duvet", surface, grid_faces(nx, ny, False), uv)


def _throw(mesh: Mesh, rng: Rng, width: float) -> None:
    """A blanket across the foot end, hanging over both sides."""
    nx, ny, drop, radius, depth = 60, 14, 0.30, 0.08, 0.5
    half = width / 2 + 0.065
    x = np.broadcast_to(np.linspace(-1, 1, nx)[:, None] * (half + drop), (nx, ny))
    y = np.broadcast_to(np.linspace(-0.5, 0.5, ny)[None] * depth, (nx, ny))
    out, down = _cloth_profile(np.abs(x), half, radius)
    fold = _folds(x * 1.3, y * 2.2, rng) * 0.7
    hanging = np.clip(down / drop, 0, 1)
    edge = 0.012 * (1 - np.abs(y / depth * 2) ** 8)
    sway = 0.03 * np.sin(x * 3.1 + 0.5) + 0.02 * hanging * np.sin(x * 17)
    surface = np.stack(
        [
            np.sign(x) * (out + hanging * 0.018 * (1.2 + np.sin(y * 24))),
            -LENGTH / 2 + 0.38 + y + sway,
            TOP + 0.075 - down + fold * (1 - 0.5 * hanging) + edge,
        ],
        -1,
    ).reshape(-1, 3)
    mesh.add("throw", surface, grid_faces(nx, ny, False), np.stack([x, y], -1).reshape(-1, 2))


def cot(style: StyleSpec, rng: Rng) -> Mesh:
    """A slatted child's bed, 1.25 m by 0.68 m, its long side to the front."""
    w, d, h = 1.26, 0.70, 0.92
    mesh = Mesh()
    for sx in (-1, 1):
        for sy in (-1, 1):
            mesh.box("wood", (sx * (w / 2 - 0.02), sy * (d / 2 - 0.02), h / 2), (0.045, 0.045, h), 0.012)
    for sy in (-1, 1):
        for z in (0.22, h - 0.03):
            mesh.box("wood", (0, sy * (d / 2 - 0.02), z), (w - 0.06, 0.028, 0.045), 0.01)
        for x in np.linspace(-w / 2 + 0.09, w / 2 - 0.09, 14):
            mesh.rod("wood", (x, sy * (d / 2 - 0.02), 0.23), (x, sy * (d / 2 - 0.02), h - 0.04), 0.009, sides=8)
    for sx in (-1, 1):
        mesh.box("wood", (sx * (w / 2 - 0.02), 0, (h + 0.2) / 2), (0.022, d - 0.06, h - 0.22), 0.008)
    mesh.box("linen", (0, 0, 0.36), (w - 0.08, d - 0.08, 0.14), 0.04, Cushioning(0.012, 0.002, 3))
    mesh.box("throw", (-0.24, 0, 0.445), (0.5, d - 0.07, 0.03), 0.014, Cushioning(0.012, 0.005, 5))
    cushion = pillow("accent", 0.34, 0.26, 0.12, int(rng.integers(1 << 30)))
    return mesh.put(lean(cushion, 32, 78, (w / 2 - 0.2, 0, 0.54)))
