"""Sofas: eight forms, chosen by the style."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from functions.inference.engines.render.furnish.meshes.builder import Cushioning, Mesh, rounded_rectangle, turn_x
from functions.inference.engines.render.furnish.meshes.decor import lean, pillow
from functions.inference.engines.render.furnish.meshes.upholstery import (
    arc,
    closed_fronts,
    cushion,
    horseshoe,
    quilted,
    resampled,
    rounded_profile,
    soft_ends,
    stand,
    swept,
)
from functions.inference.engines.render.furnish.styles.spec import SofaSpec, StyleSpec
from functions.inference.vision.arrays import Floats

Rng = np.random.Generator
SEAT_HEIGHT = 0.43


@dataclass(frozen=True)
class Body:
    """What a sofa is made from: its specification, size, cover, and the seed of its wrinkles."""

    spec: SofaSpec
    width: float
    depth: float
    fabric: str
    seed: int

    @property
    def seats(self) -> int:
        if self.width < 1.2:
            return 1
        return min(2, self.spec.seats) if self.width < 2.0 else self.spec.seats


@dataclass(frozen=True)
class Nook:
    """Where scatter cushions lean: half the seat's width, the back's front, the seat's height."""

    half: float
    back: float
    seat: float


def sofa(style: StyleSpec, rng: Rng, width: float = 2.2, depth: float = 0.94, fabric: str = "fabric") -> Mesh:
    """A sofa of the style's form, its front to -y, with scatter cushions unless it seats one."""
    mesh = Mesh()
    body = Body(style.sofa, width, depth, fabric, int(rng.integers(1 << 30)))
    nook = _FORMS[style.sofa.form](mesh, body)
    if body.width > 1.2:
        _scatter(mesh, style, rng, nook)
    return mesh


def _scatter(mesh: Mesh, style: StyleSpec, rng: Rng, nook: Nook) -> None:
    """Scatter cushions in the corners."""
    places = [(-1, 0.24, 0.0, "accent", 0.47, 0.45), (1, 0.24, 0.0, "accent2", 0.47, 0.45)]
    places += [(-1, 0.58, 0.09, "light", 0.42, 0.36), (1, 0.56, 0.09, "light", 0.46, 0.29)]
    for k, (side, offset, forward, material, w, h) in enumerate(places[: style.scatter]):
        turn = float(rng.uniform(-12, 12)) - 12 * side
        one = pillow(material, w, h, 0.17, int(rng.integers(1 << 30)))
        at = (side * (nook.half - offset), nook.back - 0.11 - forward, nook.seat + 0.02 + h / 2)
        mesh.put(lean(one, 20 + 4 * k, turn, at))


def _row(mesh: Mesh, body: Body, inner: float, seat_depth: float, top: float, thick: float, middle: float) -> None:
    """Seat cushions side by side."""
    step = inner / body.seats
    for i in range(body.seats):
        x = -inner / 2 + step * (i + 0.5)
        cushion(mesh, body.fabric, (x, middle, top - thick / 2), (step - 0.006, seat_depth, thick), body.seed + i)


def _back_cushions(
    mesh: Mesh, body: Body, inner: float, y: float, bottom: float, height: float, lean_deg: float
) -> None:
    step = inner / body.seats
    for i in range(body.seats):
        x = -inner / 2 + step * (i + 0.5)
        size = (step - 0.012, 0.20, height)
        cushion(mesh, body.fabric, (x, y, bottom + height / 2), size, body.seed + 10 + i, -lean_deg)
        if body.spec.tufted:
            _buttons(mesh, body.fabric, (x, y - 0.125, bottom + height / 2), step)


def _buttons(mesh: Mesh, fabric: str, at: tuple[float, float, float], width: float) -> None:
    for tx in (-0.25, 0.25):
        for tz in (-0.08, 0.08):
            mesh.box(fabric, (at[0] + tx * width, at[1] + tz * 0.2, at[2] + tz), (0.026, 0.014, 0.026), 0.006)


def _track(mesh: Mesh, body: Body) -> Nook:
    """Square arms, loose cushions."""
    spec, w, d = body.spec, body.width, body.depth
    mesh.box(body.fabric, (0, 0, spec.leg + 0.10), (w - 0.02, d - 0.04, 0.20), 0.03)
    for sx in (-1, 1):
        at = (sx * (w / 2 - spec.arm / 2), 0, spec.leg + (spec.arm_height - spec.leg) / 2)
        size = (spec.arm, d, spec.arm_height - spec.leg)
        mesh.box(body.fabric, at, size, spec.radius, Cushioning(0.012, 0.0012, body.seed))
        _arm_piping(mesh, body, at, size)
    return _seat_and_back(mesh, body)


