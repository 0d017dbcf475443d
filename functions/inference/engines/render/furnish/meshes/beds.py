"""Beds, cots, and their linen."""

from collections.abc import Callable

import numpy as np

from functions.inference.engines.render.furnish.meshes.builder import Cushioning, Mesh, grid_faces, turn_x, wrinkles
from functions.inference.engines.render.furnish.meshes.decor import lean, pillow
from functions.inference.engines.render.furnish.meshes.upholstery import legs, quilted_panel, resampled
from functions.inference.engines.render.furnish.styles.spec import StyleSpec
from functions.inference.vision.arrays import Floats

Rng = np.random.Generator
LENGTH = 2.05
TOP = 0.525


def bed(style: StyleSpec, rng: Rng, width: float = 1.6) -> Mesh:
    """A made bed: the style's frame and head, mattress, bedclothes with a turned-back edge, pillows and a throw."""
    mesh, seed = Mesh(), int(rng.integers(1 << 30))
    _FRAMES[style.bed](mesh, style, width)
    mesh.box("linen", (0, 0, 0.37), (width, LENGTH, 0.24), 0.06, Cushioning(0.01))
    _duvet(mesh, rng, width, "coverlet" if style.bedding == "coverlet" else "duvet")
    _turned_back(mesh, width, seed)
    _pillows(mesh, style, width, seed)
    if style.bedding != "plain":
        _throw(mesh, rng, width)
    return mesh


def _turned_back(mesh: Mesh, width: float, seed: int) -> None:
    """The sheet folded over the duvet's edge, and hanging a little at the sides."""
    nx, ny, radius, half = 60, 8, 0.075, width / 2 + 0.045
    x = np.broadcast_to(np.linspace(-1, 1, nx)[:, None] * (half + 0.20), (nx, ny))
    y = np.broadcast_to(np.linspace(0, 0.30, ny)[None], (nx, ny))
    out, down = _cloth_profile(np.abs(x), half, radius)
    crown = 0.028 * np.sin(np.pi * np.clip(y / 0.30, 0, 1)) ** 0.6
    ripple = 0.005 * wrinkles(np.stack([x * 0.6, y, y * 0], -1).reshape(-1, 3), seed).reshape(nx, ny)
    top = TOP + 0.055 + crown + ripple - down
    wave = 0.012 * np.sin(x * 5.1 + seed % 7)
    surface = np.stack([np.sign(x) * (out + 0.012), -LENGTH / 2 + 1.16 + y + wave, top], -1)
    _lay(mesh, "linen", surface, np.stack([x, y], -1), np.clip(down / 0.2, 0, 1), 0.04)


def _pillows(mesh: Mesh, style: StyleSpec, width: float, seed: int) -> None:
    head = LENGTH / 2
    for side in (-1, 1):
        large = pillow("linen", width * 0.43, 0.46, 0.20, seed + side)
        small = pillow("linen2", width * 0.38, 0.40, 0.18, seed + 3 + side)
        mesh.put(lean(large, 28, 2.0 * side, (side * width * 0.24, head - 0.22, 0.72)))
        mesh.put(lean(small, 36, -3.0 * side, (side * width * 0.235, head - 0.38, 0.68)))
    if style.pillows > 5:
        for side in (-1, 1):
            square = pillow("accent2", 0.44, 0.42, 0.17, seed + 6 + side)
            mesh.put(lean(square, 38, -4.0 * side, (side * 0.25, head - 0.52, 0.68)))
    if style.pillows > 4:
        bolster = pillow("accent", 0.62 if style.pillows > 5 else 0.5, 0.28, 0.15, seed + 8)
        mesh.put(lean(bolster, 42, 3, (0.02, head - (0.66 if style.pillows > 5 else 0.53), 0.655)))


def _base(mesh: Mesh, material: str, width: float, low: float = 0.04, foot: str = "wood") -> None:
    mesh.box(material, (0, 0, low + (0.27 - low) / 2), (width + 0.06, LENGTH + 0.04, 0.27 - low), 0.03)
    legs(mesh, foot, width, LENGTH, low + 0.02, 0.03, 0.12)


