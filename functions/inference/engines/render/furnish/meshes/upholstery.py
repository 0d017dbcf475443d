"""What upholstered pieces are made of: legs, cushions, swept and quilted bodies. Lengths in metres."""

from typing import Literal

import numpy as np

from functions.inference.engines.render.furnish.meshes.builder import Cushioning, Mesh, rounded_rectangle, turn_x
from functions.inference.vision.arrays import Floats

Quilt = Literal["diamond", "channel"]
TURNED_LEG = ((0.0, 0.0), (0.45, 0.0), (0.6, 0.10), (0.4, 0.22), (0.75, 0.5), (0.5, 0.72), (1.0, 0.86), (1.0, 1.0))
"""Radius and height of a turned leg, in shares of its own."""


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


def turned_legs(
    mesh: Mesh, material: str, width: float, depth: float, height: float, radius: float, inset: float = 0.07
) -> None:
    """Four lathe-turned legs under a rectangle."""
    profile = np.array(TURNED_LEG) * [radius, height]
    for sx in (-1, 1):
        for sy in (-1, 1):
            mesh.lathe(material, profile, (sx * (width / 2 - inset), sy * (depth / 2 - inset), 0), 20)


def plinth(mesh: Mesh, material: str, width: float, depth: float, height: float, inset: float = 0.05) -> None:
    mesh.box(material, (0, 0, height / 2), (width - 2 * inset, depth - 2 * inset, height), 0.006)


def stand(
    mesh: Mesh, kind: str, material: str, width: float, depth: float, height: float, radius: float = 0.022
) -> None:
    """What a body of `width` by `depth` stands on: "taper", "turned", "block" or "plinth"."""
    if kind == "plinth":
        plinth(mesh, material, width, depth, height)
    elif kind == "turned":
        turned_legs(mesh, material, width, depth, height, radius * 1.5)
    elif kind == "block":
        for sx in (-1, 1):
            for sy in (-1, 1):
                at = (sx * (width / 2 - 0.07), sy * (depth / 2 - 0.07), height / 2)
                mesh.box(material, at, (0.06, 0.06, height), 0.006)
    else:
        legs(mesh, material, width, depth, height, radius, 0.09, 0.015)


def cushion(
    mesh: Mesh,
    fabric: str,
    centre: tuple[float, float, float],
    size: tuple[float, float, float],
    seed: int,
    tilt_deg: float = 0.0,
) -> None:
    """An upholstered cushion with piping around its edges."""
    turn = turn_x(np.radians(tilt_deg))
    upright = size[2] > size[1]
    bulge, radius = (0.022, 0.06) if upright else (0.026, 0.05)
    mesh.box(fabric, centre, size, radius, Cushioning(bulge, 0.0035, seed), turn)
    flat = size[1] if upright else size[2]
    for side in (-1, 1):
        cord = rounded_rectangle(
            size[0] - 0.012, (size[2] if upright else size[1]) - 0.012, 0.055, side * (flat / 2 - 0.017)
        )
        if upright:
            cord = cord[:, [0, 2, 1]]
        mesh.tube(fabric, cord @ turn.T + np.asarray(centre), 0.0042, 5, closed=True)


def resampled(path: Floats, step: float) -> Floats:
    """A polyline (n x 2) with points every `step` metres."""
    length = np.r_[0, np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))]
    at = np.linspace(0, length[-1], max(3, round(length[-1] / step) + 1))
    return np.stack([np.interp(at, length, path[:, k]) for k in range(path.shape[1])], 1)


def arc(
    radius: float, start_deg: float, end_deg: float, centre: tuple[float, float] = (0, 0), points: int = 40
) -> Floats:
    """Points of a circle in plan, angles from x towards y."""
    angle = np.radians(np.linspace(start_deg, end_deg, points))
    return np.asarray(np.asarray(centre) + radius * np.c_[np.cos(angle), np.sin(angle)], np.float64)


def horseshoe(half: float, front: float, back: float, corner: float, step: float = 0.03) -> Floats:
    """A path from the right arm's front around the back to the left arm's front, with rounded corners."""
    right = arc(corner, 0, 90, (half - corner, back - corner), 14)
    left = arc(corner, 90, 180, (-half + corner, back - corner), 14)
    return resampled(np.r_[[[half, front]], right, left, [[-half, front]]], step)