def _arm_piping(mesh: Mesh, body: Body, at: tuple[float, float, float], size: tuple[float, float, float]) -> None:
    """A welt around the front of a square arm."""
    inset = 0.29 * min(body.spec.radius, size[0] / 2)  # where a rounded edge is at 45 degrees
    ring = rounded_rectangle(size[0] - 2 * inset, size[2] - 2 * inset, body.spec.radius - inset, 0.0, 6)
    front = np.c_[ring[:, 0] + at[0], np.full(len(ring), at[1] - size[1] / 2 + inset - 0.010), ring[:, 1] + at[2]]
    mesh.tube(body.fabric, front, 0.0045, 5, closed=True)


def _seat_and_back(mesh: Mesh, body: Body) -> Nook:
    spec, d = body.spec, body.depth
    inner = body.width - 2 * spec.arm
    back = spec.back - 0.05
    at = (0, d / 2 - 0.10, spec.leg + (back - spec.leg) / 2)
    mesh.box(body.fabric, at, (inner + 0.02, 0.20, back - spec.leg), spec.radius, Cushioning(0.01, 0.001))
    seat = max(spec.leg + 0.33, 0.40)
    _row(mesh, body, inner, d - 0.20, seat, seat - spec.leg - 0.19, -0.09)
    _back_cushions(mesh, body, inner, d / 2 - 0.27, seat, spec.back - seat + 0.02, 11)
    stand(mesh, spec.stand, spec.leg_material, body.width, d, spec.leg)
    return Nook(inner / 2, d / 2 - 0.35, seat)


def _rolled_arm(body: Body, side: int, bottom: float) -> Floats:
    """Cross-sections of a scrolled arm from its front to the back."""
    r, top, arm = 0.088, body.spec.arm_height, body.spec.arm
    roll = arc(r, 185, -75, (r, top - r), 18)
    ring = np.r_[[[0.0, bottom]], [[0.0, top - 2 * r]], roll, [[arm * 0.72, top - 2.4 * r]], [[arm * 0.72, bottom]]]
    y = np.r_[-body.depth / 2, -body.depth / 2 + 0.012, np.linspace(-0.3, 0.3, 5), body.depth / 2 - 0.03]
    x = side * (body.width / 2 - arm + ring[:, 0])
    sections = np.stack([np.c_[x, np.full(len(ring), at), ring[:, 1]] for at in y])
    middle = sections[0].mean(0)
    sections[0] = middle + (sections[0] - middle) * 0.94
    return sections


def _rolled(mesh: Mesh, body: Body) -> Nook:
    """Scrolled arms with a piped front, loose cushions."""
    spec, w, d = body.spec, body.width, body.depth
    mesh.box(body.fabric, (0, 0, spec.leg + 0.10), (w - 2 * spec.arm * 0.4, d - 0.04, 0.20), 0.03)
    for side in (-1, 1):
        sections = _rolled_arm(body, side, spec.leg)
        mesh.loft(body.fabric, sections)
        mesh.tube(body.fabric, sections[0] + [0, -0.002, 0], 0.006, 6, closed=True)
    return _seat_and_back(mesh, body)


def _skirted(mesh: Mesh, body: Body) -> Nook:
    """Like the rolled or the track sofa, with a pleated skirt to the floor."""
    nook = (_rolled if body.spec.rolled else _track)(mesh, body)
    w, d, top = body.width - (0.56 * body.spec.arm - 0.03 if body.spec.rolled else 0.0), body.depth - 0.02, 0.25
    ring = rounded_rectangle(w, d, 0.03, 0.0, 4)[:, :2]
    path = resampled(np.r_[ring, ring[:1]], 0.022)
    along = np.arange(len(path)) * 0.022
    pleat = 0.005 * np.sin(along * 2 * np.pi / 0.17) + 0.003 * np.sin(along * 2 * np.pi / 0.071 + 1)
    heights = np.array([0.008, 0.09, 0.17, top])
    out = path / np.maximum(np.linalg.norm(path, axis=1, keepdims=True), 1e-6)
    rows = [np.c_[path + out * ((0.012 + pleat) * (1 - z / top))[:, None], np.full(len(path), z)] for z in heights]
    n = len(path)
    i, j = np.mgrid[0:3, 0 : n - 1]
    p = (i * n + j).ravel()
    skirt = np.concatenate(rows)
    uv = np.c_[np.tile(along, 4), skirt[:, 2]]
    mesh.add(body.fabric, skirt, np.r_[np.c_[p, p + 1, p + n], np.c_[p + 1, p + n + 1, p + n]], uv)
    mesh.tube(body.fabric, np.c_[path, np.full(n, top)], 0.005, 5)
    return nook