def _panel_bed(mesh: Mesh, style: StyleSpec, width: float) -> None:
    """A wooden frame and a head of framed panels."""
    _base(mesh, "wood", width)
    h, y, w = style.headboard, LENGTH / 2 + 0.045, width + 0.10
    mesh.box("wood", (0, y, h / 2 + 0.1), (w, 0.03, h - 0.22), 0.006)
    for k in range(4):
        mesh.box("wood", ((k / 3 - 0.5) * (w - 0.08), y, h / 2), (0.08, 0.055, h), 0.008)
    for z in (h - 0.05, 0.36):
        mesh.box("wood", (0, y, z), (w, 0.055, 0.10), 0.008)
    mesh.box("wood", (0, y - 0.005, h + 0.012), (w + 0.05, 0.085, 0.03), 0.010)


def _slatted_bed(mesh: Mesh, style: StyleSpec, width: float) -> None:
    """A wooden frame and a head of upright slats."""
    _base(mesh, "wood", width)
    h, y, w = style.headboard, LENGTH / 2 + 0.045, width + 0.08
    for sx in (-1, 1):
        mesh.box("wood", (sx * w / 2, y, h / 2), (0.055, 0.05, h), 0.014)
    for z in (h - 0.03, 0.40):
        mesh.box("wood", (0, y, z), (w, 0.04, 0.06), 0.012)
    for x in np.linspace(-w / 2 + 0.09, w / 2 - 0.09, round(w / 0.085)):
        mesh.box("wood", (x, y, (h + 0.37) / 2), (0.034, 0.018, h - 0.45), 0.006)


def _platform_bed(mesh: Mesh, style: StyleSpec, width: float) -> None:
    """A broad low platform that reaches beyond the mattress, with a leaning plank for a head."""
    mesh.box("wood", (0, -0.02, 0.225), (width + 0.30, LENGTH + 0.16, 0.05), 0.010)
    mesh.box("dark", (0, 0, 0.10), (width - 0.2, LENGTH - 0.2, 0.20), 0.004)
    h = style.headboard
    mesh.box("wood", (0, LENGTH / 2 + 0.04, (h + 0.25) / 2), (width + 0.30, 0.035, h - 0.25), 0.008, turn=turn_x(-0.05))


def _wing_bed(mesh: Mesh, style: StyleSpec, width: float) -> None:
    """An upholstered head with wings, piped."""
    _base(mesh, "fabric", width)
    h, y = style.headboard, LENGTH / 2 + 0.07
    if style.sofa.tufted:
        quilted_panel(mesh, "fabric", (0, y, h / 2 + 0.12), (width + 0.06, 0.10, h - 0.24), "diamond", 0.19, 0.028)
    else:
        mesh.box("fabric", (0, y, h / 2 + 0.05), (width + 0.06, 0.12, h - 0.1), 0.04, Cushioning(0.02))
    for side in (-1, 1):
        at, size = (side * (width / 2 + 0.075), y - 0.09, h / 2 + 0.06), (0.07, 0.26, h - 0.12)
        mesh.box("fabric", at, size, 0.03, Cushioning(0.01))
        x, rear, front = at[0] - side * 0.03, y + 0.02, y - 0.215
        edge = np.array([[x, front, 0.14], [x, front, h - 0.03], [x, rear, h - 0.004]])
        mesh.tube("fabric", resampled(edge, 0.05), 0.006, 6)


def _channel_bed(mesh: Mesh, style: StyleSpec, width: float) -> None:
    """A head of upright padded channels, stepped like a fan in the middle."""
    _base(mesh, "fabric", width)
    panels = style.headboard_panels
    w = width + 0.34
    step = w / panels
    for i in range(panels):
        x = -w / 2 + step * (i + 0.5)
        h = style.headboard - style.fan * (2 * x / w) ** 2
        size = (step - 0.003, 0.10, h - 0.06)
        mesh.box("fabric", (x, LENGTH / 2 + 0.06, h / 2 + 0.03), size, 0.045, Cushioning(0.02))


def _tufted_bed(mesh: Mesh, style: StyleSpec, width: float) -> None:
    """A buttoned head in a moulded frame."""
    _base(mesh, "fabric", width)
    h, y, w = style.headboard, LENGTH / 2 + 0.07, width + 0.10
    quilted_panel(mesh, "fabric", (0, y, h / 2 + 0.12), (w - 0.08, 0.10, h - 0.24), "diamond", 0.19, 0.03)
    for side in (-1, 1):
        mesh.box("frame", (side * w / 2, y - 0.01, h / 2), (0.045, 0.10, h), 0.014)
    mesh.box("frame", (0, y - 0.01, h + 0.004), (w + 0.05, 0.11, 0.05), 0.016)


