"""What is mounted on a body: mirrors, handles, plates, badges, lamps' insides, grille, wipers, exhaust."""

from dataclasses import dataclass, field

import numpy as np

from functions.inference.engines.render.furnish.meshes.builder import Mesh, turn_y, turn_z
from functions.inference.engines.render.vehicles import lettering
from functions.inference.engines.render.vehicles.curves import Region
from functions.inference.engines.render.vehicles.lettering import PLATE_M, Spot
from functions.inference.engines.render.vehicles.panels import AROUND_M, NOSE_CENTRE_M, TAIL_CENTRE_M
from functions.inference.engines.render.vehicles.shell import foot, vec
from functions.inference.engines.render.vehicles.solid import Solid
from functions.inference.vision.arrays import Floats

UP = np.array([0, 0, 1.0])
LEFT, RIGHT = 1, -1


@dataclass
class Fitted:
    """The mesh, and the corners of each plate in metres, from the upper left, clockwise as it is read."""

    mesh: Mesh = field(default_factory=Mesh)
    plates: dict[str, Floats] = field(default_factory=dict)


def fit(solid: Solid) -> Fitted:
    fitted = Fitted()
    for make in (_plates, _badges, _lamps, _grille, _mirrors, _handles, _wipers, _roof, _arches, _below):
        make(fitted, solid)
    return fitted


def at_end(solid: Solid, y: Floats, z: Floats, ahead: bool) -> Floats:
    """Points of the skin seen from before or behind."""
    side = 1.0 if ahead else -1.0
    start = np.c_[np.full(len(y), 3.0 * side), y, z]
    return foot(solid, start, np.array([-side, 0, 0]), 4.0)


def at_side(solid: Solid, x: Floats, z: Floats, side: int) -> Floats:
    start = np.c_[x, np.full(len(x), 1.3 * side), z]
    return foot(solid, start, np.array([0, -1.0 * side, 0]), 1.2)


def around_end(solid: Solid, s: Floats, z: float, centre: float) -> tuple[Floats, Floats]:
    """Points of the skin at `s` metres around nose or tail, and the ways out of it (level)."""
    angle = s / AROUND_M
    out = np.stack([np.cos(angle) * np.sign(centre), np.sin(angle), np.zeros_like(angle)], 1)
    return foot(solid, np.array([centre, 0, z]) + out * 2.5, -out, 2.4), out


def _one_around(solid: Solid, s: float, z: float, centre: float) -> tuple[Floats, Floats]:
    points, out = around_end(solid, np.array([s]), z, centre)
    return points[0], out[0]


def _plates(fitted: Fitted, solid: Solid) -> None:
    for name, ahead, z in (("front", True, solid.spec.plate_front_z), ("rear", False, solid.spec.plate_rear_z)):
        across = np.linspace(-PLATE_M[0] / 2, PLATE_M[0] / 2, 9)
        grid_y, grid_z = (v.ravel() for v in np.meshgrid(across, z + np.linspace(-0.06, 0.06, 5)))
        skin = at_end(solid, grid_y, grid_z, ahead)[:, 0]
        x = float(skin.max() + 0.008) if ahead else float(skin.min() - 0.008)
        out = 1.0 if ahead else -1.0
        spot = Spot(np.array([x, 0, z]), np.array([0, out, 0]), UP)
        fitted.mesh.box("plastic", (x - 0.012 * out, 0, z), (0.02, PLATE_M[0] + 0.022, PLATE_M[1] + 0.022), 0.006)
        fitted.plates[name] = lettering.panel(fitted.mesh, f"plate_{name}", spot, PLATE_M, 0.002)


def _badges(fitted: Fitted, solid: Solid) -> None:
    badges, spec = solid.spec.badges, solid.spec
    rear = spec.plate_rear_z
    for text, y, z, height in (
        (badges.left, 0.40, rear + 0.145, 0.030), (badges.right, -0.42, rear + 0.145, 0.026),
        (badges.maker, 0.0, rear + 0.125, 0.032),
    ):  # fmt: skip
        point = at_end(solid, np.array([y]), np.array([z]), False)[0]
        slope = at_end(solid, np.array([y + 0.05]), np.array([z]), False)[0] - point
        along = -slope / np.linalg.norm(slope)
        lettering.letters(fitted.mesh, "chrome", text, Spot(point, along, UP), height)
    z = spec.lamps.grille[0][1] - 0.085
    nose = at_end(solid, np.array([0.0]), np.array([z]), True)[0]
    emblem = Mesh().lathe("chrome", [(0.062, 0), (0.062, 0.012), (0.052, 0.016)], sides=40)
    emblem.lathe("gloss_black", [(0.053, 0.013), (0, 0.014)], sides=40)
    for part in emblem.parts:
        fitted.mesh.parts.append(part.moved(turn_y(np.pi / 2), nose + vec(0.0, 0, 0)))
    lettering.letters(fitted.mesh, "chrome", "V", Spot(nose + vec(0.016, 0, 0), np.array([0, 1.0, 0]), UP), 0.06)