def _shell_profile(thick: float, bottom: float, top: float, roll: float) -> tuple[Floats, slice]:
    """A back's section: inner face from the seat up, a roll over the top, the outer face down; and the inner part."""
    inner = np.c_[np.zeros(14), np.linspace(0.22, top - roll * 1.5, 14)]
    over = arc(roll, 200, -60, (roll * 0.92, top - roll), 16)
    outer = np.array([[thick, top - 2.3 * roll], [thick, (top + bottom) / 2], [thick, bottom], [0.0, bottom]])
    return np.r_[inner, over, outer], slice(0, 20)


def _enclosed(mesh: Mesh, body: Body, corner: float, droop: float, quilt: str, pitch: float, roll: float) -> Nook:
    """One sweep of arms and back, quilted inside, around a seat; arms `droop` of the back's height lower."""
    spec, d = body.spec, body.depth
    half, back = body.width / 2 - roll * 2, d / 2 - roll * 2
    path = horseshoe(half, -d / 2 + 0.02, back, corner, 0.022)
    profile, inner = _shell_profile(roll * 1.45, spec.leg, spec.back, roll)
    toward = np.clip((path[:, 1] + d / 2) / (d * 0.75), 0, 1)
    scale = 1 - droop * (1 - toward * toward * (3 - 2 * toward))
    sections = swept(path, profile, scale)
    sections[..., 2] = np.maximum(sections[..., 2], spec.leg)
    soft = quilted(sections, inner, "channel" if quilt == "channel" else "diamond", pitch, 0.032)
    mesh.loft(body.fabric, closed_fronts(soft))
    for front in (sections[0], sections[-1]):
        mesh.tube(body.fabric, front - np.array([0, 0.003, 0]), 0.006, 6, closed=True)
    _inner_seat(mesh, body, half, back, corner)
    if spec.stand == "plinth":
        outline = horseshoe(half + 0.02, -d / 2 + 0.06, back + 0.02, corner)
        mesh.prism(spec.leg_material, outline, 0.0, spec.leg + 0.01, 0.004)
    else:
        stand(mesh, spec.stand, spec.leg_material, body.width, d, spec.leg + 0.01)
    return Nook(half, back - 0.03, SEAT_HEIGHT)


def _inner_seat(mesh: Mesh, body: Body, half: float, back: float, corner: float) -> None:
    """Base and cushions between the arms of an enclosed sofa, its rear corners rounded like them."""
    spec, front = body.spec, -body.depth / 2 + 0.03
    depth, middle = back - front - 0.01, (back + front) / 2
    base = (0, middle, (spec.leg + 0.25) / 2)
    mesh.box(body.fabric, base, (2 * half, depth, 0.25 - spec.leg), 0.02)
    if body.seats > 1 and corner < 0.2:
        _row(mesh, body, 2 * half - 0.01, depth, SEAT_HEIGHT, 0.19, middle - 0.015)
        return
    ring = horseshoe(half - 0.006, front - 0.02, back - 0.006, corner, 0.05) - [0, middle]
    plate = Mesh().prism(body.fabric, ring, SEAT_HEIGHT - 0.19, SEAT_HEIGHT - 0.02, 0.045, 0.03)
    mesh.put(plate, (0, middle, 0))


def _chesterfield(mesh: Mesh, body: Body) -> Nook:
    """Arms as high as the back, rolled over and buttoned."""
    return _enclosed(mesh, body, 0.10, 0.04, "diamond", 0.135, 0.085)


def _channel(mesh: Mesh, body: Body) -> Nook:
    """A back of upright channels that falls away to low arms in one curve."""
    return _enclosed(mesh, body, 0.34, 0.24, "channel", 0.115, 0.05)


