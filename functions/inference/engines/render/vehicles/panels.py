"""A body's skin cut into what it is made of: painted panels with seams, glass, lamps, trim, openings."""

from collections.abc import Sequence

import numpy as np

from functions.inference.engines.render.furnish.meshes.builder import Mesh, Part
from functions.inference.engines.render.vehicles.curves import Outline, Region
from functions.inference.engines.render.vehicles.shell import Place, Shell, joined, surface
from functions.inference.engines.render.vehicles.solid import Solid
from functions.inference.engines.render.vehicles.spec import BodySpec
from functions.inference.vision.arrays import Bools, Floats

GRID_M, LINING_GRID_M = 0.02, 0.05
LOW, HIGH = np.array([-2.5, -1.0, 0.1]), np.array([2.5, 1.0, 1.85])
SEAM_M = 0.0034
NOSE_CENTRE_M, TAIL_CENTRE_M = 1.15, -1.2
AROUND_M = 1.1
"""Radius of the arc that `around` measures on."""
BEYOND = 1.0

Place2 = tuple[float, float]


def around(points: Floats, centre: float) -> Floats:
    """Metres along the nose or the tail from the middle, positive to the left, on around the corners."""
    x, y = np.abs(points[:, 0] - centre), points[:, 1]
    return np.asarray(np.arctan2(y, x) * AROUND_M, np.float64)


def _at_end(points: Floats, centre: float, values: Floats) -> Floats:
    ahead = (points[:, 0] > centre) == (centre > 0)
    return np.where(ahead, values, BEYOND)


def lamp_place(outline: Outline, centre: float, sigma: float = 0.008) -> Place:
    """An outline on nose or tail, on both sides; one that begins left of the middle crosses it."""
    region, mirrored = Region(outline, sigma), min(u for u, _ in outline) > 0
    return lambda p: _at_end(p, centre, region(np.abs(around(p, centre)) if mirrored else around(p, centre), p[:, 2]))


def side_place(outline: Outline, sigma: float = 0.012) -> Place:
    region = Region(outline, sigma)
    return lambda p: np.where(np.abs(p[:, 1]) > 0.3, region(p[:, 0], p[:, 2]), BEYOND)


def along(line: tuple[Place2, Place2]) -> tuple[Place, Place]:
    """Of a straight line on the sides: how far points are beyond its ends, and how far above it."""
    a, b = np.asarray(line[0], float), np.asarray(line[1], float)
    length = float(np.linalg.norm(b - a))
    way = (b - a) / length

    def beyond_ends(p: Floats) -> Floats:
        share = (p[:, [0, 2]] - a) @ way
        return np.where(np.abs(p[:, 1]) > 0.3, np.maximum(-share, share - length), BEYOND)

    return beyond_ends, lambda p: (p[:, [0, 2]] - a) @ np.array([-way[1], way[0]])


class Places:
    """Where the parts of a body's skin are."""

    def __init__(self, solid: Solid) -> None:
        self.solid, self.spec = solid, solid.spec
        self.windows = side_place(self.spec.glazing.side)

    def arches(self, p: Floats) -> Floats:
        wheels = self.spec.wheels
        away = [np.hypot(p[:, 0] - x, p[:, 2] - wheels.radius) for x in (wheels.front_x, wheels.rear_x)]
        inside = np.minimum(*away) - wheels.radius - wheels.arch
        return np.where(np.abs(p[:, 1]) > 0.45, inside, BEYOND)

    def screen(self, p: Floats) -> Floats:
        return self._screen(p, self.spec.glazing.screen, self.spec.glazing.screen_side, p[:, 0] < -0.1)

    def rear_window(self, p: Floats) -> Floats:
        return self._screen(p, self.spec.glazing.rear, self.spec.glazing.rear_side, p[:, 0] > -0.8)

    def _screen(self, p: Floats, heights: tuple[float, float], side: float, elsewhere: Bools) -> Floats:
        x, y, z = p.T
        level = z + 0.03 * (y / 0.6) ** 2
        from_side = np.abs(y) - self.solid.cabin_half_width(x, z) + side
        corner = _rounded([from_side, level - heights[1], heights[0] - z], 0.06)
        return np.where(elsewhere, BEYOND, corner)

    def pillars(self, p: Floats) -> Floats:
        belt, roof = self.spec.belt, self.spec.belt + 0.36
        lines = [
            np.abs(p[:, 0] - (at + (top - at) * (p[:, 2] - belt) / (roof - belt))) - width / 2
            for at, top, width in self.spec.glazing.pillars
        ]
        return np.asarray(np.min(lines, axis=0), np.float64)

    def bonnet(self, p: Floats) -> Floats:
        region = Region(_mirrored(self.spec.bonnet), 0.012)
        low = self.spec.lamps.head[0][1] - 0.035
        return np.where(p[:, 2] > low, region(p[:, 0], p[:, 1]), BEYOND)

    def tailgate(self, p: Floats) -> Floats:
        region = Region(_mirrored([(z, y) for y, z in self.spec.tailgate]), 0.015)
        back = self.spec.silhouette[-1][0]
        return np.maximum(region(p[:, 2], p[:, 1]), p[:, 0] - back - 0.22)

    def flap(self, p: Floats) -> Floats:
        """The fuel flap, on the right alone."""
        x, z = self.spec.flap
        box = _rounded([np.abs(p[:, 0] - x) - 0.085, np.abs(p[:, 2] - z) - 0.075], 0.03)
        return np.where(p[:, 1] < -0.3, box, BEYOND)

    def cladding(self, p: Floats) -> Floats:
        """Unpainted plastic: sills and skirts, and with `cladding` the arches too."""
        if self.spec.cladding is None:
            return p[:, 2] - self.spec.silhouette[0][1] - 0.055
        return np.minimum(p[:, 2] - self.spec.cladding, self.arches(p) - 0.055)