def _lamps(fitted: Fitted, solid: Solid) -> None:
    low, high = (f(z for _, z in solid.spec.lamps.head) for f in (min, max))
    middle = low + 0.55 * (high - low)
    for side in (LEFT, RIGHT):
        for s, up in ((0.58, 0.0), (0.80, 0.012)):
            point, out = _one_around(solid, s * side, middle + up, NOSE_CENTRE_M)
            lens = Mesh().lathe("reflector", [(0.040, -0.02), (0.043, 0.0), (0.036, 0.006)], sides=32)
            lens.lathe("mirror_glass", [(0.036, 0.002), (0.026, 0.014), (0.0, 0.020)], sides=32)
            turn = turn_z(np.arctan2(out[1], out[0])) @ turn_y(np.pi / 2)
            fitted.mesh.parts.extend(part.moved(turn, point - out * 0.034) for part in lens.parts)
        point, out = _one_around(solid, 0.56 * side, solid.spec.silhouette[-1][1] + 0.26, TAIL_CENTRE_M)
        along = np.array([-out[1], out[0], 0])
        spot = Spot(point, along, UP)
        lettering.panel(fitted.mesh, "tail_lamp", spot, (0.14, 0.035), 0.006)


def _grille(fitted: Fitted, solid: Solid) -> None:
    lamps = solid.spec.lamps
    region, zs = Region(lamps.grille, 0.008), [z for _, z in lamps.grille]
    for z in np.linspace(min(zs) + 0.03, max(zs) - 0.03, lamps.grille_bars):
        s = np.linspace(-0.6, 0.6, 97)
        inside = s[region(s, np.full(97, z)) < -0.004]
        points, out = around_end(solid, inside[::2], float(z), NOSE_CENTRE_M)
        points = points - out * 0.012
        fitted.mesh.tube("grille_bar", points, 0.008, 8)


def _mirrors(fitted: Fitted, solid: Solid) -> None:
    x, z = solid.spec.mirror
    for side in (LEFT, RIGHT):
        skin = at_side(solid, np.array([x]), np.array([z]), side)[0]
        centre = skin + np.array([-0.02, 0.165 * side, 0.055])
        housing = blob((0.078, 0.118, 0.068), 3.0)
        cut = Mesh()
        cut.add("paint", housing[0] + centre, housing[1], np.zeros((len(housing[0]), 2)))
        fitted.mesh.put(cut)
        fitted.mesh.box("gloss_black", centre + vec(0.0, 0, -0.045), (0.12, 0.20, 0.03), 0.012)
        glass = Mesh().box("gloss_black", centre + vec(-0.070, 0, 0), (0.014, 0.195, 0.104), 0.006)
        glass.box("mirror_glass", centre + vec(-0.075, 0, 0), (0.008, 0.18, 0.092), 0.003)
        fitted.mesh.put(glass)
        fitted.mesh.rod(
            "gloss_black", skin - vec(0, 0.03 * side, 0), centre + vec(0, -0.05 * side, -0.05), 0.022, 0.016
        )
        light = centre + vec(0.072, 0.02 * side, 0.01)
        fitted.mesh.box("amber", light, (0.012, 0.12, 0.012), 0.005)


def blob(half: tuple[float, float, float], power: float) -> tuple[Floats, Floats]:
    """Points and faces of a rounded block (superellipsoid)."""
    v, u = np.meshgrid(np.linspace(-np.pi / 2, np.pi / 2, 19), np.linspace(-np.pi, np.pi, 33), indexing="ij")
    (cv, sv), (cu, su) = (_powers(t, 2 / power) for t in (v, u))
    points = np.stack([half[0] * cv * cu, half[1] * cv * su, half[2] * sv], -1).reshape(-1, 3)
    p = (np.arange(18)[:, None] * 33 + np.arange(32)).ravel()
    faces = np.concatenate([np.stack([p, p + 1, p + 33], 1), np.stack([p + 1, p + 34, p + 33], 1)])
    return points, faces


def _powers(angle: Floats, power: float) -> tuple[Floats, Floats]:
    """Cosine and sine, their sizes raised to a power."""
    cos, sin = np.cos(angle), np.sin(angle)
    return np.sign(cos) * np.abs(cos) ** power, np.sign(sin) * np.abs(sin) ** power


def _handles(fitted: Fitted, solid: Solid) -> None:
    for x, z in solid.spec.handles:
        for side in (LEFT, RIGHT):
            ends = at_side(solid, np.array([x - 0.09, x, x + 0.09]), np.array([z, z, z]), side)
            out = np.array([0, 0.018 * side, 0])
            slant = np.arctan2(ends[2, 1] - ends[0, 1], ends[2, 0] - ends[0, 0])
            recess = blob((0.075, 0.006, 0.030), 2.2)
            fitted.mesh.add("gloss_black", recess[0] @ turn_z(slant).T + ends[1] - out * 0.1, recess[1],
                            np.zeros((len(recess[0]), 2)))  # fmt: skip
            fitted.mesh.box("paint", ends[1] + out, (0.205, 0.016, 0.026), 0.008, turn=turn_z(slant))
            fitted.mesh.box("chrome", ends[1] + out * 1.5, (0.17, 0.004, 0.005), 0.002, turn=turn_z(slant))