def _curved(mesh: Mesh, body: Body) -> Nook:
    """A kidney-shaped sofa: back and seat swept along an arc, all edges round."""
    w, d = body.width, body.depth
    sag = 0.14 * w
    radius = ((w / 2) ** 2 + sag**2) / (2 * sag)
    centre = (0.0, d / 2 - radius)
    span = float(np.degrees(np.arcsin(min(1.0, w / 2 / radius))))
    angles = (90 - span * 1.06, 90 + span * 1.06)
    path = resampled(arc(radius, *angles, centre, 60), 0.035)
    back = rounded_profile(-0.24, 0.0, 0.10, body.spec.back, 0.115, 6)
    mesh.loft(body.fabric, soft_ends(swept(path, back), 0.16), 0.002, body.seed)
    seat = rounded_profile(-0.70 * d / 0.94, -0.10, 0.10, SEAT_HEIGHT + 0.01, 0.09, 6)
    mesh.loft(body.fabric, soft_ends(swept(path, seat), 0.22), 0.002, body.seed + 1)
    foot = rounded_profile(-0.62 * d / 0.94, -0.06, 0.0, 0.10, 0.004, 2)
    mesh.loft(body.spec.leg_material, soft_ends(swept(path, foot), 0.3))
    return Nook(w / 2 - 0.26, d / 2 - 0.27, SEAT_HEIGHT)


def _platform(mesh: Mesh, body: Body) -> Nook:
    """Low and deep: thick cushions on a wooden platform, no arms but bolsters."""
    spec, w, d = body.spec, body.width, body.depth
    mesh.box("wood", (0, 0, 0.165), (w, d, 0.05), 0.008)
    stand(mesh, spec.stand, "wood", w - 0.1, d - 0.1, 0.14)
    mesh.box("wood", (0, d / 2 - 0.025, 0.40), (w - 0.04, 0.028, 0.46), 0.008)
    inner = w - 2 * spec.arm
    _row(mesh, body, inner, d - 0.12, 0.39, 0.20, -0.05)
    _back_cushions(mesh, body, inner, d / 2 - 0.17, 0.39, spec.back - 0.39, 13)
    for side in (-1, 1):
        at = (side * (w / 2 - spec.arm / 2), -0.05, 0.19 + (spec.arm_height - 0.19) / 2)
        size = (spec.arm, d - 0.14, spec.arm_height - 0.19)
        mesh.box(body.fabric, at, size, min(0.07, spec.arm * 0.45), Cushioning(0.025, 0.003, body.seed))
    return Nook(inner / 2, d / 2 - 0.25, 0.39)


def _frame(mesh: Mesh, body: Body) -> Nook:
    """Loose cushions in an open wooden frame with flat paddle arms."""
    spec, w, d = body.spec, body.width, body.depth
    for side in (-1, 1):
        x = side * (w / 2 - 0.03)
        mesh.rod("wood", (x, -d / 2 + 0.10, 0), (x, -d / 2 + 0.13, spec.arm_height - 0.02), 0.016, 0.024)
        mesh.rod("wood", (x, d / 2 - 0.06, 0), (x, d / 2 - 0.16, spec.arm_height - 0.02), 0.016, 0.024)
        mesh.box("wood", (x, -0.02, spec.arm_height), (0.065, d - 0.1, 0.026), 0.012, turn=turn_x(-0.03))
        mesh.box("wood", (x, 0, 0.24), (0.03, d - 0.22, 0.05), 0.008)
    for y in (-d / 2 + 0.13, d / 2 - 0.16):
        mesh.box("wood", (0, y, 0.235), (w - 0.06, 0.03, 0.06), 0.008)
    for x in np.linspace(-w / 2 + 0.10, w / 2 - 0.10, max(6, round(w / 0.13))):
        mesh.rod("wood", (x, d / 2 - 0.17, 0.24), (x, d / 2 - 0.03, spec.back - 0.06), 0.009, sides=8)
    mesh.rod(
        "wood", (-w / 2 + 0.04, d / 2 - 0.03, spec.back - 0.05), (w / 2 - 0.04, d / 2 - 0.03, spec.back - 0.05), 0.018
    )
    inner = w - 0.14
    _row(mesh, body, inner, d - 0.22, 0.42, 0.15, -0.06)
    _back_cushions(mesh, body, inner, d / 2 - 0.19, 0.40, spec.back - 0.40, 13)
    return Nook(inner / 2, d / 2 - 0.29, 0.42)


_FORMS: dict[str, Callable[[Mesh, Body], Nook]] = {
    "track": _track, "rolled": _rolled, "skirted": _skirted, "chesterfield": _chesterfield, "channel": _channel,
    "curved": _curved, "platform": _platform, "frame": _frame,
}  # fmt: skip