def swept(path: Floats, profile: Floats, scale: Floats | None = None) -> Floats:
    """Cross-sections (n x m x 3) of a profile (outwards, up) carried along a path (n x 2) that turns leftwards.

    `scale` multiplies the profile's heights at each point of the path.
    """
    tangent = np.gradient(path, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    outwards = np.c_[tangent[:, 1], -tangent[:, 0]]
    height = np.ones(len(path)) if scale is None else scale
    plan = path[:, None] + outwards[:, None] * profile[None, :, :1]
    return np.concatenate([plan, (profile[None, :, 1] * height[:, None])[..., None]], -1)


def soft_ends(sections: Floats, radius: float) -> Floats:
    """Sections that shrink towards both ends as a ball's do."""
    middle = sections.mean(1)
    along = np.r_[0, np.cumsum(np.linalg.norm(np.diff(middle, axis=0), axis=1))]
    inside = np.clip(np.minimum(along, along[-1] - along) / radius, 0, 1)
    size = np.maximum(np.sqrt(1 - (1 - inside) ** 2), 0.02)
    return np.asarray(middle[:, None] + (sections - middle[:, None]) * size[:, None, None], np.float64)


def closed_fronts(sections: Floats) -> Floats:
    """Sections with both ends drawn together to an upright line, as a padded arm's front is."""
    out = []
    for end, inner in ((sections[0], sections[1]), (sections[-1], sections[-2])):
        forward = (end.mean(0) - inner.mean(0)) * [1, 1, 0]
        forward /= max(float(np.linalg.norm(forward)), 1e-9)
        line = np.c_[np.tile(end[:, :2].mean(0), (len(end), 1)), end[:, 2]]
        steps = ((0.12, 0.008), (0.45, 0.014), (1.0, 0.018))
        out.append([end * (1 - share) + line * share + forward * reach for share, reach in steps])
    return np.concatenate([out[0][::-1], sections, out[1]])


def rounded_profile(left: float, right: float, bottom: float, top: float, radius: float, points: int = 5) -> Floats:
    """A rounded rectangle in a section's plane, with points along its sides."""
    ring = rounded_rectangle(right - left, top - bottom, radius, 0.0, points)[:, :2]
    return np.asarray(ring + np.array([(left + right) / 2, (bottom + top) / 2]), np.float64)


def quilted(sections: Floats, faces: slice, kind: Quilt, pitch: float, depth: float) -> Floats:
    """Sections whose points in `faces` are drawn in by seams: "channel" across the path, "diamond" by buttons."""
    out = sections.copy()
    part = sections[:, faces]
    along = np.r_[0, np.cumsum(np.linalg.norm(np.diff(part.mean(1), axis=0), axis=1))][:, None] / pitch
    up = np.r_[0, np.cumsum(np.linalg.norm(np.diff(part[len(part) // 2], axis=0), axis=1))][None] / pitch
    if kind == "channel":
        swell = np.broadcast_to(np.abs(np.sin(np.pi * along)) ** 0.5, part.shape[:2])
    else:
        swell = np.abs(np.sin(np.pi * (along + up) / 1.4) * np.sin(np.pi * (along - up) / 1.4)) ** 0.4
    fade = np.clip(np.minimum(up, up.max() - up) / 0.6, 0, 1)
    inwards = _inwards(sections, faces)
    out[:, faces] = part + inwards * ((1 - swell) * fade * depth)[..., None]
    return out


def _inwards(sections: Floats, faces: slice) -> Floats:
    """Unit vectors from the points of some faces into the body."""
    part = sections[:, faces]
    normal = np.cross(np.gradient(part, axis=0), np.gradient(part, axis=1))
    normal /= np.maximum(np.linalg.norm(normal, axis=2, keepdims=True), 1e-9)
    towards = sections.mean(1)[:, None] - part
    sign = np.sign((normal * towards).sum(-1).mean())
    return np.asarray(normal * (sign or 1.0), np.float64)


def quilted_panel(
    mesh: Mesh, material: str, centre: tuple[float, float, float], size: tuple[float, float, float], kind: Quilt,
    pitch: float, depth: float = 0.025, turn: Floats | None = None,
) -> None:  # fmt: skip
    """An upright padded panel whose front (towards -y) is quilted."""
    width, thick, height = size
    nx, nz = max(9, int(width / pitch * 9)), max(9, int(height / pitch * 9))
    x, z = np.meshgrid(np.linspace(-1, 1, nx), np.linspace(-1, 1, nz), indexing="ij")
    u, v = x * width / 2 / pitch, z * height / 2 / pitch
    if kind == "channel":
        swell = np.abs(np.sin(np.pi * (u + 0.5))) ** 0.5
    else:
        swell = np.abs(np.sin(np.pi * (u + v) / 1.4) * np.sin(np.pi * (u - v) / 1.4)) ** 0.4
    edge = (1 - np.abs(x) ** 14) * (1 - np.abs(z) ** 14)
    y = -thick / 2 * edge**0.4 - (0.4 + 0.6 * swell) * depth * edge
    surface = np.stack([x * width / 2, y, z * height / 2], -1).reshape(-1, 3)
    back = Mesh().box(material, (0, thick * 0.25, 0), (width, thick * 0.5, height), 0.02)
    i, j = np.mgrid[0 : nx - 1, 0 : nz - 1]
    p = (i * nz + j).ravel()
    back.add(material, surface, np.r_[np.c_[p, p + nz, p + 1], np.c_[p + 1, p + nz, p + nz + 1]],
             surface[:, [0, 2]])  # fmt: skip
    spin = np.eye(3) if turn is None else turn
    mesh.parts.extend(part.moved(spin, np.asarray(centre)) for part in back.parts)
