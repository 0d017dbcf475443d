"""One picture of a car: linear light and what each pixel shows."""

from dataclasses import dataclass, replace
from typing import Any

import cv2
import mitsuba as mi
import numpy as np

from functions.inference.engines.render.furnish.meshes.builder import Mesh, Part, turn_z
from functions.inference.engines.render.render import swatches
from functions.inference.engines.render.render.denoise import denoise
from functions.inference.engines.render.render.scene import raw_mesh
from functions.inference.engines.render.render.tracer import Tracer, number, opaque, spread
from functions.inference.engines.render.vehicles.car import Car
from functions.inference.engines.render.vehicles.looks import bsdfs
from functions.inference.engines.render.vehicles.surroundings import Lamp, Surroundings, sky_emitter
from functions.inference.vision.arrays import Array, Bools, Floats

ANY_FILM = 64
DEPTH = 5
AWAY_M = 200.0
BRIGHT = 2.4
"""A path counts up to this much light of the developed picture, or the edges of reflected lamps would be jagged: the
mean of a few paths, one of them far too bright, is white however small that path's share is."""
EDGE = 0.45
"""Differences that make an edge, summed over coverage, colour and normal."""


@dataclass(frozen=True)
class Pose:
    """Where the camera is and looks, in the car's axes; `fov_deg` across the picture; `roll_deg` clockwise."""

    eye: Floats
    target: Floats
    fov_deg: float
    roll_deg: float = 0.0

    def axes(self) -> Floats:
        """Rows: right, down, ahead."""
        ahead = (self.target - self.eye) / np.linalg.norm(self.target - self.eye)
        right = np.cross(ahead, [0, 0, 1.0])
        right /= np.linalg.norm(right)
        down = np.cross(ahead, right)
        c, s = np.cos(np.radians(self.roll_deg)), np.sin(np.radians(self.roll_deg))
        return np.stack([c * right + s * down, c * down - s * right, ahead])

    def project(self, points: Floats, width: int, height: int) -> Floats:
        """Pixels of points (n x 3) in a picture of this size."""
        local = (points - self.eye) @ self.axes().T
        focal = width / 2 / np.tan(np.radians(self.fov_deg) / 2)
        return np.asarray(local[:, :2] / local[:, 2:] * focal + [width / 2, height / 2], np.float64)


@dataclass(frozen=True)
class Film:
    """A picture of `width` x `height` pixels and the part of it that is traced: left, top, right, bottom, all even."""

    width: int
    height: int
    crop: tuple[int, int, int, int]

    @classmethod
    def whole(cls, width: int, height: int) -> "Film":
        return cls(width, height, (0, 0, width, height))

    @property
    def shape(self) -> tuple[int, int]:
        return self.crop[3] - self.crop[1], self.crop[2] - self.crop[0]

    @property
    def half(self) -> tuple[int, int]:
        return self.shape[0] // 2, self.shape[1] // 2

    @property
    def place(self) -> tuple[slice, slice]:
        """Rows and columns of the crop in the whole picture."""
        return slice(self.crop[1], self.crop[3]), slice(self.crop[0], self.crop[2])

    def around(self, points: Floats, margin: int) -> "Film":
        """The same picture, cropped to pixels (n x 2) and a margin."""
        low = np.maximum(np.floor((points.min(0) - margin) / 2).astype(int) * 2, 0)
        high = np.minimum(np.ceil((points.max(0) + margin) / 2).astype(int) * 2, [self.width, self.height])
        return Film(self.width, self.height, (int(low[0]), int(low[1]), int(high[0]), int(high[1])))


@dataclass(frozen=True)
class Shot:
    """Linear light (h x w x 3), the car's share of each pixel, and how much of each plate is in sight, 0 to 1."""

    light: Array
    coverage: Array
    plates: dict[str, float]


@dataclass(frozen=True)
class Effort:
    """Paths per pixel on the car, more on edges, per square of 2 x 2 pixels around it.

    `grid` squared rays find what a pixel shows, `fine` squared what an edge shows.
    """

    car: int = 3
    edges: int = 5
    around: int = 2
    grid: int = 2
    fine: int = 3
    denoiser: str = "fast"