def _mirrored(outline: Outline) -> Outline:
    """A closed outline from half of it, from (x, 0) to (x, 0)."""
    return [*outline, *((x, -y) for x, y in reversed(outline[1:-1]))]


def _rounded(sides: Sequence[Floats], radius: float) -> Floats:
    beyond = np.sqrt(sum(np.maximum(side + radius, 0) ** 2 for side in sides))
    return np.asarray(np.minimum(np.max(sides, axis=0), -radius) + beyond, np.float64)


class Skin:
    """The skin while it is cut: `take` gives what lies in a place away to a material."""

    def __init__(self, shell: Shell) -> None:
        self.rest, self.mesh = shell, Mesh()

    def take(self, place: Place, material: str | None, sunk: float = 0.0, finer: int = 1) -> Shell:
        """What was cut out; with no material it is only removed. `finer` for narrow shapes, see `Shell.finer`."""
        shell, values = self.rest.finer(place, finer)
        inside, self.rest = shell.cut(values)
        if material:
            add(self.mesh, material, inside.moved_in(sunk))
        return inside

    def seam(self, place: Place, within: Place | None = None) -> None:
        """A gap where a place has its outline. Two cuts, since a distance without its sign has a fold on the line."""
        zone, elsewhere = self.rest.cut(within(self.rest.points)) if within else (self.rest, None)
        zone, values = zone.finer(place, 1)
        wide, outside = zone.cut(values - SEAM_M)
        inside, gap = wide.cut(place(wide.points) + SEAM_M)
        add(self.mesh, "seam", gap.moved_in(0.006))
        self.rest = joined([outside, inside, *([elsewhere] if elsewhere else [])])


def add(mesh: Mesh, material: str, shell: Shell) -> Mesh:
    mesh.parts.append(Part(material, shell.points, shell.faces, shell.points[:, :2] * 0, shell.normals))
    return mesh


def _within(*places: Place) -> Place:
    return lambda p: np.max([place(p) for place in places], axis=0)


def _grown(place: Place, by: float) -> Place:
    return lambda p: place(p) - by


def body(spec: BodySpec) -> tuple[Mesh, Solid]:
    """The cut skin of a body and the solid that it covers."""
    solid = Solid(spec)
    whole = surface(solid, LOW, HIGH, GRID_M)
    skin, places = Skin(whole), Places(solid)
    skin.take(places.arches, None)
    _glaze(skin, places)
    _lamps(skin, spec)
    _seams(skin, places)
    skin.take(places.cladding, "plastic")
    add(skin.mesh, "paint", skin.rest)
    _liner(skin, places)
    return skin.mesh, solid


def _glaze(skin: Skin, places: Places) -> None:
    windows = places.windows
    skin.take(_within(windows, lambda p: -places.pillars(p)), "glass", 0.004)
    skin.take(windows, "gloss_black", 0.002)
    belt = places.spec.belt + 0.03
    skin.take(_within(_grown(windows, 0.013), lambda p: p[:, 2] - belt), "trim", -0.002)
    skin.take(_grown(windows, 0.009), "gloss_black")
    for place in (places.screen, places.rear_window):
        skin.take(_grown(place, -0.035), "glass", 0.003)
        skin.take(place, "gloss_black", 0.003)


def _lamps(skin: Skin, spec: BodySpec) -> None:
    lamps = spec.lamps
    skin.take(lamp_place(lamps.day, NOSE_CENTRE_M, 0.004), "day_light", finer=2)
    head = skin.take(lamp_place(lamps.head, NOSE_CENTRE_M), "lamp_glass", finer=2)
    add(skin.mesh, "lamp_inside", head.moved_in(0.045))
    skin.take(_grown(lamp_place(lamps.head, NOSE_CENTRE_M), 0.006), "gloss_black", 0.004)
    skin.take(lamp_place(lamps.brake, TAIL_CENTRE_M, 0.004), "brake_light", finer=2)
    skin.take(lamp_place(lamps.tail, TAIL_CENTRE_M), "tail_lamp")
    skin.take(_grown(lamp_place(lamps.tail, TAIL_CENTRE_M), 0.005), "gloss_black", 0.004)
    skin.take(lamp_place(lamps.grille, NOSE_CENTRE_M), "grille", 0.03)
    skin.take(_grown(lamp_place(lamps.grille, NOSE_CENTRE_M), 0.014), "chrome", -0.003)
    skin.take(lamp_place(lamps.intake, NOSE_CENTRE_M), "grille", 0.03)
    skin.take(lamp_place(lamps.fog, NOSE_CENTRE_M), "gloss_black", 0.02)
    skin.take(lamp_place(lamps.skirt, TAIL_CENTRE_M, 0.02), "plastic", 0.006)


def _seams(skin: Skin, places: Places) -> None:
    spec = places.spec
    for outline in spec.doors:
        skin.seam(side_place(outline, 0.018))
    for line in spec.side_seams:
        ends, across = along(line)
        skin.seam(across, ends)
    for place in (places.bonnet, places.tailgate, places.flap):
        skin.seam(place)


def _liner(skin: Skin, places: Places) -> None:
    """What is seen of the skin from inside, through the windows: coarse, and open where the skin is."""
    lamps = places.spec.lamps
    inside = surface(places.solid, LOW, HIGH, LINING_GRID_M)
    openings = [places.arches, places.windows, places.screen, places.rear_window, lambda p: p[:, 2] - 0.3]
    for place in (*openings, *(lamp_place(each, NOSE_CENTRE_M) for each in (lamps.head, lamps.grille, lamps.intake))):
        inside = inside.cut(place(inside.points))[1]
    add(skin.mesh, "lining", inside.moved_in(0.03))