def _canopy_bed(mesh: Mesh, style: StyleSpec, width: float) -> None:
    """Four slim posts and a rail around the top."""
    head, top = style.headboard, 2.02
    material, half = ("metal", 0.016) if style.metallic else ("wood", 0.028)
    _base(mesh, "fabric" if style.metallic else "wood", width)
    x, y = width / 2 + 0.05, LENGTH / 2 + 0.04
    for sx in (-1, 1):
        for sy in (-1, 1):
            mesh.box(material, (sx * x, sy * y, top / 2), (2 * half, 2 * half, top), half * 0.3)
        mesh.box(material, (sx * x, 0, top - half), (2 * half, 2 * y, 2 * half), half * 0.3)
    for sy in (-1, 1):
        mesh.box(material, (0, sy * y, top - half), (2 * x, 2 * half, 2 * half), half * 0.3)
    mesh.box("fabric", (0, y - 0.03, head / 2 + 0.1), (width + 0.02, 0.09, head - 0.2), 0.04, Cushioning(0.025))


def _log_bed(mesh: Mesh, style: StyleSpec, width: float) -> None:
    """Round timber posts and rails."""
    h, x, y = style.headboard, width / 2 + 0.04, LENGTH / 2 + 0.04
    mesh.box("wood", (0, 0, 0.20), (width + 0.02, LENGTH, 0.14), 0.03)
    for sx in (-1, 1):
        mesh.rod("wood", (sx * x, y, 0), (sx * x, y, h + 0.05), 0.062, 0.055, 24)
        mesh.rod("wood", (sx * x, -y, 0), (sx * x, -y, 0.55), 0.062, 0.058, 24)
    for z in (0.42, 0.66, 0.90, h - 0.04):
        mesh.rod("wood", (-x, y, z), (x, y, z), 0.045, sides=20)
    mesh.rod("wood", (-x, -y, 0.40), (x, -y, 0.40), 0.045, sides=20)


_FRAMES: dict[str, Callable[[Mesh, StyleSpec, float], None]] = {
    "panel": _panel_bed, "slatted": _slatted_bed, "platform": _platform_bed, "wing": _wing_bed,
    "channel": _channel_bed, "tufted": _tufted_bed, "canopy": _canopy_bed, "log": _log_bed,
}  # fmt: skip


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


def _duvet(mesh: Mesh, rng: Rng, width: float, material: str) -> None:
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
    mesh.add(material, surface, grid_faces(nx, ny, False), uv)


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
    puff = 0.04 * (1 - np.clip(np.abs(x) / half, 0, 1) ** 4)  # of the duvet below
    sway = 0.03 * np.sin(x * 3.1 + 0.5) + 0.02 * hanging * np.sin(x * 17)
    surface = np.stack(
        [
            np.sign(x) * (out + hanging * 0.018 * (1.2 + np.sin(y * 24))),
            -LENGTH / 2 + 0.38 + y + sway,
            TOP + 0.034 - down + puff + fold * (1 - 0.5 * hanging) + edge,
        ],
        -1,
    )
    _lay(mesh, "throw", surface, np.stack([x, y], -1), hanging, 0.035)


def _lay(mesh: Mesh, material: str, surface: Floats, uv: Floats, hanging: Floats, thick: float) -> None:
    """A blanket with its two long edges turned down to what it lies on; `hanging` 0 to 1 says where that is a side."""
    turned = []
    for at, beyond in ((0, -thick), (-1, thick)):
        edge, side = surface[:, at], hanging[:, at]
        inwards = np.c_[-np.sign(edge[:, 0]) * side, np.zeros(len(edge)), side - 1]
        turned.append(((edge + inwards * thick)[:, None], (uv[:, at] + [0, beyond])[:, None]))
    (first, first_uv), (last, last_uv) = turned
    points, places = np.concatenate([first, surface, last], 1), np.concatenate([first_uv, uv, last_uv], 1)
    rows, columns = points.shape[:2]
    mesh.add(material, points.reshape(-1, 3), grid_faces(rows, columns), places.reshape(-1, 2))


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