class Stage:
    """A car in its surroundings, ready to be seen from anywhere."""

    def __init__(self, car: Car, surroundings: Surroundings) -> None:
        self.car, self.around = car, surroundings
        self._looks = {**{f"car {name}": look for name, look in car.looks.items()}, **surroundings.looks}
        made = bsdfs(list(self._looks.values()))
        self._car = self._meshes(car.mesh, "car ", made)
        self._group = mi.load_dict({"type": "shapegroup", **self._car})
        rest = self._meshes(surroundings.mesh, "", made)
        self._rest = mi.load_dict({"type": "shapegroup", **rest})
        self._kept: Array | None = None

    def _meshes(self, mesh: Mesh, prefix: str, made: dict[str, Any]) -> dict[str, Any]:
        """A mesh for each finish, and one for each strength of glow."""
        groups: dict[tuple[str, float], list[Part]] = {}
        names = list(self._looks)
        for part in mesh.parts:
            look, index = self._looks[prefix + part.material], names.index(prefix + part.material)
            uv = np.full_like(part.uv, 0.5) if look.plain else part.uv
            placed = replace(part, uv=swatches.placed(uv, index))
            groups.setdefault((look.finish, look.glow), []).append(placed)
        return {f"{prefix}{finish} {round(glow * 1000)}": raw_mesh(f"{prefix}{finish}", parts, made[finish])
                for (finish, glow), parts in groups.items()}  # fmt: skip

    def scene(self, pose: Pose, turn: float, with_car: bool) -> Any:
        """`turn` is how far the lamps have turned around the car, which happens when the car turns before them."""
        sky = sky_emitter(self.around.sky)
        return mi.load_dict(
            {
                "type": "scene",
                "integrator": {"type": "path", "max_depth": DEPTH, "rr_depth": 3},
                "sensor": _sensor(pose),
                "sky": sky,
                **{f"lamp_{k}": _lamp(lamp, turn) for k, lamp in enumerate(self.around.lamps)},
                "car_group": self._group,
                "rest_group": self._rest,
                "car": _instance(self._group, 0.0 if with_car else AWAY_M),
                "rest": _instance(self._rest, 0.0),
            }
        )

    def shoot(self, pose: Pose, film: Film, effort: Effort, seed: int, turn: float = 0.0) -> Shot:
        """One picture of the whole film; where lamps and camera keep together, only the car's part is traced anew."""
        scene, plate = self.scene(pose, turn, True), None
        if self.around.still:
            plate = self._plate(pose, film, effort, turn)
            film = film.around(pose.project(_corners(self.car.mesh), film.width, film.height), film.width // 50)
        traced, surfaces = self._traced(scene, film, effort, seed)
        glow = _glow(surfaces[..., 1]) if self.around.lit else 0.0
        light = _into(plate, traced + glow, film)
        coverage = np.zeros(light.shape[:2], np.float32)
        coverage[film.place] = surfaces[..., 0]
        seen = {name: _seen(scene, pose, corners) for name, corners in self.car.plates.items()}
        return Shot(light, coverage, seen)

    def _plate(self, pose: Pose, film: Film, effort: Effort, turn: float) -> Array:
        """The surroundings without the car, as the camera that turns with the lamps always sees them."""
        if self._kept is None or self._kept.shape[:2] != film.shape:
            still = replace(effort, around=effort.around * 8)
            self._kept, _ = self._traced(self.scene(pose, turn, False), film, still, 7)
        return self._kept

    def _traced(self, scene: Any, film: Film, effort: Effort, seed: int) -> tuple[Array, Array]:
        """Denoised light of the film's crop, and what the tracer says of its surfaces."""
        tracer = Tracer(scene, film, opaque(mi.Float, BRIGHT / self.around.exposure))
        ours = {int(number(mi.ShapePtr(mesh))[0]): int(name.split()[-1]) / 1000 for name, mesh in self._car.items()}
        every = np.arange(film.shape[0] * film.shape[1])
        surfaces = tracer.surface(every, 1, effort.grid, ours).reshape(*film.shape, 8)
        light = _around(tracer, film, surfaces, effort, seed)
        near = _grown(surfaces[..., 0] > 0)
        if near.any():
            light[near] = tracer.light(np.flatnonzero(near), 1, effort.car, seed, _unchecked)
            edges = near & _edges(surfaces)
            surfaces[edges] = tracer.surface(np.flatnonzero(edges), 1, effort.fine, ours)
            more = tracer.light(np.flatnonzero(edges), 1, effort.edges, seed + 2, _unchecked)
            light[edges] += (more - light[edges]) * (effort.edges / (effort.edges + effort.car))
            box = _box(near)
            clean = denoise(light[box], surfaces[box][..., 2:5], surfaces[box][..., 5:8], effort.denoiser)
            light[box] = np.where(near[box][..., None], clean, light[box])
        return light, surfaces


def _edges(surfaces: Array) -> Bools:
    """Pixels in which different surfaces meet: coverage, colour or normal differ from the neighbours'."""
    parts = np.ascontiguousarray(surfaces[..., [0, 2, 3, 4, 5, 6, 7]])
    kernel = np.ones((3, 3), np.uint8)
    differ = sum(cv2.dilate(each, kernel) - cv2.erode(each, kernel) for each in cv2.split(parts))
    return np.asarray(differ > EDGE)


def _box(mask: Bools) -> tuple[slice, slice]:
    """Rows and columns that a mask reaches, and some more for the denoiser to look at."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return slice(max(0, rows[0] - 12), rows[-1] + 13), slice(max(0, columns[0] - 12), columns[-1] + 13)


def _around(tracer: Tracer, film: Film, surfaces: Array, effort: Effort, seed: int) -> Array:
    """What stands around the car, by squares of 2 x 2 pixels: their light, with the full picture's colours."""
    covered = _resized(surfaces[..., 0], film.half)
    cells = np.flatnonzero(covered < 0.9)
    found = spread(cells, tracer.light(cells, 2, effort.around, seed + 1, _unchecked), film.half)
    albedo, normal = (np.ascontiguousarray(surfaces[..., part]) for part in (slice(2, 5), slice(5, 8)))
    small, leaning = _resized(albedo, film.half), _resized(normal, film.half)
    bare = denoise(found, small, leaning, effort.denoiser) / _tint(small, leaning)
    free = (covered < 0.02).astype(np.float32)[..., None]
    filled = cv2.GaussianBlur(bare * free, (0, 0), 2.0) / (cv2.GaussianBlur(free, (0, 0), 2.0)[..., None] + 1e-4)
    bare = np.where(free > 0, bare, filled).astype(np.float32)
    whole = cv2.resize(bare, film.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.ascontiguousarray(whole * _tint(albedo, normal), np.float32)


def _tint(albedo: Array, normal: Array) -> Array:
    """What light is divided by to be smooth: the colour of surfaces, nothing for the sky, which has no normal."""
    sky = np.clip(1 - np.linalg.norm(normal, axis=2, keepdims=True), 0, 1)
    return np.asarray(np.maximum(albedo, 0.02) + sky, np.float32)


def _corners(mesh: Mesh) -> Floats:
    """Corners of a box around a car and the floor that it darkens."""
    low, high = mesh.bounds()
    low, high = low - np.array([0.8, 0.8, 0]), high + np.array([0.8, 0.8, 0.05])
    return np.array([[(low, high)[(k >> axis) & 1][axis] for axis in range(3)] for k in range(8)])


def _into(plate: Array | None, traced: Array, film: Film) -> Array:
    """The traced part set into the still picture, faded over its border where that is not the picture's own."""
    if plate is None:
        return traced
    rows, columns = film.shape
    reach = max(4, film.width // 40)
    own = (film.crop[1] == 0, film.crop[3] == film.height), (film.crop[0] == 0, film.crop[2] == film.width)
    fades = [_fade(size, reach, *ends) for size, ends in zip((rows, columns), own, strict=True)]
    share = (fades[0][:, None] * fades[1])[..., None].astype(np.float32)
    out = plate.copy()
    out[film.place] = out[film.place] * (1 - share) + traced * share
    return out


def _fade(size: int, reach: int, at_low: bool, at_high: bool) -> Floats:
    """Rises from 0 to 1 within `reach` of both ends, but for those at the picture's own border."""
    steps = (np.arange(size) + 0.5) / reach
    low, high = (np.ones(size) if own else s for own, s in ((at_low, steps), (at_high, steps[::-1])))
    t = np.clip(np.minimum(low, high), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float64)


def _glow(strength: Array) -> Array:
    """Lit lamps and the halo that a lens makes of them: strong ones are white, weak ones red."""
    red, white = np.array([1.0, 0.06, 0.03], np.float32), np.array([1.0, 1.0, 0.95], np.float32)
    colour = np.where(strength[..., None] > 0.2, white, red)
    lit = strength[..., None] * colour
    return np.asarray(lit + 0.25 * cv2.GaussianBlur(lit, (0, 0), max(1.0, lit.shape[1] / 250)), np.float32)


def _unchecked(_share: float) -> None:
    """Nothing stops a spin."""


def _resized(picture: Array, shape: tuple[int, int]) -> Array:
    flat = np.ascontiguousarray(picture)
    return np.asarray(cv2.resize(flat, shape[::-1], interpolation=cv2.INTER_AREA), np.float32)


def _grown(mask: Bools) -> Bools:
    return np.asarray(cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)


def _sensor(pose: Pose) -> dict[str, Any]:
    look = mi.ScalarTransform4f().look_at(
        origin=pose.eye.tolist(), target=pose.target.tolist(), up=(-pose.axes()[1]).tolist()
    )
    return {
        "type": "perspective", "fov": pose.fov_deg, "fov_axis": "x", "near_clip": 0.05, "to_world": look,
        "film": {"type": "hdrfilm", "rfilter": {"type": "box"}, "width": ANY_FILM, "height": ANY_FILM},
        "sampler": {"type": "independent"},
    }  # fmt: skip


def _instance(group: Any, down: float) -> Any:
    """A group in the scene; far below where it is not to be seen, so that all scenes have the same make-up."""
    return mi.load_dict(
        {"type": "instance", "shapegroup": group, "to_world": mi.ScalarTransform4f().translate([0, 0, -down])}
    )


def _lamp(lamp: Lamp, turn: float) -> Any:
    mesh = Mesh().quad("lamp", lamp.corners @ turn_z(turn).T)
    return raw_mesh("lamp", mesh.parts, mi.load_dict({"type": "diffuse"}), lamp.radiance)


def _seen(scene: Any, pose: Pose, corners: Floats) -> float:
    """The share of a plate's face that nothing hides and that looks towards the camera."""
    out = np.cross(corners[1] - corners[0], corners[0] - corners[3])
    if (pose.eye - corners.mean(0)) @ out <= 0:
        return 0.0
    u, v = (grid.ravel() for grid in np.meshgrid(np.linspace(0.05, 0.95, 12), np.linspace(0.1, 0.9, 4)))
    across, down = corners[1] - corners[0], corners[3] - corners[0]
    points = corners[0] + u[:, None] * across + v[:, None] * down + out / np.linalg.norm(out) * 0.004
    way = points - pose.eye
    far = np.linalg.norm(way, axis=1)
    directions = way / far[:, None]
    ray = mi.Ray3f(mi.Point3f(pose.eye.tolist()), mi.Vector3f(directions.T.astype(np.float32)))
    reach: Any = mi.Float(far.astype(np.float32) - 0.004)
    ray.maxt = reach
    hidden = np.array(scene.ray_test(ray))
    return float(1 - hidden.mean())