def on_screen(solid: Solid, y: float, z: float) -> Floats:
    return np.asarray(at_end(solid, np.array([y]), np.array([z]), True)[0], np.float64)


def _wipers(fitted: Fitted, solid: Solid) -> None:
    low, _high = solid.spec.glazing.screen
    out = np.array([0.012, 0, 0.012])
    for start, end in ((0.42, -0.18), (-0.12, -0.62)):
        a, b = on_screen(solid, start, low + 0.005), on_screen(solid, end, low + 0.055)
        fitted.mesh.rod("plastic", a + out, b + out * 1.2, 0.007, 0.004, sides=8)
        fitted.mesh.rod("plastic", (a + b) / 2 + out * 0.7, b + out * 0.8, 0.006, 0.006, sides=6)
    if solid.spec.rails:
        low = solid.spec.glazing.rear[0]
        a, b = (at_end(solid, np.array([y]), np.array([low + up]), False)[0] for y, up in ((0.02, 0.0), (0.36, 0.05)))
        fitted.mesh.rod("plastic", a - vec(0.015, 0, 0), b - vec(0.015, 0, 0), 0.010, 0.006, sides=8)


def _on_roof(solid: Solid, x: Floats, y: Floats) -> Floats:
    start = np.c_[x, y, np.full(len(x), 2.2)]
    return foot(solid, start, np.array([0, 0, -1.0]), 1.2)


def _roof(fitted: Fitted, solid: Solid) -> None:
    back = max(x for x, z in solid.spec.cabin[-4:]) + 0.42
    base = _on_roof(solid, np.array([back]), np.array([0.0]))[0]
    fin = np.array([(0.09, 0.0), (-0.07, 0.0), (-0.075, 0.034), (-0.05, 0.038)])
    widths = (0.030, 0.030, 0.006, 0.006)
    ring = [np.c_[fin[:, 0], np.full(4, w) * np.array(widths) / 0.030, fin[:, 1]] for w in (-0.03, 0.0, 0.03)]
    fitted.mesh.loft("gloss_black", np.stack(ring) + base - vec(0, 0, 0.006))
    if solid.spec.rails:
        x = np.linspace(0.0, -1.55, 24)
        for side in (LEFT, RIGHT):
            path = _on_roof(solid, x, np.full(24, 0.545 * side))
            lift = 0.045 * np.minimum(1, np.minimum(np.arange(24), np.arange(24)[::-1]) / 2)
            fitted.mesh.tube("rail", path + np.c_[np.zeros((24, 2)), lift], 0.016, 10)


def _arches(fitted: Fitted, solid: Solid) -> None:
    """Linings and lips of the wheel arches."""
    wheels = solid.spec.wheels
    radius = wheels.radius + wheels.arch
    turn = np.radians(np.linspace(-18, 198, 61))
    for middle in (wheels.front_x, wheels.rear_x):
        x, z = middle + radius * np.cos(turn), wheels.radius + radius * np.sin(turn)
        keep = z > solid.spec.silhouette[0][1] + 0.02
        x, z = x[keep], z[keep]
        for side in (LEFT, RIGHT):
            edge = at_side(solid, x, z, side)
            lip = "plastic" if solid.spec.cladding else "paint"
            fitted.mesh.tube(lip, edge - vec(0, 0.010 * side, 0), 0.011, 8)
            deep = np.c_[x, np.full(len(x), 0.42 * side), z]
            strip = np.stack([edge, deep]).reshape(-1, 3)
            p = np.arange(len(x) - 1)
            faces = np.concatenate(
                [np.stack([p, p + 1, p + len(x)], 1), np.stack([p + 1, p + len(x) + 1, p + len(x)], 1)]
            )
            fitted.mesh.add("under", strip, faces, np.zeros((len(strip), 2)))
            fan = np.r_[[[middle, 0.42 * side, wheels.radius]], deep]
            fitted.mesh.add(
                "under", fan, np.stack([np.zeros(len(x) - 1, int), p + 1, p + 2], 1), np.zeros((len(fan), 2))
            )


def _below(fitted: Fitted, solid: Solid) -> None:
    """The floor pan, axles, and an exhaust on the right alone."""
    spec = solid.spec
    bottom, back = spec.silhouette[0][1], spec.silhouette[-1][0]
    fitted.mesh.box("under", (0, 0, bottom + 0.03), (3.9, 1.1, 0.10), 0.02)
    for x in (spec.wheels.front_x, spec.wheels.rear_x):
        fitted.mesh.rod("under", (x, -0.7, spec.wheels.radius), (x, 0.7, spec.wheels.radius), 0.05)
    for y in (-0.56, -0.47):
        pipe = [(0.034, 0), (0.034, 0.14), (0.028, 0.14), (0.028, 0.02)]
        local = Mesh().lathe("chrome", pipe, sides=24).lathe("seam", [(0.028, 0.03), (0, 0.03)], sides=24)
        turn = turn_y(-np.pi / 2)
        fitted.mesh.parts.extend(part.moved(turn, np.array([back + 0.06, y, bottom + 0.055])) for part in local.parts)
